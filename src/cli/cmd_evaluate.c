/* tamis evaluate: the metrics of a model on held-out logs, as a table, as JSON, and per user. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

typedef struct evaluate_options {
    const char *mask, *relevance, *per_user;
    int json;
} evaluate_options;

static const tamis_option rows[] = {
    CLI_OPTION(evaluate_options, mask, "mask", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "leave the interactions of this log out of the ranking as well; may be given several times"),
    CLI_OPTION(evaluate_options, relevance, "relevance", TAMIS_OPTION_TEXT, "COLUMN", NULL, "",
               "the test log's column that says how relevant a row is, such as 0 or 1; else every row is relevant"),
    CLI_OPTION(evaluate_options, json, "json", TAMIS_OPTION_FLAG, NULL, "0", "", "print one JSON object"),
    CLI_OPTION(evaluate_options, per_user, "per-user", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write every user's values as CSV"),
};
CLI_TABLE(cli_evaluate_table, "evaluate-output", rows, evaluate_options);

typedef struct run {
    const cli_args *args;
    tamis_log_options reading;
    tamis_evaluate_options evaluation;
    evaluate_options own;
    tamis_model *model;
    tamis_log *test, **mask;
    size_t masks;
    tamis_evaluation *outcome;
} run;

/* Every --mask counts, unlike other options, of which the last one wins. */
static int read_masks(run *r)
{
    tamis_log_options reading = r->reading, fresh;
    tamis_log_options_default(&fresh);
    reading.min_user_interactions = fresh.min_user_interactions;
    reading.min_item_interactions = fresh.min_item_interactions;
    r->mask = calloc(r->args->given_count + 1, sizeof(tamis_log *));
    if (!r->mask) return cli_fail(TAMIS_FAILURE, "not enough memory for the masks");
    for (size_t k = 0; k < r->args->given_count; k++) {
        const cli_given *given = &r->args->given[k];
        if (given->row != &rows[0]) continue;
        int code = cli_read_log(&given->text, 1, &reading, &r->mask[r->masks]);
        if (code) return code;
        r->masks++;
    }
    return 0;
}

static bool masks_training(const run *r)
{
    const tamis_evaluate_options *e = &r->evaluation;
    return e->mask_training == TAMIS_MASK_TRAINING_YES ||
           (e->mask_training == TAMIS_MASK_TRAINING_AUTO && e->candidates == TAMIS_CANDIDATES_ALL);
}

static void print_header(const run *r, cli_out *out)
{
    const tamis_evaluation_counts *count = tamis_evaluation_count(r->outcome);
    char line[400], a[64], b[64], c[64], d[64];
    bool listed = r->evaluation.candidates == TAMIS_CANDIDATES_LISTED, training = masks_training(r);
    const char *masked = training && r->masks ? "training items and --mask items masked"
                         : training           ? "training items masked"
                         : r->masks           ? "--mask items masked, training items not"
                                              : "training items not masked";
    if (listed)
        snprintf(line, sizeof line,
                 "%s, %s of %s relevant; candidates: the items listed for the user, %s\n",
                 cli_plural(count->users, "user", a), cli_count(count->rows, b),
                 cli_plural(count->candidate_rows, "test row", c), masked);
    else
        snprintf(line, sizeof line, "%s, %s; candidates: all %s, %s\n", cli_plural(count->users, "user", a),
                 cli_plural(count->rows, r->own.relevance ? "relevant test row" : "test row", b),
                 cli_plural(tamis_model_items(r->model), "item", c), masked);
    cli_out_text(out, line);
    cli_out_text(out, "ties: the item that came first in the training log first\n");
    if (count->unknown_user_rows || count->unknown_item_rows || count->masked_rows) {
        snprintf(line, sizeof line,
                 "%s: %s of %s, %s of unknown items%s %s of masked items\n",
                 r->evaluation.drop_unknown ? "left out" : "counted as misses",
                 cli_plural(count->unknown_user_rows, "row", a), cli_plural(count->unknown_users, "unknown user", b),
                 cli_plural(count->unknown_item_rows, "row", c),
                 r->evaluation.drop_unknown ? "; counted as misses:" : ",", cli_plural(count->masked_rows, "row", d));
        cli_out_text(out, line);
    }
    if (count->unknown_candidates) {
        snprintf(line, sizeof line, "ranked last: %s of unknown users or items, not relevant\n",
                 cli_plural(count->unknown_candidates, "row", a));
        cli_out_text(out, line);
    }
    bool zero = r->evaluation.empty_users == TAMIS_EMPTY_USERS_ZERO;
    if (count->empty_users && (r->own.relevance || zero)) {
        snprintf(line, sizeof line, "%s: %s without a relevant test item\n", zero ? "counted with 0" : "left out",
                 cli_plural(count->empty_users, "user", a));
        cli_out_text(out, line);
    }
    cli_out_text(out, "\n");
}

