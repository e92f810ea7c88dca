/* The methods there are. */
#include <string.h>

#include "base/base.h"
#include "method/method.h"

#define ROW(name) &method_##name,
static const method *const table[] = {METHOD_TABLE(ROW)};

const method *method_get(size_t index)
{
    return index < BASE_COUNT(table) ? table[index] : NULL;
}

const method *method_find(const char *name)
{
    for (size_t k = 0; k < BASE_COUNT(table); k++)
        if (strcmp(table[k]->name, name) == 0) return table[k];
    return NULL;
}

const char *tamis_method_list(size_t index, const char **help, const char **source)
{
    const method *row = method_get(index);
    if (row && help) *help = row->help;
    if (row && source) *source = row->source;
    return row ? row->name : NULL;
}

float method_inverse(double propensity, double clip)
{
    return (float)(1 / (propensity > clip ? propensity : clip));
}
