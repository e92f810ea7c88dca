/* Every option table by its name, for callers that walk them. */
#include <string.h>

#include "base/base.h"
#include "data/log.h"
#include "method/method.h"
#include "rank/options.h"
#include "rank/recommend.h"
#include "rank/similar.h"
#include "rank/statistic.h"
#include "study/audit.h"
#include "study/semi.h"
#include "study/settings.h"
#include "study/tune.h"
#include "train/options.h"

static const tamis_option_table *const tables[] = {
    &log_option_table, &weight_option_table,
    &split_option_table,
    &noise_option_table,
    &synth_option_table,
    &train_option_table,
    &evaluate_option_table,
    &recommend_option_table,
    &similar_option_table,
    &interval_option_table,
    &paired_option_table,
    &robustness_option_table,
    &tune_option_table,
    &mnar_option_table,
    &semi_option_table,
    &audit_option_table,
};

const tamis_option_table *tamis_option_find_table(const char *name)
{
    for (size_t k = 0; k < BASE_COUNT(tables); k++)
        if (strcmp(tables[k]->name, name) == 0) return tables[k];
    const method *row = method_find(name);
    return row ? &row->options : NULL;
}
