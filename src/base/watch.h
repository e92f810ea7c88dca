/* Whether a long call is to end: one of its threads asks the caller, every millisecond or few of work, and all can see the
 * answer. Work is counted and not timed, and what is computed until the end does not depend on it. A watch may be NULL. */
#ifndef TAMIS_BASE_WATCH_H
#define TAMIS_BASE_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "tamis.h"

typedef struct base_watch {
    const tamis_stop *stop; /* NULL: nobody is asked */
    int64_t work;           /* of the thread that asks, since it asked last */
    atomic_bool stopped;
} base_watch;

enum { BASE_WATCH_WORK = 1 << 20 }; /* multiplications, or what takes as long, from question to question */

bool base_stopped(const base_watch *watch);
/* Of the thread that made the call: it has done so much. */
void base_worked(base_watch *watch, int64_t work);

#endif
