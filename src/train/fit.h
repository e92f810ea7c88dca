/* Options whose values are found from the log: tamis_train_options_fit(). */
#ifndef TAMIS_TRAIN_FIT_H
#define TAMIS_TRAIN_FIT_H

#include "data/log.h"
#include "tamis.h"

/* Of options that are whole and whose method is known. */
tamis_status fit_options(tamis_train_options *options, const tamis_log *log, tamis_error *error);

#endif