/* Names are metric@cutoff: a row per metric, a column per cut-off, both in order of appearance. */
static size_t find_metric(const tamis_evaluation *outcome, const char *name, size_t length, const char *cutoff)
{
    size_t count = tamis_evaluation_metrics(outcome);
    for (size_t k = 0; k < count; k++) {
        const char *other = tamis_evaluation_name(outcome, k), *at = strchr(other, '@');
        if (at && (size_t)(at - other) == length && memcmp(other, name, length) == 0 && strcmp(at, cutoff) == 0)
            return k;
    }
    return count;
}

static void print_table(const run *r, cli_out *out)
{
    cli_table table = {.columns = 1};
    size_t count = tamis_evaluation_metrics(r->outcome), first_length = 0, at_cutoffs = 0;
    while (at_cutoffs + 1 < count && !strchr(tamis_evaluation_name(r->outcome, at_cutoffs), '@')) at_cutoffs++;
    const char *first = tamis_evaluation_name(r->outcome, at_cutoffs);
    first_length = strcspn(first, "@");
    cli_table_cell(&table, "%s", "");
    for (size_t k = 0; k < count; k++) {
        const char *name = tamis_evaluation_name(r->outcome, k), *at = strchr(name, '@');
        if (!at || (size_t)(at - name) != first_length || memcmp(name, first, first_length) != 0) continue;
        cli_table_cell(&table, "%s", at);
        table.columns++;
    }
    if (table.columns == 1) { /* nothing but auc */
        cli_table_cell(&table, "%s", "");
        table.columns++;
    }
    size_t columns = table.columns;
    for (size_t k = 0; k < count; k++) {
        const char *name = tamis_evaluation_name(r->outcome, k), *at = strchr(name, '@');
        size_t length = strcspn(name, "@");
        if (at && find_metric(r->outcome, name, length, table.cell[1]) != k) continue; /* not at its first cut-off */
        cli_table_cell(&table, "%.*s", (int)length, name);
        for (size_t c = 1; c < columns; c++) {
            size_t metric = at ? find_metric(r->outcome, name, length, table.cell[c]) : c == 1 ? k : count;
            if (metric < count)
                cli_table_cell(&table, "%.4f", tamis_evaluation_mean(r->outcome, metric));
            else
                cli_table_cell(&table, "%s", "");
        }
    }
    cli_table_print(&table, out);
}

/* What is said only where it is not the usual. */
static void print_json_rules(const run *r, cli_json *json)
{
    const tamis_evaluation_counts *count = tamis_evaluation_count(r->outcome);
    const tamis_evaluate_options *e = &r->evaluation;
    if (r->own.relevance) {
        cli_json_text(json, "relevance", r->own.relevance);
        cli_json_real(json, "relevant_from", e->relevant_from);
    }
    if (e->candidates == TAMIS_CANDIDATES_LISTED) {
        cli_json_integer(json, "candidate_rows", count->candidate_rows);
        cli_json_integer(json, "unknown_candidates", count->unknown_candidates);
    }
    if (r->own.relevance || e->mask_training != TAMIS_MASK_TRAINING_AUTO)
        cli_json_text(json, "training_items", masks_training(r) ? "masked" : "ranked");
    if (r->own.relevance || e->empty_users != TAMIS_EMPTY_USERS_DROP) {
        cli_json_text(json, "empty", e->empty_users == TAMIS_EMPTY_USERS_ZERO ? "zero" : "dropped");
        cli_json_integer(json, "empty_users", count->empty_users);
    }
}

