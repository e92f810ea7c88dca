/* Memory that ends. Every public call that allocates is made again and again, its n-th allocation failing, for n = 1, 2, ... until
 * it is not reached: each time the call must give a status and a sentence, or do without; what it has allocated must be freed.
 *
 *   sweep_memory          fails each site - a line of the library that allocates - the first and the last time that it is
 *                         reached in a call
 *   sweep_memory whole    fails each allocation
 *   sweep_memory whole train robustness      ... of calls whose names begin so
 *
 * It is linked with --wrap: the library's calls of malloc() and its kin come here. One thread, so that n means the same each
 * time. What zlib, OpenBLAS or the C library allocate for themselves is not counted. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "sweep_calls.h"

/* ------------------------------------------------------------------ allocations */

enum { SITES = 4096, CALLS = 1 << 20, FLOOR = 370 };

static struct {
    bool on;
    long made, failing;    /* allocations of this run; which of them fails */
    bool failed;
    long live;             /* allocated and not freed */
    const void *site;      /* who asked the library's own allocator; NULL: nobody did */
    const void **order;    /* the sites of an undisturbed run, CALLS at most */
} run;

static struct {
    const void *at[SITES];
    size_t count;
} reached;

static void reach(const void *site)
{
    for (size_t k = 0; k < reached.count; k++)
        if (reached.at[k] == site) return;
    if (reached.count < SITES) reached.at[reached.count++] = site;
}

/* Whether this allocation is to fail. */
static bool fails(const void *site)
{
    if (!run.on) return false;
    if (run.site) site = run.site;
    if (run.failing == 0 && run.made < CALLS) run.order[run.made] = site;
    if (++run.made != run.failing) return false;
    reach(site);
    run.failed = true;
    errno = ENOMEM;
    return true;
}

static void *count(void *memory)
{
    if (run.on && memory) run.live++;
    return memory;
}

#define HERE __builtin_return_address(0)
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t n);
void __real_free(void *memory);
void *__real_base_alloc(size_t n, size_t size);
void *__real_base_alloc_raw(size_t n, size_t size);
bool __real_base_grow(void *array, size_t *capacity, size_t need, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t n);
void __wrap_free(void *memory);
void *__wrap_base_alloc(size_t n, size_t size);
void *__wrap_base_alloc_raw(size_t n, size_t size);
bool __wrap_base_grow(void *array, size_t *capacity, size_t need, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails(HERE) ? NULL : count(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails(HERE) ? NULL : count(__real_calloc(n, size));
}

void *__wrap_realloc(void *old, size_t size)
{
    if (fails(HERE)) return NULL;
    void *grown = __real_realloc(old, size);
    return old ? grown : count(grown);
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (fails(HERE)) return ENOMEM;
    const int code = __real_posix_memalign(memory, alignment, size);
    if (code == 0) count(*memory);
    return code;
}

char *__wrap_strdup(const char *text)
{
    return fails(HERE) ? NULL : count(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t n)
{
    return fails(HERE) ? NULL : count(__real_strndup(text, n));
}

void __wrap_free(void *memory)
{
    if (run.on && memory) run.live--;
    __real_free(memory);
}

void *__wrap_base_alloc(size_t n, size_t size)
{
    run.site = HERE;
    void *memory = __real_base_alloc(n, size);
    run.site = NULL;
    return memory;
}

void *__wrap_base_alloc_raw(size_t n, size_t size)
{
    run.site = HERE;
    void *memory = __real_base_alloc_raw(n, size);
    run.site = NULL;
    return memory;
}

bool __wrap_base_grow(void *array, size_t *capacity, size_t need, size_t size)
{
    run.site = HERE;
    const bool grown = __real_base_grow(array, capacity, need, size);
    run.site = NULL;
    return grown;
}

/* ------------------------------------------------------------------ the sweep */

static long faults, survived, wrong;

static tamis_status once(const sweep_call *call, long failing)
{
    run.made = 0;
    run.failing = failing;
    run.failed = false;
    run.live = 0;
    sweep_error.text[0] = '\0';
    run.on = true;
    const tamis_status status = call->make();
    run.on = false;
    return status;
}

static void complain(const sweep_call *call, long n, const char *what)
{
    wrong++;
    printf("not ok: %s%s%s, allocation %ld: %s (%s)\n", call->name, call->each ? " " : "", call->each ? sweep_method : "", n, what, sweep_error.text);
}

/* Whether the n-th allocation is the first or the last one of its site. */
static bool edge(long n, long total)
{
    bool before = false, after = false;
    for (long k = 1; k < n && !before; k++) before = run.order[k - 1] == run.order[n - 1];
    for (long k = n + 1; k <= total && !after; k++) after = run.order[k - 1] == run.order[n - 1];
    return !before || !after;
}

static void sweep(const sweep_call *call, bool whole)
{
    tamis_status status = once(call, 0);
    const long total = run.made;
    if (status || run.live != 0 || total > CALLS) complain(call, 0, status ? "it fails undisturbed" : "it leaks undisturbed");
    for (long n = 1; n <= total; n++) {
        if (!whole && !edge(n, total)) continue;
        status = once(call, n);
        faults += run.failed;
        if (!run.failed && whole) complain(call, n, "it is not reached");
        if (run.live != 0) complain(call, n, "it leaks");
        if (status && !sweep_error.text[0]) complain(call, n, "no sentence");
        if (status && status != TAMIS_FAILURE && status != TAMIS_ELSEWHERE) complain(call, n, "another status");
        survived += run.failed && !status;
    }
}

int main(int argc, char **argv)
{
    const bool whole = argc > 1 && strcmp(argv[1], "whole") == 0;
    char directory[] = "/tmp/tamis-sweep-XXXXXX";
    run.order = malloc(CALLS * sizeof *run.order);
    if (!run.order || !mkdtemp(directory) || chdir(directory) != 0) return 99;
    sweep_prepare();
    for (size_t k = 0; sweep_calls[k].name; k++) {
        bool wanted = argc <= 2;
        for (int w = 2; w < argc; w++) wanted = wanted || strncmp(sweep_calls[k].name, argv[w], strlen(argv[w])) == 0;
        if (!wanted) continue;
        for (size_t m = 0; (sweep_method = sweep_calls[k].each ? tamis_method_list(m, NULL, NULL) : m ? NULL : ""); m++) sweep(&sweep_calls[k], whole);
    }
    printf("%ld allocations failed at %zu sites; %ld calls did without; %ld wrong\n", faults, reached.count, survived, wrong);
    if (argc <= 2 && reached.count < FLOOR) {
        printf("not ok: %d sites are the least that this is to reach\n", FLOOR);
        wrong++;
    }
    sweep_close();
    free(run.order);
    if (chdir("/") != 0) return 99;
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command) != 0 || wrong ? 1 : 0;
}
