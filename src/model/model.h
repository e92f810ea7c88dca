/* What tamis_model is: ids and a matrix, held with others, and parameters of its own, which may lie in a model file. */
#ifndef TAMIS_MODEL_H
#define TAMIS_MODEL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "matrix/id_map.h"
#include "matrix/matrix.h"
#include "model/neighbours.h"
#include "model/parameters.h"
#include "tamis.h"

/* What is made of a model when it is first asked for, and kept with it. */
typedef struct model_extra {
    void (*free)(struct model_extra *);
} model_extra;

typedef struct model_note {
    const char *name, *value;
} model_note;

struct tamis_model {
    int64_t users, items, factors; /* factors 0: an item-item model, which has neighbours, item biases or both in their place */
    size_t stride;       /* floats per row, a multiple of 16; the rest of a row is zero */
    float *user_factors; /* users x stride, 64-byte aligned */
    float *item_factors; /* items x stride */
    model_neighbours neighbours;
    float *item_bias;    /* NULL: none */
    /* NBPO's second factorisation: γ_ui = σ(flip_user_u . flip_item_i); NULL, 0: none */
    float *flip_user, *flip_item;
    int64_t flip_factors;
    size_t flip_stride;
    id_map *user_ids, *item_ids;
    matrix *seen;        /* users x items: what is neither recommended nor ranked */
    matrix *dislikes;    /* users x items: what is not recommended, but ranked; NULL: none */
    matrix *excluded;    /* both: what is not recommended; NULL where there are no dislikes */
    matrix *trained;     /* what seen was before masks were added; NULL: there are none */
    matrix *masked;      /* what they added; NULL: there are none */
    float *_Atomic popularity; /* see model/popularity.h; NULL: not counted yet */
    bool partial;        /* it holds some users only, so that it cannot count */
    char *path;          /* that its notes were read from, for messages; NULL: of no file */
    char *note_text;     /* "name=value\n" lines */
    size_t note_length, note_room;
    model_note *note;    /* the same, as names and values */
    size_t note_count, note_capacity;
    mapped_file *mapped;    /* a file in which parameters may lie; NULL: none do */
    tamis_model *lender; /* whose arrays of items these are, held; NULL: they are the model's own */
    _Atomic(model_extra *) folding; /* see train/fold.h; NULL: nobody has asked */
    atomic_int others;   /* holders beside the first one */
};

/* The model's arrays in this order, absent ones included. The list points into the model. */
enum { MODEL_USER_FACTORS, MODEL_ITEM_FACTORS, MODEL_ITEM_BIAS, MODEL_FLIP_USER, MODEL_FLIP_ITEM };
parameters model_parameters(tamis_model *model);

/* A model with factors (0: none), and with biases of items where asked for, all zero. It takes holds of its own of ids and matrix. */
tamis_status model_new(id_map *users, id_map *items, matrix *seen, int64_t factors, bool bias, tamis_model **model,
                       tamis_error *error);
/* Takes hold of dislikes; NULL: none. */
tamis_status model_set_dislikes(tamis_model *model, matrix *dislikes, tamis_error *error);
/* The log that was trained on. */
const matrix *model_trained(const tamis_model *model);
/* Whether a user has no interactions in it, so that nothing was learnt of the user; -1: unknown. A model of pop does not look at users. */
bool model_is_cold(const tamis_model *model, int64_t user);
/* tamis_model_free() lets go of it. */
tamis_model *model_hold(const tamis_model *model);
/* A model of other users with the same items, whose arrays it borrows: user factors are zero, there is no history, there are no
 * notes. It takes holds of its own of users and seen. */
tamis_status model_with_users(const tamis_model *model, id_map *users, matrix *seen, tamis_model **out, tamis_error *error);
/* By which items' interactions are counted: of a model whose items are another's, what that was trained on. */
const matrix *model_counted(const tamis_model *model);
/* What is not recommended. */
const matrix *model_excluded(const tamis_model *model);
/* Adds factors of the flip probabilities, all zero. */
tamis_status model_add_flip(tamis_model *model, int64_t factors, tamis_error *error);
void model_clear_notes(tamis_model *model);
/* Appends "name=value". False: out of memory. */
bool model_add_note(tamis_model *model, const char *name, const char *value);

#endif
