/* tamis audit: which interactions of a log look like noise, and how many at most. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/lines.h"
#include "base/option.h"
#include "base/writer.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/labels.h"
#include "cli/line.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/save.h"
#include "cli/study.h"
#include "cli/text.h"

typedef struct audit_output {
    const char *output, *truth, *clean, *hidden, *truth_column[2];
    const char *users, *items, *report, *noise_from;
    int64_t hidden_count;
    double remove, at_most_good;
} audit_output;

static const tamis_option rows[] = {
    BASE_OPTION(audit_output, output, "output", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "where user_id,item_id,suspicion go, the most suspicious first; else standard output", .file = TAMIS_FILE_STREAM),
    BASE_OPTION(audit_output, truth, "truth", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "which rows are noise: those with a number above 0 in the column noise, as tamis noise --truth writes it; "
               "without such a column all rows of the file are noise", .file = TAMIS_FILE_INPUT),
    CLI_COLUMNS(audit_output, truth_column, "truth"),
    BASE_OPTION(audit_output, noise_from, "noise-from", TAMIS_OPTION_TEXT, "PREDICATE", NULL, "",
               "the same by a predicate of the log's rows, such as 'rating<=2': these are noise"),
    BASE_OPTION(audit_output, clean, "clean", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write the log without as many of the most suspicious interactions as --remove or --at-most-good says", .file = TAMIS_FILE_OUTPUT),
    BASE_OPTION(audit_output, remove, "remove", TAMIS_OPTION_REAL, "(0,inf)", NULL, "",
               "what --clean leaves out: a share of the log, such as 0.1, or from 1 on so many interactions"),
    BASE_OPTION(audit_output, at_most_good, "at-most-good", TAMIS_OPTION_REAL, "(0,1)", NULL, "",
               "leave out as many as keep this promise, under the assumption that is printed: at most this share of them is good"),
    BASE_OPTION(audit_output, users, "users", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write user_id,interactions,suspicion,excess: the mean suspicion of each user, and by how many standard errors it is "
               "above that of the log, the largest first", .file = TAMIS_FILE_OUTPUT),
    BASE_OPTION(audit_output, items, "items", TAMIS_OPTION_TEXT, "FILE", NULL, "", "the same of items", .file = TAMIS_FILE_OUTPUT),
    BASE_OPTION(audit_output, report, "report", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write an HTML page with pictures of it", .file = TAMIS_FILE_OUTPUT),
    BASE_OPTION(audit_output, hidden, "hidden", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "of an nbpo model: write user_id,item_id,probability of the pairs without interaction that are most likely "
               "positives all the same", .file = TAMIS_FILE_OUTPUT),
    BASE_OPTION(audit_output, hidden_count, "hidden-count", TAMIS_OPTION_INTEGER, "[1,100000000]", "1000", "",
               "how many of them"),
};
CLI_TABLE(cli_audit_table, "audit-output", rows, audit_output);

typedef struct run {
    tamis_log_options reading;
    tamis_audit_options options;
    audit_output command;
    tamis_model *model;
    tamis_log *log, *truth;
    bool marked; /* the truth says of each row whether it is noise */
    int64_t removed; /* by --clean */
    double good;     /* the share of these that is good, as estimated; with --at-most-good */
    tamis_audit *audit;
    tamis_hidden *hidden; /* found of them */
    size_t found;
    tamis_log *clean;
} run;

static int first_line(void *context, const char *bytes, size_t count, int64_t number)
{
    (void)number;
    for (size_t k = 0; k + 5 <= count; k++)
        *(bool *)context |= memcmp(bytes + k, "noise", 5) == 0;
    return 1;
}

static int read_truth(const cli_args *args, run *r)
{
    const base_lines lines = {&r->marked, first_line};
    tamis_log_options reading;
    if (r->command.noise_from) {
        reading = r->reading;
        reading.where = r->command.noise_from;
        reading.where_name = "--noise-from";
        return cli_read_log_silent(args->operand + (r->model != NULL), args->operands - (r->model != NULL), &reading, CLI_SILENT_RATING, &r->truth);
    }
    if (!r->command.truth) return 0;
    (void)base_lines_read(r->command.truth, &lines, NULL); /* what is wrong with the file is said when it is read */
    cli_beside(args, "truth-", &r->reading, &reading);
    if (r->marked) reading.relevance = "noise";
    return cli_read_log_silent(&r->command.truth, 1, &reading, CLI_SILENT_RATING, &r->truth);
}

