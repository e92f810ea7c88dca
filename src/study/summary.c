/* From cells to the table: means over seeds, their intervals, drops, and paired tests against the control.
 *
 * The pairs are seeds: method and control have seen the same split and the same noise. Holm's correction is over the
 * methods at one ratio in one metric, the question being which of them differ from the control there. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/locale.h"
#include "base/status.h"
#include "rank/metric.h"
#include "rank/statistic.h"
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

static void describe(tamis_robustness_row *row, const double *value)
{
    const double n = (double)row->seeds;
    double sum = 0, square = 0;
    for (int64_t k = 0; k < row->seeds; k++) sum += value[k];
    row->mean = sum / n;
    for (int64_t k = 0; k < row->seeds; k++) square += (value[k] - row->mean) * (value[k] - row->mean);
    row->deviation = row->low = row->high = (double)NAN;
    if (row->seeds < 2 || !isfinite(row->mean)) return;
    row->deviation = sqrt(square / (n - 1));
    double reach = statistic_student_bound(0.95, n - 1) * row->deviation / sqrt(n);
    row->low = row->mean - reach;
    row->high = row->mean + reach;
}

static tamis_status compare(const tamis_robustness *s, const double *value, size_t metric, size_t ratio, tamis_error *error)
{
    const int64_t seeds = s->options.seeds;
    double p[STUDY_METHODS], adjusted[STUDY_METHODS];
    size_t tested[STUDY_METHODS], count = 0;
    tamis_paired_options options;
    tamis_paired paired;
    tamis_paired_options_default(&options);
    for (size_t m = 0; m < s->methods; m++) {
        tamis_robustness_row *row = &s->row[row_index(s, metric, ratio, m)];
        const tamis_robustness_row *control = robustness_row(s, metric, ratio, s->control);
        row->difference = row->mean - control->mean;
        row->p = row->p_holm = (double)NAN;
        if (m == s->control || seeds < 2 || !isfinite(row->difference)) continue;
        tamis_status status = tamis_paired_compare(value + m * (size_t)seeds, value + s->control * (size_t)seeds, seeds,
                                                   &options, &paired, error);
        if (status) return status;
        row->p = paired.t_p;
        p[count] = row->p;
        tested[count++] = m;
    }
    tamis_holm(p, count, adjusted);
    for (size_t k = 0; k < count; k++) s->row[row_index(s, metric, ratio, tested[k])].p_holm = adjusted[k];
    return TAMIS_OK;
}

/* What the mean of b is above that of a with 95% confidence, by Welch's t; NAN: one seed. Not seed by seed: what makes a
 * method gain from noise are often runs that fail without it, and those are no property of the split. Source: Welch,
 * Biometrika 34, 1947. */
static double surely_above(const tamis_robustness_row *a, const tamis_robustness_row *b)
{
    const double n = (double)a->seeds, va = a->deviation * a->deviation / n, vb = b->deviation * b->deviation / n;
    if (va + vb == 0) return b->mean - a->mean;
    const double degrees = (n - 1) * (va + vb) * (va + vb) / (va * va + vb * vb);
    return b->mean - a->mean - statistic_student_bound(0.90, degrees) * sqrt(va + vb); /* 5% lie beyond each bound */
}

/* Noise teaches nothing: a method that is better with it was held back without it by its options. */
static void warn_of_gains(tamis_robustness *s)
{
    for (size_t m = 0; m < s->methods - s->beside; m++) {
        const tamis_robustness_row *first = robustness_row(s, 0, 0, m), *most = first;
        for (size_t r = 1; r < s->ratios; r++) {
            const tamis_robustness_row *row = robustness_row(s, 0, r, m);
            if (surely_above(first, row) > 0 && row->mean > most->mean) most = row;
        }
        if (most == first) continue;
        base_format(s->warning[s->warnings++], sizeof s->warning[0],
                 "%s is better with more noise, by more than chance explains: %s %.4f at %g and %.4f at %g (with 95%% "
                 "confidence at least %+.4f); noise teaches nothing, so its options do not suit the log at %g: %s", first->method,
                 first->metric, first->mean, first->ratio, most->mean, most->ratio, surely_above(first, most),
                 first->ratio, s->method[m].fixed ? "give it others in --parameters"
                                                  : "raise --trials, or give it better ones in --parameters");
    }
}

const char *tamis_robustness_warning(const tamis_robustness *s, size_t index)
{
    return index < s->warnings ? s->warning[index] : NULL;
}

