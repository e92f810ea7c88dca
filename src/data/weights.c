/* Weights of rows: options, columns, transforms, decay. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/date.h"
#include "base/number.h"
#include "base/option.h"
#include "base/status.h"
#include "base/threads.h"
#include "data/notes.h"
#include "data/weights.h"

#define ROW(field, name, kind, range, fallback, ...) \
    BASE_OPTION(tamis_log_options, field, name, TAMIS_OPTION_##kind, range, fallback, "", __VA_ARGS__)

static const tamis_option rows[] = {
    ROW(weight, "weight", TEXT, "COLUMN", NULL, "column of numbers above 0, such as plays, that say how much a row counts"),
    ROW(weight_transform, "weight-transform", CHOICE, "log|linear|none", "log",
        "from a number r of --weight to the weight: log, 1 + SCALE ln(1 + r); linear, 1 + SCALE r; none, r", .only = "weight"),
    ROW(weight_scale, "weight-scale", REAL, "(0,inf)", NULL,
        "SCALE; without it 1 / the mean of r or ln(1 + r), and weights are divided by their mean, so that they are 1 on average",
        .only = "weight"),
    ROW(event, "event", TEXT, "COLUMN", NULL, "column of kinds of events, for --event-weight", .only = "event-weight"),
    ROW(event_weight, "event-weight", TEXT, "EVENT=NUMBER,...", NULL,
        "weights of kinds of events, as they are: view=1,cart=3,purchase=10; a row of another kind is a bad one"),
    ROW(half_life, "half-life", REAL, "(0,inf)", NULL, "days in which a row comes to count half, by its time"),
    ROW(now, "now", TEXT, "TIME", NULL, "the time from which ages count; without it that of the newest row", .only = "half-life"),
    ROW(repeats, "repeats", CHOICE, "merge|count|sum", "merge",
        "rows of the same user and item: merge, one interaction; count, their number is its weight; sum, weights add up"),
    ROW(keep, "keep", CHOICE, "most|first|last", "most",
        "of such rows, which rating and (but for --repeats count or sum) weight stay: the largest, those of the first or the last, by time"),
    ROW(keep_time, "keep-time", CHOICE, "first|last", "first",
        "of such rows, which time stays; with last a late repeat moves the interaction to where it was repeated in --order time"),
    ROW(dislike_below, "dislike-below", REAL, "(-inf,inf)", NULL,
        "rows rated below say no: they are dislikes, which are never positives and never recommended"),
    ROW(dislike, "dislike", TEXT, "PREDICATE", NULL, "so do rows for which it holds: COLUMN=VALUE,..., as in --where"),
};

static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_log_options *o = values;
    log_weighing weighing;
    double now;
    tamis_status status = base_option_check_idle(&weight_option_table, o, error);
    if (!status) status = log_weighing_read(&weighing, o, error);
    if (status) return status;
    if (o->weight && o->event_weight)
        return base_fail(error, TAMIS_USAGE, "--weight and --event-weight both say what a row counts; leave one of them out");
    if (o->weight_transform == TAMIS_WEIGHT_NONE && !isnan(o->weight_scale))
        return base_fail(error, TAMIS_USAGE, "--weight-scale has no effect with --weight-transform none; leave it out");
    if (o->repeats == TAMIS_REPEATS_COUNT && (o->weight || o->event_weight || !isnan(o->half_life)))
        return base_fail(error, TAMIS_USAGE, "--repeats count makes the number of rows the weight, so that %s has no effect; expected "
                         "--repeats sum, by which weights add up", o->weight ? "--weight" : o->event_weight ? "--event-weight" : "--half-life");
    if (o->min_rating > -(double)INFINITY && o->dislike_below > o->min_rating)
        return base_fail(error, TAMIS_USAGE, "--dislike-below %g is above --min-rating %g, so that rows between are positives and dislikes; "
                         "expected %g or less", o->dislike_below, o->min_rating, o->min_rating);
    if (o->now && !date_parse(o->now, strlen(o->now), &now))
        return base_fail(error, TAMIS_USAGE, "--now %.60s: expected a time such as 1287532527 or 2010-10-19T23:55:27Z", o->now);
    return TAMIS_OK;
}

const tamis_option_table weight_option_table = {"weights", rows, BASE_COUNT(rows), sizeof(tamis_log_options), check};

/* ---- a row's column */

