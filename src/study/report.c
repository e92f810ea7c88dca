/* report.html of the robustness study, and plots.gp, from which gnuplot draws the same figures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/files.h"
#include "base/locale.h"
#include "base/status.h"
#include "data/log.h"
#include "study/page.h"
#include "study/paired.h"
#include "study/report.h"
#include "study/summary.h"

typedef enum view { VALUE, DROP } view;

typedef struct figure {
    const char *file; /* of gnuplot's output */
    view view;
    bool tail;
} figure;

static const figure figures[] = {{"metric", VALUE, false}, {"drop", DROP, false}, {"tail", VALUE, true}};

static svg_point point_of(const tamis_robustness *s, const figure *f, size_t ratio, size_t method)
{
    const tamis_robustness_row *row = robustness_row(s, f->tail ? s->whole_metrics : 0, ratio, method);
    if (f->view == DROP) return (svg_point){row->ratio, -row->drop, (double)NAN, (double)NAN};
    return (svg_point){row->ratio, row->mean, row->low, row->high};
}

static void label_of(const tamis_robustness *s, const figure *f, char *buffer, size_t size)
{
    const char *metric = s->metric[f->tail ? s->whole_metrics : 0];
    if (f->view == DROP)
        base_format(buffer, size, "change of %s from %s %g", metric, s->words->axis, s->ratio[0]);
    else
        snprintf(buffer, size, "%s, mean over seeds", metric);
}

static void title_of(const tamis_robustness *s, const figure *f, char *buffer, size_t size)
{
    const char *title = s->words->figure[f - figures], *metric = s->metric[f->tail ? s->whole_metrics : 0];
    const char *gap = strstr(title, "%s");
    snprintf(buffer, size, "%.*s%s%s", (int)(gap - title), title, metric, gap + 2);
}

static void caption_of(const tamis_robustness *s, const figure *f, char *buffer, size_t size)
{
    char help[300];
    const unsigned long long first = s->options.seed, last = first + (uint64_t)s->options.seeds - 1;
    robustness_metric_help(s, f->tail ? s->whole_metrics : 0, help, sizeof help);
    if (f->view == DROP)
        base_format(buffer, size,
                    "Mean over seeds %llu to %llu divided by the method's own mean at %s %g, less one. %s.", first,
                    last, s->words->axis, s->ratio[0], help);
    else
        snprintf(buffer, size, "Mean over seeds %llu to %llu%s. %s. Measured %s.", first, last,
                 s->options.seeds < PAIRED_SEEDS ? "" : s->overlap > 0 ? "; bars: its 95% interval, corrected for splits of one log"
                                                                      : "; bars: its 95% interval", help, s->words->test);
}

/* ------------------------------------------------------------------------------------------------------ report */

static bool draw(const tamis_robustness *s, const figure *f, base_writer *w)
{
    svg_point *point = calloc(s->methods * s->ratios + 1, sizeof *point);
    svg_series series[STUDY_METHODS];
    char label[120], title[120], caption[900], id[20];
    if (!point) return false;
    for (size_t m = 0; m < s->methods; m++) {
        for (size_t r = 0; r < s->ratios; r++) point[m * s->ratios + r] = point_of(s, f, r, m);
        series[m] = (svg_series){s->method[m].name, point + m * s->ratios, s->ratios};
    }
    label_of(s, f, label, sizeof label);
    title_of(s, f, title, sizeof title);
    caption_of(s, f, caption, sizeof caption);
    snprintf(id, sizeof id, "figure-%s", f->file);
    const svg_chart chart = {.title = title, .x_label = s->words->x_label, .y_label = label, .series = series, .count = s->methods,
                             .percent = f->view == DROP, .id = id};
    page_figure(w, &chart, caption);
    free(point);
    return true;
}

/* The verdict, what makes it doubtful, and at each ratio who is first. */
static void verdict(const tamis_robustness *s, base_writer *w)
{
    base_writer_format(w, "<p class=\"verdict\">");
    svg_escape(w, s->verdict);
    base_writer_format(w, ".</p>\n");
    for (size_t k = 0; k < s->warnings; k++) {
        base_writer_format(w, "<p class=\"warning\"><b>Warning:</b> ");
        svg_escape(w, s->warning[k]);
        base_writer_format(w, ".</p>\n");
    }
    base_writer_format(w, "<ul>\n");
    for (size_t r = 0; r < s->ratios; r++) {
        size_t best = robustness_best(s, 0, r);
        const tamis_robustness_row *row = robustness_row(s, 0, r, best), *control = robustness_row(s, 0, r, s->control);
        base_writer_format(w, "<li>%c%s %g: ", s->words->axis[0] - 32, s->words->axis + 1, s->ratio[r]);
        svg_escape(w, row->method);
        if (!isfinite(row->mean)) {
            base_writer_format(w, ", the control, diverged, and so did all others.");
        } else if (!isfinite(control->mean)) {
            base_writer_format(w, " has the highest mean, %.4f; ", row->mean);
            svg_escape(w, control->method);
            base_writer_format(w, ", the control, diverged.");
        } else if (best == s->control) {
            base_writer_format(w, ", the control, has the highest mean (%.4f).", row->mean);
        } else {
            base_writer_format(w, " has the highest mean, %.4f against %.4f of ", row->mean, control->mean);
            svg_escape(w, control->method);
            if (isfinite(row->p_holm))
                base_writer_format(w, ", %s (difference %+.4f, 95%% interval %+.4f to %+.4f).",
                                    row->p_holm < 0.05 ? "more than chance explains" : "within chance", row->difference,
                                    row->difference_low, row->difference_high);
            else
                base_writer_format(w, "; less than three seeds say nothing about chance.");
        }
        base_writer_format(w, "</li>\n");
    }
    base_writer_format(w, "</ul>\n");
}

