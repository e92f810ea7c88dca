/* What evaluate and compare share: the test log, masks, relevance, and the facts that a figure can be traced by. */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/facts.h"
#include "cli/file.h"
#include "cli/joined.h"
#include "cli/message.h"
#include "cli/testing.h"
#include "cli/text.h"

typedef struct testing_options {
    const char *mask, *relevance, *propensity, *train, *mask_column[2], *train_column[2];
} testing_options;

enum { MASK, RELEVANCE, PROPENSITY, TRAIN };

static const tamis_option rows[] = {
    BASE_OPTION(testing_options, mask, "mask", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "leave the interactions of this log out of the ranking as well; may be given several times", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(testing_options, relevance, "relevance", TAMIS_OPTION_TEXT, "COLUMN", NULL, "",
               "the test log's column that says how relevant a row is, such as 0 or 1; else every row is relevant"),
    BASE_OPTION(testing_options, propensity, "propensity", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "for -ips and -snips: a CSV file of item ids and the chances that they are seen, with a header", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(testing_options, train, "train", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "the log that was trained on, to check the test log against it: shared rows, times; may be given several "
               "times", .file = TAMIS_FILE_INPUT),
    CLI_COLUMNS(testing_options, mask_column, "mask"),
    CLI_COLUMNS(testing_options, train_column, "train"),
};
CLI_TABLE(cli_testing_table, "testing", rows, testing_options);

bool cli_testing_sampled(const cli_testing *t)
{
    static const char prefix[] = "sampled:";
    return strncmp(t->options.candidates, prefix, sizeof prefix - 1) == 0 &&
           strtoll(t->options.candidates + sizeof prefix - 1, NULL, 10) < t->items;
}

bool cli_testing_listed(const cli_testing *t)
{
    return strcmp(t->options.candidates, "listed") == 0;
}

/* Options that say nothing without --relevance, or something else. */
static int check_relevance(const cli_testing *t)
{
    const cli_command *command = t->args->command;
    if (!t->relevance && cli_testing_listed(t))
        return cli_usage(command, "--candidates listed needs to know which of the listed items are relevant; name the "
                                  "test log's column that says so with --relevance");
    if (!t->relevance && isfinite(t->options.relevant_from))
        return cli_usage(command, "--relevant-from needs --relevance, the column that it is about");
    if (t->relevance && (cli_text(t->args, "rating") || cli_text(t->args, "min-rating")))
        return cli_usage(command, "--relevance is read in the place of ratings; leave out --rating, and say "
                                  "--relevant-from instead of --min-rating");
    return 0;
}

/* Options about the chance that an item is seen, which -ips and -snips alone ask for. */
static int check_propensities(const cli_testing *t)
{
    const char *metrics = t->options.metrics ? t->options.metrics : "", *weighted = "a metric with -ips or -snips in --metrics";
    const bool asked = strstr(metrics, "-ips") || strstr(metrics, "-snips");
    int code = cli_check_idle(t->args, "propensity", asked, weighted);
    if (!code) code = cli_check_idle(t->args, "propensity-clip", asked, weighted);
    if (!code) code = cli_check_idle(t->args, "propensity-power", asked, weighted);
    if (!code && t->propensity && cli_text(t->args, "propensity-power"))
        code = cli_usage(t->args->command, "give --propensity-power or --propensity, whose chances are taken as they are, not both");
    return code;
}

int cli_testing_options(cli_testing *t, const cli_args *args)
{
    testing_options command;
    *t = (cli_testing){.args = args};
    int code = cli_read_reading(args, &t->reading);
    if (!code) code = cli_read_options(args, "evaluate", &t->options);
    base_option_defaults(tamis_option_find_table("interval"), &t->options);
    if (!code) code = cli_read_command(args, &cli_testing_table, &command);
    if (code) return code;
    t->relevance = command.relevance;
    t->propensity = command.propensity;
    code = check_relevance(t);
    if (!code) code = check_propensities(t);
    if (!code) code = cli_check_beside(args, "mask-");
    return code ? code : cli_check_beside(args, "train-");
}

/* What an option names in this fold. */
static int read_list(const cli_testing *t, const char *text, cli_joined *list)
{
    int code = cli_joined_read(t->args->command, text, list);
    const size_t folds = t->folds ? t->folds : 1;
    if (!code && list->count != 1 && list->count != folds)
        code = cli_usage(t->args->command, "\"%.200s\" names %zu files for %s; expected as many, or one for all", text, list->count,
                         cli_plural((int64_t)folds, "model", (char[64]){0}));
    return code;
}

/* Every --mask counts, unlike other options, of which the last one wins. */
static int read_masks(cli_testing *t)
{
    tamis_log_options reading;
    cli_beside(t->args, "mask-", &t->reading, &reading);
    t->mask = calloc(t->args->given_count + 1, sizeof(tamis_log *));
    if (!t->mask) return cli_fail(TAMIS_FAILURE, "not enough memory for the masks");
    for (size_t k = 0; k < t->args->given_count; k++) {
        const cli_given *given = &t->args->given[k];
        if (given->row != &rows[MASK]) continue;
        cli_joined list;
        int code = read_list(t, given->text, &list);
        if (!code) code = cli_read_log_silent((const char *[]){cli_joined_at(&list, t->fold)}, 1, &reading, CLI_SILENT_RATING, &t->mask[t->masks]);
        cli_joined_clear(&list);
        if (code) return code;
        t->masks++;
    }
    return 0;
}

/* The test log against the --train logs. */
static int check_train(const cli_testing *t)
{
    tamis_log_options reading;
    const char **path = calloc(t->args->given_count + 1, sizeof *path);
    cli_joined *list = calloc(t->args->given_count + 1, sizeof *list);
    tamis_log *train = NULL;
    tamis_leakage leak;
    tamis_error error;
    size_t count = 0;
    int code = path && list ? 0 : cli_fail(TAMIS_FAILURE, "not enough memory for names");
    for (size_t k = 0; !code && k < t->args->given_count; k++) {
        if (t->args->given[k].row != &rows[TRAIN]) continue;
        code = read_list(t, t->args->given[k].text, &list[count]);
        if (!code) path[count] = cli_joined_at(&list[count], t->fold);
        count++;
    }
    cli_beside(t->args, "train-", &t->reading, &reading);
    if (!code && count) code = cli_read_log_silent(path, count, &reading, CLI_SILENT_RATING, &train);
    if (!code && train) code = cli_status(tamis_log_leakage(train, t->test, &leak, &error), &error);
    if (!code && train) {
        if (leak.shared_rows) cli_warn_share(leak.shared_rows, leak.test_rows, "test row", "are in --train too");
        if (leak.unknown_users) cli_warn_share(leak.unknown_users, leak.test_users, "test user", "have no row in --train");
        if (leak.unknown_items) cli_warn_share(leak.unknown_items, leak.test_items, "test item", "are not in --train");
        char a[32], b[64];
        if (leak.timed && leak.later_rows)
            cli_note("%s of %s are later than the same user's first test row: right where rows were split at random, a leak where "
                     "the test is meant to be the future", cli_count(leak.later_rows, a), cli_plural(leak.train_rows, "training row", b));
        if (!leak.timed) cli_note("times are not compared: the test log or --train has none");
    }
    tamis_log_free(train);
    for (size_t k = 0; list && k < count; k++) cli_joined_clear(&list[k]);
    free(list);
    free(path);
    return code;
}

int cli_testing_read(cli_testing *t, const char *const *tests, size_t count)
{
    tamis_log_options reading = t->reading;
    reading.relevance = t->relevance;
    t->tests = tests;
    t->test_count = count;
    int code = cli_read_log_silent(tests, count, &reading, 0, &t->test);
    if (!code) code = read_masks(t);
    if (!code) code = check_train(t);
    if (code || !t->propensity) return code;
    tamis_error error;
    code = cli_status(tamis_table_read(t->propensity, &t->propensities, &error), &error);
    t->options.propensities = t->propensities;
    return code;
}

/* What makes figures doubtful, as far as model and test log show it. */
static void warn(const cli_testing *t, const tamis_evaluation_counts *count)
{
    char a[64], b[64];
    if (count->masked_rows * 2 > count->rows)
        cli_note("warning: %s of %s are masked and can only be misses: they are in the log that the model was trained "
                 "on, or in --mask; is this the right test log?", cli_count(count->masked_rows, a),
                 cli_plural(count->rows, "test row", b));
    else if (count->train_rows)
        cli_warn_share(count->train_rows, count->rows, "test row", "are in the log that the model was trained on");
    const int64_t users = count->users + (t->options.drop_unknown ? count->unknown_users : 0);
    if (!cli_text(t->args, "train") && count->unknown_users * 100 > users)
        cli_warn_share(count->unknown_users, users, "test user", "have no training data");
    if (!cli_text(t->args, "train") && count->unknown_items * 100 > count->test_items)
        cli_warn_share(count->unknown_items, count->test_items, "test item", "were never seen in training");
    if (count->effective_rows < 100 || count->effective_rows < 0.1 * (double)count->rows)
        cli_note("warning: the weights of -ips and -snips rest on few rows: %s are worth %.0f of equal weight; "
                 "expect wide intervals, or clip more (--propensity-clip)", cli_plural(count->rows, "test row", a),
                 count->effective_rows);
}

int cli_testing_run(cli_testing *t, const tamis_model *model, tamis_evaluation **outcome)
{
    t->items = tamis_model_items(model);
    tamis_error error;
    tamis_status status = tamis_evaluate(model, t->test, (const tamis_log *const *)t->mask, t->masks, &t->options,
                                         outcome, &error);
    if (status) return cli_status(status, &error);
    warn(t, tamis_evaluation_count(*outcome));
    return 0;
}

void cli_testing_clear(cli_testing *t)
{
    for (size_t k = 0; k < t->masks; k++) tamis_log_free(t->mask[k]);
    free(t->mask);
    tamis_log_free(t->test);
    tamis_table_free(t->propensities);
    *t = (cli_testing){0};
}

bool cli_testing_masks_training(const cli_testing *t)
{
    const tamis_evaluate_options *e = &t->options;
    return e->mask_training == TAMIS_MASK_TRAINING_YES ||
           (e->mask_training == TAMIS_MASK_TRAINING_AUTO && !cli_testing_listed(t));
}

const char *cli_testing_masked(const cli_testing *t)
{
    bool training = cli_testing_masks_training(t);
    return training && t->masks ? "training items and --mask items masked"
           : training           ? "training items masked"
           : t->masks           ? "--mask items masked, training items not"
                                : "training items not masked";
}

static void rules(const cli_testing *t, cli_facts *facts)
{
    const tamis_evaluate_options *e = &t->options;
    const tamis_option_table *table = tamis_option_find_table("evaluate");
    char text[200];
    cli_fact(facts, "candidates", "%s%s", e->candidates,
             cli_testing_sampled(t) ? " (figures cannot be compared with those of all items)" : "");
    cli_fact(facts, "masked", "%s", cli_testing_masked(t));
    if (facts->brief) return;
    cli_fact(facts, "ties", "%s", "the item that came first in the training log first");
    for (size_t k = 0; k < table->count; k++) {
        const tamis_option *row = &table->rows[k];
        static const char *const told[] = {"candidates", "mask-training", "metrics", "memory", "threads"};
        bool skip = false;
        for (size_t j = 0; j < BASE_COUNT(told); j++) skip |= strcmp(row->name, told[j]) == 0;
        if (skip || !*base_option_text(row, e, text, sizeof text)) continue;
        cli_fact(facts, row->name, "%s", text);
    }
    if (t->relevance) cli_fact(facts, "relevance", "column %s", t->relevance);
}

/* Those of all folds. */
static void tell_files(const cli_testing *t, const char *what, const char *text, cli_facts *facts)
{
    cli_joined list = {0};
    if (!facts->code) facts->code = cli_joined_read(t->args->command, text, &list);
    for (size_t k = 0; !facts->code && k < list.count; k++) cli_fact_file(facts, what, list.part[k]);
    cli_joined_clear(&list);
}

void cli_testing_facts(const cli_testing *t, cli_facts *facts)
{
    for (size_t k = 0; k < t->test_count; k++) tell_files(t, "test", t->tests[k], facts);
    for (size_t k = 0; k < t->args->given_count; k++)
        if (t->args->given[k].row == &rows[MASK]) tell_files(t, "mask", t->args->given[k].text, facts);
    if (t->propensity) cli_fact_file(facts, "propensity", t->propensity);
    rules(t, facts);
}
