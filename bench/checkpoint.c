/* A checkpoint of 1 GB beside dd with fsync, which copies the same bytes out of the page cache. Both end when the disk has them.
 * Disks are shared, and memory for pages comes slowly at first: RUNS=15 says more than 5. */
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "bench.h"

enum { USERS = 3500000, ITEMS = 100000, FACTORS = 64 };

typedef struct saving {
    tamis_trainer *run;
    char path[300], input[310], output[310];
} saving;

static double size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (double)status.st_size / 1e6 : (double)NAN;
}

/* MB/s */
static double save(void *context)
{
    const saving *s = context;
    tamis_error error;
    const double begin = base_seconds();
    bench_must(tamis_trainer_save(s->run, s->path, &error), &error);
    return size_of(s->path) / (base_seconds() - begin);
}

static double copy(void *context)
{
    const saving *s = context;
    const char *const arguments[] = {"dd", s->input, s->output, "bs=1M", "conv=fsync", "status=none", NULL};
    return size_of(s->path) / bench_child(arguments, NULL, 0, NULL);
}

/* Each user has one item. */
static tamis_trainer *start(tamis_log **log)
{
    tamis_train_options options;
    tamis_trainer *run;
    tamis_error error;
    int32_t *user = base_alloc_raw(USERS, sizeof *user), *item = base_alloc_raw(USERS, sizeof *item);
    if (!user || !item) bench_stop("not enough memory");
    for (int32_t u = 0; u < USERS; u++) {
        user[u] = u;
        item[u] = u % ITEMS;
    }
    bench_must(tamis_log_from_pairs(user, item, USERS, USERS, ITEMS, log, &error), &error);
    base_free(user);
    base_free(item);
    bench_must(tamis_train_options_default(&options, "bpr", &error), &error);
    options.factors = FACTORS;
    bench_must(tamis_trainer_new(*log, NULL, &options, &run, &error), &error);
    return run;
}

void bench_checkpoint(bench *b)
{
    saving s;
    tamis_log *log;
    char previous[320];
    snprintf(s.path, sizeof s.path, "%.250s/tamis-bench-checkpoint", b->scratch);
    snprintf(s.input, sizeof s.input, "if=%s", s.path);
    snprintf(s.output, sizeof s.output, "of=%s.dd", s.path);
    snprintf(previous, sizeof previous, "%s.previous", s.path);
    s.run = start(&log);
    for (int k = 0; k < 2; k++) { /* each then takes the place of a file of its own, whose memory it can have */
        save(&s);
        copy(&s);
    }
    bench_compare(b, &(bench_pair){"MB/s", save, &s, "dd with fsync", copy, &s, BENCH_HIGHER, 0.6}, "checkpoint of %.0f MB", size_of(s.path));
    tamis_trainer_free(s.run);
    tamis_log_free(log);
    (void)unlink(s.path);
    (void)unlink(previous);
    (void)unlink(s.output + 3);
}
