/* The training options as rows; a method's presets replace some defaults. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "base/status.h"
#include "base/text.h"
#include "method/method.h"
#include "rank/metric.h"
#include "sampler/sampler.h"
#include "train/every.h"
#include "train/options.h"
#include "train/trainer_table.h"

#define ROW(field, name, kind, range, fallback, unit, ...) \
    BASE_OPTION(tamis_train_options, field, name, kind, range, fallback, unit, __VA_ARGS__)
#define TUNED(field, name, kind, range, fallback, unit, help, ...) \
    BASE_TUNED(tamis_train_options, field, name, kind, range, fallback, unit, help, __VA_ARGS__)
#define REAL TAMIS_OPTION_REAL
#define INTEGER TAMIS_OPTION_INTEGER

static const tamis_option rows[] = {
    ROW(method, "method", TAMIS_OPTION_TEXT, "NAME", "bpr", "", "what to train; tamis methods lists them", .role = TAMIS_ROLE_RUN),
    ROW(factors, "factors", INTEGER, "[1,4096]", "64", "", "numbers per user and per item", .only = "method:factors"),
    ROW(item_bias, "item-bias", TAMIS_OPTION_FLAG, NULL, "0", "", "give each item a bias", .search = "0,1", .only = "method:factors"),
    ROW(epochs, "epochs", INTEGER, "[1,1000000]", "100", "epochs", "passes over the log, at most", .role = TAMIS_ROLE_LENGTH,
        .only = "method:factors"),
    ROW(learning_rate, "learning-rate", REAL, "(0,inf)", "0.1", "", "step size of the first epoch", .search = "log:x0.2..x5",
        .only = "method:steps"),
    ROW(schedule, "schedule", TAMIS_OPTION_CHOICE, "constant|linear|cosine|exponential", "linear", "",
        "how the learning rate falls", .only = "method:steps"),
    ROW(learning_rate_decay, "learning-rate-decay", REAL, "(0,1]", "0.1", "",
        "linear, cosine: last epoch's rate / first's; exponential: factor per epoch", .only = "method:steps schedule=linear|cosine|exponential"),
    TUNED(regularization, "regularization", REAL, "[0,inf)", "0.01", "", "L2 weight, for every role without its own",
        "log:x0.1..x10", .automatic = 1, .only = "method:regularization"),
    ROW(user_regularization, "user-regularization", REAL, "[0,inf)", NULL, "", "L2 weight of user factors", .only = "method:factors"),
    ROW(item_regularization, "item-regularization", REAL, "[0,inf)", NULL, "", "L2 weight of positive items' factors",
        .only = "method:factors"),
    ROW(negative_regularization, "negative-regularization", REAL, "[0,inf)", NULL, "",
        "L2 weight of sampled negatives' factors", .only = "method:factors"),
    ROW(bias_regularization, "bias-regularization", REAL, "[0,inf)", NULL, "", "L2 weight of item biases", .only = "method:factors"),
    ROW(negatives, "negatives", INTEGER, "[1,10000]", "1", "", "negatives drawn per positive", .search = "log:x1..x4",
        .only = "method:steps"),
    ROW(negative_sampling, "negative-sampling", TAMIS_OPTION_TEXT, "NAME", "uniform", "",
        "where negatives come from; tamis methods lists the samplers", .only = "method:steps"),
    ROW(positive_sampling, "positive-sampling", TAMIS_OPTION_TEXT, "NAME", "log", "",
        "where positives come from: log, each interaction once per epoch, or a sampler that tamis methods lists", .only = "method:steps"),
    ROW(pairs, "pairs", TAMIS_OPTION_CHOICE, "sampled|all|auto", "sampled", "",
        "all: a pointwise method's epoch takes every user-item pair once; auto: where they are at most 4 million", .only = "method:steps"),
    ROW(batch_size, "batch-size", INTEGER, "[0,10000000]", "0", "samples", "per update; 0: update after each sample", .only = "method:steps"),
    ROW(optimizer, "optimizer", TAMIS_OPTION_CHOICE, "sgd|adagrad|adam|lazy-adam|lazy-sgd", "sgd", "", "how batches update the factors", .only = "method:steps"),
    ROW(weight_decay, "weight-decay", REAL, "[0,inf)", "0", "", "adam, lazy-adam: decoupled decay of every updated row", .only = "method:steps"),
    ROW(propensity_power, "propensity-power", REAL, "[0,10]", "0.5", "",
        "relmf, mf-du, ubpr: an item's chance of being seen is (clicks / most clicks)^power", .search = "linear:0.1..1",
        .only = "method:exposure"),
    ROW(propensity, "propensity", TAMIS_OPTION_TEXT, "FILE", NULL, "",
        "known chances of being seen, with a header: item and propensity, or user, item and propensity", .file = TAMIS_FILE_INPUT),
    ROW(init, "init", TAMIS_OPTION_CHOICE, "normal|uniform", "normal", "",
        "factors start as N(0, scale^2 / factors), or as U(0, scale) / sqrt(factors)", .only = "method:factors"),
    ROW(init_scale, "init-scale", REAL, "(0,1000]", "0.1", "", "the scale of the start; normal: a start vector's length",
        .only = "method:factors"),
    ROW(distrust, "distrust", REAL, "[0,0.95]", "0", "",
        "weigh each interaction by 1 - this times its chance of being noise, which is learnt from the log; 0.5 is the value to take"),
    ROW(dislike_share, "dislike-share", REAL, "[0,1]", "0", "",
        "learn from the log's dislikes: so large a share of a user's sampled negatives is drawn from the user's; above 0, methods of all "
        "pairs, ials and expomf take each for certain; 0: they are only kept out of lists", .only = "method:dislikes"),
    ROW(seed, "seed", TAMIS_OPTION_SEED, "[0,inf)", "1", "", "the same seed gives the same bits, at any thread count",
        .role = TAMIS_ROLE_RUN),
    ROW(threads, "threads", INTEGER, "[0,1024]", "0", "", "0: as many as OpenMP offers; never changes the result", .neutral = 1),
    ROW(memory, "memory", INTEGER, "[0,inf)", "0", "MB",
        "what training may take beside the log, kept by fewer threads where needed; 0: as much as the machine has", .neutral = 1),
    ROW(checkpoint, "checkpoint", TAMIS_OPTION_TEXT, "FILE", NULL, "",
        "a file that is written as training goes on, and also when it is interrupted, for --resume; the one before it stays as "
        "FILE.previous", .file = TAMIS_FILE_OUTPUT, .neutral = 1),
    ROW(checkpoint_every, "checkpoint-every", TAMIS_OPTION_TEXT, "N|Nm", "5m", "",
        "how often: 10 is every ten epochs, 5m after five minutes, at the end of an epoch", .only = "checkpoint", .neutral = 1),
    ROW(resume, "resume", TAMIS_OPTION_FLAG, NULL, "0", "",
        "go on from the checkpoint, if there is one, to the same model as if nothing had happened", .only = "checkpoint", .neutral = 1),
    ROW(validation_ratio, "validation-ratio", REAL, "[0,1)", "0", "", "hold out this share of each user's interactions",
        .role = TAMIS_ROLE_JUDGE),
    ROW(validation_metric, "validation-metric", TAMIS_OPTION_TEXT, "METRIC@K", "ndcg@20", "",
        "what decides on the best epoch; with -ips or -snips behind the name, hits count more on items with few clicks",
        .only = "validation", .role = TAMIS_ROLE_JUDGE),
    ROW(validation_power, "validation-power", REAL, "[0,10]", "0.5", "",
        "a validation metric with -ips or -snips weighs items by (most clicks / clicks)^power", .only = "validation",
        .role = TAMIS_ROLE_JUDGE),
    ROW(validation_interval, "validation-interval", INTEGER, "[0,1000000]", "0", "epochs",
        "between validations; 0: 20 validations in all, or down to 5 where they take longer than training",
        .only = "validation"),
    ROW(patience, "patience", INTEGER, "[0,1000000]", "0", "validations",
        "without a better one before stopping; 0: never, which suits a falling learning rate", .only = "validation"),
};

/* What searches by scores, looks at a whole batch or weighs pairs cannot update after each sample. */
static bool train_needs_batches(const method *chosen, const tamis_train_options *options)
{
    return trainer_pick(chosen, options)->samples &&
           (chosen->batch || (chosen->pair && chosen->weigh) || options->pairs == TAMIS_PAIRS_ALL ||
            sampler_find(options->negative_sampling)->search);
}

