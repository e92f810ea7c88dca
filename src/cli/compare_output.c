/* What tamis compare prints: means, differences, tests, and what they can be traced by. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/compare_output.h"
#include "cli/facts.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/save.h"
#include "cli/table.h"
#include "cli/testing.h"
#include "cli/text.h"

/* A, B, ..., Z, then by number. */
static const char *letter(size_t k, char text[24])
{
    if (k < 26) snprintf(text, 24, "%c", (int)('A' + k));
    else snprintf(text, 24, "%zu", k + 1);
    return text;
}

typedef struct interval {
    double low, high;
} interval;

/* Of one difference alone, or jointly with the others of its table. */
static interval interval_of(const comparison *c, const outcome *o, bool joint)
{
    const tamis_paired *p = &o->paired;
    if (c->paired.bootstrap > 0 && !o->runs) /* a handful of runs is too few to resample */
        return joint ? (interval){p->bootstrap_joint_low, p->bootstrap_joint_high} : (interval){p->bootstrap_low, p->bootstrap_high};
    return joint ? (interval){p->joint_low, p->joint_high} : (interval){p->low, p->high};
}

static const char *over(const comparison *c, const outcome *o)
{
    return !o->runs ? "users" : c->folds > 1 ? "folds" : "runs";
}

static double deviation(const double *value, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t k = 0; k < n; k++) mean += value[k] / (double)n;
    for (size_t k = 0; k < n; k++) squares += (value[k] - mean) * (value[k] - mean);
    return n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
}

static double run_mean(const contender *one, size_t metric)
{
    double sum = 0;
    for (size_t r = 0; r < one->runs; r++) sum += one->mean[metric * one->runs + r];
    return sum / (double)one->runs;
}

static void tell_files(const comparison *c, cli_facts *facts)
{
    char text[24], what[64];
    for (size_t k = 0; k < c->contenders; k++)
        for (size_t r = 0; r < c->contender[k].runs; r++) {
            snprintf(what, sizeof what, "%s%s", letter(k, text), c->folds > 1 ? " fold" : c->contender[k].runs > 1 ? " run" : "");
            cli_fact_file(facts, what, c->contender[k].path.part[r]);
        }
}

static void tell_intervals(const comparison *c, cli_facts *facts)
{
    char number[32], together[120] = "";
    if (c->family[0] > 1 || c->family[1] > 1)
        snprintf(together, sizeof together, "%s for %zu comparisons together (Bonferroni%s)", facts->brief ? "" : "; joint ones hold",
                 c->family[0], c->family[1] ? "; over runs likewise" : "");
    if (c->paired.bootstrap)
        cli_fact(facts, "intervals", "%s%s, percentiles of %lld resamples of users; over runs Student's",
                 base_real_text(c->paired.confidence, number), together, (long long)c->paired.bootstrap);
    else
        cli_fact(facts, "intervals", "%s%s, Student's", base_real_text(c->paired.confidence, number), together);
    if (c->folds > 1)
        cli_fact(facts, "over folds", "t and intervals with Nadeau and Bengio's correction for what folds share, %.3g test rows per training row",
                 c->test_rows / c->train_rows);
    cli_fact(facts, "p", "two-sided%s", c->family[0] > 1 || c->family[1] > 1 ? ", Holm's correction for these" : "");
}

static void gather_facts(const comparison *c, cli_facts *facts)
{
    tell_files(c, facts);
    if (c->command.test) {
        cli_testing_facts(&c->fold[0], facts);
        for (size_t m = 0; m < c->metrics && !facts->brief; m++)
            if (m == 0 || strncmp(c->score[0].name[m], c->score[0].name[m - 1], strcspn(c->score[0].name[m], "@") + 1) != 0)
                cli_facts_metric(facts, c->score[0].name[m]);
    }
    if (c->folds > 1)
        cli_fact(facts, "users", "%lld, those of any fold; a user's value is the mean over the folds that have the user", (long long)c->users);
    else
        cli_fact(facts, "users", "%lld, those that all have in common", (long long)c->users);
    tell_intervals(c, facts);
    if (!facts->brief) {
        cli_fact(facts, "permutations", "%lld where there are more than 20 differences, else all",
                 (long long)c->paired.permutations);
        cli_fact(facts, "seed of resamples and permutations", "%llu", (unsigned long long)c->paired.seed);
    }
    cli_fact(facts, "tamis", "%s", tamis_version());
}

