/* A team of threads that meets often. OpenMP's own barriers spin for milliseconds before they yield, and a thread that
 * yields stands behind everything else that the machine runs: on a busy machine both cost more than the work between.
 * These look for some microseconds, then sleep, and are woken at once. */
#ifndef TAMIS_TRAIN_TEAM_H
#define TAMIS_TRAIN_TEAM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/watch.h"

typedef struct team {
    atomic_int arrived, round, sleepers;
    int size;
    const base_watch *watch;
    bool stop; /* as seen by the last to arrive */
    pthread_mutex_t lock;
    pthread_cond_t met;
} team;

#define TEAM_NEW(asked) {.watch = (asked), .lock = PTHREAD_MUTEX_INITIALIZER, .met = PTHREAD_COND_INITIALIZER}

/* One thread of it. */
typedef struct member {
    team *team;
    int index;
} member;

/* For every thread of an OpenMP team. OpenMP may give fewer threads than were asked for: whoever is there counts. A thread
 * has the same index every time, and finds in its cache what it had last. */
member team_join(team *t);
/* Whether all are to stop here: the same answer for each. What they have skipped before, having seen it earlier, none of them
 * goes on with. */
bool team_meet(const member *me);
/* The member's part of 0..n-1: from team_bound(index) to team_bound(index + 1). */
int64_t team_bound(const member *me, int64_t n, int index);

#define TEAM_FOR(me, k, n) \
    for (int64_t k = team_bound(me, n, (me)->index), k##_end = team_bound(me, n, (me)->index + 1); k < k##_end; k++)

#endif
