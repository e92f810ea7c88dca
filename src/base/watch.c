/* Whether a long call is to end. */
#include "base/watch.h"

bool base_stopped(const base_watch *watch)
{
    return watch && atomic_load_explicit(&watch->stopped, memory_order_relaxed);
}

void base_worked(base_watch *watch, int64_t work)
{
    if (!watch || !watch->stop || (watch->work += work) < BASE_WATCH_WORK || base_stopped(watch)) return;
    watch->work = 0;
    if (watch->stop->call(watch->stop->context)) atomic_store_explicit(&watch->stopped, true, memory_order_relaxed);
}
