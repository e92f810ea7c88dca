/* A program that uses the library, in situations that a library must bear: see test_host.sh.
 *   host work LOG MATRIX DIR [LOCALE]   everything that reads or writes numbers, into DIR, under the locale
 *   host few N LOG MATRIX DIR           the same where there may be N threads and processes at most
 *   host fork LOG MATRIX DIR DIR        the same, and again in a child
 * Exit 77: cannot be tried here. */
#include <grp.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tamis.h>

static const char *directory;

#define MUST(call)                                                                     \
    do {                                                                               \
        if (call) {                                                                    \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, error.text);            \
            exit(1);                                                                   \
        }                                                                              \
    } while (0)

static const char *in(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static FILE *create(const char *name)
{
    FILE *file = fopen(in(name), "w");
    if (!file) perror(name), exit(1);
    return file;
}

static void finish(FILE *file)
{
    if (fclose(file)) perror("fclose"), exit(1);
}

/* Every option's default through text and back, and what is said of a value that it does not take. */
static void options(void)
{
    static const char *const names[] = {"log", "split", "noise", "synth", "robustness", "mnar", "semi", "audit", "train",
                                        "evaluate", "interval", "paired", "nbpo", "bsl", "warp"};
    union { /* room for any of the structs */
        tamis_train_options train;
        tamis_robustness_options robustness;
        tamis_evaluate_options evaluate;
        char bytes[4096];
    } all;
    char buffer[4096];
    tamis_error error;
    FILE *out = create("options.txt");
    for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
        const tamis_option_table *table = tamis_option_find_table(names[t]);
        memset(&all, 0, sizeof all);
        if (strcmp(names[t], "nbpo") == 0 || strcmp(names[t], "bsl") == 0 || strcmp(names[t], "warp") == 0)
            MUST(tamis_train_options_default(&all.train, names[t], &error));
        else
            tamis_option_defaults(table, &all, tamis_option_size(table));
        const tamis_option *row;
        for (size_t k = 0; (row = tamis_option_row(table, k)); k++) {
            static const char *const wrong[] = {"0,5", "-1e300", "x"};
            tamis_option_text(row, &all, buffer, sizeof buffer);
            if (*buffer) MUST(tamis_option_set(row, &all, buffer, &error));
            fprintf(out, "%s --%s %s\n", names[t], row->name, buffer);
            for (size_t w = 0; row->type != TAMIS_OPTION_TEXT && w < sizeof wrong / sizeof *wrong; w++)
                if (tamis_option_set(row, &all, wrong[w], &error)) fprintf(out, "  %s\n", error.text);
        }
    }
    finish(out);
}

static tamis_log *read_log(const char *path, double least)
{
    tamis_log *log;
    tamis_error error;
    tamis_log_options reading;
    tamis_log_options_default(&reading);
    reading.min_rating = least;
    MUST(tamis_log_read(&path, 1, &reading, &log, &error));
    return log;
}

static tamis_model *model_of(const tamis_log *log)
{
    tamis_model *model;
    tamis_error error;
    tamis_train_options options;
    tamis_train_report report;
    MUST(tamis_train_options_default(&options, "pld", &error));
    options.epochs = 4;
    options.factors = 8;
    options.learning_rate = 0.0125;
    options.validation_ratio = 0.15;
    MUST(tamis_train(log, NULL, &options, NULL, &model, &report, &error));
    MUST(tamis_model_save(model, in("model"), &error));
    options.learning_rate = 1e30;
    options.item_bias = 1;
    tamis_model *none;
    if (!tamis_train(log, NULL, &options, NULL, &none, NULL, &error)) exit(1);
    FILE *out = create("diverged.txt");
    fprintf(out, "%s\n", error.text);
    finish(out);
    return model;
}

/* Figures to the bit. */
static void evaluate(const tamis_model *model, const tamis_log *test)
{
    tamis_evaluation *evaluation;
    tamis_evaluate_options options;
    tamis_error error;
    tamis_evaluate_options_default(&options);
    options.metrics = "ndcg,ndcg-snips,recall";
    options.cutoffs = "5,20";
    options.bootstrap = 50;
    MUST(tamis_evaluate(model, test, NULL, 0, &options, &evaluation, &error));
    FILE *out = create("metrics.txt");
    for (size_t m = 0; m < tamis_evaluation_metrics(evaluation); m++) {
        double figure[3] = {tamis_evaluation_mean(evaluation, m)};
        tamis_evaluation_interval(evaluation, m, &figure[1], &figure[2]);
        uint64_t bits[3]; /* printf would write them as the locale has it */
        memcpy(bits, figure, sizeof bits);
        fprintf(out, "%s %" PRIx64 " %" PRIx64 " %" PRIx64 "\n", tamis_evaluation_name(evaluation, m), bits[0], bits[1], bits[2]);
    }
    finish(out);
    tamis_evaluation_free(evaluation);
}

