/* How many threads, and whether they can be had.
 *
 * OpenMP's runtimes end the process when a thread cannot be made (a limit on processes or on address space), and gcc's waits
 * for ever in a child that was forked after its first use. So before a team grows, as many threads are made and ended
 * again, and the team starts while nobody else of ours tries the same; if there are fewer, fewer it is. In a forked child
 * every team is one thread. What comes out never depends on the number. */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include <omp.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "base/memory.h"
#include "base/threads.h"

enum { FEW_THREADS = 16 };

/* Many more than there are processors only wait for each other. */
int base_threads(int64_t threads)
{
    const int offered = omp_get_max_threads(); /* below 1 where OMP_NUM_THREADS is above what an int holds */
    const int64_t wanted = threads > 0 ? threads : offered > 0 ? offered : INT_MAX, useful = 4 * (int64_t)omp_get_num_procs();
    return (int)(wanted <= FEW_THREADS || wanted <= useful ? wanted : useful > FEW_THREADS ? useful : FEW_THREADS);
}

/* The process whose teams there are; 0: none yet. */
static atomic_long owner;
static pthread_mutex_t growing = PTHREAD_MUTEX_INITIALIZER;
/* The size of this thread's last team, whose threads OpenMP keeps. */
static _Thread_local int kept = 1;

typedef struct trial {
    pthread_t thread;
    atomic_long number; /* the kernel's; 0: has not run yet */
    pthread_mutex_t *end;
} trial;

static void *wait_for_end(void *context)
{
    trial *t = context;
#ifdef __linux__
    atomic_store(&t->number, syscall(SYS_gettid));
#endif
    pthread_mutex_lock(t->end);
    pthread_mutex_unlock(t->end);
    return NULL;
}

/* A thread that has been joined counts until the kernel has put it away. */
static void see_off(const trial *t)
{
#ifdef __linux__
    enum { PATIENCE = 10000 };
    const long process = (long)getpid(), number = atomic_load(&t->number);
    for (int k = 0; k < PATIENCE && syscall(SYS_tgkill, process, number, 0) == 0; k++) sched_yield();
#else
    (void)t;
#endif
}

/* How many of so many threads can be there at the same time. */
static int try_threads(int count)
{
    pthread_mutex_t end = PTHREAD_MUTEX_INITIALIZER;
    trial *all = base_alloc((size_t)count, sizeof *all);
    int made = 0;
    pthread_mutex_lock(&end);
    for (; all && made < count; made++) {
        all[made].end = &end;
        if (pthread_create(&all[made].thread, NULL, wait_for_end, &all[made]) != 0) break;
    }
    pthread_mutex_unlock(&end);
    for (int k = 0; k < made; k++) pthread_join(all[k].thread, NULL);
    for (int k = 0; k < made; k++) see_off(&all[k]);
    base_free(all);
    return made;
}

bool base_room_for_threads(int count)
{
    const long used = atomic_load(&owner);
    if (used && used != (long)getpid()) return false; /* a forked child: the lock may be held for ever */
    pthread_mutex_lock(&growing);
    const bool all = try_threads(count) == count;
    pthread_mutex_unlock(&growing);
    return all;
}

static int grow(int threads)
{
    const int there = omp_in_parallel() ? 1 : kept;
    if (threads <= there) return threads;
    pthread_mutex_lock(&growing);
    threads = there + try_threads(threads - there);
    int team = 0;
#pragma omp parallel num_threads(threads) reduction(+ : team)
    team = 1;
    pthread_mutex_unlock(&growing);
    return team;
}

int base_team(int64_t threads)
{
    long nobody = 0;
    const long here = (long)getpid();
    if (threads < 2) return 1;
    if (!atomic_compare_exchange_strong(&owner, &nobody, here) && nobody != here) return 1;
    threads = grow((int)threads);
    if (threads > 1 && !omp_in_parallel()) kept = (int)threads;
    return (int)threads;
}
