/* What tamis evaluate prints: figures, those of slices, and what they can be traced by. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/evaluate_output.h"
#include "cli/facts.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/save.h"
#include "cli/table.h"
#include "cli/testing.h"
#include "cli/text.h"

static bool ranks_unknown(const evaluate_run *r)
{
    return r->t.options.unknown_users == TAMIS_UNKNOWN_USERS_POPULAR;
}

/* What cannot be found, or is found otherwise than by the model. */
static void tell_unknown(const evaluate_run *r, cli_out *out)
{
    const tamis_evaluation_counts *count = tamis_evaluation_count(r->outcome);
    const bool dropped = r->t.options.drop_unknown, popular = ranks_unknown(r);
    char line[600], a[64], b[64], of_users[140] = "";
    if (popular && count->unknown_users) {
        snprintf(line, sizeof line, "ranked by popularity: %s with %s\n", cli_plural(count->unknown_users, "unknown user", a),
                 cli_plural(count->unknown_user_rows, "test row", b));
        cli_out_text(out, line);
    }
    if (!(count->unknown_user_rows && !popular) && !count->unknown_item_rows && !count->masked_rows) return;
    if (!popular)
        snprintf(of_users, sizeof of_users, "%s of %s, ", cli_plural(count->unknown_user_rows, "row", a),
                 cli_plural(count->unknown_users, "unknown user", b));
    snprintf(line, sizeof line, "%s: %s%s of unknown items%s %s of masked items\n", dropped ? "left out" : "counted as misses", of_users,
             cli_plural(count->unknown_item_rows, "row", a), dropped ? "; counted as misses:" : ",", cli_plural(count->masked_rows, "row", b));
    cli_out_text(out, line);
}

static void print_header(const evaluate_run *r, cli_out *out)
{
    const tamis_evaluation_counts *count = tamis_evaluation_count(r->outcome);
    char line[400], a[64], b[64], c[64];
    bool listed = cli_testing_listed(&r->t);
    const char *masked = cli_testing_masked(&r->t);
    if (listed)
        snprintf(line, sizeof line,
                 "%s, %s of %s relevant; candidates: the items listed for the user, %s\n",
                 cli_plural(count->users, "user", a), cli_count(count->rows, b),
                 cli_plural(count->candidate_rows, "test row", c), masked);
    else if (cli_testing_sampled(&r->t))
        snprintf(line, sizeof line,
                 "%s, %s; candidates: SAMPLED, the test items and %s others a user, %s\n"
                 "figures of sampled candidates are not those of all items and cannot be compared with them\n",
                 cli_plural(count->users, "user", a), cli_plural(count->rows, "test row", b),
                 r->t.options.candidates + strlen("sampled:"), masked);
    else
        snprintf(line, sizeof line, "%s, %s; candidates: all %s, %s\n", cli_plural(count->users, "user", a),
                 cli_plural(count->rows, r->t.relevance ? "relevant test row" : "test row", b),
                 cli_plural(tamis_model_items(r->model), "item", c), masked);
    cli_out_text(out, line);
    cli_out_text(out, "ties: the item that came first in the training log first\n");
    tell_unknown(r, out);
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

/* 0.1234, with an interval 0.1234 [0.1200, 0.1270]; not defined: - */
static void figure(cli_table *table, double mean, double low, double high)
{
    if (!isfinite(mean)) cli_table_cell(table, "%s", "-");
    else if (isfinite(low)) cli_table_cell(table, "%.4f [%.4f, %.4f]", mean, low, high);
    else cli_table_cell(table, "%.4f", mean);
}

static void print_table(const evaluate_run *r, cli_form form, cli_out *out)
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
    if (table.columns == 1) { /* metrics without a cut-off alone */
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
            double low, high;
            if (metric == count) {
                cli_table_cell(&table, "%s", "");
                continue;
            }
            tamis_evaluation_interval(r->outcome, metric, &low, &high);
            figure(&table, tamis_evaluation_mean(r->outcome, metric), low, high);
        }
    }
    cli_table_print_as(&table, form, out);
}