/* ---- the option tables of a training run: what all runs have, the method's own, each sampler's */

const tamis_option_table *tamis_train_option_table(const char *name, size_t index)
{
    const method *chosen = method_find(name ? name : "bpr");
    const char *chosen_by;
    if (!chosen) return NULL;
    return index == 0 ? &train_option_table : index == 1 ? &chosen->options : sampler_options(index - 2, &chosen_by);
}

const tamis_option *train_option_find(const char *name, const char *option)
{
    const tamis_option_table *table;
    const tamis_option *row = NULL;
    for (size_t k = 0; !row && (table = tamis_train_option_table(name, k)); k++) row = base_option_find(table, option);
    return row;
}

/* ---- rows of options that have an effect under conditions: see tamis_option.only */

/* A row of table number `index`. What a sampler adds has an effect where it is chosen. */
static const char *conditions_of(const tamis_option *row, size_t index, char *text, size_t size)
{
    const char *chosen_by;
    if (index < 2) return row->only;
    const char *name = sampler_options(index - 2, &chosen_by)->name;
    snprintf(text, size, "method:steps %s=%s%s%s", chosen_by, name, row->only ? " " : "", row->only ? row->only : "");
    return text;
}

/* Whether an option is not as the method has it. */
static bool changed(const method *chosen, const tamis_train_options *o, const tamis_option *row)
{
    tamis_train_options usual;
    char value[300], fallback[300];
    (void)tamis_train_options_default(&usual, chosen->name, NULL);
    base_option_text(row, o, value, sizeof value);
    base_option_text(row, &usual, fallback, sizeof fallback);
    return strcmp(value, fallback) != 0;
}

