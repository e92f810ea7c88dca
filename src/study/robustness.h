/* A study from its beginning to its end. */
#ifndef TAMIS_STUDY_ROBUSTNESS_H
#define TAMIS_STUDY_ROBUSTNESS_H

#include "study/study.h"

tamis_status study_new(const tamis_log *log, const char *directory, const tamis_study_progress *progress,
                       tamis_robustness **study, tamis_error *error);
/* summary.md, report.html, plots.gp */
tamis_status study_write(const tamis_robustness *study, tamis_error *error);

#endif
