/* What can be asked of an evaluation. */
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "base/status.h"
#include "base/text.h"
#include "rank/metric.h"
#include "rank/options.h"

static const tamis_option evaluate_rows[] = {
    BASE_OPTION(tamis_evaluate_options, cutoffs, "cutoffs", TAMIS_OPTION_TEXT, "K,K,...", "5,10,20", "items",
                "how many of the first items count, for each metric that looks at a list's first ones"),
    BASE_OPTION(tamis_evaluate_options, metrics, "metrics", TAMIS_OPTION_TEXT, "NAME,NAME,...",
                RANK_USUAL_METRICS, "", "which metrics; tamis methods lists them, man tamis defines them and their -ips and -snips versions"),
    BASE_OPTION(tamis_evaluate_options, candidates, "candidates", TAMIS_OPTION_TEXT, "all|listed|sampled:N", "all", "",
                "what is ranked for a user: all items; the items of their rows in the test log; the relevant items and "
                "N others drawn at random, whose figures cannot be compared with those of all items"),
    BASE_OPTION(tamis_evaluate_options, relevant_from, "relevant-from", TAMIS_OPTION_REAL, "(-inf,inf)", NULL, "",
                "test rows of this --relevance and more are relevant; else those above 0"),
    BASE_OPTION(tamis_evaluate_options, mask_training, "mask-training", TAMIS_OPTION_CHOICE, "auto|yes|no", "auto", "",
                "leave a user's training items out of the ranking; auto: of all items, not of listed ones"),
    BASE_OPTION(tamis_evaluate_options, empty_users, "empty-users", TAMIS_OPTION_CHOICE, "drop|zero", "drop", "",
                "users without a relevant test item: leave them out of the means, or count them with 0"),
    BASE_OPTION(tamis_evaluate_options, drop_unknown, "drop-unknown", TAMIS_OPTION_FLAG, NULL, "0", "",
                "leave out test rows of unknown users or items, instead of scoring them as misses"),
    BASE_OPTION(tamis_evaluate_options, unknown_users, "unknown-users", TAMIS_OPTION_CHOICE, "miss|popular", "miss", "",
                "users whom the model does not know: their rows are misses; or items are ranked for them, and for users without interactions, by "
                "popularity, as recommend does"),
    BASE_OPTION(tamis_evaluate_options, propensity_power, "propensity-power", TAMIS_OPTION_REAL, "[0,inf)", "0.5", "",
                "for -ips and -snips: an item is seen with chance (its clicks / most clicks)^power"),
    BASE_OPTION(tamis_evaluate_options, propensity_clip, "propensity-clip", TAMIS_OPTION_REAL, "[0,1]", "0.01", "",
                "a smaller chance counts as this"),
    BASE_OPTION(tamis_evaluate_options, rare_threshold, "rare-threshold", TAMIS_OPTION_INTEGER, "[0,inf)", "0",
                "training clicks", "slice popularity: items of at most so many are rare; 0: head, middle and tail"),
    BASE_OPTION(tamis_evaluate_options, seed, "seed", TAMIS_OPTION_SEED, NULL, "1", "",
                "of all that is drawn; the same seed gives the same figures"),
    BASE_OPTION(tamis_evaluate_options, memory, "memory", TAMIS_OPTION_INTEGER, "[0,inf)", "0", "MB",
                "working memory beside model and logs, kept by fewer threads where needed; 0: no bound"),
    BASE_OPTION(tamis_evaluate_options, threads, "threads", TAMIS_OPTION_INTEGER, "[0,1024]", "0", "threads",
                "0: as many as there are processors; never changes the result"),
};

static const tamis_option interval_rows[] = {
    BASE_OPTION(tamis_evaluate_options, bootstrap, "bootstrap", TAMIS_OPTION_INTEGER, "[0,1000000]", "0", "resamples",
                "resamples of users, for an interval of each mean; 0: none"),
    BASE_OPTION(tamis_evaluate_options, confidence, "confidence", TAMIS_OPTION_REAL, "(0,1)", "0.95", "",
                "of the intervals"),
};
const tamis_option_table interval_option_table = {"interval", interval_rows, BASE_COUNT(interval_rows),
                                                  sizeof(tamis_evaluate_options), NULL};

bool evaluate_candidates(const char *text, bool *listed, int64_t *sampled)
{
    static const char prefix[] = "sampled:";
    *listed = text && strcmp(text, "listed") == 0;
    *sampled = 0;
    if (!text || *listed || strcmp(text, "all") == 0) return true;
    return strncmp(text, prefix, sizeof prefix - 1) == 0 && base_parse_integer(text + sizeof prefix - 1, sampled) &&
           *sampled > 0 && *sampled <= INT32_MAX;
}

static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_evaluate_options *options = values;
    rank_column column[RANK_MOST_COLUMNS];
    int64_t sampled;
    size_t count;
    bool listed;
    char quoted[280];
    tamis_status status = rank_columns(options->metrics, options->cutoffs ? options->cutoffs : "", column, &count, error);
    if (status) return status;
    if (!evaluate_candidates(options->candidates, &listed, &sampled))
        return base_fail(error, TAMIS_USAGE, "--candidates: \"%s\" is none of all, listed, sampled:N with a whole number "
                         "N of at least 1", base_quote(quoted, sizeof quoted, options->candidates,
                                                       strlen(options->candidates)));
    if (options->drop_unknown && options->unknown_users == TAMIS_UNKNOWN_USERS_POPULAR)
        return base_fail(error, TAMIS_USAGE, "--unknown-users popular ranks for users whom --drop-unknown leaves out; give one of them");
    for (size_t k = 0; k < count && (listed || sampled); k++)
        if (!rank_metric_of_ranks(column[k].metric))
            return base_fail(error, TAMIS_USAGE, "--metrics: %s is about recommendations from all items; leave out --candidates, or "
                             "this metric", column[k].metric->name);
    return TAMIS_OK;
}

const tamis_option_table evaluate_option_table = {"evaluate", evaluate_rows, BASE_COUNT(evaluate_rows),
                                                  sizeof(tamis_evaluate_options), check};

void tamis_evaluate_options_init(tamis_evaluate_options *options, size_t size)
{
    tamis_evaluate_options defaults = {0};
    base_option_defaults(&evaluate_option_table, &defaults);
    base_option_defaults(&interval_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}
