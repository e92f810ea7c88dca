/* Where samples come from: positives and negatives, each a row. To add a negative sampler, copy popularity.c (a weight per
 * item) or warp.c (one that looks at scores), a positive one pld.c, and add its line to the table below: help, man page,
 * completion and tests walk the tables (tests/test_method.c: samplers_weigh). */
#ifndef TAMIS_SAMPLER_H
#define TAMIS_SAMPLER_H

#include "base/base.h"
#include "base/option.h"
#include "base/random.h"
#include "data/log.h"
#include "kernel/kernel.h"
#include "method/method.h"
#include "sampler/alias.h"
#include "tamis.h"

/* ---- what a sampler sees: the log, the parameters as they are now, the loss */

typedef struct sampler_view {
    const tamis_log *log;
    int64_t users, items;
    const kernel_tier *kernel;
    const float *user_factors, *item_factors, *item_bias; /* rows of stride; item_bias NULL: none */
    size_t stride;
    const method *method;
    const void *context;              /* of the method's loss */
    const tamis_train_options *options;
    const float *weight;              /* per interaction, how much it counts; NULL: all alike */
    const alias_slot *slot;         /* per item, to draw among all by weight; NULL: uniform */
    bool any_negative;                /* negatives may be the user's own items */
    const matrix *dislikes;           /* of users, of which dislike_share is drawn; NULL: none */
} sampler_view;

/* A sample while it is drawn. Some are drawn side by side, so that what the next step reads is asked for ahead and scores are
 * taken many at a time; each has its own random stream, so that it does not matter which others it is drawn with. */
enum { SAMPLER_BLOCK = 64 };
typedef struct sampler_sample {
    base_stream stream;          /* the sample's own */
    int64_t at;                  /* its positive's index in the log's matrix */
    int32_t user;
    int32_t item;                /* -1, to a search: one that is not among the log's, of this score */
    int32_t negative;            /* -1: none */
    float score, negative_score; /* of a sampler that takes scores */
    float weight;                /* of the pair, beside what the items weigh */
} sampler_sample;

/* Whether a negative is to be one of the user's dislikes: with chance dislike_share, if there are any; and one of these. */
bool sampler_takes_dislike(const sampler_view *view, int32_t user, base_stream *stream);
int32_t sampler_dislike(const sampler_view *view, int32_t user, base_stream *stream);
/* An item that the user does not have, by the weights of slot; -1: there is none. */
int32_t sampler_unseen(const sampler_view *view, int32_t user, base_stream *stream);
/* One or the other. */
int32_t sampler_negative(const sampler_view *view, int32_t user, base_stream *stream);

/* ---- negatives */

typedef struct sampler {
    const char *name, *help;
    tamis_option_table options; /* its own, which have an effect where it is chosen */
    /* An item's weight from its number of interactions, finite and >= 0; NULL: all alike. */
    double (*weight)(int64_t interactions, const tamis_train_options *options);
    /* Negatives of n <= SAMPLER_BLOCK samples whose positives are drawn, found by scores, which it fills in, too; trains in
     * mini-batches. NULL: drawn by weight. */
    void (*search)(const sampler_view *view, sampler_sample *sample, int n);
    int64_t (*scores)(const tamis_train_options *options); /* that a search takes per sample, about; with search */
    /* What one more item that a search would have stopped at would have weighed in the one that ended as the sample says, in expectation,
     * times the number of items; with search. */
    double (*weight_of_another)(const sampler_view *view, const sampler_sample *sample);
} sampler;

#define SAMPLER_TABLE(row) row(uniform) row(popularity) row(warp)
#define SAMPLER_DECLARE(name) extern const sampler sampler_##name;
SAMPLER_TABLE(SAMPLER_DECLARE)
const sampler *sampler_find(const char *name); /* NULL: unknown */
/* The alias table that draws by a sampler's weights from items[0..n-1] (NULL: 0..n-1), of clicks[item] interactions each.
 * False: memory. */
bool sampler_fill_slots(const sampler *by, const tamis_train_options *options, const int64_t *clicks, const int32_t *items,
                        int64_t n, alias_slot *slot);

/* ---- positives */

typedef struct positive_sampler {
    const char *name, *help;
    tamis_option_table options; /* as a sampler of negatives has them */
    bool by_loss; /* a user's items compete by their losses, so that these tell suspects */
    /* Whether it is at work in an epoch (0: the first); before, and where this is NULL, each interaction is taken once. */
    bool (*active)(const tamis_train_options *options, int64_t epoch);
    /* Whether the first negative is the one that draw() gives; else, and where this is NULL, one that is drawn afterwards. Only
     * batches can keep it: sample by sample an item meets the negatives of its block. Pairwise methods alone ask. */
    bool (*keeps_negative)(const tamis_train_options *options);
    /* Positives, and first negatives where they are kept, of n <= SAMPLER_BLOCK samples whose users are drawn, all users alike;
     * with the negatives fills in scores. */
    void (*draw)(const sampler_view *view, sampler_sample *sample, int n);
    int64_t (*scores)(const tamis_train_options *options); /* that it takes per sample */
    /* For training sample by sample, a whole epoch at its start: adds to times[], beside the log's matrix, how often each of
     * a user's interactions is trained on, `samples` in all. work: what a thread uses again for user after user; work_new
     * NULL: nothing. */
    void *(*work_new)(const sampler_view *view); /* gives NULL: memory */
    double (*work_bytes)(const tamis_log *log);  /* with work_new: what it allocates */
    void (*choose)(const sampler_view *view, void *work, int32_t user, int64_t samples, base_stream *stream, uint16_t *times);
    void (*work_free)(void *work);
} positive_sampler;

#define POSITIVE_TABLE(row) row(log) row(user) row(pld)
#define POSITIVE_DECLARE(name) extern const positive_sampler positive_##name;
POSITIVE_TABLE(POSITIVE_DECLARE)
const positive_sampler *positive_find(const char *name); /* NULL: unknown */

/* ---- options of samplers */

/* A sampler's row of number `at` lies in tamis_train_options.sampler_param, in a section that each sampler has to itself: in
 * positive_pld's file SAMPLER_OPTION(POSITIVE, pld, at, real, ...). Those of the first samplers have members of their own. */
#define SAMPLER_NEGATIVE_SECTION(name) SAMPLER_NEGATIVE_##name,
#define SAMPLER_POSITIVE_SECTION(name) SAMPLER_POSITIVE_##name,
enum { SAMPLER_TABLE(SAMPLER_NEGATIVE_SECTION) POSITIVE_TABLE(SAMPLER_POSITIVE_SECTION) SAMPLER_SECTIONS };
enum { SAMPLER_SECTION = 8 }; /* options */

#define SAMPLER_PLACE(kind, name, at) (SAMPLER_##kind##_##name * SAMPLER_SECTION + (at))
#define SAMPLER_OPTION(kind, name, at, member, option, type, range, fallback, unit, ...)                               \
    BASE_OPTION(tamis_train_options, sampler_param[SAMPLER_PLACE(kind, name, at)].member, option, type, range, fallback, unit, \
                __VA_ARGS__)
#define SAMPLER_OPTIONS(name, rows) {name, rows, BASE_COUNT(rows), sizeof(tamis_train_options), NULL}
/* The options of each sampler there is, one after the other, and the option by which it is chosen, under the table's name.
 * NULL: past the last. */
const tamis_option_table *sampler_options(size_t index, const char **chosen_by);

#endif
