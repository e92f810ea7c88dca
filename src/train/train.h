/* Training: the run of a run, and what a trainer is. */
#ifndef TAMIS_TRAIN_H
#define TAMIS_TRAIN_H

#include <stdbool.h>

#include "base/watch.h"
#include "data/log.h"
#include "kernel/kernel.h"
#include "method/method.h"
#include "model/model.h"
#include "rank/task.h"
#include "sampler/sampler.h"
#include "tamis.h"

extern const tamis_option_table train_option_table;
/* Sets options that only other samplers or methods look at to the method's defaults. */
void train_options_idle(tamis_train_options *options);

/* One factorisation: the model's own, or a second one beside it. */
typedef struct train_factors {
    float *user, *item;
    size_t stride;
    int64_t width; /* factors of a row */
    double user_regularization, item_regularization;
} train_factors;

typedef struct tamis_trainer train_run;

/* A way of running an epoch. */
typedef struct trainer {
    tamis_status (*open)(struct tamis_trainer *run, tamis_error *error);
    /* tells the summed loss and the number of samples */
    tamis_status (*epoch)(struct tamis_trainer *run, double rate, double *loss, int64_t *samples, tamis_error *error);
    void (*close)(struct tamis_trainer *run);
    /* adds the arrays, beside the model's and the run's step, that its next epoch depends on; NULL: none */
    void (*memory)(struct tamis_trainer *run, parameters *list);
} trainer;

enum { TRAIN_CHUNK = 512 }; /* samples that a tile hands on at a time, at most */

extern const trainer trainer_sgd, trainer_minibatch, trainer_als, trainer_softmax;

struct tamis_trainer {
    tamis_train_options options;
    const trainer *trainer;
    const method *method;
    const sampler *sampler; /* of negatives */
    const positive_sampler *positives;
    const kernel_tier *kernel;
    int64_t *item_clicks;  /* interactions per item */
    const tamis_log *seen; /* what the model remembers as seen */
    const tamis_log *log;  /* what is trained on: seen, or what a validation part leaves of it */
    const tamis_log *held_out; /* the validation log; NULL: none */
    tamis_model *model;    /* the parameters, updated in place */
    train_factors factors[METHOD_FACTORISATIONS];
    int factorisations;
    bool all_pairs;        /* an epoch takes every user-item pair once */
    method_weights *weights; /* per item; NULL: all alike, targets 1 and 0 */
    method_weights *pair_weights; /* per interaction, in their place for positives; NULL: the item's */
    bool any_negative;       /* negatives may be the user's own items */
    const void *context;     /* of the method's loss */
    struct method custom;    /* the method with the caller's loss, or one that the kernels know */
    double even;           /* > 0: samples stand for all pairs, and this makes their weights 1 on average */
    float *negative_share; /* per user, then */
    sampler_slot *slot;    /* per item, to draw among all by weight; NULL: uniform, or not filled by train_fill_slots() */
    void *own;             /* the trainer's private run */
    int64_t epoch;         /* finished */
    int64_t step;          /* batches so far, of trainers that count them */
    int64_t within;        /* the epoch that was stopped in; 0: none */
    base_watch watch;      /* asked of by trainers; what they have done of a stopped epoch must be of use */
    double total_seconds;
    int64_t total_samples;
    /* early stopping */
    rank_task *validation; /* NULL: none */
    double *validation_weight; /* per item of the validation log, for a metric with -ips or -snips; else NULL */
    float *best;           /* the best epoch's user factors, item factors, item biases, one after the other */
    double best_value;     /* NAN: none yet */
    int64_t best_epoch, waited;
    bool stopped_early;
    tamis_log *train_part, *held_part; /* of a log that was given whole; NULL: it was not cut */
    bool fell_back;        /* to the checkpoint before the last, which is to stay until there is a new one */
    tamis_model *origin;   /* what the run goes on from, whose notes hold the options' text; NULL: begun here */
};

/* Runs one epoch (number run->epoch + 1), tells its mean loss. */
tamis_status train_epoch(train_run *run, tamis_epoch *report, tamis_error *error);

/* weigh.c: fills weights, pair_weights and what else goes into a sample's weight. */
tamis_status train_weigh(train_run *run, tamis_error *error);

static inline method_weights train_weights(const train_run *run, int32_t item)
{
    return run->weights ? run->weights[item] : METHOD_WEIGHTS_ALIKE;
}

/* The factors by which a sampled positive and negative of user u are weighted. Where a loss is a sum over all pairs, each
 * of u's n_u positives is drawn once and stands for itself, each of the n_u ρ negatives for (N - n_u) / (n_u ρ) pairs. */
static inline float train_positive_share(const train_run *run)
{
    return run->even > 0 ? (float)run->even : 1;
}

static inline float train_negative_share(const train_run *run, int64_t user)
{
    return run->negative_share ? run->negative_share[user] : 1;
}

/* sgd_two.c: updates both factorisations by a chunk of count <= TRAIN_CHUNK samples, listed in of[0]; adds to its loss_sum. */
void sgd_two(const train_run *run, kernel_points *const of[METHOD_FACTORISATIONS], int64_t count);

tamis_train_report train_report(const train_run *run);
/* What the model file says about how it was made. */
tamis_status train_write_notes(train_run *run, const tamis_train_report *report, tamis_error *error);

/* Start and end of a run. */
tamis_status train_start(train_run *run, const tamis_log *log, const tamis_log *validation, tamis_error *error);
void train_clear(train_run *run);
/* Fills run->slot, if the sampler weighs items. */
bool train_fill_slots(train_run *run);
/* Measures on the validation set, keeps the best. *stop: patience is over. */
tamis_status train_validate(train_run *run, tamis_epoch *report, bool *stop, tamis_error *error);
/* Puts the kept epoch's factors into the model. */
void train_keep_best(train_run *run);
bool train_is_finite(const train_run *run);

#endif
