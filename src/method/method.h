/* A method is a row: what the trainer, the help, the man page, the completion and the tests need to know about a loss.
 * To add one: CONTRIBUTING.md. */
#ifndef TAMIS_METHOD_H
#define TAMIS_METHOD_H

#include <stdbool.h>

#include "base/base.h"
#include "base/option.h"
#include "kernel/kernel.h"
#include "tamis.h"

enum { METHOD_FACTORISATIONS = 2 }; /* factorisations that a method may train beside each other */

/* Indices of tamis_train_options.param that the trainer reads where a method has two factorisations. */
enum { METHOD_FLIP_FACTORS = TAMIS_METHOD_PARAMETERS - 2, METHOD_FLIP_REGULARIZATION };

/* An option of a method's own, param[at]; and the table of them. */
#define METHOD_OPTION(at, member, name, kind, range, fallback, unit, ...) \
    BASE_OPTION(tamis_train_options, param[at].member, name, kind, range, fallback, unit, __VA_ARGS__)
/* One that tuning searches: see tamis_option.search. */
#define METHOD_TUNED(at, member, name, kind, range, fallback, unit, help, ...) \
    BASE_TUNED(tamis_train_options, param[at].member, name, kind, range, fallback, unit, help, __VA_ARGS__)
#define METHOD_OPTIONS(name, rows) {name, rows, BASE_COUNT(rows), sizeof(tamis_train_options), NULL}

typedef struct method_preset {
    const char *option, *value; /* a training option whose default differs for this method */
} method_preset;

/* How an item counts in the loss: as a user's positive and as a sampled negative (or a pair without interaction). */
typedef struct method_weights {
    float positive_target, positive_weight, negative_target, negative_weight;
} method_weights;

/* of a method that does not weigh */
#define METHOD_WEIGHTS_ALIKE ((method_weights){1, 1, 0, 1})

/* How likely an item is seen: θ, by its popularity or from the caller's file; and the chance θ⁻ that weighs a pair without
 * a click where a method asks for it. */
typedef struct method_exposure {
    double seen, unseen;
} method_exposure;

/* What a default may depend on. */
typedef struct method_log {
    int64_t users, items, interactions;
    double noise; /* what is noise at most, as far as a small model can tell; NAN: not asked for */
} method_log;

/* How an option that is "auto" is found from the log. o: the options so far, those of earlier rules found. Studies describe runs
 * by "auto": whoever changes a rule raises STUDY_FIGURES (study/text.h). */
typedef struct method_rule {
    const char *option;
    double (*value)(const method_log *log, const tamis_train_options *o);
    const char *text;
    bool noise; /* looks at method_log.noise */
} method_rule;

/* Where a factorisation starts: uniform on [low, high) / sqrt(factors), per side. */
typedef struct method_start {
    double user_low, user_high, item_low, item_high;
} method_start;

typedef enum method_trainer {
    METHOD_BY_SGD,   /* sampled pairs or points, in tiles or batches */
    METHOD_BY_ALS,  /* alternating least squares */
    METHOD_BY_SOFTMAX, /* batches of positives against shared negatives */
    METHOD_BY_ITEMS    /* at once, without steps or factors: an item-item matrix */
} method_trainer;

typedef struct method {
    const char *name;
    const char *help;   /* one line */
    const char *source; /* the paper */
    const char *noise, *use, *cost; /* its page in the manual: what it takes to be wrong in a log, when to use it, per epoch */
    const method_preset *presets;
    size_t preset_count;
    const method_rule *rules; /* for presets that are "auto" */
    size_t rule_count;
    tamis_option_table options; /* its own options, in tamis_train_options.param */
    method_trainer trainer;

    /* By sample: one of the three. context is the options' param array. */
    kernel_loss pair;  /* on x = s_ui - s_uj */
    kernel_loss point; /* on s, with a target */
    /* Gives a loss that the kernels take many at a time and that point() equals with these options; NULL: none does. */
    kernel_loss (*known_point)(const void *context);
    /* On n samples' scores by two factorisations, n a multiple of 16, all arrays 64-byte aligned: writes the gradients -dL/ds of
     * both and the losses. */
    void (*two_scores)(const void *context, const kernel_tier *kernel, int64_t n, float *const score[METHOD_FACTORISATIONS],
                  const float *target, float *const gradient[METHOD_FACTORISATIONS], float *loss);
    /* Without what it does about noise it is `name`: another method (method NULL), or what a method with the option so is called in
     * studies. NULL: it does nothing, or there is no such thing. */
    struct {
        const char *name, *method, *option, *value;
    } control;
    bool every_pair;           /* the loss is a sum over all user-item pairs: sampled negatives are weighted to stand for it */
    const method_start *start; /* per factorisation; NULL: normal, as the options say */
    /* Sets an item's weights. NULL: all 1, targets 1 and 0. */
    void (*weigh)(const tamis_train_options *options, const method_exposure *exposure, method_weights *weights);
    bool exposed; /* weigh() looks at the exposure */
    /* Pairwise: negatives are drawn among all items, the user's own ones too, and weighted by 1 - their target. NULL: never */
    bool (*any_negative)(const tamis_train_options *options);
    /* Changes the weights of a batch once its losses are known. step: batches before this one. */
    void (*batch)(const void *context, int64_t step, int64_t edges, const float *loss, const float *target, float *weight);

    /* By solving and by contrast: what the trainer of that kind asks for, see train/. */
    const void *family;
} method;

/* help, man page, completion, tests and benchmarks walk this table */
#define METHOD_TABLE(row)                                                                                  \
    row(bpr) row(bpo) row(nbpo) row(mf) row(wmf) row(relmf) row(mf_du) row(ubpr) row(robust_bpr) row(pld) row(pld_fresh) \
    row(t_ce) row(r_ce) row(warp) row(ials) row(expomf) row(softmax) row(bsl) row(slatk) row(psl) \
    row(pop) row(itemknn) row(ease)

#define METHOD_DECLARE(name) extern const method method_##name;
METHOD_TABLE(METHOD_DECLARE)

/* NULL past the last; NULL for an unknown name. */
const method *method_get(size_t index);
const method *method_find(const char *name);

/* 1 / max(θ, clip). */
float method_inverse(double propensity, double clip);

#endif