/* One of a row's conditions: "OPTION=VALUE|VALUE", "OPTION", "validation" or "method:WORD". */
typedef struct condition {
    char text[120];
    char *values; /* in text, behind the option's name; NULL: any that is set */
} condition;

/* The next one of `only`, which moves on. False: there is none. */
static bool next_condition(const char **only, condition *c)
{
    const size_t length = strcspn(*only, " ");
    if (!length) return false;
    snprintf(c->text, sizeof c->text, "%.*s", (int)length, *only);
    *only += length + strspn(*only + length, " ");
    c->values = strchr(c->text, '=');
    if (c->values) *c->values++ = '\0';
    return true;
}

/* What a method, or how it is trained, says of itself. */
static bool applies(const method *chosen, const tamis_train_options *o, const char *word)
{
    const trainer *by = trainer_pick(chosen, o);
    if (strcmp(word, "steps") == 0) return by->steps;
    if (strcmp(word, "pairs") == 0) return chosen->pair != NULL;
    if (strcmp(word, "factors") == 0) return !by->at_once;
    if (strcmp(word, "regularization") == 0) return !by->at_once || by->decays;
    if (strcmp(word, "dislikes") == 0) return by->dislikes;
    return chosen->exposed;
}

static bool is_among(const char *value, const char *values)
{
    for (size_t length; *values; values += length + (values[length] == '|')) {
        length = strcspn(values, "|");
        if (strlen(value) == length && strncmp(value, values, length) == 0) return true;
    }
    return false;
}

