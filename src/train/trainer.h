/* A training run: what it is made of, and what a trainer and a callback of it are. The loop over its epochs: run.c. */
#ifndef TAMIS_TRAIN_TRAINER_H
#define TAMIS_TRAIN_TRAINER_H

#include "base/watch.h"
#include "data/log.h"
#include "kernel/kernel.h"
#include "method/method.h"
#include "model/model.h"
#include "rank/task.h"
#include "sampler/sampler.h"
#include "tamis.h"

typedef struct tamis_trainer train_run;
typedef struct train_plan train_plan; /* see estimate.h */
typedef struct estimate estimate;

/* A way of running an epoch, and what it is like. */
typedef struct trainer {
    bool steps;   /* takes gradient steps, with a learning rate */
    bool samples; /* draws positives and negatives as the samplers' rows say */
    bool dislikes; /* learns from them */
    bool decays;  /* L2 holds its rows back */
    bool at_once; /* in one epoch, without factors: an item-item model */
    tamis_status (*open)(train_run *run, tamis_error *error);
    /* tells the summed loss and the number of samples */
    tamis_status (*epoch)(train_run *run, double rate, double *loss, int64_t *samples, tamis_error *error);
    void (*close)(train_run *run);
    /* adds the arrays, beside the model's and the run's step, that its next epoch depends on; NULL: none */
    void (*memory)(train_run *run, parameters *list);
    /* adds what it will allocate beside the parameters */
    void (*takes)(const train_plan *plan, estimate *e);
} trainer;

/* What is done around epochs: validation, checkpoints, progress. Each member may be NULL. */
typedef struct run_callback {
    tamis_status (*before)(train_run *run, tamis_error *error);                    /* an epoch */
    tamis_status (*after)(train_run *run, tamis_epoch *epoch, tamis_error *error); /* an epoch */
    void (*end)(train_run *run); /* of the run, the last callback's first */
    void (*close)(train_run *run);
} run_callback;

enum { RUN_CALLBACKS = 4 };

/* One factorisation: the model's own, or a second one beside it. */
typedef struct train_factors {
    float *user, *item;
    size_t stride;
    int64_t width; /* factors of a row */
    double user_regularization, item_regularization;
} train_factors;

/* The epoch that did best in validation. */
typedef struct run_best {
    float *arrays; /* the model's, one after the other; NULL: without validation */
    double value;  /* NAN: none yet */
    int64_t epoch, waited; /* validations since then */
} run_best;

struct tamis_trainer {
    /* options, and what they name */
    tamis_train_options options;
    char automatic[160];   /* names of those that are found from the log, in blanks */
    const trainer *trainer;
    const method *method;
    struct method custom;  /* the method with the caller's loss, or one that the kernels know */
    const void *context;   /* of the method's loss */
    tamis_loss loss;       /* the caller's own, where there is one */
    const sampler *sampler; /* of negatives */
    const positive_sampler *positives;
    const kernel_tier *kernel;

    /* data */
    const tamis_log *seen; /* what the model remembers as seen */
    const tamis_log *log;  /* what is trained on: seen, or what a validation part leaves of it */
    const tamis_log *held_out; /* the validation log; NULL: none */
    uint64_t held_out_mark, weights_mark; /* fingerprints of it and of the weights below, once they were asked for */
    tamis_log *train_part, *held_part; /* of a log that was given whole; NULL: it was not cut */
    tamis_log *reweighed;  /* the log with weights of interactions; NULL: without distrust */
    int64_t *item_clicks;  /* interactions per item */
    int32_t *user_of;      /* per interaction; NULL: nobody asked */
    alias_slot *slot;    /* per item, to draw among all by weight; NULL: uniform, or nobody asked */
    method_weights *weights; /* per item; NULL: all alike, targets 1 and 0 */
    method_weights *pair_weights; /* of positives, per interaction; NULL: the item's */
    /* Of a log with weights, in units of the mean, of which one at most is there: per interaction, what its positive's loss is
     * multiplied by; or the sum of weights up to its own, by which rows are drawn. */
    float *row_weights;
    double *row_ends;
    /* What training learns from of the log's dislikes: a share of sampled negatives, or, where a loss is a sum over all pairs,
     * for certain: target 0 and weight 1, whatever other pairs without interaction have. NULL: nothing */
    const matrix *dislikes;
    bool certain;
    bool all_pairs;        /* an epoch takes every user-item pair once */
    bool any_negative;     /* negatives may be the user's own items */
    /* The factors by which sampled positives, and the negatives of user u, are weighted. Where a loss is a sum over all pairs,
     * each of u's n_u positives is drawn once and stands for itself, each of the n_u ρ negatives for (N - n_u) / (n_u ρ)
     * pairs. */
    float positive_scale, *negative_scale; /* NULL: 1 for every user */

    /* parameters, updated in place */
    tamis_model *model;
    train_factors factors[METHOD_FACTORISATIONS];
    int factorisations;
    void *state;           /* the trainer's private state */

    /* how far it is; random streams are keyed by these numbers */
    int64_t epoch;         /* finished */
    int64_t step;          /* batches so far, of trainers that count them */
    int64_t within;        /* the epoch that was stopped in; 0: none */
    tamis_memory expected; /* what it will take, as computed before it began */
    base_watch watch;      /* asked of by trainers; what they have done of a stopped epoch must be of use */
    bool whole;            /* it stands between two epochs, all callbacks done */
    bool stopped_early;    /* patience is over */
    bool asked_to_stop;    /* by the progress callback */
    bool unsaved;          /* the last checkpoint that was asked for could not be written */
    double total_seconds;
    int64_t total_samples;
    run_best best;

    /* callbacks, in the order in which they are called after an epoch; what they know */
    const run_callback *callback[RUN_CALLBACKS];
    int callbacks;
    struct validation *validation;
    struct saving *saving;
    const tamis_progress *progress;

    char *fell_back;       /* NAME, where NAME.previous was taken, which is to stay until there is a new NAME; else NULL */
    tamis_model *from;     /* whose rows known users and items start from, held; NULL: none */
    tamis_log *joined;     /* its log and the new one; NULL: there is no model to start from */
    int freeze;            /* tamis_freeze */
    tamis_model *origin;   /* what the run goes on from, whose notes hold the options' text; NULL: begun here */
};

#endif
