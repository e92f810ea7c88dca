/* From cells to the table: means over seeds, their intervals, drops, and paired tests against the control (paired.c).
 *
 * The pairs are seeds: method and control have seen the same split and the same noise. Holm's correction is over the
 * methods at one ratio in one metric, the question being which of them differ from the control there. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/locale.h"
#include "base/option.h"
#include "base/status.h"
#include "data/log.h"
#include "rank/metric.h"
#include "study/paired.h"
#include "study/summary.h"

static size_t row_index(const tamis_robustness *s, size_t metric, size_t ratio, size_t method)
{
    return (metric * s->ratios + ratio) * s->methods + method;
}

const tamis_robustness_row *robustness_row(const tamis_robustness *s, size_t metric, size_t ratio, size_t method)
{
    return &s->row[row_index(s, metric, ratio, method)];
}

size_t robustness_best(const tamis_robustness *s, size_t metric, size_t ratio)
{
    size_t best = s->control;
    for (size_t m = 0; m < s->methods - s->beside; m++) {
        const double mean = robustness_row(s, metric, ratio, m)->mean, highest = robustness_row(s, metric, ratio, best)->mean;
        if (mean > highest || (isfinite(mean) && !isfinite(highest))) best = m;
    }
    return best;
}

static void describe(const tamis_robustness *s, tamis_robustness_row *row, const double *value)
{
    const paired mean = paired_mean(value, row->seeds, s->overlap);
    double square = 0;
    row->mean = mean.mean;
    row->low = mean.low;
    row->high = mean.high;
    for (int64_t k = 0; k < row->seeds; k++) square += (value[k] - row->mean) * (value[k] - row->mean);
    row->deviation = row->seeds < 2 || !isfinite(row->mean) ? (double)NAN : sqrt(square / (double)(row->seeds - 1));
}

static void compare(const tamis_robustness *s, const double *value, size_t metric, size_t ratio)
{
    const size_t seeds = (size_t)s->options.seeds;
    double p[STUDY_METHODS] = {0}, adjusted[STUDY_METHODS] = {0};
    size_t tested[STUDY_METHODS], count = 0;
    for (size_t m = 0; m < s->methods; m++) {
        tamis_robustness_row *row = &s->row[row_index(s, metric, ratio, m)];
        const paired d = paired_compare(value + m * seeds, value + s->control * seeds, (int64_t)seeds, s->overlap);
        row->difference = d.mean;
        row->difference_low = row->difference_high = row->p = row->p_holm = (double)NAN;
        if (m == s->control || !isfinite(d.p)) continue;
        row->difference_low = d.low;
        row->difference_high = d.high;
        p[count] = row->p = d.p;
        tested[count++] = m;
    }
    tamis_holm(p, count, adjusted);
    for (size_t k = 0; k < count; k++) s->row[row_index(s, metric, ratio, tested[k])].p_holm = adjusted[k];
}

tamis_status robustness_summarize(tamis_robustness *s, const ledger *results, study_digest *digest, tamis_error *error)
{
    const size_t seeds = (size_t)s->options.seeds;
    double *value = calloc(s->methods * seeds + 1, sizeof *value);
    tamis_status status = TAMIS_OK;
    for (size_t k = 0; k < results->cells; k++) s->others += !results->cell[k].planned;
    s->rows = s->metrics * s->ratios * s->methods;
    s->row = calloc(s->rows + 1, sizeof *s->row);
    s->first = calloc(s->ratios * s->methods * seeds + 1, sizeof *s->first);
    if (!value || !s->row || !s->first) status = base_no_memory(error, "the summary", s->rows, sizeof *s->row);
    for (size_t metric = 0; metric < s->metrics && !status; metric++)
        for (size_t r = 0; r < s->ratios && !status; r++) {
            for (size_t m = 0; m < s->methods; m++) {
                tamis_robustness_row *row = &s->row[row_index(s, metric, r, m)];
                for (size_t k = 0; k < seeds && !status; k++) /* the order of cells: see robustness_cell() */
                    status = ledger_value(results, digest[(r * seeds + k) * s->methods + m], 6, s->metric[metric],
                                          &value[m * seeds + k], error);
                *row = (tamis_robustness_row){.method = s->method[m].name, .metric = s->metric[metric],
                                              .ratio = s->ratio[r], .seeds = (int64_t)seeds};
                describe(s, row, value + m * seeds);
                const double first = robustness_row(s, metric, 0, m)->mean;
                row->drop = first > 0 ? 1 - row->mean / first : (double)NAN;
            }
            if (!status) compare(s, value, metric, r);
            if (metric == 0) memcpy(s->first + r * s->methods * seeds, value, s->methods * seeds * sizeof *value);
        }
    free(value);
    return status;
}

