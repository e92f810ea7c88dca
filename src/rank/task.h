/* What to evaluate: a test log, matched by id with what a model knows, once for any number of evaluations. */
#ifndef TAMIS_RANK_TASK_H
#define TAMIS_RANK_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/watch.h"
#include "data/log.h"
#include "model/model.h"

/* The users and items that can be scored, and the items that their users have seen. */
typedef struct rank_known {
    const id_map *users, *items;
    const matrix *seen;
} rank_known;

rank_known rank_known_of(const tamis_model *model);

enum {
    RANK_UNKNOWN = -1, /* a user for whom nothing is found */
    RANK_POPULAR = -2  /* a user for whom items are ranked by popularity */
};

typedef struct rank_rules {
    bool listed;          /* candidates: what the labelled test log lists */
    int64_t sampled;      /* candidates: the relevant items and so many others, drawn by seed; 0: none */
    uint64_t seed;
    bool mask_training;   /* the items that a user has seen are masked */
    bool trained;         /* with mask_training: items without any interaction in training are no candidates and are not found */
    bool drop_unknown;    /* test rows of unknown users and items are left out */
    bool rank_unknown;    /* unknown users have items to find: they become RANK_POPULAR */
    bool keep_empty;      /* users without a relevant item stay in the task */
    double relevant_from; /* of a labelled test log; NAN: above 0 */
} rank_rules;

typedef struct rank_task {
    int64_t count;         /* users to be scored, in the order of the test log */
    int64_t *test_user;    /* their row in the test log */
    int64_t *user;         /* their row in the model, RANK_UNKNOWN or RANK_POPULAR */
    int64_t *relevant;     /* |T_u|: unknown and masked test items count; 0: an empty user, who scores 0 */
    int64_t *candidates;   /* how many items are ranked: all unmasked ones, or those listed */
    int64_t *start;        /* count + 1: the relevant items that can be found are item[start[t] .. start[t+1]-1] */
    int32_t *item;         /* ascending */
    int32_t *test_item;    /* their rows in the test log, parallel to item[] */
    int64_t *missed_start; /* count + 1: the relevant items that cannot be found, since they are unknown or masked, are */
    int32_t *missed;       /* missed[missed_start[t] .. missed_start[t+1]-1]: rows in the test log */
    int64_t *mask_start;   /* count + 1: masked are mask[mask_start[t] .. mask_start[t+1]-1] */
    int32_t *mask;         /* ascending, distinct */
    int32_t *closed;       /* masked for everybody and in no mask[]: closed[0 .. closed_count-1], ascending */
    int64_t closed_count;
    int64_t *list_start;   /* count + 1: candidates are list[list_start[t] .. list_start[t+1]-1] */
    int32_t *list;         /* ascending, distinct: known and not masked */
    bool listed;           /* false: no lists, all items are candidates */
    int64_t drawn;         /* candidates that were sampled, of all users together */
    int64_t items;         /* of the model */
    tamis_evaluation_counts counts; /* but seconds */
    base_watch *watch;     /* while its ranks are found; NULL: none */
} rank_task;

/* masks: further logs whose interactions are masked. TAMIS_DATA: no user is left to evaluate. */
tamis_status rank_task_new(const rank_known *known, const tamis_log *test, const tamis_log *const *masks, size_t mask_count,
                           const rank_rules *rules, rank_task **task, tamis_error *error);
void rank_task_free(rank_task *task);
/* What one takes, without candidates, of so many users with so many rows and items in training. */
double rank_task_bytes(int64_t users, int64_t rows, int64_t seen);

#endif
