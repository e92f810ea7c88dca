/* The cells of the noise-ratio study. */
#ifndef TAMIS_STUDY_CELLS_H
#define TAMIS_STUDY_CELLS_H

#include "study/study.h"

/* What a seed makes of the log at a ratio: train and validation with their noise, test without. */
typedef struct study_parts {
    tamis_log *clean, *train, *validation, *test; /* clean: train without noise */
    int64_t base, noisy; /* rows that noise was added to, and rows put in or hidden */
} study_parts;
tamis_status robustness_parts(const tamis_robustness *study, size_t ratio, uint64_t seed, study_parts *parts, tamis_error *error);
void study_parts_free(study_parts *parts);

study_cell robustness_cell(const tamis_robustness *study, int64_t cell);
/* Adds what parts hang on, for digests. */
void robustness_describe_parts(const tamis_robustness *study, size_t ratio, uint64_t seed, study_text *text);
/* The digest of all that a cell's figures hang on, as the ledger that is being filled has them. */
tamis_status robustness_describe(const tamis_robustness *study, study_cell at, const tamis_train_options *options,
                                 study_digest digest, tamis_error *error);
/* As ledger_plan has it; context: the study. */
tamis_status robustness_result(void *context, int64_t cell, study_text *rows, tamis_error *error);
/* For the calls that a cell makes, and what it says when they were stopped. */
tamis_stop robustness_stop(const tamis_robustness *study);
tamis_status robustness_stopped(tamis_error *error);
int robustness_tell(void *context, int64_t cell, int64_t done, int64_t cells);

/* Finds out what the ratios come to. TAMIS_DATA: to nothing. */
tamis_status robustness_round(tamis_robustness *study, tamis_error *error);
/* The rows of tail items. */
tamis_status study_tail_of(const tamis_robustness *study, const tamis_log *test, tamis_log **tail, tamis_error *error);

#endif
