/* The options of recommendations. */
#ifndef TAMIS_RANK_RECOMMEND_H
#define TAMIS_RANK_RECOMMEND_H

#include "base/option.h"

extern const tamis_option_table recommend_option_table;

#endif