static void studies(const tamis_log *log)
{
    tamis_error error;
    tamis_robustness_options robustness;
    tamis_mnar_options mnar;
    tamis_synth_options synth;
    tamis_robustness *study;
    tamis_robustness_options_default(&robustness);
    robustness.methods = "pld";
    robustness.ratios = "0,0.25";
    robustness.seeds = 2;
    robustness.trials = 2;
    robustness.epochs = 1;
    robustness.factors = 4;
    robustness.jobs = 2;
    MUST(tamis_robustness_run(log, &robustness, in("robustness"), NULL, &study, &error));
    tamis_robustness_free(study);
    MUST(tamis_robustness_run(log, &robustness, in("robustness"), NULL, &study, &error)); /* again, from its ledger */
    tamis_robustness_free(study);
    tamis_mnar_options_default(&mnar);
    mnar.powers = "0.5,1.5";
    mnar.seeds = 1;
    mnar.epochs = 1;
    mnar.factors = 4;
    MUST(tamis_mnar_run(log, &mnar, in("mnar"), NULL, &study, &error));
    tamis_robustness_free(study);
    tamis_synth_options_default(&synth);
    synth.users = 100;
    synth.items = 50;
    synth.interactions = 200;
    MUST(tamis_synth(&synth, in("synth"), &error));
}

static int work(char **word)
{
    tamis_error error;
    directory = word[2];
    if (mkdir(directory, 0777)) return perror(directory), 1;
    options();
    tamis_log *log = read_log(word[0], 2.5), *matrix = read_log(word[1], 1.5), *train, *test;
    MUST(tamis_log_write(log, in("log.csv"), &error));
    MUST(tamis_log_write(matrix, in("matrix.csv"), &error));
    tamis_split_options split;
    tamis_split_options_default(&split);
    MUST(tamis_log_split(log, &split, &train, NULL, &test, &error));
    tamis_model *model = model_of(train), *again;
    MUST(tamis_model_load(in("model"), &again, &error));
    evaluate(again, test);
    MUST(tamis_model_export(again, in("export"), &error));
    studies(log);
    tamis_model_free(model);
    tamis_model_free(again);
    tamis_log_free(log);
    tamis_log_free(matrix);
    tamis_log_free(train);
    tamis_log_free(test);
    return 0;
}

static int work_in_locale(char **word)
{
    if (word[3] && !setlocale(LC_ALL, word[3])) return fprintf(stderr, "no locale %s\n", word[3]), 77;
    if (word[3] && localeconv()->decimal_point[0] == '.') return fprintf(stderr, "%s has a decimal point\n", word[3]), 77;
    return work(word);
}

/* root has no limit, and other users have processes already: so nobody that there is, or nothing more at all. */
static int few(char **word)
{
    enum { NOBODY_ELSE = 61234 };
    struct rlimit limit = {0, 0};
    if (getuid() == 0) {
        limit.rlim_cur = limit.rlim_max = (rlim_t)atoi(word[0]);
        if (setgroups(0, NULL) || setgid(NOBODY_ELSE) || setuid(NOBODY_ELSE)) return perror("setuid"), 77;
    }
    if (setrlimit(RLIMIT_NPROC, &limit)) return perror("RLIMIT_NPROC"), 77;
    return work(word + 1);
}

static int work_and_fork(char **word)
{
    int status = work(word);
    if (status) return status;
    const pid_t child = fork();
    if (child == 0) {
        word[2] = word[3];
        _exit(work(word));
    }
    if (child < 0 || waitpid(child, &status, 0) != child) return perror("fork"), 77;
    return status == 0 ? 0 : 1;
}

int main(int count, char **word)
{
    if (count >= 5 && strcmp(word[1], "work") == 0) return work_in_locale(word + 2);
    if (count == 6 && strcmp(word[1], "few") == 0) return few(word + 2);
    if (count == 6 && strcmp(word[1], "fork") == 0) return work_and_fork(word + 2);
    fprintf(stderr, "host: what is asked of it stands in test_host.sh\n");
    return 2;
}