static void print_json(const run *r, cli_out *out)
{
    const tamis_evaluation_counts *count = tamis_evaluation_count(r->outcome);
    cli_json json = {.out = out};
    cli_json_open(&json, NULL, '{');
    cli_json_integer(&json, "users", count->users);
    cli_json_open(&json, "metrics", '{');
    for (size_t k = 0; k < tamis_evaluation_metrics(r->outcome); k++)
        cli_json_real(&json, tamis_evaluation_name(r->outcome, k), tamis_evaluation_mean(r->outcome, k));
    cli_json_close(&json, '}');
    cli_json_integer(&json, "rows", count->rows);
    cli_json_integer(&json, "unknown_users", count->unknown_users);
    cli_json_integer(&json, "unknown_user_rows", count->unknown_user_rows);
    cli_json_integer(&json, "unknown_item_rows", count->unknown_item_rows);
    cli_json_integer(&json, "masked_rows", count->masked_rows);
    cli_json_text(&json, "unknown", r->evaluation.drop_unknown ? "dropped" : "miss");
    cli_json_text(&json, "candidates", r->evaluation.candidates == TAMIS_CANDIDATES_LISTED ? "listed" : "all");
    cli_json_text(&json, "ties", "item row");
    cli_json_integer(&json, "masks", (int64_t)r->masks);
    print_json_rules(r, &json);
    cli_json_real(&json, "seconds", count->seconds);
    cli_json_text(&json, "model", r->args->operand[0]);
    cli_json_open(&json, "test", '[');
    for (size_t k = 1; k < r->args->operands; k++) cli_json_text(&json, NULL, r->args->operand[k]);
    cli_json_close(&json, ']');
    cli_json_text(&json, "version", tamis_version());
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

static int write_per_user(const run *r)
{
    cli_out out;
    char text[32];
    int code = cli_out_open(r->own.per_user, &out);
    if (code) return code;
    size_t metrics = tamis_evaluation_metrics(r->outcome), length;
    cli_out_text(&out, "user_id");
    for (size_t k = 0; k < metrics; k++) {
        cli_out_text(&out, ",");
        cli_out_text(&out, tamis_evaluation_name(r->outcome, k));
    }
    cli_out_text(&out, "\n");
    for (int64_t u = 0; u < tamis_evaluation_users(r->outcome); u++) {
        const char *id = tamis_evaluation_user_id(r->outcome, u, &length);
        cli_out_field(&out, id, length);
        for (size_t k = 0; k < metrics; k++) {
            cli_out_text(&out, ",");
            double value = tamis_evaluation_value(r->outcome, u, k);
            if (isfinite(value)) cli_out_text(&out, cli_real(value, text)); /* else undefined: an empty field */
        }
        cli_out_text(&out, "\n");
    }
    return cli_out_close(&out, 0);
}

/* Figures of nearly nothing but misses: most often the training log was named as the test. */
static void warn_masked(const tamis_evaluation_counts *count)
{
    char masked[32], all[64];
    if (count->masked_rows * 2 > count->rows)
        cli_note("warning: %s of %s are masked and can only be misses: they are in the log that the model was trained "
                 "on, or in --mask; is this the right test log?", cli_count(count->masked_rows, masked),
                 cli_plural(count->rows, "test row", all));
}

static int evaluate(run *r)
{
    tamis_error error;
    cli_out out = {0};
    tamis_log_options reading = r->reading; /* of the test log alone: masks have no relevance */
    reading.relevance = r->own.relevance;
    int code = cli_load(r->args->operand[0], &r->model);
    if (!code) code = cli_read_log(r->args->operand + 1, r->args->operands - 1, &reading, &r->test);
    if (!code) code = read_masks(r);
    if (code) return code;
    tamis_status status = tamis_evaluate(r->model, r->test, (const tamis_log *const *)r->mask, r->masks, &r->evaluation,
                                         &r->outcome, &error);
    if (status) return cli_status(status, &error);
    warn_masked(tamis_evaluation_count(r->outcome));
    if (r->own.json) {
        print_json(r, &out);
    } else {
        print_header(r, &out);
        print_table(r, &out);
    }
    cli_signal(CLI_SIGNAL_HOLD);
    return r->own.per_user ? write_per_user(r) : 0;
}

/* Options that say nothing without --relevance, or something else. */
static int check_relevance(const run *r)
{
    const cli_command *command = r->args->command;
    if (!r->own.relevance && r->evaluation.candidates == TAMIS_CANDIDATES_LISTED)
        return cli_usage(command, "--candidates listed needs to know which of the listed items are relevant; name the "
                                  "test log's column that says so with --relevance");
    if (!r->own.relevance && isfinite(r->evaluation.relevant_from))
        return cli_usage(command, "--relevant-from needs --relevance, the column that it is about");
    if (r->own.relevance && (cli_text(r->args, "rating") || cli_text(r->args, "min-rating")))
        return cli_usage(command, "--relevance is read in the place of ratings; leave out --rating, and say "
                                  "--relevant-from instead of --min-rating");
    return 0;
}

int cmd_evaluate(const cli_args *args)
{
    run r = {.args = args};
    int code = cli_read_options(args, "log", &r.reading);
    if (!code) code = cli_read_options(args, "evaluate", &r.evaluation);
    if (!code) code = cli_read_own(args, &cli_evaluate_table, &r.own);
    if (!code) code = check_relevance(&r);
    if (!code) code = cli_check_output(args, "per-user");
    if (!code) code = evaluate(&r);
    tamis_evaluation_free(r.outcome);
    for (size_t k = 0; k < r.masks; k++) tamis_log_free(r.mask[k]);
    free(r.mask);
    tamis_log_free(r.test);
    tamis_model_free(r.model);
    return code;
}
