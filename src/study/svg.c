/* Line charts: axes with round numbers, lines with markers and intervals. Plain SVG 1.1 that inherits the page's text
 * colour. The drawing is narrow with large letters, so that it can be read on a phone. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "study/svg.h"

enum { WIDTH = 440, HEIGHT = 330, LEFT = 70, RIGHT = 12, TOP = 30, BOTTOM = 46, MOST_MARKS = 12 };

/* Okabe and Ito's palette and three more. */
static const char *const colors[SVG_COLORS] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00",
                                               "#56b4e9", "#7a5c2e", "#6a3d9a", "#808080", "#b30000"};

const char *svg_color(size_t k)
{
    return colors[k % SVG_COLORS];
}

void svg_escape(base_writer *w, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : *text == '"' ? "&quot;" : NULL;
        base_writer_bytes(w, entity ? entity : text, entity ? strlen(entity) : 1);
    }
}

static void marker(base_writer *w, size_t k, double x, double y)
{
    const char *color = svg_color(k);
    switch (k % 4) {
    case 0: base_writer_format(w, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\">", x, y, color); break;
    case 1:
        base_writer_format(w, "<rect x=\"%.1f\" y=\"%.1f\" width=\"7\" height=\"7\" fill=\"%s\">", x - 3.5, y - 3.5, color);
        break;
    case 2:
        base_writer_format(w, "<path d=\"M%.1f %.1fl5 8h-10z\" fill=\"%s\">", x, y - 5, color);
        break;
    default:
        base_writer_format(w, "<path d=\"M%.1f %.1fl5 5-5 5-5-5z\" fill=\"%s\">", x, y - 5, color);
        break;
    }
}

static const char *const tags[4] = {"circle", "rect", "path", "path"};

/* A round step that cuts the range into about five. */
static double round_step(double range)
{
    double step = pow(10, floor(log10(range / 5))), times = range / 5 / step;
    return step * (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10);
}

typedef struct frame {
    double x_low, x_high, y_low, y_high, y_step;
} frame;

static frame measure(const svg_chart *c)
{
    frame f = {INFINITY, -INFINITY, INFINITY, -INFINITY, 0};
    for (size_t k = 0; k < c->count; k++)
        for (size_t p = 0; p < c->series[k].count; p++) {
            const svg_point *at = &c->series[k].point[p];
            if (!isfinite(at->y)) continue;
            double low = isfinite(at->low) ? at->low : at->y, high = isfinite(at->high) ? at->high : at->y;
            f.x_low = fmin(f.x_low, at->x);
            f.x_high = fmax(f.x_high, at->x);
            f.y_low = fmin(f.y_low, low);
            f.y_high = fmax(f.y_high, high);
        }
    if (!(f.x_low <= f.x_high)) f = (frame){0, 1, 0, 1, 0};
    if (c->from_zero && f.y_low > 0) f.y_low = 0;
    if (f.x_low == f.x_high) f.x_low -= 0.05, f.x_high += 0.05;
    if (f.y_low == f.y_high) f.y_low -= 0.05, f.y_high += 0.05;
    f.y_step = round_step(f.y_high - f.y_low);
    f.y_low = floor(f.y_low / f.y_step) * f.y_step;
    f.y_high = ceil(f.y_high / f.y_step) * f.y_step;
    return f;
}

static double x_of(const frame *f, double x)
{
    return LEFT + 8 + (x - f->x_low) / (f->x_high - f->x_low) * (WIDTH - LEFT - RIGHT - 16);
}

static double y_of(const frame *f, double y)
{
    return HEIGHT - BOTTOM - (y - f->y_low) / (f->y_high - f->y_low) * (HEIGHT - TOP - BOTTOM);
}

