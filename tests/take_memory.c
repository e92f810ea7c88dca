/* What training takes, beside what tamis_train_memory() says before: the most that the library's calls of malloc() and its kin have
 * allocated at a time, for every method and what else allocates, on two logs. The estimate may be a fifth too high or a twentieth too low.
 *
 *   take_memory              complains of those that are not within
 *   take_memory LOG          tells both for a log, as a table; its options: METHOD,NAME=VALUE,... METHOD...
 *
 * It is linked with --wrap: see sweep_memory.c. Stacks, and what the C library and OpenMP allocate for themselves, are not counted. */
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "tamis.h"

/* ------------------------------------------------------------------ allocations */

static atomic_llong live, peak;

static void count(long long bytes)
{
    const long long now = atomic_fetch_add(&live, bytes) + bytes;
    for (long long most = atomic_load(&peak); now > most && !atomic_compare_exchange_weak(&peak, &most, now);) continue;
}

/* Aligned to a large page, of which the C library keeps what lies behind the bytes: asked for, but never touched. */
enum { LARGE = 1 << 21, MOST_LARGE = 256 };
static struct {
    _Atomic(void *) at;
    size_t bytes;
} large[MOST_LARGE];

static long long size_of(void *memory, bool forget)
{
    for (int k = 0; memory && k < MOST_LARGE; k++)
        if (atomic_load(&large[k].at) == memory) {
            const size_t bytes = large[k].bytes;
            if (forget) atomic_store(&large[k].at, NULL);
            return (long long)bytes;
        }
    return memory ? (long long)malloc_usable_size(memory) : 0;
}

static void remember(void *memory, size_t bytes)
{
    static _Atomic(void *) claimed = &large;
    for (int k = 0; k < MOST_LARGE; k++) {
        void *none = NULL;
        if (!atomic_compare_exchange_strong(&large[k].at, &none, atomic_load(&claimed))) continue;
        large[k].bytes = bytes;
        atomic_store(&large[k].at, memory);
        return;
    }
}

static void *counted(void *memory)
{
    count(size_of(memory, false));
    return memory;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t n);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t n);
void __wrap_free(void *memory);