static void write_suspects(const void *context, cli_out *out)
{
    const run *r = context;
    int64_t n;
    size_t length;
    char number[32];
    const tamis_suspect *suspect = tamis_audit_suspects(r->audit, &n);
    cli_out_text(out, "user_id,item_id,suspicion\n");
    for (int64_t k = 0; k < n; k++) {
        const char *id = tamis_log_user_id(r->log, suspect[k].user, &length);
        cli_out_field(out, id, length);
        cli_out_text(out, ",");
        id = tamis_log_item_id(r->log, suspect[k].item, &length);
        cli_out_field(out, id, length);
        snprintf(number, sizeof number, ",%.6f\n", suspect[k].suspicion);
        cli_out_text(out, number);
    }
}

static int judge(const run *r)
{
    int64_t n, hits = 0;
    signed char *noise = cli_labels(r->audit, r->log, r->truth, r->marked);
    if (!noise) return cli_fail(TAMIS_FAILURE, "not enough memory for the truth");
    (void)tamis_audit_suspects(r->audit, &n);
    double auc, precision;
    for (int64_t k = 0; k < n; k++) hits += noise[k] == 1;
    tamis_audit_judge(r->audit, noise, &auc, &precision);
    char text[64];
    int64_t good = 0, known = 0;
    for (int64_t k = 0; k < r->removed; k++) {
        good += noise[k] == 0;
        known += noise[k] >= 0;
    }
    if (!hits)
        cli_note("warning: no interaction of the log is noise by %s; is this the right %s?", r->command.truth ? r->command.truth : r->command.noise_from,
                 r->command.truth ? "file" : "predicate");
    else
        cli_note("truth: %s are noise, %.2f%% of the log; AUC %.4f, precision among as many suspects %.4f",
                 cli_plural(hits, "interaction", text), 100 * (double)hits / (double)n, auc, precision);
    if (hits && known) {
        const double share = (double)good / (double)known;
        cli_note("truth: %.1f%% of what was left out is good, and %.1f%% of the noise is in it%s", 100 * share,
                 100 * (double)(known - good) / (double)hits,
                 !isfinite(r->command.at_most_good) ? "" : share <= r->command.at_most_good ? ": the promise is kept" : ": the promise is broken");
    }
    free(noise);
    return 0;
}

/* Those that stand out, of users and of items. */
static void say_groups(const run *r)
{
    for (int items = 0; items < 2; items++) {
        int64_t n;
        size_t length;
        const tamis_audit_group *g = items ? tamis_audit_items(r->audit, &n) : tamis_audit_users(r->audit, &n);
        if (n == 0 || g->excess < 4) continue; /* of thousands by chance none */
        const char *id = items ? tamis_log_item_id(r->log, g->row, &length) : tamis_log_user_id(r->log, g->row, &length);
        char text[64];
        cli_note("%s: most suspicious is %.*s: mean %.3f of %s, %.1f standard errors above the log's", items ? "items" : "users",
                 (int)(length < 60 ? length : 60), id, g->suspicion, cli_plural(g->interactions, "interaction", text), g->excess);
    }
}

static void say(const run *r)
{
    const tamis_audit_bound *bound = tamis_audit_noise(r->audit);
    const int64_t dislikes = tamis_log_summarize(r->log)->dislikes;
    char text[64];
    if (dislikes) cli_note("dislikes: %s, which are no interactions and are not judged", cli_plural(dislikes, "pair", text));
    if (!isfinite(bound->share)) {
        cli_note("noise: this score ranks, but bounds no share; --score cross-fitted does");
        return;
    }
    cli_note("noise: at most %.1f%% of the log, if noise is uniform over items (at most %.1f%%, if it follows popularity or is of both "
             "kinds); interactions that are true, but that no model foretells, are in it too, so there may be far less",
             100 * bound->share, 100 * bound->popular);
    cli_note("noise: at least %.1f%%, assumed that %s%s", 100 * bound->least, bound->assumption,
             bound->not_popular ? "; popular items alone cannot be it" : "");
    if (bound->unknown)
        cli_note("unknown: of %s nothing tells what they are, since the folds that judge have the item nowhere else, or the user "
                 "has all others; the upper bounds count them as noise", cli_plural(bound->unknown, "interaction", text));
    if (isfinite(bound->users_spread))
        cli_note("users: the share of interactions below the middle differs by %.3f between users beyond chance%s", bound->users_spread,
                 bound->users_spread > 0.08 ? ", as where a few users make the noise" : "; where a few users make the noise it is above 0.08 as a rule");
    say_groups(r);
}

