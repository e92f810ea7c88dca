/* The options of a study, taken apart. */
#ifndef TAMIS_STUDY_SETTINGS_H
#define TAMIS_STUDY_SETTINGS_H

#include "study/study.h"

extern const tamis_option_table robustness_option_table;

/* Takes the options apart. */
tamis_status robustness_settle(tamis_robustness *study, tamis_error *error);
/* The words of "a,b,c", one at a time into buffer; false past the last. */
bool study_next_word(const char **list, char separator, char *buffer, size_t size);
/* Rising numbers of an option of that name. */
tamis_status study_ratios(const char *option, const char *list, double ratio[STUDY_RATIOS], size_t *count,
                          tamis_error *error);
tamis_status study_check_metrics(const char *metrics, const char *cutoffs, tamis_error *error);
void study_name_metrics(tamis_robustness *study);
tamis_status study_add_method(tamis_robustness *study, const char *option, const char *name, tamis_error *error);
/* Lowers the number of jobs to what memory allows for the chosen options. */
tamis_status study_fit_jobs(tamis_robustness *study, tamis_error *error);
/* tail[i] = 0 for the most popular share of items. */
tamis_status study_find_tail(tamis_robustness *study, tamis_error *error);

#endif