void *__wrap_malloc(size_t size)
{
    return counted(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return counted(__real_calloc(n, size));
}

void *__wrap_realloc(void *old, size_t size)
{
    const long long before = size_of(old, true);
    void *grown = __real_realloc(old, size);
    if (grown) count(size_of(grown, false) - before);
    return grown;
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size)
{
    const int code = __real_posix_memalign(memory, alignment, size);
    if (code == 0 && alignment == LARGE) remember(*memory, size);
    if (code == 0) (void)counted(*memory);
    return code;
}

char *__wrap_strdup(const char *text)
{
    return counted(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t n)
{
    return counted(__real_strndup(text, n));
}

void __wrap_free(void *memory)
{
    count(-size_of(memory, true));
    __real_free(memory);
}

/* ------------------------------------------------------------------ trainings */

static long trained, wrong;
static double least = 100, most;
static tamis_error error;

static void must(tamis_status status)
{
    if (!status) return;
    printf("not ok: %s\n", error.text);
    exit(1);
}

/* USERS users with 4 to 60 items each of a skewed catalogue. */
static tamis_log *draw(int64_t users, int64_t items, bool weights)
{
    enum { MOST = 60 };
    int32_t *user = malloc((size_t)users * MOST * sizeof *user), *item = malloc((size_t)users * MOST * sizeof *item);
    float *weight = malloc((size_t)users * MOST * sizeof *weight);
    if (!user || !item || !weight) exit(99);
    tamis_log_arrays a;
    tamis_log *log;
    uint64_t state = 7;
    int64_t n = 0;
    for (int64_t u = 0; u < users; u++)
        for (int64_t k = 0, size = 4 + u * 7 % (MOST - 4); k < size; k++) {
            state = state * UINT64_C(6364136223846793005) + 1;
            const double x = (double)(state >> 11) / 0x1p53;
            user[n] = (int32_t)u;
            item[n] = (int32_t)(x * x * (double)items);
            weight[n++] = (float)(1 + k % 3);
        }
    tamis_log_arrays_default(&a);
    a.users = users, a.items = items, a.count = n;
    a.user = user, a.item = item, a.weight = weights ? weight : NULL;
    must(tamis_log_from_arrays(&a, &log, &error));
    free(user), free(item), free(weight);
    return log;
}

/* "METHOD,NAME=VALUE,..." */
static void take_options(const char *recipe, char text[400], tamis_train_options *o)
{
    char *rest, *value;
    snprintf(text, 400, "%s", recipe);
    const char *method = strtok_r(text, ",", &rest);
    must(tamis_train_options_default(o, method, &error));
    for (char *name; (name = strtok_r(NULL, ",", &rest));) {
        const tamis_option_table *table;
        const tamis_option *row = NULL;
        if (!(value = strchr(name, '='))) exit(99);
        *value++ = '\0';
        for (size_t t = 0; !row && (table = tamis_train_option_table(method, t)); t++)
            for (size_t k = 0; (row = tamis_option_row(table, k)) && strcmp(row->name, name) != 0;) k++;
        if (!row) exit(99);
        must(tamis_option_set(row, o, value, &error));
    }
}

/* The run of a model, with the same rows again and some new ones. */
static void go_on(const tamis_model *from, const tamis_log *log, const tamis_train_options *o, tamis_memory *m, tamis_model **model)
{
    tamis_trainer *trainer;
    tamis_epoch epoch;
    must(tamis_trainer_from_model(from, log, NULL, o, TAMIS_FREEZE_NONE, &trainer, &error));
    tamis_trainer_memory(trainer, m);
    while (!tamis_trainer_done(trainer)) must(tamis_trainer_epoch(trainer, &epoch, &error));
    must(tamis_trainer_finish(trainer, model, NULL, &error));
}

/* first: of a training that is gone on from with log; NULL: none. */
static void try(const char *name, const tamis_log *first, const tamis_log *log, const char *recipe, bool table)
{
    tamis_train_options o;
    tamis_memory m;
    tamis_model *model, *from = NULL;
    char text[400];
    take_options(recipe, text, &o);
    if (first) must(tamis_train(first, NULL, &o, NULL, &from, NULL, &error));
    else must(tamis_train_memory(log, NULL, &o, &m, &error));
    const long long outside = atomic_load(&live);
    atomic_store(&peak, outside);
    if (first) go_on(from, log, &o, &m, &model);
    else must(tamis_train(log, NULL, &o, NULL, &model, NULL, &error));
    const double took = (double)(atomic_load(&peak) - outside), ratio = (double)m.bytes / took;
    tamis_model_free(model);
    const long long before = from ? atomic_load(&live) : outside; /* what folding in has kept with the model goes with it */
    tamis_model_free(from);
    if (!from && atomic_load(&live) != before) printf("not ok: %s: %lld bytes are left\n", recipe, atomic_load(&live) - before), wrong++;
    trained++;
    least = ratio < least ? ratio : least;
    most = ratio > most ? ratio : most;
    const bool within = ratio >= 0.95 && ratio <= 1.25;
    wrong += !within && !table;
    if (within && !table) return;
    printf("%s%s, %s: %.3f MB expected, %.3f MB taken, ratio %.3f:", table ? "" : "not ok: ", name, recipe, (double)m.bytes / 1e6,
           took / 1e6, ratio);
    for (int64_t k = 0; k < m.parts; k++) printf(" %s %.3f", m.part[k].name, (double)m.part[k].bytes / 1e6);
    printf("\n");
}

static const char *const recipes[] = {
    "bpr,epochs=2,validation-ratio=0.2",
    "bpr,epochs=2,item-bias=1,checkpoint=ck,negative-sampling=popularity",
    "bpr,epochs=2,batch-size=512,optimizer=adam,checkpoint=ck,validation-ratio=0.1",
    "bpr,epochs=2,batch-size=100,optimizer=adagrad,negative-sampling=popularity,negatives=4",
    "bpr,epochs=1,distrust=0.5,factors=32",
    "bpo,epochs=2,validation-ratio=0.1,validation-metric=ndcg-snips@20,factors=16",
    "bpo,epochs=2,validation-ratio=0.1,validation-metric=auc,factors=16",
    "mf,epochs=1,batch-size=1024,pairs=all",
    "pld,epochs=3,warmup=1,threads=2",
    "ials,epochs=1,validation-ratio=0.2,checkpoint=ck",
    "ials,epochs=1,factors=128,threads=2",
    "softmax,epochs=1,validation-ratio=0.1,item-bias=0,negative-sampling=popularity",
    "itemknn,neighbours=0,validation-ratio=0.2",
    "itemknn,threads=2",
    "ease,neighbours=0,threads=2",
};

/* Gone on from. */
static const char *const again[] = {
    "bpr,epochs=1,factors=8",         "bpr,epochs=1,batch-size=256,optimizer=adam", "ials,epochs=1,factors=16", "softmax,epochs=1,factors=16",
    "expomf,epochs=1,factors=8", "nbpo,epochs=1,factors=8", "itemknn,threads=2", "pop",
};

int main(int argc, char **argv)
{
    char directory[] = "/tmp/tamis-take-XXXXXX";
    if (argc > 1) {
        tamis_log *log;
        const char *path = argv[1];
        must(tamis_log_read(&path, 1, NULL, &log, &error));
        for (int k = 2; k < argc; k++) try(path, NULL, log, argv[k], true);
        tamis_log_free(log);
        return 0;
    }
    if (!mkdtemp(directory) || chdir(directory) != 0) return 99;
    tamis_log *const logs[] = {draw(500, 300, false), draw(2000, 1500, true)};
    const char *const names[] = {"500 users", "2000 users with weights"}, *method;
    for (size_t l = 0; l < BASE_COUNT(logs); l++) {
        char text[100];
        for (size_t k = 0; (method = tamis_method_list(k, NULL, NULL)); k++) {
            snprintf(text, sizeof text, "%s,threads=%d", method, (int)(1 + k % 2));
            tamis_train_options o;
            must(tamis_train_options_default(&o, method, &error));
            if (o.epochs > 1) strcat(text, strcmp(method, "pld") == 0 ? ",epochs=1,warmup=0" : ",epochs=1");
            try(names[l], NULL, logs[l], text, false);
        }
        for (size_t k = 0; k < BASE_COUNT(recipes); k++) try(names[l], NULL, logs[l], recipes[k], false);
        tamis_log *part = draw(l ? 1500 : 300, l ? 1200 : 250, false);
        for (size_t k = 0; k < BASE_COUNT(again); k++) try(names[l], part, logs[l], again[k], false);
        tamis_log_free(part);
        tamis_log_free(logs[l]);
        (void)unlink("ck"), (void)unlink("ck.previous");
    }
    printf("%ld trainings: estimates are %.3f to %.3f of what they took; %ld wrong\n", trained, least, most, wrong);
    return chdir("/") != 0 || rmdir(directory) != 0 || wrong ? 1 : 0;
}