const tamis_robustness_row *tamis_robustness_rows(const tamis_robustness *s, size_t index)
{
    return index < s->rows ? &s->row[index] : NULL;
}

const char *robustness_metric_help(const tamis_robustness *s, size_t metric, char *buffer, size_t size)
{
    const size_t whole = metric % s->whole_metrics;
    rank_column column;
    const rank_metric *row = rank_metric_find(s->metric[whole], &column, NULL) ? NULL : column.metric;
    int used = snprintf(buffer, size, "%s: %s", s->metric[metric], row ? row->help : "");
    if (metric >= s->whole_metrics && used > 0 && (size_t)used < size)
        base_format(buffer + used, size - (size_t)used,
                    "; only test items outside the %g%% most popular ones are counted", 100 * s->options.head);
    return buffer;
}

/* --------------------------------------------------------------------------------------------------- Markdown */

static void cell(const tamis_robustness_row *row, bool drop, base_writer *w)
{
    if (!isfinite(row->mean)) {
        base_writer_format(w, " diverged |");
        return;
    }
    base_writer_format(w, " %.4f", row->mean);
    if (isfinite(row->deviation)) base_writer_format(w, " ± %.4f", row->deviation);
    if (drop && isfinite(row->drop)) base_writer_format(w, " (%+.1f%%)", -100 * row->drop);
    if (isfinite(row->p_holm))
        base_writer_format(w, "<br>%+.4f (%+.4f to %+.4f), p %.3g, Holm %.3g", row->difference, row->difference_low, row->difference_high,
                           row->p, row->p_holm);
    base_writer_format(w, " |");
}

static void head(const tamis_robustness *s, const char *first, base_writer *w)
{
    base_writer_format(w, "| %s |", first);
    for (size_t r = 0; r < s->ratios; r++) base_writer_format(w, " %s %g |", s->words->axis, s->ratio[r]);
    base_writer_format(w, "\n|");
    for (const char *c = first; c; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL) base_writer_format(w, " --- |");
    for (size_t r = 0; r < s->ratios; r++) base_writer_format(w, " --- |");
    base_writer_format(w, "\n");
}

static void table(const tamis_robustness *s, size_t metric, base_writer *w)
{
    base_writer_format(w, "\n## %s\n\n", s->metric[metric]);
    head(s, "method", w);
    for (size_t m = 0; m < s->methods; m++) {
        base_writer_format(w, "| %s |", s->method[m].name);
        for (size_t r = 0; r < s->ratios; r++) cell(robustness_row(s, metric, r, m), r > 0, w);
        base_writer_format(w, "\n");
    }
}

/* ---- what methods were trained with */

static bool is_drawn(const tamis_robustness *s, size_t method, const tamis_option *row)
{
    for (size_t a = 0; a < SEARCH_AXES && s->drawn[method][a]; a++)
        if (s->drawn[method][a] == row) return true;
    return false;
}

const char *robustness_option(const tamis_robustness *s, size_t ratio, size_t method, const tamis_option *row, char *buffer, size_t size)
{
    return base_option_text(row, &s->chosen[ratio * s->methods + method], buffer, size);
}

/* What was drawn, and what is not as the method has it; but for what is the same in all of a study. */
static bool is_shown(const tamis_robustness *s, size_t method, const tamis_option *row)
{
    char value[300], usual[300];
    tamis_train_options fallback;
    if (row->neutral || row->role == TAMIS_ROLE_RUN || row->role == TAMIS_ROLE_JUDGE) return false;
    if (is_drawn(s, method, row)) return true;
    (void)tamis_train_options_default(&fallback, s->method[method].options.method, NULL);
    base_option_text(row, &fallback, usual, sizeof usual);
    for (size_t r = 0; r < s->ratios; r++)
        if (strcmp(robustness_option(s, r, method, row, value, sizeof value), usual) != 0) return true;
    return false;
}

