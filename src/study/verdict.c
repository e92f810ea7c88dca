/* The verdict: whose first metric is highest on average over the ratios, and whom chance does not set apart from it. The pairs are
 * seeds, each with a mean over the ratios; the correction is Holm's over the others. Warnings: who gains from noise, and who
 * is below its own control. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/locale.h"
#include "base/status.h"
#include "method/method.h"
#include "rank/statistic.h"
#include "study/paired.h"
#include "study/summary.h"
#include "study/verdict.h"

/* A sentence that is put together piece by piece. */
typedef struct sentence {
    char *text;
    size_t size, used;
} sentence;

static void say(sentence *s, const char *format, ...) BASE_PRINTF(2, 3);
static void say(sentence *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = s->used < s->size ? base_vformat(s->text + s->used, s->size - s->used, format, arguments) : 0;
    va_end(arguments);
    if (length > 0) s->used += (size_t)length;
}

/* "a", "a and b", "a, b and c": what stands before number k of n. */
static const char *between(size_t k, size_t n)
{
    return k == 0 ? "" : k + 1 == n ? " and " : ", ";
}

static const double *values_of(const tamis_robustness *s, size_t ratio, size_t m)
{
    return s->first + (ratio * s->methods + m) * (size_t)s->options.seeds;
}

/* ---- who is best on average */

typedef struct contest {
    const tamis_robustness *s;
    double *average;             /* methods x seeds: the mean over ratios; NAN: it diverged somewhere */
    size_t best, next;           /* next: the highest mean of the others */
    size_t near[STUDY_METHODS], nears; /* whom chance may have put below the best */
    size_t others;               /* that are compared with it */
    double worst_p;              /* Holm's, of those that are set apart */
} contest;

static double mean_of(const contest *c, size_t m)
{
    return paired_mean(c->average + m * (size_t)c->s->options.seeds, c->s->options.seeds, 0).mean;
}

static paired compare(const contest *c, size_t a, size_t b)
{
    const size_t seeds = (size_t)c->s->options.seeds;
    return paired_compare(c->average + a * seeds, c->average + b * seeds, (int64_t)seeds, c->s->overlap);
}

/* The highest mean but that of `but`; SIZE_MAX: none is finite. */
static size_t highest(const contest *c, size_t but)
{
    size_t best = SIZE_MAX;
    for (size_t m = 0; m < c->s->methods - c->s->beside; m++)
        if (m != but && isfinite(mean_of(c, m)) && (best == SIZE_MAX || mean_of(c, m) > mean_of(c, best))) best = m;
    return best;
}

static void test_others(contest *c)
{
    double p[STUDY_METHODS] = {0}, adjusted[STUDY_METHODS] = {0};
    size_t tested[STUDY_METHODS];
    for (size_t m = 0; m < c->s->methods - c->s->beside; m++) {
        if (m == c->best || !isfinite(mean_of(c, m))) continue;
        tested[c->others] = m;
        p[c->others++] = compare(c, c->best, m).p;
    }
    if (c->s->options.seeds < PAIRED_SEEDS) return;
    tamis_holm(p, c->others, adjusted);
    for (size_t k = 0; k < c->others; k++)
        if (adjusted[k] < 0.05)
            c->worst_p = fmax(c->worst_p, adjusted[k]);
        else
            c->near[c->nears++] = tested[k];
}

/* Where another one than the best leads. */
static void say_leaders(const contest *c, sentence *out)
{
    const tamis_robustness *s = c->s;
    size_t ratios = 0, said = 0, leader[STUDY_RATIOS];
    for (size_t r = 0; r < s->ratios; r++) ratios += (leader[r] = robustness_best(s, 0, r)) != c->best;
    for (size_t r = 0; r < s->ratios; r++)
        if (leader[r] != c->best) {
            say(out, "%s%s at %g", said ? between(said, ratios) : ", though the highest mean is that of ", s->method[leader[r]].name,
                s->ratio[r]);
            said++;
        }
}

static void say_range(const tamis_robustness *s, sentence *out)
{
    if (s->ratios > 1)
        say(out, "on average over %s %g to %g", s->words->axis, s->ratio[0], s->ratio[s->ratios - 1]);
    else
        say(out, "at %s %g", s->words->axis, s->ratio[0]);
}

static void say_limits(const tamis_robustness *s, sentence *out)
{
    const size_t methods = s->methods - s->beside;
    size_t fixed = 0, said = 0;
    for (size_t m = 0; m < methods; m++) fixed += s->method[m].fixed;
    say(out, "; this holds for %s%s, over %lld seeds", s->words->limits, s->options.noise, (long long)s->options.seeds);
    if (s->options.trials <= 1 || fixed == methods) {
        say(out, ", with options that were not tuned");
        return;
    }
    say(out, ", each method tuned with %lld trials per ratio", (long long)s->options.trials);
    for (size_t m = 0; m < methods; m++)
        if (s->method[m].fixed) {
            say(out, "%s%s", said ? between(said, fixed) : " but for ", s->method[m].name);
            said++;
        }
}

static void say_next(const contest *c, size_t other, sentence *out)
{
    const paired d = compare(c, c->best, other);
    say(out, "%s with %.4f, lower by %.4f (95%% interval %+.4f to %+.4f)", c->s->method[other].name, mean_of(c, other), d.mean, d.low,
        d.high);
}