/* A slice's groups side by side; gives the index past them. */
static size_t print_slice(const evaluate_run *r, size_t from, cli_form form, cli_out *out)
{
    tamis_slice_figures first, group;
    size_t all = tamis_evaluation_groups(r->outcome), to = from, metrics = tamis_evaluation_metrics(r->outcome);
    char number[32];
    tamis_evaluation_group(r->outcome, from, &first);
    for (to = from; to < all; to++) {
        tamis_evaluation_group(r->outcome, to, &group);
        if (strcmp(group.slice, first.slice) != 0) break;
    }
    cli_table table = {.columns = 1 + to - from};
    cli_out_text(out, "\n");
    cli_table_cell(&table, "%s", first.slice);
    for (size_t k = from; k < to; k++) {
        tamis_evaluation_group(r->outcome, k, &group);
        cli_table_cell(&table, "%s", group.group);
    }
    for (int line = 0; line < 2; line++) {
        cli_table_cell(&table, "%s", line ? "test rows" : "users");
        for (size_t k = from; k < to; k++) {
            tamis_evaluation_group(r->outcome, k, &group);
            cli_table_cell(&table, "%s", cli_count(line ? group.rows : group.users, number));
        }
    }
    for (size_t m = 0; m < metrics; m++) {
        bool defined = false; /* what is of all lists together has no groups */
        for (size_t k = from; k < to; k++) {
            tamis_evaluation_group(r->outcome, k, &group);
            defined |= isfinite(group.mean[m]) != 0;
        }
        if (!defined) continue;
        cli_table_cell(&table, "%s", tamis_evaluation_name(r->outcome, m));
        for (size_t k = from; k < to; k++) {
            tamis_evaluation_group(r->outcome, k, &group);
            figure(&table, group.mean[m], group.low[m], group.high[m]);
        }
    }
    cli_table_print_as(&table, form, out);
    return to;
}