static void means_table(const comparison *c, cli_form form, cli_out *out)
{
    cli_table table = {.columns = 1 + c->contenders};
    char text[24];
    cli_table_cell(&table, "%s", "");
    for (size_t k = 0; k < c->contenders; k++) cli_table_cell(&table, "%s", letter(k, text));
    for (size_t m = 0; m < c->metrics; m++) {
        cli_table_cell(&table, "%s", c->score[0].name[m]);
        for (size_t k = 0; k < c->contenders; k++) {
            const contender *one = &c->contender[k];
            double spread = deviation(one->mean + m * one->runs, one->runs);
            if (!isfinite(run_mean(one, m))) cli_table_cell(&table, "-");
            else if (isfinite(spread)) cli_table_cell(&table, "%.4f ± %.4f", run_mean(one, m), spread);
            else cli_table_cell(&table, "%.4f", run_mean(one, m));
        }
    }
    cli_table_print_as(&table, form, out);
}

/* The values of each fold. */
static void folds_table(const comparison *c, cli_form form, cli_out *out)
{
    cli_table table = {.columns = 2 + c->folds};
    char text[24];
    cli_out_text(out, "\n");
    cli_table_cell(&table, "by fold");
    cli_table_cell(&table, "%s", "");
    for (size_t f = 0; f < c->folds; f++) cli_table_cell(&table, "%zu", f + 1);
    for (size_t m = 0; m < c->metrics; m++)
        for (size_t k = 0; k < c->contenders; k++) {
            cli_table_cell(&table, "%s", c->score[0].name[m]);
            cli_table_cell(&table, "%s", letter(k, text));
            for (size_t f = 0; f < c->folds; f++) {
                const double value = c->contender[k].mean[m * c->folds + f];
                if (isfinite(value)) cli_table_cell(&table, "%.4f", value);
                else cli_table_cell(&table, "-");
            }
        }
    cli_table_print_as(&table, form, out);
}

static void outcomes_table(const comparison *c, bool runs, cli_form form, cli_out *out)
{
    enum { COLUMNS = 9 };
    static const char *const heads[2][COLUMNS] = {
        {"difference", "low", "high", "better", "equal", "worse", "p: t", "Wilcoxon", "permutation"},
        {"difference", "joint low", "joint high", "better", "equal", "worse", "Holm p: t", "Wilcoxon", "permutation"}};
    const char *const *head = heads[c->family[runs] > 1];
    cli_table table = {.columns = 2 + COLUMNS};
    char text[24];
    cli_table_cell(&table, "%s", !runs ? "over users" : c->folds > 1 ? "over folds" : "over runs");
    cli_table_cell(&table, "%s", "");
    for (size_t k = 0; k < COLUMNS; k++) cli_table_cell(&table, "%s", head[k]);
    for (size_t k = 0; k < c->outcomes; k++) {
        const outcome *o = &c->outcome[k];
        const interval joint = interval_of(c, o, true);
        if (o->runs != runs) continue;
        cli_table_cell(&table, "%s", c->score[0].name[o->metric]);
        cli_table_cell(&table, "%s - A", letter(o->contender, text));
        cli_table_cell(&table, "%+.4f", o->paired.mean);
        cli_table_cell(&table, "%+.4f", joint.low);
        cli_table_cell(&table, "%+.4f", joint.high);
        cli_table_cell(&table, "%s", cli_count(o->paired.wins, (char[32]){0}));
        cli_table_cell(&table, "%s", cli_count(o->paired.ties, (char[32]){0}));
        cli_table_cell(&table, "%s", cli_count(o->paired.losses, (char[32]){0}));
        for (int test = 0; test < 3; test++)
            if (isfinite(o->holm[test])) cli_table_cell(&table, "%.2g", o->holm[test]);
            else cli_table_cell(&table, "-");
    }
    if (table.count > table.columns) {
        cli_out_text(out, "\n");
        cli_table_print_as(&table, form, out);
        return;
    }
    for (size_t k = 0; k < table.count; k++) free(table.cell[k]);
    free(table.cell);
}

