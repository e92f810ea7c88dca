/* Filters of rows. */
#include "data/filter.h"

tamis_status log_filters_read(log_filters *filters, const tamis_log_options *options, tamis_error *error)
{
    const struct {
        const char *option, *text;
        bool keeps;
    } given[] = {{"--where", options->where, true}, {"--where-not", options->where_not, false}};
    tamis_status status = TAMIS_OK;
    *filters = (log_filters){.count = 0};
    for (int k = 0; k < FILTERS && !status; k++) {
        if (!given[k].text) continue;
        log_filter *filter = &filters->filter[filters->count++];
        filter->option = options->where_name ? options->where_name : given[k].option;
        filter->keeps = given[k].keeps;
        status = predicate_parse(&filter->question, filter->option, given[k].text, error);
    }
    return status;
}

predicate_answer log_filter_ask(const log_filter *filter, const char *field, size_t length)
{
    const predicate_answer answer = predicate_ask(&filter->question, field, length);
    if (answer == PREDICATE_NO_NUMBER) return answer;
    return (answer == PREDICATE_YES) == filter->keeps ? PREDICATE_YES : PREDICATE_NO;
}