static bool holds(const method *chosen, const tamis_train_options *o, const condition *c)
{
    char value[300];
    if (strncmp(c->text, "method:", 7) == 0) return applies(chosen, o, c->text + 7);
    if (strcmp(c->text, "validation") == 0) return true; /* options alone do not tell: there may be a log for it */
    base_option_text(train_option_find(chosen->name, c->text), o, value, sizeof value);
    return c->values ? is_among(value, c->values) : *value && strcmp(value, "0") != 0;
}

/* Whether a method can be given what an option hangs on, be it in batches. */
static bool within_reach(const method *chosen, const condition *c)
{
    char first[120];
    tamis_train_options o;
    (void)tamis_train_options_default(&o, chosen->name, NULL);
    if (!c->values) return true;
    if (o.batch_size == 0 && trainer_pick(chosen, &o)->samples) o.batch_size = 1024;
    snprintf(first, sizeof first, "%.*s", (int)strcspn(c->values, "|"), c->values);
    return !base_option_set(train_option_find(chosen->name, c->text), &o, first, NULL) &&
           !base_option_check(&train_option_table, &o, NULL);
}

static tamis_status no_effect(const method *chosen, const tamis_option *row, const condition *c, tamis_error *error)
{
    const bool several = c->values && strchr(c->values, '|');
    tamis_train_options usual;
    (void)tamis_train_options_default(&usual, chosen->name, NULL);
    if (strcmp(c->text, "method:steps") == 0 && applies(chosen, &usual, "factors"))
        return base_fail(error, TAMIS_USAGE, "--%s has no effect on %s, which solves for its factors; leave it out", row->name,
                         chosen->name);
    if (strncmp(c->text, "method:", 7) == 0 || !within_reach(chosen, c))
        return base_fail(error, TAMIS_USAGE, "--%s has no effect on %s; leave it out", row->name, chosen->name);
    return base_fail(error, TAMIS_USAGE, "--%s has no effect without %s--%s%s%s; leave it out", row->name, several ? "another " : "",
                     c->text, c->values && !several ? " " : "", c->values && !several ? c->values : "");
}

static tamis_status check_conditions(const method *chosen, const tamis_train_options *o, tamis_error *error)
{
    const tamis_option_table *table;
    condition c;
    char text[300];
    for (size_t t = 0; (table = tamis_train_option_table(chosen->name, t)); t++)
        for (size_t k = 0; k < table->count; k++) {
            const char *only = conditions_of(&table->rows[k], t, text, sizeof text);
            while (only && next_condition(&only, &c))
                if (!holds(chosen, o, &c) && changed(chosen, o, &table->rows[k])) return no_effect(chosen, &table->rows[k], &c, error);
        }
    return TAMIS_OK;
}

void train_options_idle(tamis_train_options *o)
{
    const method *chosen = method_find(o->method);
    tamis_train_options usual;
    const tamis_option_table *table;
    condition c;
    char value[300], text[300];
    if (!chosen || !sampler_find(o->negative_sampling) || tamis_train_options_default(&usual, o->method, NULL)) return;
    for (size_t t = 0; (table = tamis_train_option_table(o->method, t)); t++)
        for (size_t k = 0; k < table->count; k++) {
            const tamis_option *row = &table->rows[k];
            const char *only = conditions_of(row, t, text, sizeof text);
            while (only && next_condition(&only, &c))
                if (row->type != TAMIS_OPTION_TEXT && !holds(chosen, o, &c))
                    (void)base_option_set(row, o, base_option_text(row, &usual, value, sizeof value), NULL);
        }
}