static void judge(const contest *c, sentence *out)
{
    const tamis_robustness *s = c->s;
    const char *name = s->method[c->best].name, *metric = s->metric[0];
    if (s->options.seeds < PAIRED_SEEDS) {
        say(out, "Not decided: %s has the highest %s ", name, metric);
        say_range(s, out);
        say(out, " (%.4f), but %lld seed%s not enough to tell it from chance; give --seeds %d or more", mean_of(c, c->best),
            (long long)s->options.seeds, s->options.seeds == 1 ? " is" : "s are", PAIRED_SEEDS);
        return;
    }
    say(out, c->nears ? "Not decided: %s has the highest %s " : "Take %s: it has the highest %s ", name, metric);
    say_range(s, out);
    say(out, " (%.4f)", mean_of(c, c->best));
    if (c->nears) {
        say(out, ", but by no more than chance explains over ");
        for (size_t k = 0; k < c->nears; k++) say(out, "%s%s", between(k, c->nears), s->method[c->near[k]].name);
        say(out, ", the next being ");
    } else {
        say(out, ", more than chance explains (p %s%.2g", c->others > 1 ? "at most " : "", c->worst_p);
        if (c->others > 1) say(out, " after Holm's correction over %zu", c->others);
        say(out, "), the next being ");
    }
    say_next(c, c->next, out);
    say_leaders(c, out);
    say_limits(s, out);
}

static tamis_status decide(tamis_robustness *s, tamis_error *error)
{
    const size_t seeds = (size_t)s->options.seeds;
    contest c = {.s = s, .average = calloc(s->methods * seeds + 1, sizeof *c.average)};
    sentence out = {s->verdict, sizeof s->verdict, 0};
    if (!c.average) return base_no_memory(error, "a verdict", s->methods * seeds, sizeof *c.average);
    for (size_t m = 0; m < s->methods; m++)
        for (size_t r = 0; r < s->ratios; r++)
            for (size_t k = 0; k < seeds; k++) c.average[m * seeds + k] += values_of(s, r, m)[k] / (double)s->ratios;
    c.best = highest(&c, SIZE_MAX);
    c.next = highest(&c, c.best);
    if (c.best == SIZE_MAX) {
        say(&out, "Not decided: every method has diverged at some %s", s->words->axis);
    } else if (c.next == SIZE_MAX) {
        say(&out, "Not decided: %s is the only method that has figures at every %s; a verdict needs two", s->method[c.best].name,
            s->words->axis);
    } else {
        test_others(&c);
        judge(&c, &out);
    }
    free(c.average);
    return TAMIS_OK;
}

/* ---- warnings */

static sentence next_warning(tamis_robustness *s)
{
    return (sentence){s->warning[s->warnings++], sizeof s->warning[0], 0};
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
static void warn_of_gain(tamis_robustness *s, size_t m)
{
    const tamis_robustness_row *first = robustness_row(s, 0, 0, m), *most = first;
    for (size_t r = 1; r < s->ratios; r++) {
        const tamis_robustness_row *row = robustness_row(s, 0, r, m);
        if (surely_above(first, row) > 0 && row->mean > most->mean) most = row;
    }
    if (most == first) return;
    sentence out = next_warning(s);
    say(&out, "%s is better with more noise, by more than chance explains: %s %.4f at %g and %.4f at %g (with 95%% confidence at least "
        "%+.4f); noise teaches nothing, so its options do not suit the log at %g: %s", first->method, first->metric, first->mean,
        first->ratio, most->mean, most->ratio, surely_above(first, most), first->ratio,
        s->method[m].fixed ? "give it others in --parameters" : "raise --trials, or give it better ones in --parameters");
}

/* Where a method's own control is in the list: the same without what it does about noise. */
static bool find_control(const tamis_robustness *s, size_t m, size_t *control)
{
    const char *name = s->method[m].control;
    for (*control = 0; *name && *control < s->methods; ++*control)
        if (strcmp(s->method[*control].name, name) == 0) return true;
    return false;
}

static void warn_of_control(tamis_robustness *s, size_t m)
{
    size_t control, below[STUDY_RATIOS], count = 0, worst = 0;
    if (!find_control(s, m, &control)) return;
    for (size_t r = 0; r < s->ratios; r++) {
        const double lower = robustness_row(s, 0, r, control)->mean - robustness_row(s, 0, r, m)->mean;
        if (!(lower > 0)) continue;
        if (!count || lower > robustness_row(s, 0, worst, control)->mean - robustness_row(s, 0, worst, m)->mean) worst = r;
        below[count++] = r;
    }
    if (!count) return;
    const paired d = paired_compare(values_of(s, worst, m), values_of(s, worst, control), s->options.seeds, s->overlap);
    sentence out = next_warning(s);
    say(&out, "%s is below its own control %s, which does nothing about noise, at %s ", s->method[m].name, s->method[control].name,
        s->words->axis);
    for (size_t k = 0; k < count; k++) say(&out, "%s%g", between(k, count), s->ratio[below[k]]);
    say(&out, ": at %g its %s is %.4f against %.4f", s->ratio[worst], s->metric[0], robustness_row(s, 0, worst, m)->mean,
        robustness_row(s, 0, worst, control)->mean);
    if (isfinite(d.low)) say(&out, " (95%% interval of the difference %+.4f to %+.4f)", d.low, d.high);
    say(&out, "; what it does there costs more than it brings%s", d.low > 0 || d.high < 0 ? "" : ", if not by chance");
    if (!isfinite(d.low))
        say(&out, ", which %lld seed%s not enough to tell", (long long)s->options.seeds, s->options.seeds == 1 ? " is" : "s are");
}

tamis_status study_judge(tamis_robustness *s, tamis_error *error)
{
    for (size_t m = 0; m < s->methods - s->beside; m++) {
        if (s->words->costs) warn_of_gain(s, m);
        warn_of_control(s, m);
    }
    return decide(s, error);
}

const char *tamis_robustness_verdict(const tamis_robustness *s)
{
    return s->verdict;
}

const char *tamis_robustness_warning(const tamis_robustness *s, size_t index)
{
    return index < s->warnings ? s->warning[index] : NULL;
}
