/* Aligned memory and growing arrays. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/base.h"
#include "base/cgroup.h"
#include "base/files.h"
#include "base/memory.h"

enum { ALIGNMENT = 64, HUGE_PAGE = 1 << 21, FIRST = 64 /* elements of a growing array */ };

#if defined(__linux__)
#include <sys/mman.h>
#endif

/* Large pages spare most of the TLB misses, and of the page faults. */
static void ask_huge(void *memory, size_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    const uintptr_t from = ((uintptr_t)memory + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    const uintptr_t to = ((uintptr_t)memory + bytes) / HUGE_PAGE * HUGE_PAGE;
    if (bytes >= HUGE_PAGE) (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}

void *base_alloc_raw(size_t count, size_t size)
{
    if (size && count > (SIZE_MAX - HUGE_PAGE) / size) return NULL;
    size_t bytes = count * size;
    if (bytes == 0) bytes = 1;
    size_t alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : ALIGNMENT;
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *memory = NULL;
    if (posix_memalign(&memory, alignment, bytes) != 0) return NULL;
    ask_huge(memory, bytes);
    return memory;
}

void *base_alloc(size_t count, size_t size)
{
    void *memory = base_alloc_raw(count, size);
    if (memory) memset(memory, 0, count * size);
    return memory;
}

void base_free(void *memory)
{
    free(memory);
}

void *base_alloc_parts(const base_part *part, size_t parts)
{
    size_t all = 0;
    for (size_t k = 0; k < parts; k++) all += BASE_PADDED(part[k].count);
    float *memory = base_alloc(all, sizeof *memory), *at = memory;
    for (size_t k = 0; memory && k < parts; at += BASE_PADDED(part[k].count), k++) memcpy(part[k].to, &at, sizeof at);
    return memory;
}

bool base_grow(void *array_pointer, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity) return true;
    size_t wanted = *capacity ? *capacity : FIRST;
    while (wanted < need) {
        if (wanted > SIZE_MAX / 2) return false;
        wanted *= 2;
    }
    if (wanted > SIZE_MAX / size) return false;
    void *old = NULL, *grown;
    memcpy(&old, array_pointer, sizeof old);
    if (wanted * size >= HUGE_PAGE && *capacity * size < HUGE_PAGE) { /* what is at once this large begins on a large page */
        grown = base_alloc_raw(wanted, size);
        if (grown && old) memcpy(grown, old, *capacity * size);
        if (grown) free(old);
    } else {
        grown = realloc(old, wanted * size);
    }
    if (!grown) return false;
    ask_huge(grown, wanted * size);
    memcpy(array_pointer, &grown, sizeof grown);
    *capacity = wanted;
    return true;
}

double base_grown(double need, size_t size)
{
    double capacity = FIRST;
    while (capacity < need) capacity *= 2;
    return need > 0 ? capacity * (double)size : 0;
}

/* Of address space, what the process has already; 0: the system does not tell. */
static double address_space(void)
{
    char text[64];
    if (!base_read_text("/proc/self/statm", text, sizeof text)) return 0;
    return (double)strtoll(text, NULL, 10) * (double)sysconf(_SC_PAGESIZE);
}

double base_memory_limit(const char **whose)
{
    const double machine = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE), group = base_cgroup_limit("");
    const double all = group < machine ? group : machine;
    struct rlimit process;
    *whose = group < machine ? "this process's control group has" : "this machine has";
    if (getrlimit(RLIMIT_AS, &process) != 0 || process.rlim_cur == RLIM_INFINITY || (double)process.rlim_cur >= all) return all;
    *whose = "this process may have"; /* ulimit -v, which counts the program and what it has read */
    const double left = (double)process.rlim_cur - address_space();
    return left > 0 ? left : 0;
}
