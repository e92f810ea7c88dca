/* The options of similarities. */
#ifndef TAMIS_RANK_SIMILAR_H
#define TAMIS_RANK_SIMILAR_H

#include "base/option.h"

extern const tamis_option_table similar_option_table;

#endif
