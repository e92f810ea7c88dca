/* Whether a long call is to end: one of its threads asks the caller, every millisecond or few of work, and all can see the
 * answer. Work is counted and not timed, and what is computed until the end does not depend on it. A watch may be NULL. */
#ifndef TAMIS_BASE_WATCH_H
#define TAMIS_BASE_WATCH_H

#include <stdatomic.h>

#include "base/base.h"

typedef struct base_watch {
    const tamis_stop *stop; /* NULL: nobody is asked */
    int64_t work;           /* of the thread that asks, since it asked last */
    atomic_bool stopped;
} base_watch;

enum { BASE_WATCH_WORK = 1 << 20 }; /* multiplications, or what takes as long, from question to question */

static inline bool base_stopped(const base_watch *watch)
{
    return watch && atomic_load_explicit(&watch->stopped, memory_order_relaxed);
}

/* Of the thread that made the call: it has done so much. */
static inline void base_worked(base_watch *watch, int64_t work)
{
    if (!watch || !watch->stop || (watch->work += work) < BASE_WATCH_WORK || base_stopped(watch)) return;
    watch->work = 0;
    if (watch->stop->call(watch->stop->context)) atomic_store_explicit(&watch->stopped, true, memory_order_relaxed);
}

#endif
