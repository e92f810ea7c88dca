/* tamis train: logs in, model out. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/files.h"
#include "base/locale.h"
#include "base/option.h"
#include "base/status.h"
#include "base/text.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/line.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/save.h"
#include "cli/select.h"
#include "cli/signal.h"
#include "cli/text.h"
#include "cli/validation.h"

typedef struct train_options {
    const char *output, *ids, *select, *log, *options, *from, *ids_column[2];
    int freeze; /* tamis_freeze */
    int verbose;
    cli_validation validation;
} train_options;

static const tamis_option rows[] = {
    BASE_OPTION(train_options, output, "output", TAMIS_OPTION_TEXT, "MODEL", NULL, "", "the model file to write", .file = TAMIS_FILE_OUTPUT),
    CLI_VALIDATION(train_options, validation),
    BASE_OPTION(train_options, ids, "ids", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "a log whose users and items are to be in the model too, though they have no interaction in LOG", .file = TAMIS_FILE_INPUT),
    CLI_COLUMNS(train_options, ids_column, "ids"),
    BASE_OPTION(train_options, select, "select", TAMIS_OPTION_TEXT, "OPTION=VALUE,VALUE...", NULL, "",
               "train once with each value and keep the model that does best in validation; given again for another "
               "option, each combination is tried"),
    BASE_OPTION(train_options, from, "from", TAMIS_OPTION_TEXT, "MODEL", NULL, "",
               "go on from a model: LOG holds new rows, and the model's own are trained along; options default to the model's, known users "
               "and items start from their rows, new ones by fold-in", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(train_options, freeze, "freeze", TAMIS_OPTION_CHOICE, "none|users|items", "none", "",
               "with --from: the rows of one side stay as they are", .only = "from"),
    BASE_OPTION(train_options, options, "options", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "read options from a file, such as one that tamis tune has written: NAME VALUE, one a line; those of the command line "
               "come first", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(train_options, log, "log", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write one JSON object per epoch, a line each", .file = TAMIS_FILE_OUTPUT),
    BASE_OPTION(train_options, verbose, "verbose", TAMIS_OPTION_FLAG, NULL, "0", "",
               "say before the first epoch what training will take of memory, part by part"),
};
CLI_TABLE(cli_train_table, "train-output", rows, train_options);

typedef struct run {
    tamis_log_options reading;
    tamis_train_options training;
    train_options command;
    tamis_log *log, *validation;
    tamis_model *model, *from;
    tamis_train_report report;
    tamis_error diverged; /* of a run of --select */
    cli_select select;
    double wall, trained; /* seconds of the run that is kept, as far as this process has run it, with and without validation */
    double last; /* its last validation */
} run;

static int read_options(const cli_args *args, run *r)
{
    tamis_error error;
    const char *method = cli_text(args, "method");
    int code = cli_read_reading(args, &r->reading);
    if (!code) code = cli_read_command(args, &cli_train_table, &r->command);
    if (!code) code = cli_check_idle(args, "freeze", r->command.from != NULL, "--from");
    if (!code && r->command.from) code = cli_load(r->command.from, &r->from);
    if (code) return code;
    if (r->from) {
        code = cli_status(tamis_model_train_options(r->from, &r->training, &error), &error);
        if (code) return code;
        if (method && strcmp(method, r->training.method) != 0)
            return cli_usage(args->command, "--from: the model is of %s and cannot be gone on with by %.60s; leave --method out",
                             r->training.method, method);
        method = r->training.method;
    } else if (tamis_train_options_default(&r->training, method, &error)) {
        return cli_usage(args->command, "%s", error.text);
    }
    const tamis_option_table *table;
    for (size_t k = 0; !code && (table = tamis_train_option_table(method, k)); k++) code = cli_apply(args, table, &r->training);
    if (!code) code = cli_apply_method(args, r->training.method, &r->training);
    if (!code) code = cli_check(args, tamis_option_find_table("train"), &r->training);
    if (!code) code = cli_select_read(args, &r->training, &r->select);
    if (code) return code;
    if (!r->command.output) return cli_missing(args->command, "-o MODEL");
    code = cli_validation_check(args, &r->command.validation, r->training.validation_ratio > 0);
    if (code) return code;
    for (size_t k = 0; k < args->given_count; k++) {
        const tamis_option *row = args->given[k].row;
        if (row->only && strcmp(row->only, "validation") == 0 && !r->command.validation.path && !(r->training.validation_ratio > 0))
            return cli_usage(args->command, "--%s needs --validation or --validation-ratio: nothing is validated without", row->name);
    }
    if (r->command.select && !r->command.validation.path && !(r->training.validation_ratio > 0))
        return cli_usage(args->command, "--select needs --validation or --validation-ratio, to see what does best");
    if (r->command.select && r->command.log)
        return cli_usage(args->command, "--log holds one run's epochs, and --select makes several; leave one of them out");
    if (r->command.select && r->training.checkpoint)
        return cli_usage(args->command, "--checkpoint is of one run, and --select makes several; leave one of them out");
    code = cli_check_beside(args, "ids-");
    /* --select may turn biases on */
    return code ? code : cli_check_idle(args, "bias-regularization", r->training.item_bias || r->command.select, "--item-bias");
}

/* Of the file only ids count: no row of it is dropped. */
static int add_ids(const cli_args *args, run *r)
{
    tamis_log_options first = r->reading, reading;
    tamis_log *log;
    tamis_error error;
    first.min_rating = -(double)INFINITY;
    cli_beside(args, "ids-", &first, &reading);
    int code = cli_read_log_silent(&r->command.ids, 1, &reading, CLI_SILENT_RATING, &log);
    if (code) return code;
    const int64_t users = tamis_log_users(r->log), items = tamis_log_items(r->log);
    char a[64], b[64];
    code = cli_status(tamis_log_add_ids(r->log, log, &error), &error);
    if (!code)
        cli_note("%s adds %s and %s without interactions", r->command.ids,
                 cli_plural(tamis_log_users(r->log) - users, "user", a), cli_plural(tamis_log_items(r->log) - items, "item", b));
    tamis_log_free(log);
    return code;
}

static int read_logs(const cli_args *args, run *r)
{
    int code = cli_read_log(args->operand, args->operands, &r->reading, &r->log);
    if (!code && r->command.ids) code = add_ids(args, r);
    if (code || !r->command.validation.path) return code;
    return cli_validation_read(args, &r->command.validation, &r->reading, r->log, &r->validation);
}

/* Ids that are spelt otherwise than the model's would pass for new ones. */
static void say_new(const run *r)
{
    const int64_t users = tamis_log_users(r->log), items = tamis_log_items(r->log);
    int64_t new_users = 0, new_items = 0;
    size_t length;
    char a[64], b[64], c[32], d[32];
    for (int64_t u = 0; u < users; u++) {
        const char *id = tamis_log_user_id(r->log, u, &length);
        new_users += tamis_model_find_user(r->from, id, length) < 0;
    }
    for (int64_t i = 0; i < items; i++) {
        const char *id = tamis_log_item_id(r->log, i, &length);
        new_items += tamis_model_find_item(r->from, id, length) < 0;
    }
    if (new_users == users && new_items == items)
        cli_note("warning: %s knows none of the log's users and items; are these the ids that it was trained on?", r->command.from);
    else
        cli_note("new to %s: %s of %s, %s of %s", r->command.from, cli_count(new_users, c), cli_plural(users, "user", a),
                 cli_count(new_items, d), cli_plural(items, "item", b));
}

static const char *noted(const tamis_model *model, const char *name)
{
    const char *is, *value;
    for (size_t k = 0; (is = tamis_model_note(model, k, &value)); k++)
        if (strcmp(is, name) == 0) return value;
    return "";
}

/* What the training found from the log: another that is to be alike can be given it. */
static void say_found(const tamis_model *model)
{
    char found[300] = "";
    size_t used = 0, length;
    for (const char *at = noted(model, "automatic"); at += strspn(at, " "), (length = strcspn(at, " ")) > 0; at += length) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        used += (size_t)snprintf(found + used, sizeof found - used, " --%s %s", name, noted(model, name));
        if (used >= sizeof found) return;
    }
    if (*found) cli_note("found from the log:%s", found);
}

static void say(const run *r, const char *metric)
{
    const tamis_train_report *report = &r->report;
    char kept[160] = "", validation[60] = "", epochs[64];
    if (metric && isfinite(report->validation))
        snprintf(kept, sizeof kept, "; kept epoch %" PRId64 ", %.60s %.4f", report->kept_epoch, metric,
                 report->validation);
    else if (report->kept_epoch != report->epochs && !report->within)
        snprintf(kept, sizeof kept, "; kept epoch %" PRId64, report->kept_epoch);
    if (metric) snprintf(validation, sizeof validation, ", validated in %.1f s", r->wall - r->trained);
    cli_note("%s %s in %.1f s (%.1f M updates/s)%s%s%s", report->interrupted ? "interrupted after" : "trained",
             cli_plural(report->epochs, "epoch", epochs), report->seconds,
             report->seconds > 0 ? (double)report->samples / report->seconds / 1e6 : 0, validation,
             report->stopped_early ? "; stopped early" : "", kept);
    say_found(r->model);
    if (metric && !report->interrupted && 5 * report->kept_epoch <= report->epochs && r->last < 0.9 * report->validation)
        cli_note("the best epoch came early: with these options the model soon overfits; %s may do better",
                 r->training.regularization > 0 ? "a higher --regularization" : "fewer --epochs");
}

/* Of a run that was interrupted, once it is saved. */
static void say_kept(const run *r)
{
    const tamis_train_report *report = &r->report;
    if (report->within && report->kept_epoch == report->within)
        cli_note("stopped within epoch %" PRId64 ": %s holds the factors as they stood there%s", report->within, r->command.output,
                 report->within == 1 ? ", hardly trained" : "");
    else if (report->interrupted)
        cli_note("epoch %" PRId64 " is saved in %s", report->kept_epoch, r->command.output);
    if (report->interrupted && r->training.checkpoint && !report->unsaved)
        cli_note("the same command with --resume goes on from %s", r->training.checkpoint);
}

static void note(void *context, const char *sentence)
{
    (void)context;
    cli_note("%s", sentence);
}

static const tamis_tell tell = {NULL, note};

/* What training will take, of which the largest parts. */
static void say_memory(const tamis_memory *m)
{
    char parts[400] = "", a[32], b[32], threads[64];
    size_t used = 0;
    for (int64_t k = 0; k < m->parts && used < sizeof parts && (k < 3 || m->part[k].bytes > m->bytes / 50); k++)
        used += (size_t)snprintf(parts + used, sizeof parts - used, "%s%s %s", k ? ", " : "", m->part[k].name, base_bytes_text((double)m->part[k].bytes, a));
    cli_note("training takes about %s of memory with %s, beside %s of logs: %s", base_bytes_text((double)m->bytes, a), cli_plural(m->threads, "thread", threads),
             base_bytes_text((double)m->log_bytes, b), parts);
}

/* The same as tamis_train(), from a model. */
static tamis_status train_from(const run *r, const tamis_train_options *training, const tamis_progress *progress, tamis_model **model,
                               tamis_train_report *report, tamis_error *error)
{
    tamis_trainer *trainer;
    tamis_epoch epoch;
    *model = NULL;
    tamis_status status = tamis_trainer_from_model(r->from, r->log, r->validation, training, r->command.freeze, &trainer, error);
    bool begun = false, stop = false;
    tamis_memory memory;
    if (!status) tamis_trainer_memory(trainer, &memory);
    if (!status && r->command.verbose) say_memory(&memory);
    while (!status && !stop && !tamis_trainer_done(trainer)) {
        status = tamis_trainer_epoch(trainer, &epoch, error);
        begun = begun || status == TAMIS_OK;
        stop = !status && progress->call(progress->context, &epoch) != 0;
    }
    if (!status || (status == TAMIS_STOPPED && begun)) return tamis_trainer_finish(trainer, model, report, error);
    tamis_trainer_free(trainer);
    return status;
}

/* One run; the model stays when it does better than those before. */
static int train_once(run *r, int64_t number, const char *metric)
{
    tamis_error error;
    tamis_train_options training = r->training;
    tamis_train_report report;
    tamis_model *model;
    cli_progress progress;
    char said[400];
    int code = cli_select_apply(&r->select, number, &training, said, sizeof said);
    if (!code) code = cli_progress_open(&progress, r->command.log, metric, &training);
    if (code) return code;
    training.stop = &cli_stop;
    training.tell = &tell;
    tamis_memory memory;
    if (r->command.verbose && !r->from && !tamis_train_memory(r->log, r->validation, &training, &memory, NULL)) say_memory(&memory);
    tamis_status status = r->from ? train_from(r, &training, &progress.progress, &model, &report, &error)
                                  : tamis_train(r->log, r->validation, &training, &progress.progress, &model, &report, &error);
    code = cli_progress_close(&progress);
    if (status == TAMIS_DIVERGED && r->select.runs > 1) {
        cli_note("%s: %s", said, error.text);
        r->diverged = error;
        return code;
    }
    if (status) return cli_status(status, &error);
    if (r->select.options && report.kept_epoch != report.within)
        cli_note("%s: %s %.4f, epoch %" PRId64 "%s", said, metric, report.validation, report.kept_epoch,
                 report.interrupted ? "; interrupted" : "");
    if (r->model && !(report.validation > r->report.validation || isnan(r->report.validation))) {
        r->report.interrupted |= report.interrupted;
        tamis_model_free(model);
        return code;
    }
    tamis_model_free(r->model);
    r->model = model;
    r->report = report;
    r->wall = progress.seconds;
    r->trained = progress.trained;
    r->last = progress.last;
    return code;
}

static tamis_status save(const void *model, const char *path, tamis_error *error)
{
    return tamis_model_save(model, path, error);
}

/* Every run of --select, rather than to stop after hours at one that is too large. */
static int check_memory(const run *r)
{
    int code = 0;
    for (int64_t number = 0; r->select.options && number < r->select.runs && !code; number++) {
        tamis_train_options training = r->training;
        char said[400];
        tamis_error error;
        code = cli_select_apply(&r->select, number, &training, said, sizeof said);
        const tamis_status status = code ? TAMIS_OK : tamis_train_fits(r->from, r->log, r->validation, &training, &error);
        if (status) code = cli_fail(status, "--select %s: %s", said, error.text);
    }
    return code;
}

static int train_and_save(run *r)
{
    bool validated = r->validation || r->training.validation_ratio > 0;
    const char *metric = validated ? r->training.validation_metric : NULL;
    int log_code = 0;
    if (!cli_quiet) cli_signal_say("stopping, then saving; Ctrl-C again quits at once and saves nothing\n");
    cli_signal_save(true);
    int64_t tried = 0;
    for (; tried < r->select.runs && !log_code && !cli_interrupted(); tried++)
        if ((log_code = train_once(r, tried, metric)) && !r->model) return log_code;
    if (!r->model && cli_interrupted()) return cli_interrupted();
    if (!r->model) return cli_fail(TAMIS_DIVERGED, "every run of --select diverged; the last one: %s", r->diverged.text);
    int code = cli_save(r->command.output, "the model", save, r->model);
    say(r, metric);
    if (code) return code;
    if (tried < r->select.runs) cli_note("%" PRId64 " of %" PRId64 " runs of --select were not begun", r->select.runs - tried, r->select.runs);
    say_kept(r);
    if (r->report.unsaved && !log_code) log_code = TAMIS_FAILURE; /* which was told */
    return cli_interrupted() ? cli_interrupted() : log_code;
}

/* What stands beside the checkpoint is written too. */
static int check_previous(const cli_args *args, const run *r)
{
    char previous[BASE_PATH], shown[280];
    const char *const others[] = {r->command.output, r->command.log, r->command.validation.path, r->command.ids};
    if (!r->training.checkpoint) return 0;
    snprintf(previous, sizeof previous, "%s.previous", r->training.checkpoint);
    bool same = false;
    for (size_t k = 0; k < BASE_COUNT(others); k++) same |= others[k] && cli_same_file(previous, others[k]);
    for (size_t k = 0; k < args->operands; k++) same |= cli_same_file(previous, args->operand[k]);
    return !same ? 0 : cli_usage(args->command, "--checkpoint keeps the one before as %s, which is another file of this training; choose "
                                 "another name", base_quote(shown, sizeof shown, previous, strlen(previous)));
}

int cmd_train(const cli_args *args)
{
    run r = {0};
    int code = read_options(args, &r);
    if (!code) code = cli_check_files(args);
    if (!code) code = check_previous(args, &r);
    if (!code) code = read_logs(args, &r);
    if (!code && r.from) say_new(&r);
    if (!code) code = check_memory(&r);
    if (!code) code = train_and_save(&r);
    cli_select_clear(&r.select);
    tamis_model_free(r.model);
    tamis_model_free(r.from);
    tamis_log_free(r.validation);
    tamis_log_free(r.log);
    return code;
}
