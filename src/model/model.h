/* What tamis_model is: flat arrays, owned or mapped from a model file. */
#ifndef TAMIS_MODEL_H
#define TAMIS_MODEL_H

#include "base/base.h"
#include "model/parameters.h"

typedef struct model_note {
    const char *name, *value;
} model_note;

struct tamis_model {
    int64_t users, items, factors;
    size_t stride;       /* floats per row, a multiple of 16; the rest of a row is zero */
    float *user_factors; /* users x stride, 64-byte aligned */
    float *item_factors; /* items x stride */
    float *item_bias;    /* NULL: none */
    /* NBPO's second factorisation: γ_ui = σ(flip_user_u . flip_item_i); NULL, 0: none */
    float *flip_user, *flip_item;
    int64_t flip_factors;
    size_t flip_stride;
    base_ids user_ids, item_ids;
    int64_t *seen_start; /* users + 1 */
    int32_t *seen_item;  /* ascending within a user */
    base_share *share;   /* who holds the ids and seen items, with the log; NULL: this model alone */
    bool seen_is_own;    /* of a mapped model: the two above are not in the mapping */
    bool users_are_own;  /* of a mapped model: user_factors, user_ids and the seen items are not */
    char *note_text;     /* "name=value\n" lines */
    size_t note_length, note_room;
    model_note *note;    /* the same, cut up */
    size_t note_count, note_capacity;
    void *map;           /* not NULL: the arrays above (but note, and its text) lie in this mapping */
    size_t map_size;
};

/* The model's arrays, those that are absent too: in this order. The list points into the model. */
enum { MODEL_USER_FACTORS, MODEL_ITEM_FACTORS, MODEL_ITEM_BIAS, MODEL_FLIP_USER, MODEL_FLIP_ITEM };
parameters model_parameters(tamis_model *model);

/* A model with room for the factors (zero), item biases when asked, and the log's ids and matrix: held together with the
 * log where it gives its share, else copies. */
tamis_status model_new(const base_ids *users, const base_ids *items, const int64_t *seen_start,
                       const int32_t *seen_item, base_share *share, int64_t factors, bool bias, tamis_model **model,
                       tamis_error *error);
/* Gives a model that holds its ids together with others copies of its own. False: memory. The seen items are for the
 * caller to replace: told in *seen_held whether others still have them. */
bool model_leave_share(tamis_model *model, bool *seen_held);
/* Adds room (zero) for the flip probabilities' factors. */
tamis_status model_add_flip(tamis_model *model, int64_t factors, tamis_error *error);
void model_clear_notes(tamis_model *model);
/* Appends "name=value". False: out of memory. */
bool model_add_note(tamis_model *model, const char *name, const char *value);

#endif
