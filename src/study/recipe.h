/* Methods with their options: read from a file, described for digests. */
#ifndef TAMIS_STUDY_RECIPE_H
#define TAMIS_STUDY_RECIPE_H

#include "study/text.h"

enum { STUDY_NAME = 64 };

/* A line of the table: a method with its options. */
typedef struct recipe {
    char name[STUDY_NAME];
    tamis_train_options options;
    bool fixed; /* from the file of parameters: not tuned */
    char control[STUDY_NAME]; /* the same without what it does about noise; "": it does nothing, or none is known */
} recipe;

typedef struct recipes {
    recipe *row;
    size_t count, capacity;
    char **text; /* what the options' text points to */
    size_t texts, text_capacity;
} recipes;

/* Reads "NAME [METHOD] --option value ..." lines. TAMIS_DATA: file:line. */
tamis_status recipes_read(recipes *list, const char *path, tamis_error *error);
/* The file's line of that name, else the defaults of the method or of a method's control; NAME+distrust: what NAME is, with
 * distrust. */
tamis_status recipes_find(const recipes *list, const char *name, recipe *found, tamis_error *error);
void recipes_clear(recipes *list);
/* Adds all that shapes a training run to the text, clears it, and gives the digest of both. files: the contents of files
 * that options name count, too. */
tamis_status recipe_digest(const tamis_train_options *options, bool files, study_text *text, study_digest digest,
                           tamis_error *error);

#endif
