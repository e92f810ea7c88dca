/* The training options as rows. */
#ifndef TAMIS_TRAIN_OPTIONS_H
#define TAMIS_TRAIN_OPTIONS_H

#include "base/option.h"
#include "tamis.h"

extern const tamis_option_table train_option_table;
/* Sets options that have no effect, being of other samplers or methods, to the method's defaults. */
void train_options_idle(tamis_train_options *options);

#endif