/* Options that would be without effect. */
static tamis_status check_effect(const method *chosen, const tamis_train_options *o, tamis_error *error)
{
    const bool adam = o->optimizer == TAMIS_OPTIMIZER_ADAM || o->optimizer == TAMIS_OPTIMIZER_LAZY_ADAM;
    const sampler *negatives = sampler_find(o->negative_sampling);
    const trainer *trained = trainer_pick(chosen, o);
    tamis_status status = check_conditions(chosen, o, error);
    if (status) return status;
    if (trained->samples && o->batch_size == 0 && o->optimizer != TAMIS_OPTIMIZER_SGD)
        return base_fail(error, TAMIS_USAGE, "--optimizer is for training in batches; give --batch-size, such as 1024");
    if (o->weight_decay > 0 && !(adam && o->batch_size > 0))
        return base_fail(error, TAMIS_USAGE, "--weight-decay is for --optimizer adam or lazy-adam, in batches; take --regularization");
    if (!isnan(o->negative_regularization) && !(chosen->pair && o->batch_size == 0))
        return base_fail(error, TAMIS_USAGE, "--negative-regularization has no effect on %s%s, whose --item-regularization is that "
                         "of negatives too; leave it out", chosen->name,
                         chosen->pair && !train_needs_batches(chosen, o) ? " in batches (with a --batch-size above 0)" : "");
    if (chosen->every_pair && negatives->weight)
        return base_fail(error, TAMIS_USAGE, "--negative-sampling %s: the loss of %s counts all pairs alike; take uniform",
                         negatives->name, chosen->name);
    if (chosen->any_negative && chosen->any_negative(o) && (negatives->weight || negatives->search))
        return base_fail(error, TAMIS_USAGE, "--negative-sampling %s: %s with these options draws any item alike; take uniform",
                         negatives->name, chosen->name);
    if (!trained->samples && positive_find(o->positive_sampling)->active)
        return base_fail(error, TAMIS_USAGE, "--positive-sampling: %s takes positives from the log alone; leave it out", chosen->name);
    if (o->pairs == TAMIS_PAIRS_ALL && positive_find(o->positive_sampling)->active)
        return base_fail(error, TAMIS_USAGE, "--positive-sampling %s: with --pairs all nothing is sampled; take --pairs sampled",
                         o->positive_sampling);
    if (o->pairs == TAMIS_PAIRS_ALL && negatives->weight)
        return base_fail(error, TAMIS_USAGE, "--negative-sampling: with --pairs all nothing is sampled; take --pairs sampled");
    return TAMIS_OK;
}

static tamis_status fail_sampler(const char *option, const char *given, const char *(*list)(size_t, const char **),
                                 tamis_error *error)
{
    base_list known = {0};
    const char *name;
    for (size_t k = 0; (name = list(k, NULL)); k++) base_list_add(&known, name, "");
    return base_fail(error, TAMIS_USAGE, "--%s: there is no sampler \"%.60s\"; there are: %s", option, given ? given : "", known.text);
}

static tamis_status fail_method(const char *name, tamis_error *error)
{
    base_list known = {0};
    const method *row;
    for (size_t k = 0; (row = method_get(k)); k++) base_list_add(&known, row->name, "");
    return base_fail(error, TAMIS_USAGE, "there is no method \"%.60s\"; there are: %s", name, known.text);
}

void tamis_loss_init(tamis_loss *loss, size_t size)
{
    const tamis_loss none = {0};
    base_option_give(&none, sizeof none, loss, size);
}

/* The caller's own. */
static tamis_status check_loss(const method *chosen, const tamis_loss *given, tamis_error *error)
{
    tamis_loss loss = {0};
    const tamis_status status = base_option_adopt(given, &loss, sizeof loss, error);
    if (status || !given) return status;
    if (!loss.name || !loss.call)
        return base_fail(error, TAMIS_USAGE, "the caller's loss has no %s; set it", loss.name ? "function to call" : "name");
    if (loss.pairwise ? chosen->pair != NULL : chosen->point != NULL) return TAMIS_OK;
    return base_fail(error, TAMIS_USAGE, "the loss \"%.60s\" is %s, but %s is not; name a method such as %s", loss.name,
                     loss.pairwise ? "pairwise" : "pointwise", chosen->name, loss.pairwise ? "bpr" : "bpo");
}

