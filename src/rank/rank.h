/* Ranking: where the test items of each user stand among all items or among listed ones, and the k best items.
 *
 * The score of user u and item i is s_ui = p_u . q_i + b_i in float32, the dot product summed in the order of
 * kernel_tier.dot: the same bits on every processor. A product of blocks sums in whatever order is fast on the processor. So
 * it is only a filter: its entries ŝ are within a proven margin of s, whatever lies nearer than that to a threshold is
 * scored again by dot, and the outcome is exactly that of ranking by s - for any number of threads, any block size, any
 * processor. */
#ifndef TAMIS_RANK_H
#define TAMIS_RANK_H

#include <stdbool.h>

#include "base/watch.h"
#include "data/log.h"
#include "tamis.h"

/* ---- what to evaluate: prepared once, used every epoch */

typedef struct rank_task {
    int64_t count;         /* users to be scored, in the order of the test log */
    int64_t *test_user;    /* their row in the test log */
    int64_t *user;         /* their row in the model; -1: unknown */
    int64_t *relevant;     /* |T_u|: unknown and masked test items count; 0: an empty user, who scores 0 */
    int64_t *candidates;   /* how many items are ranked: all unmasked ones, or those listed */
    int64_t *start;        /* count + 1: the relevant items that can be found are item[start[t] .. start[t+1]-1] */
    int32_t *item;         /* ascending */
    int32_t *place;        /* their rows in the test log, parallel to item[] */
    int64_t *lost_start;   /* count + 1: the relevant items that cannot be found, unknown or masked ones, are */
    int32_t *lost;         /* lost[lost_start[t] .. lost_start[t+1]-1]: rows in the test log */
    int64_t *mask_start;   /* count + 1: masked are mask[mask_start[t] .. mask_start[t+1]-1] */
    int32_t *mask;         /* ascending, distinct */
    int64_t *list_start;   /* count + 1: candidates are list[list_start[t] .. list_start[t+1]-1] */
    int32_t *list;         /* ascending, distinct: known and not masked */
    bool listed;           /* false: no lists, all items are candidates */
    int64_t drawn;         /* candidates that were sampled, over all users */
    int64_t items;         /* of the model */
    tamis_evaluation_counts counts; /* but seconds */
    base_watch *watch;     /* while its ranks are found; NULL: none */
} rank_task;

typedef struct rank_rules {
    bool listed;          /* candidates: what the labelled test log lists */
    int64_t sampled;      /* candidates: the relevant items and so many others, drawn by seed; 0: none */
    uint64_t seed;
    bool mask_training;   /* the model's log is masked */
    bool drop_unknown;    /* test rows of unknown users and items are left out */
    bool keep_empty;      /* users without a relevant item stay in the task */
    double relevant_from; /* of a labelled test log; NAN: above 0 */
} rank_rules;

/* Matches a test log by id with a model's users, items and log. TAMIS_DATA: no user is left to evaluate. */
tamis_status rank_task_make(const id_map *users, const id_map *items, const matrix *seen, const tamis_log *test,
                            const tamis_log *const *masks, size_t mask_count, const rank_rules *rules, rank_task **task, tamis_error *error);
/* The same by the usual rules: all items, the model's log masked, empty users left out. */
tamis_status rank_task_new(const id_map *users, const id_map *items, const matrix *seen, const tamis_log *test,
                            const tamis_log *const *masks, size_t mask_count, bool drop_unknown, rank_task **task, tamis_error *error);
void rank_task_free(rank_task *task);

/* TAMIS_STOPPED, where the watch says so. */
tamis_status rank_stopped(const base_watch *watch, tamis_error *error);
/* The mean over the task's users of one metric, such as "ndcg@20". weight: per item of the test log, for those with -ips
 * or -snips. */
tamis_status rank_validate(const float *user_factors, const float *item_factors, const float *item_bias, size_t stride,
                           int64_t factors, int64_t items, const rank_task *task, const char *metric, const double *weight,
                           int threads, double *value, tamis_error *error);

