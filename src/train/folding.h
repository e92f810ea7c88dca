/* What folding in takes of a model: made when the model is first asked, kept with it, and only read from then on. */
#ifndef TAMIS_TRAIN_FOLDING_H
#define TAMIS_TRAIN_FOLDING_H

#include "train/trainer.h"

enum { FOLD_LENGTHS = 32, FOLD_STEPS = 40 /* where a row is not solved for */ };

/* The rows of one side. */
typedef struct fold_side {
    const float *rows;
    int64_t count;
    double *gram;   /* Σ q q' over them, stride x stride; NULL: not made yet */
    double *mean;   /* of them, stride */
    double length[FOLD_LENGTHS]; /* mean of |row| where a row has 2^k - 1 .. 2^(k+1) - 2 interactions */
} fold_side;

typedef struct folding {
    model_extra extra;
    train_run run;   /* as a training of the model's would begin, on what it counts as seen: options, samplers, weights of items */
    tamis_log log;   /* that */
    fold_side user, item;
    double drawn;    /* sum of the weights by which negatives are drawn */
    float *flip, *item_flip; /* the mean user and item of a second factorisation; NULL: there is none */
    float *exposure; /* of a method that infers it, each item's prior; NULL: it does not */
} folding;

/* What is known of a row to be folded in, such as a user. */
typedef struct fold_row {
    const int32_t *index; /* its items, ascending, each once */
    int64_t count;
    const float *weight;  /* c of each; NULL: 1 */
    const int32_t *dislike; /* items that it says no to, ascending, none of them among the others */
    int64_t dislikes;
    uint64_t key;         /* of its random stream, from its id */
} fold_row;

/* TAMIS_USAGE: the model does not say how it was trained, or was trained with a loss of a caller's own. */
tamis_status folding_of(const tamis_model *model, const folding **out, tamis_error *error);
/* What that takes, and the fold-in of rows of a log that new users and items are in. */
void folding_takes(const tamis_model *model, const tamis_log *log, estimate *e);
/* The mean length of rows of the side with about so many interactions. */
double folding_length(const fold_side *side, int64_t interactions);
/* What a weighted draw adds to the score of a negative with so many interactions: ln (1 / (N q)), q its chance; 0: all are drawn alike. */
float folding_offset(const folding *f, int64_t interactions);
bool folding_row_has(const fold_row *row, int32_t index);
/* Step t of so many on a row whose factors have this root mean square: Adam's, of a share of it at first, falling to 0. */
kernel_step folding_step(double root_mean_square, double regularization, int t, int steps);
/* An interaction drawn from all, of a user who is not in the row of an item; -1: none was met. */
int64_t folding_other(const folding *f, const fold_row *row, base_stream *stream);
/* The mean bias of items with about so many; 0: there are no biases. */
double folding_bias(const folding *f, int64_t interactions);

#endif