/* The names that stand in options, and what goes with what. */
static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_train_options *options = values;
    const method *chosen = options->method ? method_find(options->method) : NULL;
    if (!chosen) return fail_method(options->method ? options->method : "", error);
    if (!options->negative_sampling || !sampler_find(options->negative_sampling))
        return fail_sampler("negative-sampling", options->negative_sampling, tamis_sampler_list, error);
    if (!options->positive_sampling || !positive_find(options->positive_sampling))
        return fail_sampler("positive-sampling", options->positive_sampling, tamis_positive_sampler_list, error);
    if (!chosen->pair && sampler_find(options->negative_sampling)->search)
        return base_fail(error, TAMIS_USAGE, "--negative-sampling %s needs a pairwise method, which %s is not",
                         options->negative_sampling, chosen->name);
    if (chosen->pair && options->pairs == TAMIS_PAIRS_ALL)
        return base_fail(error, TAMIS_USAGE, "--pairs all needs a pointwise method, which %s is not", chosen->name);
    const positive_sampler *positives = positive_find(options->positive_sampling);
    if (options->batch_size == 0 && chosen->pair && positives->keeps_negative && positives->keeps_negative(options))
        return base_fail(error, TAMIS_USAGE, "--positive-sampling %s keeps the negative that an item is chosen with, in batches; give "
                         "--batch-size, such as 512, or --pool-negative fresh", positives->name);
    if (options->batch_size == 0 && train_needs_batches(chosen, options))
        return base_fail(error, TAMIS_USAGE, "%s, with these options, trains in batches; give --batch-size, such as 1024",
                         chosen->name);
    if (options->propensity && !chosen->exposed)
        return base_fail(error, TAMIS_USAGE, "--propensity: %s does not weigh by propensities; relmf, mf-du and ubpr do",
                         chosen->name);
    int64_t epochs;
    double seconds;
    tamis_status status = check_loss(chosen, options->loss, error);
    if (!status) status = check_effect(chosen, options, error);
    if (!status) status = every_parse(options->checkpoint_every ? options->checkpoint_every : "", &epochs, &seconds, error);
    if (!status && options->checkpoint && !*options->checkpoint)
        status = base_fail(error, TAMIS_USAGE, "--checkpoint: \"\" is no name; expected that of a file to write");
    if (status) return status;
    status = rank_metric_check(options->validation_metric ? options->validation_metric : "", error);
    const tamis_option_table *table;
    for (size_t k = 1; !status && (table = tamis_train_option_table(chosen->name, k)); k++)
        status = base_option_check(table, options, error);
    return status;
}

const tamis_option_table train_option_table = {"train", rows, BASE_COUNT(rows), sizeof(tamis_train_options), check};

tamis_status tamis_method_describe(const char *name, tamis_method_page *page, tamis_error *error)
{
    const method *row = method_find(name);
    base_clear(error);
    if (!row) return fail_method(name, error);
    *page = (tamis_method_page){.help = row->help, .source = row->source, .noise = row->noise, .use = row->use, .cost = row->cost};
    return TAMIS_OK;
}

tamis_status tamis_train_options_init(tamis_train_options *options, size_t size, const char *name, tamis_error *error)
{
    const method *chosen = method_find(name ? name : "bpr");
    tamis_train_options defaults = {0};
    base_clear(error);
    if (!chosen) return fail_method(name, error);
    const tamis_option_table *table;
    for (size_t k = 0; (table = tamis_train_option_table(chosen->name, k)); k++) base_option_defaults(table, &defaults);
    defaults.method = chosen->name;
    for (size_t k = 0; k < chosen->preset_count; k++) {
        const tamis_option *row = train_option_find(chosen->name, chosen->presets[k].option);
        if (row) (void)base_option_set(row, &defaults, chosen->presets[k].value, NULL);
    }
    base_option_give(&defaults, sizeof defaults, options, size);
    return TAMIS_OK;
}