/* ---- metrics */

/* One user's outcome. rank[]: 1-based, ascending, of the relevant items found. */
typedef struct rank_case {
    const int64_t *rank;
    int64_t found, relevant; /* found <= relevant = |T_u| */
    int64_t candidates;      /* items that were ranked */
    int64_t cutoff;          /* K */
    const double *weight;    /* of the items found, parallel to rank[]; NULL: not asked for */
    const double *largest;   /* the weights of all of T_u, descending */
} rank_case;

/* How often items were clicked in the training log. */
typedef struct rank_catalog {
    int64_t *clicks; /* per item */
    bool *tail;      /* not among the fifth of the items that has the most clicks */
    int64_t items, users, most; /* most: the largest of clicks[] */
} rank_catalog;

/* Plain metrics have value(). Those that are sums over the hits have gain() too: with weights w the IPS version is
 * Σ w gain / norm, the SNIPS version Σ w gain over Σ ideal(r) w_(r), w_(1) >= w_(2) >= ... the weights of T_u.
 * Metrics of what is recommended, relevant or not, have one of the last two instead. */
typedef struct rank_metric {
    const char *name, *help;
    bool per_cutoff; /* named with @K */
    double (*value)(const rank_case *user);
    double (*gain)(const rank_case *user, int64_t hit); /* of found item number hit; 0 beyond the cut-off */
    double (*norm)(const rank_case *user);
    double (*ideal)(const rank_case *user, int64_t place); /* place from 1; NULL: no SNIPS version */
    double (*listed)(const rank_catalog *catalog, int32_t item); /* the mean over the list */
    double (*exposed)(const uint32_t *count, int64_t items); /* of how often each item stands on a list, ascending */
} rank_metric;

typedef enum rank_weighting { RANK_PLAIN, RANK_IPS, RANK_SNIPS } rank_weighting;
typedef struct rank_wanted {
    const rank_metric *metric;
    rank_weighting weighting;
} rank_wanted;

/* The table's row; NULL past the last. */
const rank_metric *rank_metric_row(size_t index);
/* "ndcg-snips@20" -> its row, its weighting and 20. TAMIS_USAGE: no such metric, no cut-off, or none of rankings. */
tamis_status rank_metric_find(const char *name, rank_wanted *wanted, int64_t *cutoff, tamis_error *error);
tamis_status rank_metric_check(const char *name, tamis_error *error);

enum { RANK_MOST_METRICS = 64 };
#define RANK_USUAL_METRICS "precision,recall,hit,ndcg,map,mrr,auc"
/* "recall,ndcg-snips" -> their rows in this order, distinct; NULL: the usual ones. */
tamis_status rank_metrics(const char *text, rank_wanted wanted[RANK_MOST_METRICS], size_t *count, tamis_error *error);

enum { RANK_MOST_CUTOFFS = 16 };
/* "5,10,20" -> ascending, distinct. */
tamis_status rank_cutoffs(const char *text, int64_t cutoff[RANK_MOST_CUTOFFS], size_t *count, tamis_error *error);

/* ---- scores */

typedef struct rank_factors {
    const float *user, *item, *bias; /* bias NULL: none */
    size_t stride;
    int64_t factors, items;
} rank_factors;

enum { RANK_USERS = 256, RANK_ITEMS = 512 }; /* of a block: its scores, and its rows at common sizes, stay in cache */
enum { RANK_PACKED = 32, RANK_STRIPS = RANK_ITEMS / RANK_PACKED }; /* items that are laid side by side, so often */

#define RANK_ALL_STRIPS ((UINT32_C(1) << RANK_STRIPS) - 1)
_Static_assert(RANK_STRIPS < 32, "a bit for each strip");

