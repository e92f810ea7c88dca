/* Threads that meet: see team.h. */
#include <omp.h>

#include "base/watch.h"
#include "train/team.h"

member team_join(team *t)
{
#pragma omp single
    t->size = omp_get_num_threads();
    return (member){t, omp_get_thread_num()};
}

static void team_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

bool team_meet(const member *me)
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

int64_t team_bound(const member *me, int64_t n, int index)
{
    return n / me->team->size * index + (n % me->team->size * index) / me->team->size;
}
