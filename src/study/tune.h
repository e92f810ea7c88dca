/* Tuning: methods with one budget each, their options drawn, and judged on one validation part. */
#ifndef TAMIS_STUDY_TUNE_H
#define TAMIS_STUDY_TUNE_H

#include "study/ledger.h"
#include "study/rungs.h"

extern const tamis_option_table tune_option_table;

/* Tuning on a split that another study has made: open, add methods (options NULL: the defaults), run, ask for the best, free.
 * A ledger with these columns may be used for several, one after the other: "digest", the label's, TUNE_COLUMNS. Names, options'
 * texts and progress must outlive it. */
tamis_status tune_open(const tune_split *split, const tamis_tune_options *options, const tamis_study_progress *progress,
                       tamis_tune **tune, tamis_error *error);
tamis_status tune_add(tamis_tune *tune, const char *name, const tamis_train_options *options, tamis_error *error);
tamis_status tune_run(tamis_tune *tune, ledger *ledger, tamis_error *error);
/* Of the method that was added as number `which`, as long as tune lives. False: all its trials have diverged. */
bool tune_best(const tamis_tune *tune, size_t which, tamis_train_options *options);
#define TUNE_COLUMNS "method,trial,epochs,options,metric,value"

#endif