/* The loops over a block of scores, in the best version for the processor. low <= high, no NAN. */
typedef struct rank_loops {
    const char *tier;
    /* how many of n scores are > high, and how many >= low; n < 2^31 */
    void (*count)(const float *scores, int64_t n, float low, float high, int64_t *above, int64_t *reach);
    /* NULL: would be no faster; of RANK_ITEMS scores how many are >= low[j]; bit j of the result is 0: none of these is
     * <= high[j] */
    unsigned (*count_four)(const float *scores, const float low[4], const float high[4], int32_t reach[4]);
    /* the places of those >= low and <= high, ascending, into index[n]; how many there are */
    int64_t (*find)(const float *scores, int64_t n, float low, float high, int32_t *index);
} rank_loops;
const rank_loops *rank_loops_choose(void);

typedef struct rank_scorer {
    rank_factors f;
    float (*dot)(const float *a, const float *b, size_t stride);
    const rank_loops *loops;
    double longest_item, largest_bias; /* max |q_i|, max |b_i| */
    const struct rank_product *product;
    const struct rank_blas *blas; /* NULL: product's own loops */
    base_watch *watch; /* NULL: none */
} rank_scorer;

/* A thread's own memory. */
typedef struct rank_work {
    float *users;   /* RANK_USERS rows of stride */
    float *scores;  /* RANK_USERS x RANK_ITEMS */
    float *packed;  /* RANK_PACKED rows of stride */
    float *low;     /* RANK_USERS: what matters of each user's scores; -INFINITY, all, until the caller says otherwise */
    uint32_t *high; /* RANK_USERS: bit k is 1 if one of the scores of strip k (its RANK_PACKED items) is >= low, or may be */
} rank_work;

void rank_scorer_start(rank_scorer *scorer, const rank_factors *factors);
/* Reads all items for what rank_margin() needs. */
void rank_scorer_measure(rank_scorer *scorer);
/* a.b in double. */
double rank_dot(const float *a, const float *b, size_t stride);
/* s of a user's row p and an item; where it is not a number -INFINITY. */
float rank_score(const rank_scorer *scorer, const float *p, int64_t item);
/* No |ŝ - s| of this user is larger. INFINITY: products may overflow, use rank_scores() alone. */
double rank_margin(const rank_scorer *scorer, const float *p);
/* ŝ of the first count of work->users and the items first .. first+width-1: work->scores[u * RANK_ITEMS + i - first];
 * and work->high. */
void rank_score_block(const rank_scorer *scorer, const rank_work *work, int64_t count, int64_t first, int64_t width);
/* The loops for it, in the best version for the processor. */
typedef struct rank_product rank_product;
typedef struct rank_blas rank_blas;
const rank_product *rank_product_choose(void);
/* OpenBLAS, where the processor has none of the vector instructions that the loops are written for; else NULL. */
const rank_blas *rank_product_blas(const rank_product *product);
/* A block of scores is done with, by any thread. */
void rank_worked(const rank_scorer *scorer, int64_t count, int64_t width);
/* s of one user and those items. False: one has overflowed, which only those of users without a margin can. */
bool rank_scores(const rank_scorer *scorer, const float *p, int64_t first, int64_t width, float *scores);
/* The sentence about such scores, and TAMIS_DATA. */
tamis_status rank_overflow(tamis_error *error);
/* Sets the masked ones among items first .. first+width-1 to NAN, which no comparison finds; moves *next on. */
void rank_mask(float *scores, int64_t first, int64_t width, const int32_t *mask, int64_t *next, int64_t end);
/* What is to be found out beside ranks. */
typedef struct rank_wish {
    int64_t depth; /* only ranks up to this matter, others may be given as RANK_BEYOND; 0: all matter */
    int64_t list;  /* 0: no lists; else take() gets the best so many items of every known user of the task */
    void (*take)(void *context, int64_t t, const tamis_hit *hit, int64_t count); /* from any thread */
    void *context;
} rank_wish;
#define RANK_BEYOND (INT64_MAX / 2)
/* The ranks of the task's items: of user t the ascending rank[start[t] .. start[t+1]-1], and in place[] whose they
 * are (rows in the test log). wish, place may be NULL. */