static void print_json(const comparison *c, const cli_facts *facts, cli_out *out)
{
    cli_json json = {.out = out};
    cli_json_open(&json, NULL, '{');
    cli_json_integer(&json, "users", c->users);
    cli_json_open(&json, "contenders", '[');
    for (size_t k = 0; k < c->contenders; k++) {
        const contender *one = &c->contender[k];
        cli_json_open(&json, NULL, '{');
        cli_json_open(&json, "runs", '[');
        for (size_t r = 0; r < one->runs; r++) cli_json_text(&json, NULL, one->path.part[r]);
        cli_json_close(&json, ']');
        cli_json_open(&json, "mean", '{');
        for (size_t m = 0; m < c->metrics; m++) cli_json_real(&json, c->score[0].name[m], run_mean(one, m));
        cli_json_close(&json, '}');
        cli_json_open(&json, "deviation_over_runs", '{');
        for (size_t m = 0; m < c->metrics; m++)
            cli_json_real(&json, c->score[0].name[m], deviation(one->mean + m * one->runs, one->runs));
        cli_json_close(&json, '}');
        cli_json_open(&json, "mean_of_runs", '{');
        for (size_t m = 0; m < c->metrics; m++) {
            cli_json_open(&json, c->score[0].name[m], '[');
            for (size_t r = 0; r < one->runs; r++) cli_json_real(&json, NULL, one->mean[m * one->runs + r]);
            cli_json_close(&json, ']');
        }
        cli_json_close(&json, '}');
        cli_json_close(&json, '}');
    }
    cli_json_close(&json, ']');
    cli_json_open(&json, "comparisons", '[');
    for (size_t k = 0; k < c->outcomes; k++) {
        const outcome *o = &c->outcome[k];
        const tamis_paired *p = &o->paired;
        const interval alone = interval_of(c, o, false), joint = interval_of(c, o, true);
        cli_json_open(&json, NULL, '{');
        cli_json_text(&json, "metric", c->score[0].name[o->metric]);
        cli_json_integer(&json, "contender", (int64_t)o->contender);
        cli_json_integer(&json, "against", 0);
        cli_json_text(&json, "over", over(c, o));
        cli_json_integer(&json, "pairs", p->pairs);
        cli_json_real(&json, "mean_contender", o->b);
        cli_json_real(&json, "mean_against", o->a);
        cli_json_real(&json, "difference", p->mean);
        cli_json_real(&json, "low", alone.low);
        cli_json_real(&json, "high", alone.high);
        cli_json_real(&json, "joint_low", joint.low);
        cli_json_real(&json, "joint_high", joint.high);
        cli_json_integer(&json, "better", p->wins);
        cli_json_integer(&json, "equal", p->ties);
        cli_json_integer(&json, "worse", p->losses);
        cli_json_real(&json, "t", p->t);
        cli_json_real(&json, "t_p", p->t_p);
        cli_json_real(&json, "t_p_holm", o->holm[0]);
        cli_json_real(&json, "wilcoxon", p->wilcoxon);
        cli_json_real(&json, "wilcoxon_p", p->wilcoxon_p);
        cli_json_real(&json, "wilcoxon_p_holm", o->holm[1]);
        cli_json_raw(&json, "wilcoxon_exact", p->wilcoxon_exact ? "true" : "false");
        cli_json_real(&json, "permutation_p", p->permutation_p);
        cli_json_real(&json, "permutation_p_holm", o->holm[2]);
        cli_json_raw(&json, "permutation_exact", p->permutation_exact ? "true" : "false");
        cli_json_close(&json, '}');
    }
    cli_json_close(&json, ']');
    cli_facts_json(facts, &json);
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

static void print_csv(const comparison *c, const cli_facts *facts, cli_out *out)
{
    char number[32];
    cli_out_text(out, "metric,contender,against,over,pairs,mean_contender,mean_against,difference,low,high,joint_low,joint_high,"
                      "better,equal,worse,t_p,t_p_holm,wilcoxon_p,wilcoxon_p_holm,permutation_p,permutation_p_holm,facts\n");
    for (size_t k = 0; k < c->outcomes; k++) {
        const outcome *o = &c->outcome[k];
        const tamis_paired *p = &o->paired;
        const interval alone = interval_of(c, o, false), joint = interval_of(c, o, true);
        const char *names[] = {c->score[0].name[o->metric], c->args->operand[o->contender], c->args->operand[0],
                               over(c, o)};
        const double numbers[] = {(double)p->pairs, o->b, o->a, p->mean, alone.low, alone.high, joint.low, joint.high,
                                  (double)p->wins, (double)p->ties, (double)p->losses, p->t_p, o->holm[0], p->wilcoxon_p,
                                  o->holm[1], p->permutation_p, o->holm[2]};
        for (size_t j = 0; j < BASE_COUNT(names); j++) {
            cli_out_field(out, names[j], strlen(names[j]));
            cli_out_text(out, ",");
        }
        for (size_t j = 0; j < BASE_COUNT(numbers); j++) {
            if (isfinite(numbers[j])) cli_out_text(out, base_real_text(numbers[j], number));
            cli_out_text(out, ",");
        }
        cli_facts_field(facts, out);
        cli_out_text(out, "\n");
    }
}

static void print(const void *context, cli_out *out)
{
    const comparison *c = context;
    const cli_form form = (cli_form)c->command.form;
    if (form == CLI_JSON_TEXT) {
        print_json(c, &c->facts, out);
    } else if (form == CLI_CSV) {
        print_csv(c, &c->facts, out);
    } else {
        means_table(c, form, out);
        if (c->folds > 1) folds_table(c, form, out);
        outcomes_table(c, false, form, out);
        outcomes_table(c, true, form, out);
        cli_facts_print(&c->facts, form, out);
    }
}

int compare_print(comparison *c)
{
    c->facts = (cli_facts){.brief = cli_form_is_text((cli_form)c->command.form) && !c->command.verbose};
    gather_facts(c, &c->facts);
    int code = c->facts.code;
    if (!code) code = cli_write_files(&(cli_file){c->command.output, "the comparison", print}, 1, c);
    cli_facts_clear(&c->facts);
    return code;
}