static bool is_weight(double w)
{
    return w > 0 && w <= (double)FLT_MAX;
}

/* As a float that is not 0, which would be a dislike. */
static float clamped(double w)
{
    return w > (double)FLT_MAX ? FLT_MAX : w < (double)FLT_MIN ? FLT_MIN : (float)w;
}

tamis_status log_weighing_read(log_weighing *w, const tamis_log_options *o, tamis_error *error)
{
    *w = (log_weighing){.column = o->event_weight ? o->event : o->weight, .option = o->event_weight ? "--event-weight" : "--weight",
                        .wanted = o->weight || o->event_weight, .events = o->event_weight != NULL,
                        .disliking = o->dislike || !isnan(o->dislike_below), .by_column = o->dislike, .dislike_below = o->dislike_below};
    tamis_status status = predicate_parse(&w->dislike, "--dislike", o->dislike ? o->dislike : LOG_DISLIKE "=1,true,True,TRUE", error);
    if (status || !w->events) return status;
    status = predicate_parse_pairs(&w->event, w->option, o->event_weight, error);
    for (size_t k = 0; !status && k < w->event.values; k++) {
        if (!is_weight(w->event.number[k]))
            status = base_fail(error, TAMIS_USAGE, "--event-weight %s=%g: expected a number above 0 and below 3e38; --where-not leaves out "
                               "rows of a kind", w->event.value[k], w->event.number[k]);
        w->event.number[k] = (double)clamped(w->event.number[k]);
    }
    return status;
}

bool log_weighing_parse(const log_weighing *w, const char *text, size_t length, double *value)
{
    if (!w->events) {
        if (!number_parse_real(text, length, value) || !is_weight(*value)) return false;
        *value = (double)clamped(*value);
        return true;
    }
    for (size_t k = 0; k < w->event.values; k++)
        if (strlen(w->event.value[k]) == length && memcmp(w->event.value[k], text, length) == 0) {
            *value = w->event.number[k];
            return true;
        }
    return false;
}

const char *log_weighing_expected(const log_weighing *w, char *buffer, size_t size)
{
    size_t used = (size_t)snprintf(buffer, size, w->events ? "has no --event-weight; expected" : "is not a number above 0 and below 3e38; expected one such as 3 or 0.5");
    for (size_t k = 0; w->events && k < w->event.values && used + 1 < size; k++)
        used += (size_t)snprintf(buffer + used, size - used, "%s %.40s", !k ? "" : k + 1 == w->event.values ? " or" : ",", w->event.value[k]);
    return buffer;
}

/* ---- all rows */

bool log_is_weighted(const tamis_log_options *o)
{
    return o->weight || o->event_weight || !isnan(o->half_life) || o->repeats != TAMIS_REPEATS_MERGE;
}

static bool is_disliked(const log_rows *r, int64_t k)
{
    return !(r->weight[k] > 0);
}

/* Weights of which nobody has said how large they are: they are 1 on average. */
static bool is_automatic(const tamis_log_options *o)
{
    if (o->weight) return isnan(o->weight_scale) && o->weight_transform != TAMIS_WEIGHT_NONE;
    return !o->event_weight && o->repeats == TAMIS_REPEATS_MERGE && !isnan(o->half_life);
}

