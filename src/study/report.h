/* report.html and plots.gp. */
#ifndef TAMIS_STUDY_REPORT_H
#define TAMIS_STUDY_REPORT_H

#include "study/study.h"

tamis_status robustness_report(const tamis_robustness *study, tamis_error *error);
tamis_status robustness_gnuplot(const tamis_robustness *study, tamis_error *error);

#endif
