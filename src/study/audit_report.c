/* The audit as a page: how positions are spread, and who is above the others. */
#include <math.h>

#include "base/status.h"
#include "base/writer.h"
#include "data/log.h"
#include "study/audit_report.h"
#include "study/page.h"

enum { BARS = 20, SHOWN = 10, RANKS = 100 };

/* The density in each twentieth. */
static void curve(const density *d, svg_point *point)
{
    for (int k = 0; k < BARS; k++) {
        const int from = k * DENSITY_BINS / BARS, end = (k + 1) * DENSITY_BINS / BARS;
        double count = 0;
        for (int b = from; b < end; b++) count += (double)d->bin[b];
        const double y = d->n ? count * DENSITY_BINS / (end - from) / (double)d->n : (double)NAN;
        point[k] = (svg_point){(k + 0.5) / BARS, fmin(y, 2), (double)NAN, (double)NAN};
    }
}

static void draw_spread(base_writer *w, const tamis_audit *audit)
{
    svg_point all[BARS], popular[BARS], bound[2] = {{0, audit->bound.share, (double)NAN, (double)NAN},
                                                    {1, audit->bound.share, (double)NAN, (double)NAN}};
    static const char *const names[] = {"among all items", "among items drawn by popularity", "noise at most, if uniform"};
    const svg_series series[] = {{names[0], all, BARS}, {names[1], popular, BARS}, {names[2], bound, 2}};
    const svg_chart chart = {.title = "Where interactions stand", .x_label = "position: 0 best, 1 last", .y_label = "density (cut at 2)",
                             .series = series, .count = 3, .from_zero = true, .id = "spread"};
    curve(&audit->spread, all);
    curve(&audit->popular_spread, popular);
    page_legend(w, names, 3);
    base_writer_format(w, "<div class=\"figures\">\n");
    page_figure(w, &chart, "Noise that is uniform over items has density 1 times its share everywhere among all items; noise that "
                           "follows popularity has it among items drawn by popularity.");
}

static void draw_groups(base_writer *w, const tamis_audit *audit)
{
    svg_point point[2][RANKS];
    svg_series series[2] = {{"users", point[0], 0}, {"items", point[1], 0}};
    for (int which = 0; which < 2; which++)
        for (int64_t k = 0; k < audit->groups[which] && k < RANKS; k++)
            point[which][series[which].count++] = (svg_point){(double)k + 1, audit->group[which][k].excess, (double)NAN, (double)NAN};
    const svg_chart chart = {.title = "The most suspicious users and items", .x_label = "rank", .y_label = "standard errors above the mean",
                             .series = series, .count = 2, .from_zero = true, .id = "groups"};
    page_figure(w, &chart, "Blue circles are users, orange squares items. A few that stand high above the others may be bots or junk items; "
                           "rare items stand above the mean without being noise.");
    base_writer_format(w, "</div>\n");
}

static void table(base_writer *w, const tamis_audit *audit, const tamis_log *log, int which)
{
    base_writer_format(w, "<h2>%s</h2>\n<table>\n<tr><th>id</th><th>interactions</th><th>mean suspicion</th><th>standard errors above</th></tr>\n",
                       which ? "Items" : "Users");
    for (int64_t k = 0; k < audit->groups[which] && k < SHOWN; k++) {
        const tamis_audit_group *g = &audit->group[which][k];
        size_t length;
        const char *id = which ? tamis_log_item_id(log, g->row, &length) : tamis_log_user_id(log, g->row, &length);
        char text[64] = "";
        for (size_t c = 0; c < length && c < sizeof text - 1; c++) text[c] = id[c] ? id[c] : ' ';
        base_writer_format(w, "<tr><td>");
        svg_escape(w, text);
        base_writer_format(w, "</td><td>%lld</td><td>%.3f</td><td>%.1f</td></tr>\n", (long long)g->interactions, g->suspicion, g->excess);
    }
    base_writer_format(w, "</table>\n");
}

static void verdict(base_writer *w, const tamis_audit_bound *b)
{
    if (!isfinite(b->share)) {
        base_writer_format(w, "<p>This score ranks, but bounds no share of noise; a cross-fitted one does.</p>\n");
        return;
    }
    base_writer_format(w, "<p>Noise is at most %.1f%% of the log if it is uniform over items, at most %.1f%% if it follows their popularity "
                          "or is of both kinds. True interactions that no model foretells are in these figures, so there may be far less.</p>\n"
                          "<p>It is at least %.1f%%, if %s.</p>\n",
                       100 * b->share, 100 * b->popular, 100 * b->least, b->assumption);
}

tamis_status tamis_audit_report(const tamis_audit *audit, const tamis_log *log, const tamis_sink *sink, tamis_error *error)
{
    base_writer *w;
    base_clear(error);
    if (!audit || !log || !sink) return base_null(error, !audit ? "the audit" : !log ? "the log" : "the sink");
    if (tamis_log_users(log) != audit->groups[0] || tamis_log_items(log) != audit->groups[1])
        return base_fail(error, TAMIS_USAGE, "the log is not the one that was audited");
    tamis_status status = base_writer_sink(sink, &w, error);
    if (status) return status;
    page_begin(w, "Audit of a log");
    char dislikes[64];
    base_writer_format(w, "<p class=\"origin\">%lld users, %lld items, %lld interactions%s</p>\n", (long long)tamis_log_users(log),
                       (long long)tamis_log_items(log), (long long)tamis_log_interactions(log), log_dislike_text(log, dislikes));
    verdict(w, &audit->bound);
    draw_spread(w, audit);
    draw_groups(w, audit);
    table(w, audit, log, 0);
    table(w, audit, log, 1);
    page_end(w, NULL);
    return base_writer_commit(w, error);
}