/* Number k of all options of training with a method; NULL past the last. */
static const tamis_option *option_at(const char *method, size_t k)
{
    const tamis_option_table *table;
    for (size_t t = 0; (table = tamis_train_option_table(method, t)); k -= table->count, t++)
        if (k < table->count) return &table->rows[k];
    return NULL;
}

const tamis_option *robustness_next_option(const tamis_robustness *s, size_t method, size_t *at)
{
    const char *name = s->method[method].options.method;
    const tamis_option *row;
    while ((row = option_at(name, *at))) {
        ++*at;
        if (is_shown(s, method, row)) return row;
    }
    return NULL;
}

static void options_table(const tamis_robustness *s, base_writer *w)
{
    char value[300];
    const tamis_option *row;
    base_writer_format(w, "\n## Options\n\nThose that were drawn in tuning, and those that differ from a method's defaults.\n\n");
    head(s, "method | option", w);
    for (size_t m = 0; m < s->methods; m++)
        for (size_t at = 0; (row = robustness_next_option(s, m, &at));) {
            base_writer_format(w, "| %s | %s |", s->method[m].name, row->name);
            for (size_t r = 0; r < s->ratios; r++) base_writer_format(w, " %s |", robustness_option(s, r, m, row, value, sizeof value));
            base_writer_format(w, "\n");
        }
}

/* What stands in the tables: tests and intervals from three seeds on, deviations from two. */
static void explain(const tamis_robustness *s, base_writer *w)
{
    const long long seeds = s->options.seeds;
    const unsigned long long first = s->options.seed, last = first + (unsigned long long)seeds - 1;
    if (seeds == 1)
        base_writer_format(w, "One seed (%llu)", first);
    else
        base_writer_format(w, "Mean ± standard deviation over %lld seeds (%llu to %llu)", seeds, first, last);
    base_writer_format(w, ", measured %s; in brackets the change from %s %g. ", s->words->test, s->words->axis, s->ratio[0]);
    if (seeds < PAIRED_SEEDS)
        base_writer_format(w, "With less than three seeds there are neither intervals nor tests.\n\n");
    else
        base_writer_format(w, "Below: the difference from %s at the same %s with its 95%% interval, p of the paired t-test over seeds%s, "
                               "and p after Holm's correction over the methods.\n\n", s->method[s->control].name, s->words->axis,
                           s->overlap > 0 ? ", corrected for splits of one log (Nadeau and Bengio)" : "");
}

tamis_status robustness_markdown(const tamis_robustness *s, tamis_error *error)
{
    char dislikes[64];
    char path[4096], help[300];
    base_writer *w;
    if (!base_join(path, sizeof path, s->directory, "summary.md"))
        return base_fail(error, TAMIS_FAILURE, "the path of %.200s... is too long", s->directory);
    tamis_status status = base_writer_open(path, &w, error);
    if (status) return status;
    base_writer_format(w, "# %s\n\n**%s.**\n\n", s->words->title, s->verdict);
    for (size_t k = 0; k < s->warnings; k++) base_writer_format(w, "**Warning:** %s.\n\n", s->warning[k]);
    base_writer_format(w, "%lld users, %lld items, %lld interactions%s; %s (%s). ", (long long)s->users, (long long)s->items,
                       (long long)s->interactions, log_dislike_text(s->log, dislikes), s->words->x_label, s->options.noise);
    explain(s, w);
    if (*s->rounding) base_writer_format(w, "%s.\n\n", s->rounding);
    if (s->others)
        base_writer_format(w, "results.csv also holds %lld runs of other settings, which are not in these tables.\n\n",
                            (long long)s->others);
    for (size_t k = 0; k < s->metrics; k++)
        base_writer_format(w, "- %s\n", robustness_metric_help(s, k, help, sizeof help));
    for (size_t k = 0; k < s->metrics; k++) table(s, k, w);
    options_table(s, w);
    return base_writer_commit(w, error);
}
