/* tamis recommend --requests: requests per second on one core, those who ask included, beside tamis_recommend() for the same users in bulk. */
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "bench.h"

enum { K = 10, AHEAD = 128 /* requests that wait at most */ };

typedef struct serving {
    const char *tamis, *path;
    tamis_model *model;
    int64_t requests; /* of a run; each is of another user */
    int64_t ahead;    /* how many are asked before an answer is waited for */
} serving;

typedef struct process {
    pid_t id;
    FILE *ask, *told;
} process;

static process start(const serving *s)
{
    int in[2], out[2];
    if (pipe(in) != 0 || pipe(out) != 0) bench_stop("no pipe");
    process p = {.id = fork()};
    if (p.id < 0) bench_stop("cannot start %s", s->tamis);
    if (p.id == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[0]), close(in[1]), close(out[0]), close(out[1]);
        execlp(s->tamis, s->tamis, "recommend", s->path, "--requests", "-", "--threads", "1", "-k", "10", (char *)NULL);
        _exit(127);
    }
    close(in[0]), close(out[1]);
    p.ask = fdopen(in[1], "w");
    p.told = fdopen(out[0], "r");
    if (!p.ask || !p.told) bench_stop("no pipe");
    return p;
}

static void ask(const serving *s, const process *p, int64_t user)
{
    size_t length;
    const char *id = tamis_model_user_id(s->model, user, &length);
    fprintf(p->ask, "{\"user\": \"%.*s\"}\n", (int)length, id);
}

static void hear(const process *p)
{
    char line[4096];
    if (fflush(p->ask) != 0 || !fgets(line, sizeof line, p->told) || strncmp(line, "{\"user_id\":", 11) != 0)
        bench_stop("--requests: no list came back");
}

/* Answers per second, once the model is there. */
static double serve(void *context)
{
    const serving *s = context;
    const process p = start(s);
    int status = 0;
    ask(s, &p, 0);
    hear(&p);
    const double begin = base_seconds();
    for (int64_t n = 0; n < s->requests; n++) {
        if (n >= s->ahead) hear(&p);
        ask(s, &p, n);
    }
    for (int64_t n = 0; n < s->ahead; n++) hear(&p);
    const double seconds = base_seconds() - begin;
    fclose(p.ask);
    fclose(p.told);
    if (waitpid(p.id, &status, 0) < 0 || status != 0) bench_stop("--requests: it did not end well");
    return (double)s->requests / seconds;
}

static double recommend(void *context)
{
    const serving *s = context;
    const size_t count = (size_t)s->requests;
    tamis_error error;
    int64_t *user = base_alloc(count, sizeof *user);
    tamis_hit *hits = base_alloc(count * K, sizeof *hits);
    if (!user || !hits) bench_stop("not enough memory for lists");
    for (size_t n = 0; n < count; n++) user[n] = (int64_t)n;
    const double begin = base_seconds();
    bench_must(tamis_recommend(s->model, user, count, K, 1, hits, &error), &error);
    const double seconds = base_seconds() - begin;
    base_free(user);
    base_free(hits);
    return (double)count / seconds;
}

/* many, few: requests of a run that are asked ahead, and one at a time. */
static void compare(bench *b, const char *path, int64_t many, int64_t few, const char *name)
{
    serving s = {.tamis = b->tamis, .path = path, .requests = many, .ahead = AHEAD};
    tamis_error error;
    bench_must(tamis_model_load(path, &s.model, &error), &error);
    bench_pair pair = {"answers/s", serve, &s, "tamis_recommend", recommend, &s, BENCH_HIGHER, (double)NAN};
    bench_compare(b, &pair, "%s, asked ahead", name);
    s.requests = few;
    s.ahead = 1;
    bench_compare(b, &pair, "%s, one at a time", name);
    tamis_model_free(s.model);
    remove(path);
}

static void serve_gowalla(bench *b, const char *path)
{
    char log_path[400];
    const char *train = log_path;
    tamis_log *log = NULL;
    tamis_train_options options;
    tamis_model *model;
    tamis_error error;
    snprintf(log_path, sizeof log_path, "%.300s/gowalla/train.csv.gz", b->datasets ? b->datasets : "");
    if (!b->datasets || tamis_log_read(&train, 1, NULL, &log, NULL)) {
        printf("requests: gowalla is skipped, which is not under TAMIS_DATASETS\n");
        return;
    }
    bench_must(tamis_train_options_default(&options, "bpr", &error), &error);
    options.factors = 64;
    options.epochs = 10;
    bench_must(tamis_train(log, NULL, &options, NULL, &model, NULL, &error), &error);
    bench_must(tamis_model_save(model, path, &error), &error);
    tamis_model_free(model);
    tamis_log_free(log);
    compare(b, path, 20000, 2000, "Gowalla, d 64");
}

void bench_requests(bench *b)
{
    char path[300];
    cpu_set_t before, one;
    snprintf(path, sizeof path, "%.250s/tamis-bench-requests", b->scratch);
    signal(SIGPIPE, SIG_IGN);
    if (sched_getaffinity(0, sizeof before, &before) != 0) bench_stop("the cores in use are unknown");
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one); /* for the programs that are started, too */
    serve_gowalla(b, path);
    bench_write_model(path, 20000, 1000000);
    compare(b, path, 1000, 100, "1 M items, d 64");
    sched_setaffinity(0, sizeof before, &before);
}
