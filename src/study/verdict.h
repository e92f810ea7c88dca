/* What a study says in sentences: which method to take, and what makes its table doubtful. */
#ifndef TAMIS_STUDY_VERDICT_H
#define TAMIS_STUDY_VERDICT_H

#include "study/study.h"

/* Once rows and the first metric's values are there: fills in verdict and warnings. */
tamis_status study_judge(tamis_robustness *study, tamis_error *error);

#endif
