/* A team of threads that meets often. OpenMP's own barriers spin for milliseconds before they yield, which on a busy
 * machine costs more than the work between them; this one yields early. */
#ifndef TAMIS_TRAIN_TEAM_H
#define TAMIS_TRAIN_TEAM_H

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

typedef struct team {
    atomic_int arrived, round;
    int size;
} team;

/* One thread's place in it. */
typedef struct member {
    team *team;
    int index;
} member;

static inline void team_meet(const member *me)
{
    team *t = me->team;
    if (t->size == 1) return;
    const int round = atomic_load_explicit(&t->round, memory_order_acquire);
    if (atomic_fetch_add_explicit(&t->arrived, 1, memory_order_acq_rel) + 1 == t->size) {
        atomic_store_explicit(&t->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&t->round, round + 1, memory_order_release);
        return;
    }
    for (int spin = 0; atomic_load_explicit(&t->round, memory_order_acquire) == round; spin++)
        if (spin > 2000) sched_yield();
}

/* The member's share of 0..n-1: from share(index) to share(index + 1). */
static inline int64_t team_share(const member *me, int64_t n, int index)
{
    return n / me->team->size * index + (n % me->team->size * index) / me->team->size;
}

#define TEAM_FOR(me, k, n) \
    for (int64_t k = team_share(me, n, (me)->index), k##_end = team_share(me, n, (me)->index + 1); k < k##_end; k++)

#endif
