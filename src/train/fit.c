/* Options that are "auto": a method's rules look at the log. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "base/locale.h"
#include "base/option.h"
#include "base/status.h"
#include "method/method.h"
#include "train/cross_ranks.h"
#include "train/fit.h"
#include "train/options.h"

static bool is_automatic(const tamis_option *row, const void *options)
{
    double value;
    if (!row->automatic) return false;
    memcpy(&value, (const char *)options + row->offset, sizeof value);
    return isnan(value);
}

/* Fails where an option is still to be found. */
static tamis_status check_found(const method *m, const tamis_train_options *options, tamis_error *error)
{
    const tamis_option_table *table;
    for (size_t t = 0; (table = tamis_train_option_table(m->name, t)); t++)
        for (size_t k = 0; k < table->count; k++)
            if (is_automatic(&table->rows[k], options))
                return base_fail(error, TAMIS_USAGE, "--%s auto: %s has no rule for it; expected a number", table->rows[k].name,
                                 m->name);
    return TAMIS_OK;
}

tamis_status fit_options(tamis_train_options *options, const tamis_log *log, tamis_error *error)
{
    const method *m = method_find(options->method);
    const int64_t n = log->matrix->nnz;
    method_log facts = {log->users, log->items, n > 0 ? n : 1, (double)NAN};
    for (size_t k = 0; k < m->rule_count; k++) {
        const method_rule *rule = &m->rules[k];
        const tamis_option *row = train_option_find(m->name, rule->option);
        const cross_request how = {.threads = options->threads, .stop = options->stop};
        if (!is_automatic(row, options)) continue;
        if (rule->noise && isnan(facts.noise)) {
            tamis_status status = cross_share(&how, log, &facts.noise, error);
            if (status == TAMIS_STOPPED) return base_fail(error, status, "stopped before the first epoch");
            if (status) return status;
        }
        char text[32]; /* three digits, so that it can be written down */
        base_format(text, sizeof text, "%.3g", rule->value(&facts, options));
        tamis_status status = base_option_set(row, options, text, error);
        if (status) return status;
    }
    return check_found(m, options, error);
}

tamis_status tamis_train_options_fit(tamis_train_options *options, const tamis_log *log, tamis_error *error)
{
    tamis_train_options all;
    base_clear(error);
    if (!options || !log) return base_null(error, options ? "the log" : "the options");
    tamis_status status = tamis_train_options_default(&all, options->method, error);
    if (!status) status = base_option_take(&train_option_table, options, &all, error);
    if (!status) status = fit_options(&all, log, error);
    if (!status) base_option_give(&all, sizeof all, options, options->size);
    return status;
}

const char *tamis_method_rule(const char *name, size_t index, const char **text)
{
    const method *m = name ? method_find(name) : NULL;
    if (!m || index >= m->rule_count) return NULL;
    if (text) *text = m->rules[index].text;
    return m->rules[index].option;
}