/* A table's first row: its left columns, then the ratios. */
static void head(const tamis_robustness *s, const char *left, const char *class, base_writer *w)
{
    base_writer_format(w, "<div class=\"wide\"><table%s>\n<tr>%s", class, left);
    for (size_t r = 0; r < s->ratios; r++) base_writer_format(w, "<th>%s %g</th>", s->words->axis, s->ratio[r]);
    base_writer_format(w, "</tr>\n");
}

static void cell(const tamis_robustness_row *row, bool best, bool drop, base_writer *w)
{
    base_writer_format(w, best ? "<td class=\"best\">" : "<td>");
    if (!isfinite(row->mean)) {
        base_writer_format(w, "diverged</td>");
        return;
    }
    base_writer_format(w, "%.4f", row->mean);
    if (isfinite(row->deviation)) base_writer_format(w, " <i>&plusmn; %.4f</i>", row->deviation);
    if (drop && isfinite(row->drop)) base_writer_format(w, "<small>change %+.1f%%</small>", -100 * row->drop);
    if (isfinite(row->p_holm))
        base_writer_format(w, "<small>%+.4f [%+.4f, %+.4f]</small><small>p %.2g</small>", row->difference, row->difference_low,
                           row->difference_high, row->p_holm);
    base_writer_format(w, "</td>");
}

static void table(const tamis_robustness *s, size_t metric, base_writer *w)
{
    char help[300];
    base_writer_format(w, "<h2>");
    svg_escape(w, s->metric[metric]);
    base_writer_format(w, "</h2>\n<p>");
    svg_escape(w, robustness_metric_help(s, metric, help, sizeof help));
    base_writer_format(w, ".</p>\n");
    head(s, "<th>method</th>", "", w);
    for (size_t m = 0; m < s->methods; m++) {
        base_writer_format(w, "<tr><th>");
        svg_key(w, m);
        svg_escape(w, s->method[m].name);
        base_writer_format(w, "</th>");
        for (size_t r = 0; r < s->ratios; r++) cell(robustness_row(s, metric, r, m), m == robustness_best(s, metric, r), r > 0, w);
        base_writer_format(w, "</tr>\n");
    }
    base_writer_format(w, "</table></div>\n");
}

static void options_of(const tamis_robustness *s, size_t m, base_writer *w)
{
    char value[300];
    const tamis_option *row;
    bool named = false;
    for (size_t at = 0; (row = robustness_next_option(s, m, &at)); named = true) {
        base_writer_format(w, named ? "<tr><th></th><td><code>" : "<tr class=\"first\"><th>");
        if (!named) {
            svg_escape(w, s->method[m].name);
            base_writer_format(w, "</th><td><code>");
        }
        svg_escape(w, row->name);
        base_writer_format(w, "</code></td>");
        for (size_t r = 0; r < s->ratios; r++) {
            base_writer_format(w, "<td>");
            svg_escape(w, robustness_option(s, r, m, row, value, sizeof value));
            base_writer_format(w, "</td>");
        }
        base_writer_format(w, "</tr>\n");
    }
}

static void options_table(const tamis_robustness *s, base_writer *w)
{
    base_writer_format(w, "<h2>Options</h2>\n<p>%s, and those that differ from a method&rsquo;s defaults.</p>\n",
                       s->options.trials > 1 ? "Those that were drawn in tuning, as chosen on the first seed&rsquo;s validation part"
                                             : "None was tuned");
    head(s, "<th>method</th><th>option</th>", " class=\"options\"", w);
    for (size_t m = 0; m < s->methods; m++) options_of(s, m, w);
    base_writer_format(w, "</table></div>\n");
}

/* What it was made from. */
static void origin(const tamis_robustness *s, base_writer *w)
{
    if (s->options.log_name) {
        base_writer_format(w, "<p class=\"origin\">");
        svg_escape(w, s->options.log_name);
        char dislikes[64];
        base_writer_format(w, " &middot; %lld users, %lld items, %lld interactions%s</p>\n", (long long)s->users, (long long)s->items,
                           (long long)s->interactions, log_dislike_text(s->log, dislikes));
    }
}

