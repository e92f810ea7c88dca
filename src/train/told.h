/* The options that a model's notes tell. */
#ifndef TAMIS_TRAIN_TOLD_H
#define TAMIS_TRAIN_TOLD_H

#include "model/model.h"
#include "tamis.h"

/* Text in the options stays the model's. Notes that this version does not understand are passed over, and those that no model has, such
 * as files to write. TAMIS_USAGE: it has no notes, as in the midst of a training. TAMIS_DATA, with the name of the file that it was loaded
 * from: the same, its method is none of this version, or the options could not have been trained with. */
tamis_status told_options(const tamis_model *model, tamis_train_options *options, tamis_error *error);
/* The same for a training on another log: what was found from the log is to be found again, and an L2 weight of a role that was that of all
 * roles follows it. */
tamis_status told_options_again(const tamis_model *model, tamis_train_options *options, tamis_error *error);
/* TAMIS_DATA: a file that options from a file name for reading is there, but would have to be waited for, or never ends. */
tamis_status told_files(const tamis_train_options *options, tamis_error *error);
/* The names of options that are to be found from the log, each in blanks; "": none. */
void told_automatic(const tamis_train_options *options, char *names, size_t size);
/* A note; NULL: there is none. */
const char *told_note(const tamis_model *model, const char *name);

#endif