static void x_mark(base_writer *w, const frame *f, double x)
{
    base_writer_format(w, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%g</text>\n", x_of(f, x), HEIGHT - BOTTOM + 18, x);
}

/* Few points have marks of their own, many stand above round numbers. */
static void x_axis(base_writer *w, const svg_chart *c, const frame *f)
{
    const svg_series *longest = c->series;
    for (size_t k = 0; k < c->count; k++)
        if (c->series[k].count > longest->count) longest = &c->series[k];
    if (c->count && longest->count <= 11) {
        for (size_t p = 0; p < longest->count; p++) x_mark(w, f, longest->point[p].x);
        return;
    }
    const double step = round_step(f->x_high - f->x_low), first = ceil(f->x_low / step - 1e-9);
    for (int k = 0; k <= MOST_MARKS && (first + k) * step <= f->x_high + step * 1e-9; k++) x_mark(w, f, (first + k) * step + 0.0); /* not -0 */
}

static void axes(base_writer *w, const svg_chart *c, const frame *f)
{
    int digits = f->y_step >= 1 ? 0 : (int)ceil(-log10(f->y_step) - 1e-9);
    if (c->percent) digits = digits > 2 ? digits - 2 : 0;
    for (int k = 0; f->y_low + k * f->y_step <= f->y_high + f->y_step / 2; k++) {
        double y = f->y_low + k * f->y_step;
        if (fabs(y) < f->y_step * 1e-9) y = 0; /* not -0 */
        base_writer_format(w, "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>"
                               "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.*f%s</text>\n",
                            LEFT, WIDTH - RIGHT, y_of(f, y), y_of(f, y), LEFT - 6, y_of(f, y) + 4, digits,
                            c->percent ? 100 * y : y, c->percent ? "%" : "");
    }
    x_axis(w, c, f);
    base_writer_format(w, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8);
    svg_escape(w, c->x_label);
    base_writer_format(w, "</text>\n<text transform=\"translate(14 %d) rotate(-90)\" text-anchor=\"middle\">",
                        (TOP + HEIGHT - BOTTOM) / 2);
    svg_escape(w, c->y_label);
    base_writer_format(w, "</text>\n<text x=\"%d\" y=\"16\" class=\"title\">", LEFT - 6);
    svg_escape(w, c->title);
    base_writer_format(w, "</text>\n");
}

static void line(base_writer *w, const svg_chart *c, const frame *f, size_t k)
{
    const svg_series *s = &c->series[k];
    bool down = false;
    base_writer_format(w, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" d=\"", svg_color(k));
    for (size_t p = 0; p < s->count; p++) {
        if (!isfinite(s->point[p].y)) {
            down = false;
            continue;
        }
        base_writer_format(w, "%c%.1f %.1f", down ? 'L' : 'M', x_of(f, s->point[p].x), y_of(f, s->point[p].y));
        down = true;
    }
    base_writer_format(w, "\"/>\n");
    for (size_t p = 0; p < s->count; p++) {
        const svg_point *at = &s->point[p];
        if (!isfinite(at->y)) continue;
        /* the intervals of several lines stand beside each other */
        double x = x_of(f, at->x), shift = c->count > 1 ? 10.0 * ((double)k / (double)(c->count - 1) - 0.5) : 0;
        if (isfinite(at->low))
            base_writer_format(w, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" opacity=\".6\"/>",
                                x + shift, x + shift, y_of(f, at->low), y_of(f, at->high), svg_color(k));
        marker(w, k, x, y_of(f, at->y));
        base_writer_format(w, "<title>");
        svg_escape(w, s->name);
        if (c->percent)
            base_writer_format(w, ", %g: %.2f%%", at->x, 100 * at->y);
        else
            base_writer_format(w, ", %g: %.4f", at->x, at->y);
        if (isfinite(at->low) && !c->percent) base_writer_format(w, " (%.4f to %.4f)", at->low, at->high);
        base_writer_format(w, "</title></%s>\n", tags[k % 4]);
    }
}

void svg_write(base_writer *w, const svg_chart *c)
{
    frame f = measure(c);
    base_writer_format(w, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s\" xmlns=\"http://www.w3.org/2000/svg\">"
                           "<title id=\"%s\">", WIDTH, HEIGHT, c->id, c->id);
    svg_escape(w, c->title);
    base_writer_format(w, "</title>\n");
    axes(w, c, &f);
    for (size_t k = 0; k < c->count; k++) line(w, c, &f, k);
    base_writer_format(w, "</svg>\n");
}

void svg_key(base_writer *w, size_t k)
{
    base_writer_format(w, "<svg class=\"key\" width=\"28\" height=\"12\" viewBox=\"0 0 28 12\" aria-hidden=\"true\">"
                           "<line x1=\"0\" x2=\"28\" y1=\"6\" y2=\"6\" stroke=\"%s\" stroke-width=\"2\"/>", svg_color(k));
    marker(w, k, 14, 6);
    base_writer_format(w, "</%s></svg>", tags[k % 4]);
}