/* Before the work. The bound is no such share: it counts good interactions too. */
static int check_remove(const cli_args *args, const audit_output *command)
{
    if (command->clean && !isfinite(command->remove) && !isfinite(command->at_most_good))
        return cli_usage(args->command, "--clean needs --remove: how much to leave out, as a share of the log such as 0.1 or a "
                         "count such as 1000; or --at-most-good, which share of it may be good");
    if (isfinite(command->remove) && isfinite(command->at_most_good))
        return cli_usage(args->command, "--remove and --at-most-good both say how much to leave out; expected one of them");
    if (command->truth && command->noise_from)
        return cli_usage(args->command, "--truth and --noise-from both say which rows are noise; expected one of them");
    if (command->noise_from && cli_text(args, "where"))
        return cli_usage(args->command, "--where does not go with --noise-from; leave one of them out");
    if (command->noise_from && strcmp(args->operand[args->operands - 1], "-") == 0)
        return cli_usage(args->command, "--noise-from reads the log twice, which standard input (-) cannot be; expected a file");
    if (isfinite(command->at_most_good) && cli_text(args, "score") && strcmp(cli_text(args, "score"), "cross-fitted") != 0)
        return cli_usage(args->command, "--at-most-good needs --score cross-fitted, which bounds the noise");
    if (!command->clean && isfinite(command->at_most_good)) return cli_check_idle(args, "at-most-good", false, "--clean");
    if (command->remove >= 1 && command->remove != floor(command->remove))
        return cli_usage(args->command, "--remove: %g is neither a share below 1 nor a whole number", command->remove);
    return cli_check_idle(args, "remove", command->clean != NULL, "--clean");
}

static int count_removed(run *r)
{
    const int64_t n = tamis_log_interactions(r->log);
    const double out = r->command.remove < 1 ? floor(r->command.remove * (double)n + 0.5) : r->command.remove;
    char all[64];
    if (!r->command.clean || isfinite(r->command.at_most_good)) return 0;
    if (out < 1 || out >= (double)n)
        return cli_fail(TAMIS_USAGE, "--remove %g comes to %s of %s", r->command.remove, out < 1 ? "none" : "all or more",
                        cli_plural(n, "interaction", all));
    r->removed = (int64_t)out;
    return 0;
}

static void write_clean(const void *context, cli_out *out)
{
    cli_put_log(out->writer, ((const run *)context)->clean);
}

static void write_group(const run *r, cli_out *out, bool items)
{
    int64_t n;
    size_t length;
    char number[96];
    const tamis_audit_group *g = items ? tamis_audit_items(r->audit, &n) : tamis_audit_users(r->audit, &n);
    cli_out_text(out, items ? "item_id,interactions,suspicion,excess\n" : "user_id,interactions,suspicion,excess\n");
    for (int64_t k = 0; k < n; k++) {
        const char *id = items ? tamis_log_item_id(r->log, g[k].row, &length) : tamis_log_user_id(r->log, g[k].row, &length);
        cli_out_field(out, id, length);
        snprintf(number, sizeof number, ",%lld,%.6f,%.3f\n", (long long)g[k].interactions, g[k].suspicion, g[k].excess);
        cli_out_text(out, number);
    }
}

static void write_users(const void *context, cli_out *out)
{
    write_group(context, out, false);
}

static void write_items(const void *context, cli_out *out)
{
    write_group(context, out, true);
}

static int pass_on(void *context, const void *bytes, size_t count)
{
    base_writer_bytes(context, bytes, count);
    return 0;
}

static void write_report(const void *context, cli_out *out)
{
    const run *r = context;
    if (tamis_audit_report(r->audit, r->log, &(tamis_sink){out->writer, pass_on}, NULL)) base_writer_fail(out->writer, ENOMEM);
}

static int find_hidden(run *r)
{
    tamis_error error;
    cli_study going = {0};
    const tamis_study_progress progress = {&going, cli_study_tell};
    const size_t most = (size_t)r->command.hidden_count;
    r->hidden = calloc(most, sizeof *r->hidden);
    if (!r->hidden) return cli_fail(TAMIS_FAILURE, "not enough memory for the hidden positives");
    return cli_status(tamis_model_hidden(r->model, most, r->options.threads, &progress, r->hidden, &r->found, &error), &error);
}

static void write_hidden(const void *context, cli_out *out)
{
    const run *r = context;
    char number[32];
    size_t length;
    cli_out_text(out, "user_id,item_id,probability\n");
    for (size_t k = 0; k < r->found; k++) {
        const char *id = tamis_model_user_id(r->model, r->hidden[k].user, &length);
        cli_out_field(out, id, length);
        cli_out_text(out, ",");
        id = tamis_model_item_id(r->model, r->hidden[k].item, &length);
        cli_out_field(out, id, length);
        snprintf(number, sizeof number, ",%.6f\n", r->hidden[k].probability);
        cli_out_text(out, number);
    }
}

typedef struct folding { /* how far the models of the folds are, one after the other */
    int64_t fold, folds;
    double start;
} folding;

