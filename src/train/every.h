/* How often: epochs or minutes. */
#ifndef TAMIS_TRAIN_EVERY_H
#define TAMIS_TRAIN_EVERY_H

#include "tamis.h"

/* Reads "10" (epochs) or "5m" (minutes): one of the two is 0. TAMIS_USAGE: it is neither. */
tamis_status every_parse(const char *text, int64_t *epochs, double *seconds, tamis_error *error);

#endif
