/* The frame of an HTML report: self-contained, for phone and desktop, light and dark. */
#ifndef TAMIS_STUDY_PAGE_H
#define TAMIS_STUDY_PAGE_H

#include <stddef.h>

#include "base/writer.h"
#include "study/svg.h"

void page_begin(base_writer *w, const char *title);
/* command: what made it; NULL: not told. */
void page_end(base_writer *w, const char *command);
/* A chart with its caption. */
void page_figure(base_writer *w, const svg_chart *chart, const char *caption);
void page_legend(base_writer *w, const char *const *name, size_t count);

#endif