static tamis_status open_file(const tamis_robustness *s, const char *name, base_writer **w, tamis_error *error)
{
    char path[4096];
    if (!base_join(path, sizeof path, s->directory, name))
        return base_fail(error, TAMIS_FAILURE, "the path of %.200s... is too long", s->directory);
    return base_writer_open(path, w, error);
}

tamis_status robustness_report(const tamis_robustness *s, tamis_error *error)
{
    base_writer *w;
    const char *name[STUDY_METHODS];
    tamis_status status = open_file(s, "report.html", &w, error);
    if (status) return status;
    for (size_t m = 0; m < s->methods; m++) name[m] = s->method[m].name;
    page_begin(w, s->words->title);
    origin(s, w);
    verdict(s, w);
    page_legend(w, name, s->methods);
    base_writer_format(w, "<div class=\"figures\">\n");
    for (size_t k = 0; k < BASE_COUNT(figures) && !status; k++)
        if (!draw(s, &figures[k], w)) status = base_no_memory(error, "a figure", s->methods * s->ratios, sizeof(svg_point));
    base_writer_format(w, "</div>\n");
    s->words->protocol(s, w);
    for (size_t k = 0; k < s->metrics; k++) table(s, k, w);
    options_table(s, w);
    page_end(w, s->options.command);
    if (!status) return base_writer_commit(w, error);
    base_writer_discard(w);
    return status;
}

/* ----------------------------------------------------------------------------------------------------- gnuplot */

static void block(const tamis_robustness *s, const figure *f, base_writer *w)
{
    base_writer_format(w, "\n$%s << END\n", f->file);
    for (size_t m = 0; m < s->methods; m++) {
        for (size_t r = 0; r < s->ratios; r++) {
            svg_point p = point_of(s, f, r, m);
            double scale = f->view == DROP ? 100 : 1;
            if (!isfinite(p.low)) p.low = p.high = p.y;
            if (isfinite(p.y))
                base_writer_format(w, "%g %.6g %.6g %.6g\n", p.x, scale * p.y, scale * p.low, scale * p.high);
            else /* gnuplot counts no block without rows: the next method would be drawn under this one's name */
                base_writer_format(w, "%g NaN NaN NaN\n", p.x);
        }
        base_writer_format(w, "\n\n");
    }
    base_writer_format(w, "END\n");
}

/* Not so where all diverged, or started from nothing: gnuplot takes a figure without points for an error. */
static bool has_points(const tamis_robustness *s, const figure *f)
{
    for (size_t r = 0; r < s->ratios; r++)
        for (size_t m = 0; m < s->methods; m++)
            if (isfinite(point_of(s, f, r, m).y)) return true;
    return false;
}

static void plot(const tamis_robustness *s, const figure *f, base_writer *w)
{
    char label[120], title[120];
    if (!has_points(s, f)) return;
    label_of(s, f, label, sizeof label);
    title_of(s, f, title, sizeof title);
    block(s, f, w);
    for (int png = 0; png < 2; png++) {
        base_writer_format(w, "set terminal %s\nset output '%s.%s'\nset title \"%s\" noenhanced\nset ylabel \"%s%s\" noenhanced\nplot ",
                            png ? "pngcairo size 1280,880 font ',18' linewidth 2" : "svg size 640,440 font 'sans-serif,13' background '#ffffff'",
                            f->file, png ? "png" : "svg", title, label, f->view == DROP ? ", %" : "");
        for (size_t m = 0; m < s->methods; m++)
            base_writer_format(w, "%s$%s index %zu using 1:2:3:4 with yerrorlines lc rgb '%s' pt %zu title \"%s\" noenhanced",
                                m ? ", \\\n  " : "", f->file, m, svg_color(m), m % 8 + 4, s->method[m].name);
        base_writer_format(w, "\n");
    }
}

tamis_status robustness_gnuplot(const tamis_robustness *s, tamis_error *error)
{
    base_writer *w;
    tamis_status status = open_file(s, "plots.gp", &w, error);
    if (status) return status;
    base_writer_format(w, "# gnuplot plots.gp draws metric, drop and tail as .svg and .png into the current directory\n"
                           "set key outside right top\nset grid ytics\nset xlabel \"%s (seeds %llu to %llu%s)\"\n"
                           "set xrange [%g:%g]\nset offsets 0, 0, graph 0.05, graph 0.05\n",
                        s->words->x_label, (unsigned long long)s->options.seed,
                        (unsigned long long)(s->options.seed + (uint64_t)s->options.seeds - 1),
                        s->options.seeds < PAIRED_SEEDS ? "" : "; bars: 95% of the mean", s->ratio[0] - 0.02, s->ratio[s->ratios - 1] + 0.02);
    for (size_t k = 0; k < BASE_COUNT(figures); k++) plot(s, &figures[k], w);
    return base_writer_commit(w, error);
}
