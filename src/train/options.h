/* The training options as rows. */
#ifndef TAMIS_TRAIN_OPTIONS_H
#define TAMIS_TRAIN_OPTIONS_H

#include "base/option.h"
#include "tamis.h"

/* What all runs have; all tables: tamis_train_option_table(). */
extern const tamis_option_table train_option_table;
/* An option of training with the method of this name, in whichever table; NULL: there is none. */
const tamis_option *train_option_find(const char *name, const char *option);
/* Sets options that have no effect, being of other samplers or methods, to the method's defaults. */
void train_options_idle(tamis_train_options *options);

#endif