/* What is said only where it is not the usual. */
static void print_json_rules(const evaluate_run *r, cli_json *json)
{
    const tamis_evaluation_counts *count = tamis_evaluation_count(r->outcome);
    const tamis_evaluate_options *e = &r->t.options;
    if (r->t.relevance) {
        cli_json_text(json, "relevance", r->t.relevance);
        cli_json_real(json, "relevant_from", e->relevant_from);
    }
    if (cli_testing_listed(&r->t)) {
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

static void json_figures(const evaluate_run *r, cli_json *json, const double *low, const double *high)
{
    cli_json_open(json, "intervals", '{');
    for (size_t m = 0; m < tamis_evaluation_metrics(r->outcome); m++) {
        double interval[2];
        if (low) interval[0] = low[m], interval[1] = high[m];
        else tamis_evaluation_interval(r->outcome, m, &interval[0], &interval[1]);
        cli_json_open(json, tamis_evaluation_name(r->outcome, m), '[');
        for (int k = 0; k < 2; k++) cli_json_real(json, NULL, interval[k]);
        cli_json_close(json, ']');
    }
    cli_json_close(json, '}');
}

static void print_json_more(const evaluate_run *r, const cli_facts *facts, cli_json *json)
{
    const tamis_evaluation_counts *count = tamis_evaluation_count(r->outcome);
    bool resampled = r->t.options.bootstrap > 0;
    cli_json_integer(json, "train_rows", count->train_rows);
    cli_json_integer(json, "test_items", count->test_items);
    cli_json_integer(json, "unknown_items", count->unknown_items);
    if (isfinite(count->effective_rows)) cli_json_real(json, "effective_rows", count->effective_rows);
    if (resampled) json_figures(r, json, NULL, NULL);
    cli_json_open(json, "slices", '[');
    for (size_t k = 0; k < tamis_evaluation_groups(r->outcome); k++) {
        tamis_slice_figures group;
        tamis_evaluation_group(r->outcome, k, &group);
        cli_json_open(json, NULL, '{');
        cli_json_text(json, "slice", group.slice);
        cli_json_text(json, "group", group.group);
        cli_json_integer(json, "users", group.users);
        cli_json_integer(json, "rows", group.rows);
        cli_json_open(json, "metrics", '{');
        for (size_t m = 0; m < tamis_evaluation_metrics(r->outcome); m++)
            cli_json_real(json, tamis_evaluation_name(r->outcome, m), group.mean[m]);
        cli_json_close(json, '}');
        if (resampled) json_figures(r, json, group.low, group.high);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
    cli_facts_json(facts, json);
}

static void print_json(const evaluate_run *r, const cli_facts *facts, cli_out *out)
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
    cli_json_text(&json, "unknown", r->t.options.drop_unknown ? "dropped" : ranks_unknown(r) ? "popular" : "miss");
    cli_json_text(&json, "candidates", r->t.options.candidates);
    cli_json_text(&json, "ties", "item row");
    cli_json_integer(&json, "masks", (int64_t)r->t.masks);
    print_json_rules(r, &json);
    cli_json_real(&json, "seconds", count->seconds);
    cli_json_text(&json, "model", r->args->operand[0]);
    cli_json_open(&json, "test", '[');
    for (size_t k = 1; k < r->args->operands; k++) cli_json_text(&json, NULL, r->args->operand[k]);
    cli_json_close(&json, ']');
    cli_json_text(&json, "version", tamis_version());
    print_json_more(r, facts, &json);
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

static void csv_row(const evaluate_run *r, const tamis_slice_figures *group, size_t metric, const cli_facts *facts,
                    cli_out *out)
{
    const char *const texts[] = {group->slice, group->group};
    double numbers[] = {(double)group->users, (double)group->rows, 0, 0, 0};
    char number[32];
    if (group->mean) {
        numbers[2] = group->mean[metric];
        numbers[3] = group->low[metric];
        numbers[4] = group->high[metric];
    } else {
        numbers[2] = tamis_evaluation_mean(r->outcome, metric);
        tamis_evaluation_interval(r->outcome, metric, &numbers[3], &numbers[4]);
    }
    cli_out_text(out, tamis_evaluation_name(r->outcome, metric));
    for (size_t k = 0; k < BASE_COUNT(texts); k++) {
        cli_out_text(out, ",");
        cli_out_field(out, texts[k], strlen(texts[k]));
    }
    for (size_t k = 0; k < BASE_COUNT(numbers); k++) {
        cli_out_text(out, ",");
        if (isfinite(numbers[k])) cli_out_text(out, base_real_text(numbers[k], number));
    }
    cli_out_text(out, ",");
    cli_facts_field(facts, out);
    cli_out_text(out, "\n");
}

static void print_csv(const evaluate_run *r, const cli_facts *facts, cli_out *out)
{
    const tamis_evaluation_counts *count = tamis_evaluation_count(r->outcome);
    cli_out_text(out, "metric,slice,group,users,rows,mean,low,high,facts\n");
    for (size_t k = 0; k <= tamis_evaluation_groups(r->outcome); k++) {
        tamis_slice_figures group = {.slice = "all", .group = "all", .users = count->users, .rows = count->rows};
        if (k > 0) tamis_evaluation_group(r->outcome, k - 1, &group);
        for (size_t m = 0; m < tamis_evaluation_metrics(r->outcome); m++) csv_row(r, &group, m, facts, out);
    }
}

/* What the figures can be traced by. In brief rules and definitions are left to --verbose. */
static void gather_facts(const evaluate_run *r, cli_facts *facts)
{
    const tamis_evaluation_counts *count = tamis_evaluation_count(r->outcome);
    const tamis_evaluate_options *o = &r->t.options;
    const bool brief = facts->brief, weighted = isfinite(count->effective_rows);
    const char *name, *value, *last = "";
    char number[32], rows[64];
    cli_fact_file(facts, "model", r->args->operand[0]);
    if (r->command.fold_in) cli_fact_file(facts, "fold-in", r->command.fold_in);
    if (!brief)
        for (size_t k = 0; (name = tamis_model_note(r->model, k, &value)); k++)
            if (strcmp(name, "method") == 0 || strcmp(name, "seed") == 0)
                cli_fact(facts, *name == 'm' ? "trained with method" : "trained with seed", "%s", value);
    if (brief && r->command.form == CLI_TABLE_TEXT) /* which has its rules above */
        for (size_t k = 0; k < r->t.test_count; k++) cli_fact_file(facts, "test", r->t.tests[k]);
    else
        cli_testing_facts(&r->t, facts);
    if (!brief) {
        cli_fact(facts, "users", "%lld, test rows %lld", (long long)count->users, (long long)count->rows);
        for (size_t m = 0; m < tamis_evaluation_metrics(r->outcome); m++) {
            name = tamis_evaluation_name(r->outcome, m);
            if (strncmp(name, last, strcspn(name, "@") + 1) != 0) cli_facts_metric(facts, name);
            last = name;
        }
    }
    if (weighted)
        cli_fact(facts, "weights", "1 / max(theta, %s), theta %s; %s are worth %.1f of equal weight",
                 base_real_text(o->propensity_clip, number), r->t.propensity ? "by --propensity" : "by popularity",
                 cli_plural(count->rows, "test row", rows), count->effective_rows);
    if (o->bootstrap)
        cli_fact(facts, "intervals", "%s, percentiles of %lld resamples of users, seed %llu",
                 base_real_text(o->confidence, number), (long long)o->bootstrap, (unsigned long long)o->seed);
    cli_fact(facts, "tamis", "%s", tamis_version());
}

static void print(const void *context, cli_out *out)
{
    const evaluate_run *r = context;
    const cli_form form = (cli_form)r->command.form;
    if (form == CLI_JSON_TEXT) {
        print_json(r, &r->facts, out);
    } else if (form == CLI_CSV) {
        print_csv(r, &r->facts, out);
    } else {
        if (form == CLI_TABLE_TEXT) print_header(r, out);
        print_table(r, form, out);
        for (size_t k = 0; k < tamis_evaluation_groups(r->outcome);) k = print_slice(r, k, form, out);
        cli_facts_print(&r->facts, form, out);
    }
}

static void print_users(const void *context, cli_out *out)
{
    const evaluate_run *r = context;
    char text[32];
    size_t metrics = tamis_evaluation_metrics(r->outcome), length;
    cli_out_text(out, "user_id");
    for (size_t k = 0; k < metrics; k++) {
        cli_out_text(out, ",");
        cli_out_text(out, tamis_evaluation_name(r->outcome, k));
    }
    cli_out_text(out, "\n");
    for (int64_t u = 0; u < tamis_evaluation_users(r->outcome); u++) {
        const char *id = tamis_evaluation_user_id(r->outcome, u, &length);
        cli_out_field(out, id, length);
        for (size_t k = 0; k < metrics; k++) {
            cli_out_text(out, ",");
            double value = tamis_evaluation_value(r->outcome, u, k);
            if (isfinite(value)) cli_out_text(out, base_real_text(value, text)); /* else undefined: an empty field */
        }
        cli_out_text(out, "\n");
    }
}

int evaluate_write(evaluate_run *r)
{
    r->facts = (cli_facts){.brief = cli_form_is_text((cli_form)r->command.form) && !r->command.verbose};
    gather_facts(r, &r->facts);
    const cli_file files[] = {{r->command.output, "the evaluation", print},
                              {r->command.per_user, "the values per user", r->command.per_user ? print_users : NULL}};
    int code = r->facts.code;
    if (!code) code = cli_write_files(files, BASE_COUNT(files), r);
    cli_facts_clear(&r->facts);
    return code;
}