tamis_status rank_task_ranks(const rank_factors *factors, const rank_task *task, int threads, const rank_wish *wish,
                             int64_t *rank, int32_t *place, tamis_error *error);

/* ---- the best items (top.c) */

typedef struct rank_heap {
    tamis_hit *hit; /* the worst on top */
    int64_t count, room;
} rank_heap;
/* Best first, ties by item; the room that is left gets item -1. */
void rank_heap_finish(rank_heap *heap);
void rank_heap_offer(rank_heap *heap, tamis_hit candidate);

/* Users whose best k items are wanted; the mask of the n-th is mask[start[row] .. start[row+1]-1], row =
 * mask_row ? mask_row[n] : n. */
typedef struct rank_request {
    const rank_scorer *scorer;
    const int64_t *user; /* rows of the factors */
    const int64_t *mask_start, *mask_row;
    const int32_t *mask;
    int64_t count, k;
    bool exact; /* exact scores alone */
    tamis_hit *hits; /* count x k; NULL: take() is told instead */
    void (*take)(void *context, int64_t n, const tamis_hit *hit, int64_t count);
    void *context;
} rank_request;
tamis_status rank_top(const rank_request *request, int threads, tamis_error *error);

/* What one thread's takes, with lists of k items. */
size_t rank_work_bytes(size_t stride, int64_t k);
/* Memory for as many threads as are worth it for so many blocks; *threads is lowered to that. NULL: out of memory. */
rank_work *rank_work_new(const rank_scorer *scorer, int64_t blocks, int *threads, tamis_error *error);
void rank_work_free(rank_work *work, int threads);

extern const tamis_option_table evaluate_option_table, interval_option_table;

/* ---- from ranks to figures (measure.c, slice.c) */

typedef struct rank_column {
    const rank_metric *metric;
    rank_weighting weighting;
    int64_t cutoff;
} rank_column;

/* Of users x columns: value = top / bottom, a mean is Σ top / Σ bottom. bottom 0: not defined for the user. */
typedef struct rank_cells {
    double *top, *bottom;
} rank_cells;

/* Figures of some users. */
typedef struct rank_figures {
    double *mean, *low, *high; /* per column; low, high NAN: no interval */
} rank_figures;

/* The ranks and what they are weighed and sorted by. */
typedef struct rank_outcome {
    const rank_task *task;
    const int64_t *rank;
    const int32_t *place;   /* parallel to rank[]: rows in the test log */
    const double *weight;   /* per item of the test log; NULL: none */
    const rank_column *column;
    size_t columns;
    int threads;
} rank_outcome;

/* group NULL: all; else T_u is those of its items (rows in the test log) that are in group `only`. */
tamis_status rank_measure(const rank_outcome *outcome, const int32_t *group, int32_t only, rank_cells cells,
                          tamis_error *error);
/* Of the users member[0 .. count-1] (rows of the cells; NULL: all). */
tamis_status rank_summarize(const rank_cells *cells, size_t columns, const int64_t *member, int64_t count,
                            int64_t resamples, double confidence, uint64_t seed, int threads, rank_figures figures,
                            tamis_error *error);

tamis_status rank_catalog_make(const matrix *seen, rank_catalog *catalog, tamis_error *error);
void rank_catalog_clear(rank_catalog *catalog);
/* (most clicks / clicks)^power per item of the test log, at least one click each. NULL: memory. */
double *rank_click_weights(const int64_t *clicks, const id_map *items, const tamis_log *test, double power);

/* What tamis_evaluation is. */
struct tamis_evaluation {
    int64_t users;
    size_t metrics;
    char (*name)[32];
    double *mean, *low, *high;
    double *value;       /* users x metrics; NAN: not defined */
    struct rank_slice *slice;
    size_t slices;
    char *id_text;       /* the users' ids, one after another */
    uint64_t *id_start;
    tamis_evaluation_counts counts;
};

#endif
