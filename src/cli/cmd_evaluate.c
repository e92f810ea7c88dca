/* tamis evaluate: the metrics of a model on held-out logs, as a table, as JSON, and per user. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

typedef struct evaluate_options {
    const char *per_user, *output;
    int json, form;
} evaluate_options;

static const tamis_option rows[] = {
    CLI_OPTION(evaluate_options, form, "output-format", TAMIS_OPTION_CHOICE, CLI_FORMS, "table", "",
               "how to write the figures"),
    CLI_OPTION(evaluate_options, json, "json", TAMIS_OPTION_FLAG, NULL, "0", "", "the same as --output-format json"),
    CLI_OPTION(evaluate_options, output, "output", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write to this file instead of standard output"),
    CLI_OPTION(evaluate_options, per_user, "per-user", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write every user's values as CSV, for tamis compare"),
};
CLI_TABLE(cli_evaluate_table, "evaluate-output", rows, evaluate_options);

typedef struct run {
    const cli_args *args;
    cli_testing t;
    evaluate_options own;
    tamis_model *model;
    tamis_evaluation *outcome;
} run;

static void print_header(const run *r, cli_out *out)
{
    const tamis_evaluation_counts *count = tamis_evaluation_count(r->outcome);
    char line[400], a[64], b[64], c[64], d[64];
    bool listed = r->t.options.candidates == TAMIS_CANDIDATES_LISTED;
    const char *masked = cli_testing_masked(&r->t);
    if (listed)
        snprintf(line, sizeof line,
                 "%s, %s of %s relevant; candidates: the items listed for the user, %s\n",
                 cli_plural(count->users, "user", a), cli_count(count->rows, b),
                 cli_plural(count->candidate_rows, "test row", c), masked);
    else
        snprintf(line, sizeof line, "%s, %s; candidates: all %s, %s\n", cli_plural(count->users, "user", a),
                 cli_plural(count->rows, r->t.relevance ? "relevant test row" : "test row", b),
                 cli_plural(tamis_model_items(r->model), "item", c), masked);
    cli_out_text(out, line);
    cli_out_text(out, "ties: the item that came first in the training log first\n");
    if (count->unknown_user_rows || count->unknown_item_rows || count->masked_rows) {
        snprintf(line, sizeof line,
                 "%s: %s of %s, %s of unknown items%s %s of masked items\n",
                 r->t.options.drop_unknown ? "left out" : "counted as misses",
                 cli_plural(count->unknown_user_rows, "row", a), cli_plural(count->unknown_users, "unknown user", b),
                 cli_plural(count->unknown_item_rows, "row", c),
                 r->t.options.drop_unknown ? "; counted as misses:" : ",", cli_plural(count->masked_rows, "row", d));
        cli_out_text(out, line);
    }
    if (count->unknown_candidates) {
        snprintf(line, sizeof line, "ranked last: %s of unknown users or items, not relevant\n",
                 cli_plural(count->unknown_candidates, "row", a));
        cli_out_text(out, line);
    }
    bool zero = r->t.options.empty_users == TAMIS_EMPTY_USERS_ZERO;
    if (count->empty_users && (r->t.relevance || zero)) {
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
    const tamis_evaluate_options *e = &r->t.options;
    if (r->t.relevance) {
        cli_json_text(json, "relevance", r->t.relevance);
        cli_json_real(json, "relevant_from", e->relevant_from);
    }
    if (e->candidates == TAMIS_CANDIDATES_LISTED) {
        cli_json_integer(json, "candidate_rows", count->candidate_rows);
        cli_json_integer(json, "unknown_candidates", count->unknown_candidates);
    }
    if (r->t.relevance || e->mask_training != TAMIS_MASK_TRAINING_AUTO)
        cli_json_text(json, "training_items", cli_testing_masks_training(&r->t) ? "masked" : "ranked");
    if (r->t.relevance || e->empty_users != TAMIS_EMPTY_USERS_DROP) {
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
    cli_json_text(&json, "unknown", r->t.options.drop_unknown ? "dropped" : "miss");
    cli_json_text(&json, "candidates", r->t.options.candidates == TAMIS_CANDIDATES_LISTED ? "listed" : "all");
    cli_json_text(&json, "ties", "item row");
    cli_json_integer(&json, "masks", (int64_t)r->t.masks);
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

static int print(const run *r)
{
    cli_out out = {0};
    int code = cli_out_open(r->own.output, &out);
    if (code) return code;
    if (r->own.json) {
        print_json(r, &out);
    } else {
        print_header(r, &out);
        print_table(r, &out);
    }
    return cli_out_close(&out, 0);
}

static int evaluate(run *r)
{
    int code = cli_load(r->args->operand[0], &r->model);
    if (!code) code = cli_testing_read(&r->t, r->args->operand + 1, r->args->operands - 1);
    if (!code) code = cli_testing_run(&r->t, r->model, &r->outcome);
    if (code) return code;
    cli_signal(CLI_SIGNAL_HOLD);
    code = print(r);
    return !code && r->own.per_user ? write_per_user(r) : code;
}

int cmd_evaluate(const cli_args *args)
{
    run r = {.args = args};
    int code = cli_testing_options(&r.t, args);
    if (!code) code = cli_read_own(args, &cli_evaluate_table, &r.own);
    if (!code) code = cli_check_output(args, "per-user");
    if (!code && r.own.output && strcmp(r.own.output, "-") != 0) code = cli_check_output(args, "output");
    if (r.own.json) r.own.form = CLI_JSON_TEXT;
    if (!code) code = evaluate(&r);
    tamis_evaluation_free(r.outcome);
    cli_testing_clear(&r.t);
    tamis_model_free(r.model);
    return code;
}
