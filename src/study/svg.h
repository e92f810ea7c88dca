/* Line charts as SVG, for reports. */
#ifndef TAMIS_STUDY_SVG_H
#define TAMIS_STUDY_SVG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/writer.h"

typedef struct svg_point {
    double x, y, low, high; /* low, high: NAN, no interval; y NAN: no point */
} svg_point;

typedef struct svg_series {
    const char *name;
    const svg_point *point;
    size_t count;
} svg_series;

typedef struct svg_chart {
    const char *title, *x_label, *y_label;
    const svg_series *series;
    size_t count;
    bool percent;   /* the y axis in percent */
    bool from_zero; /* the y axis begins at 0 */
    const char *id;
} svg_chart;

enum { SVG_COLORS = 10 };
/* "#0072b2": of the k-th series; for people who see no red or green, its marker is another as well. */
const char *svg_color(size_t k);
/* <svg>...</svg>, scaling with its column, without outside references. */
void svg_write(base_writer *w, const svg_chart *chart);
/* A small <svg> with the k-th series' line and marker, for a legend. */
void svg_key(base_writer *w, size_t k);
/* Text between tags or in attributes. */
void svg_escape(base_writer *w, const char *text);

#endif
