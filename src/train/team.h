/* A team of threads that meets often. OpenMP's own barriers spin for milliseconds before they yield, and a thread that
 * yields stands behind everything else that the machine runs: on a busy machine both cost more than the work between.
 * These look for some microseconds, then sleep, and are woken at once. */
#ifndef TAMIS_TRAIN_TEAM_H
#define TAMIS_TRAIN_TEAM_H

#include <omp.h>
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

/* One thread's place in it. */
typedef struct member {
    team *team;
    int index;
} member;

/* For every thread of an OpenMP team. OpenMP may give fewer threads than were asked for: whoever is there counts. A thread
 * has the same place every time, and finds in its cache what it had last. */
static inline member team_join(team *t)
{
#pragma omp single
    t->size = omp_get_num_threads();
    return (member){t, omp_get_thread_num()};
}

static inline void team_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* Whether all are to stop here: the same answer for each. What they have skipped before, having seen it earlier, none of them
 * goes on with. */
static inline bool team_meet(const member *me)
{
    enum { LOOKS = 4000 };
    team *t = me->team;
    if (t->size == 1) return base_stopped(t->watch);
    const int round = atomic_load_explicit(&t->round, memory_order_acquire);
    /* a sleeper counts itself before its last look, and the last to arrive looks for sleepers after the change: one of
     * the two sees the other */
    if (atomic_fetch_add_explicit(&t->arrived, 1, memory_order_acq_rel) + 1 == t->size) {
        const bool stop = t->stop = base_stopped(t->watch);
        atomic_store_explicit(&t->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&t->round, round + 1, memory_order_release);
        if (!atomic_fetch_add_explicit(&t->sleepers, 0, memory_order_acq_rel)) return stop;
        pthread_mutex_lock(&t->lock);
        pthread_cond_broadcast(&t->met);
        pthread_mutex_unlock(&t->lock);
        return stop;
    }
    for (int look = 0; look < LOOKS; look++) {
        if (atomic_load_explicit(&t->round, memory_order_acquire) != round) return t->stop;
        team_pause();
    }
    pthread_mutex_lock(&t->lock);
    atomic_fetch_add_explicit(&t->sleepers, 1, memory_order_acq_rel);
    while (atomic_load_explicit(&t->round, memory_order_acquire) == round) pthread_cond_wait(&t->met, &t->lock);
    atomic_fetch_sub_explicit(&t->sleepers, 1, memory_order_relaxed);
    const bool stop = t->stop;
    pthread_mutex_unlock(&t->lock);
    return stop;
}

/* The member's share of 0..n-1: from share(index) to share(index + 1). */
static inline int64_t team_share(const member *me, int64_t n, int index)
{
    return n / me->team->size * index + (n % me->team->size * index) / me->team->size;
}

#define TEAM_FOR(me, k, n) \
    for (int64_t k = team_share(me, n, (me)->index), k##_end = team_share(me, n, (me)->index + 1); k < k##_end; k++)

#endif
