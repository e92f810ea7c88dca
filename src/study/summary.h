/* What a study comes to, over its seeds. */
#ifndef TAMIS_STUDY_SUMMARY_H
#define TAMIS_STUDY_SUMMARY_H

#include "study/study.h"

/* Fills row[] from results.csv's cells */
tamis_status robustness_summarize(tamis_robustness *study, const ledger *results, study_digest *digest,
                                  tamis_error *error);
const tamis_robustness_row *robustness_row(const tamis_robustness *study, size_t metric, size_t ratio, size_t method);
tamis_status robustness_markdown(const tamis_robustness *study, tamis_error *error); /* summary.md */
/* What a metric's name means, in a few words. */
const char *robustness_metric_help(const tamis_robustness *study, size_t metric, char *buffer, size_t size);
/* The options of a method that are told, one after the other, *at being 0 at first; NULL past the last. And the value of one. */
const tamis_option *robustness_next_option(const tamis_robustness *study, size_t method, size_t *at);
const char *robustness_option(const tamis_robustness *study, size_t ratio, size_t method, const tamis_option *row, char *buffer,
                              size_t size);
/* Whose mean is best at a ratio. */
size_t robustness_best(const tamis_robustness *study, size_t metric, size_t ratio);

#endif