static int after_epoch(void *context, const tamis_epoch *epoch)
{
    folding *f = context;
    f->fold += epoch->epoch == 1;
    const int64_t done = (f->fold - 1) * epoch->epochs + epoch->epoch, all = f->folds * epoch->epochs;
    char left[40];
    const char *parts[] = {
        cli_eta((base_seconds() - f->start) / (double)done * (double)(all - done), left, sizeof left), "models of the folds"};
    cli_line_show("epoch", done, all, parts, BASE_COUNT(parts));
    return 0;
}

static void say_clean(const run *r)
{
    char a[64], b[64];
    if (!isfinite(r->command.at_most_good))
        cli_note("%s: %s, without the %s most suspicious", r->command.clean, cli_plural(tamis_log_interactions(r->clean), "interaction", a),
                 cli_count(r->removed, b));
    else if (r->removed)
        cli_note("%s: %s, without the %s most suspicious; under the assumption %.1f%% of these are good", r->command.clean,
                 cli_plural(tamis_log_interactions(r->clean), "interaction", a), cli_count(r->removed, b), 100 * r->good);
    else
        cli_note("%s: all %s; nothing can be left out if at most %g%% of it may be good: %s", r->command.clean,
                 cli_plural(tamis_log_interactions(r->clean), "interaction", a), 100 * r->command.at_most_good,
                 tamis_audit_noise(r->audit)->least > 0 ? "where noise is, true interactions are as well"
                                                        : "true interactions that no model foretells cannot be told from noise here");
}

static int audit(run *r)
{
    tamis_error error;
    folding going = {.folds = r->options.folds, .start = base_seconds()};
    const tamis_progress progress = {&going, after_epoch};
    int code = cli_status(tamis_audit_run(r->model, r->log, &r->options, &progress, &r->audit, &error), &error);
    cli_line_clear();
    if (code) return code;
    /* what was found is written, whatever fails beside it */
    int beside = r->command.hidden ? find_hidden(r) : 0;
    if (isfinite(r->command.at_most_good)) r->removed = tamis_audit_removable(r->audit, r->command.at_most_good, &r->good);
    if (!beside && r->command.clean)
        beside = cli_status(tamis_audit_clean(r->audit, r->log, r->removed, &r->clean, &error), &error);
    const cli_file files[] = {{r->command.output, "the list of suspects", write_suspects},
                              {r->command.hidden, "the list of hidden positives", r->hidden && !beside ? write_hidden : NULL},
                              {r->command.users, "the list of users", r->command.users ? write_users : NULL},
                              {r->command.items, "the list of items", r->command.items ? write_items : NULL},
                              {r->command.report, "the report", r->command.report ? write_report : NULL},
                              {r->command.clean, "the cleaned log", r->clean ? write_clean : NULL}};
    code = cli_write_files(files, BASE_COUNT(files), r);
    say(r);
    if (!beside && r->truth) beside = judge(r);
    if (!code && r->clean) say_clean(r);
    return code ? code : beside;
}

/* The first operand may be a model. */
static int load_model(const cli_args *args, run *r)
{
    const bool given = cli_is_model(args->operand[0]);
    if (given && args->operands == 1) return cli_usage(args->command, "%s is a model; name the log as well", args->operand[0]);
    if (given) return cli_load(args->operand[0], &r->model);
    if (r->command.hidden) return cli_usage(args->command, "--hidden needs a model of nbpo before the log");
    if (r->options.score == TAMIS_AUDIT_FITTED || r->options.score == TAMIS_AUDIT_PERSONAL)
        return cli_usage(args->command, "--score %s needs a model before the log", cli_text(args, "score"));
    return 0;
}

int cmd_audit(const cli_args *args)
{
    run r = {0};
    tamis_error error;
    int code = cli_read_reading(args, &r.reading);
    if (!code) code = cli_read_options(args, "audit", &r.options);
    if (!code) code = cli_read_command(args, &cli_audit_table, &r.command);
    if (!code) code = cli_check_beside(args, "truth-");
    if (!code) code = check_remove(args, &r.command);
    if (!code && isfinite(r.command.at_most_good)) r.options.score = TAMIS_AUDIT_CROSS;
    if (!code) code = cli_check_files(args);
    if (!code) code = load_model(args, &r);
    if (!code && r.command.hidden) /* before hours of work: whether the model can tell */
        code = cli_status(tamis_model_hidden(r.model, 0, 0, NULL, NULL, &r.found, &error), &error);
    if (!code) code = cli_read_log(args->operand + (r.model != NULL), args->operands - (r.model != NULL), &r.reading, &r.log);
    if (!code) code = count_removed(&r);
    if (!code) code = read_truth(args, &r);
    if (!code) code = audit(&r);
    tamis_audit_free(r.audit);
    free(r.hidden);
    tamis_log_free(r.clean);
    tamis_log_free(r.truth);
    tamis_log_free(r.log);
    tamis_model_free(r.model);
    return code;
}