tamis_status robustness_summarize(tamis_robustness *s, const ledger *results, study_digest *digest, tamis_error *error)
{
    const size_t seeds = (size_t)s->options.seeds;
    double *value = calloc(s->methods * seeds + 1, sizeof *value);
    tamis_status status = TAMIS_OK;
    for (size_t k = 0; k < results->cells; k++) s->others += !results->cell[k].planned;
    s->rows = s->metrics * s->ratios * s->methods;
    s->row = calloc(s->rows + 1, sizeof *s->row);
    if (!value || !s->row) status = base_no_memory(error, "the summary", s->rows, sizeof *s->row);
    for (size_t metric = 0; metric < s->metrics && !status; metric++)
        for (size_t r = 0; r < s->ratios && !status; r++) {
            for (size_t m = 0; m < s->methods; m++) {
                tamis_robustness_row *row = &s->row[row_index(s, metric, r, m)];
                for (size_t k = 0; k < seeds && !status; k++) /* the order of cells: see robustness_cell() */
                    status = ledger_value(results, digest[(r * seeds + k) * s->methods + m], 6, s->metric[metric],
                                          &value[m * seeds + k], error);
                *row = (tamis_robustness_row){.method = s->method[m].name, .metric = s->metric[metric],
                                              .ratio = s->ratio[r], .seeds = (int64_t)seeds};
                describe(row, value + m * seeds);
                const double first = robustness_row(s, metric, 0, m)->mean;
                row->drop = first > 0 ? 1 - row->mean / first : (double)NAN;
            }
            if (!status) status = compare(s, value, metric, r, error);
        }
    if (!status && s->words->costs) warn_of_gains(s);
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

static void table(const tamis_robustness *s, size_t metric, base_writer *w)
{
    base_writer_format(w, "\n## %s\n\n| %s |", s->metric[metric], s->words->axis);
    for (size_t m = 0; m < s->methods; m++) base_writer_format(w, " %s |", s->method[m].name);
    base_writer_format(w, "\n| --- |");
    for (size_t m = 0; m < s->methods; m++) base_writer_format(w, " --- |");
    base_writer_format(w, "\n");
    for (size_t r = 0; r < s->ratios; r++) {
        base_writer_format(w, "| %g |", s->ratio[r]);
        for (size_t m = 0; m < s->methods; m++) {
            const tamis_robustness_row *row = robustness_row(s, metric, r, m);
            if (!isfinite(row->mean)) {
                base_writer_format(w, " diverged |");
                continue;
            }
            base_writer_format(w, " %.4f", row->mean);
            if (isfinite(row->deviation)) base_writer_format(w, " ± %.4f", row->deviation);
            if (r > 0 && isfinite(row->drop)) base_writer_format(w, " (%+.1f%%)", -100 * row->drop);
            if (isfinite(row->p_holm))
                base_writer_format(w, "<br>%s p %.3g, Holm %.3g", row->difference > 0 ? "above," : "below,", row->p,
                                    row->p_holm);
            base_writer_format(w, " |");
        }
        base_writer_format(w, "\n");
    }
}

static void options_table(const tamis_robustness *s, base_writer *w)
{
    base_writer_format(w, "\n## Options\n\nThose that differ from a method's defaults.\n\n| method | %s | options |\n"
                           "| --- | --- | --- |\n", s->words->axis);
    for (size_t m = 0; m < s->methods; m++)
        for (size_t r = 0; r < (s->method[m].fixed || s->options.trials < 2 ? 1 : s->ratios); r++) {
            study_text text = {0};
            char ratio[32] = "all";
            recipe_text(&s->chosen[r * s->methods + m], &text);
            if (!s->method[m].fixed && s->options.trials > 1) base_format(ratio, sizeof ratio, "%g", s->ratio[r]);
            base_writer_format(w, "| %s | %s | `%s` |\n", s->method[m].name, ratio, text.bytes ? text.bytes : "");
            study_text_clear(&text);
        }
}

tamis_status robustness_markdown(const tamis_robustness *s, tamis_error *error)
{
    char path[4096], help[300];
    base_writer *w;
    if (!base_join(path, sizeof path, s->directory, "summary.md"))
        return base_fail(error, TAMIS_FAILURE, "the path of %.200s... is too long", s->directory);
    tamis_status status = base_writer_open(path, &w, error);
    if (status) return status;
    base_writer_format(w, "# %s\n\n%lld users, %lld items, %lld interactions; %s (%s). Mean ± standard deviation over %lld "
                           "seeds (%llu to %llu), measured %s; in brackets the change from %s %g. Below: a paired t-test over "
                           "seeds against %s at the same %s, and its p after Holm's correction over the methods.\n\n",
                        s->words->title, (long long)s->users, (long long)s->items, (long long)s->interactions,
                        s->words->x_label, s->options.noise, (long long)s->options.seeds, (unsigned long long)s->options.seed,
                        (unsigned long long)(s->options.seed + (uint64_t)s->options.seeds - 1), s->words->test, s->words->axis,
                        s->ratio[0], s->method[s->control].name, s->words->axis);
    if (*s->rounding) base_writer_format(w, "%s.\n\n", s->rounding);
    if (s->others)
        base_writer_format(w, "results.csv also holds %lld runs of other settings, which are not in these tables.\n\n",
                            (long long)s->others);
    for (size_t k = 0; k < s->warnings; k++) base_writer_format(w, "**Warning:** %s.\n\n", s->warning[k]);
    for (size_t k = 0; k < s->metrics; k++)
        base_writer_format(w, "- %s\n", robustness_metric_help(s, k, help, sizeof help));
    for (size_t k = 0; k < s->metrics; k++) table(s, k, w);
    options_table(s, w);
    return base_writer_commit(w, error);
}