/* r becomes ln(1 + r) where the transform is log. Returns the mean, or NAN: out of memory; the same bits whatever the threads. */
static double take_logarithms(log_rows *r, const tamis_log_options *o)
{
    enum { PART = 1 << 16 };
    double sum = 0;
    int64_t count = 0;
    const int64_t parts = (r->count + PART - 1) / PART;
    double *part = base_alloc_raw((size_t)parts + 1, sizeof *part);
    if (!part) return (double)NAN;
#pragma omp parallel for num_threads(base_team(parts > 1 ? base_threads(0) : 1)) schedule(static) reduction(+ : count)
    for (int64_t p = 0; p < parts; p++) {
        double s = 0;
        for (int64_t k = p * PART; k < r->count && k < (p + 1) * PART; k++) {
            if (o->weight_transform == TAMIS_WEIGHT_LOG) r->weight[k] = (float)log1p((double)r->weight[k]);
            s += (double)r->weight[k];
            count += !is_disliked(r, k);
        }
        part[p] = s;
    }
    for (int64_t p = 0; p < parts; p++) sum += part[p];
    base_free(part);
    return count ? sum / (double)count : 1;
}

static tamis_status decay(log_rows *r, const tamis_log_options *o, tamis_log_summary *summary, tamis_error *error)
{
    const double day = 86400;
    double newest = -(double)INFINITY, now;
    int64_t later = 0, oldest = 0;
    for (int64_t k = 0; k < r->count; k++) {
        const double time = r->has_time ? times_at(&r->time, k) : (double)NAN;
        if (is_disliked(r, k)) continue;
        if (isnan(time))
            return base_fail(error, TAMIS_DATA, "--half-life needs a time in every row, and there is none in row %" PRId64
                             "; name their column with --time", k + 1);
        if (time > newest) newest = time;
    }
    const double unit = times_unit(newest);
    if (o->now && date_parse(o->now, strlen(o->now), &now)) now /= times_unit(now);
    else now = newest / unit;
#pragma omp parallel for num_threads(base_team(r->count > 1 << 16 ? base_threads(0) : 1)) schedule(static) reduction(+ : later, oldest)
    for (int64_t k = 0; k < r->count; k++) {
        if (is_disliked(r, k)) continue;
        const double age = (now - times_at(&r->time, k) / unit) / day;
        const double weight = (double)r->weight[k] * exp2(-(age < 0 ? 0 : age) / o->half_life);
        later += age < 0;
        oldest += weight < (double)FLT_MIN;
        r->weight[k] = clamped(weight);
    }
    if (oldest)
        log_note(summary, TAMIS_NOTE_WEIGHT, true, oldest, "rows so many times --half-life old that they count alike, next to nothing: %" PRId64
                 "%s", oldest, o->now ? "; is --now right?" : "");
    if (later)
        log_note(summary, TAMIS_NOTE_WEIGHT, false, later, "rows later than --now %.60s count as if they were of that time: %" PRId64, o->now,
                 later);
    return TAMIS_OK;
}

tamis_status log_weigh_rows(log_rows *r, const tamis_log_options *o, tamis_log_summary *summary, tamis_error *error)
{
    if (!log_is_weighted(o)) return TAMIS_OK;
    if (!rows_add_weight(r)) return base_no_memory(error, "weights", (size_t)r->count, sizeof *r->weight);
    if (o->weight && o->weight_transform != TAMIS_WEIGHT_NONE) {
        const double mean = take_logarithms(r, o), scale = is_automatic(o) ? 1 / mean : o->weight_scale;
        if (isnan(mean)) return base_no_memory(error, "weights", (size_t)r->count, sizeof *r->weight);
        for (int64_t k = 0; k < r->count; k++)
            if (!is_disliked(r, k)) r->weight[k] = clamped(1 + scale * (double)r->weight[k]);
    }
    return isnan(o->half_life) ? TAMIS_OK : decay(r, o, summary, error);
}

void log_scale_weights(float *weight, int64_t n, const tamis_log_options *o)
{
    double sum = 0;
    if (!is_automatic(o)) return;
    for (int64_t k = 0; k < n; k++) sum += (double)weight[k];
    for (int64_t k = 0; k < n; k++) weight[k] = clamped((double)weight[k] * (double)n / sum);
}
