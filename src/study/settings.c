/* The settings of the noise-ratio study: its options, taken apart. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/text.h"
#include "base/writer.h"
#include "data/log.h"
#include "rank/metric.h"
#include "study/settings.h"
#include "train/every.h"
#include "train/memory.h"
#include "train/options.h"

#define ROW(field, name, kind, range, fallback, unit, ...) \
    BASE_OPTION(tamis_robustness_options, field, name, TAMIS_OPTION_##kind, range, fallback, unit, __VA_ARGS__)

static const tamis_option rows[] = {
    ROW(methods, "methods", TEXT, "NAME,NAME,...", "bpr,warp,ials,softmax,pld,user-bpr", "",
        "methods, names from --parameters, user-bpr (pld without denoising), NAME+distrust (with --distrust 0.5)"),
    ROW(ratios, "ratios", TEXT, "X,X,...", "0,0.1,0.2,0.3,0.4,0.5", "", "noise, as a share of a user's rows that are not test, rounded down"),
    ROW(noise, "noise", TEXT, "KIND[+KIND...]", "uniform", "", "uniform, popular, users (all of it by a tenth of the users) or drop: see tamis noise"),
    ROW(seeds, "seeds", INTEGER, "[1,1000]", "5", "", "runs per method and ratio, each with its own split and noise"),
    ROW(control, "control", TEXT, "NAME", "bpr", "", "the method that the others are compared with; always in the table"),
    ROW(parameters, "parameters", TEXT, "FILE", NULL, "",
        "lines of NAME [METHOD] --option value ...: the options of a method, which is then not tuned", .file = TAMIS_FILE_INPUT),
    ROW(trials, "trials", INTEGER, "[1,1000]", "12", "",
        "per method and ratio, made as tamis tune makes them on the first seed's validation part; 1: the defaults, not tuned"),
    ROW(metrics, "metrics", TEXT, "NAME,NAME,...", "ndcg,recall", "", "tamis methods lists them; the first one decides"),
    ROW(cutoffs, "cutoffs", TEXT, "K,K,...", "20", "items", "how many of the first items count"),
    ROW(test_ratio, "test-ratio", REAL, "(0,1)", "0.2", "", "share of each user's interactions for test"),
    ROW(validation_ratio, "validation-ratio", REAL, "(0,1)", "0.1", "", "share of each user's interactions for validation"),
    ROW(epochs, "epochs", INTEGER, "[0,1000000]", "0", "", "passes over the log, at most; 0: as the method has it"),
    ROW(factors, "factors", INTEGER, "[0,4096]", "0", "", "numbers per user and per item; 0: as the method has it"),
    ROW(patience, "patience", INTEGER, "[0,1000000]", "0", "validations",
        "without a better one before stopping; 0: as the method has it, which is never"),
    ROW(head, "head", REAL, "[0,1)", "0.2", "", "tail metrics leave out this share of items, the most popular ones"),
    ROW(paper_protocol, "paper-protocol", FLAG, NULL, "0", "",
        "injected items may be held-out ones, as in the PLD authors' script"),
    ROW(seed, "seed", SEED, NULL, "1", "", "of the first run; the others count up"),
    ROW(threads, "threads", INTEGER, "[0,1024]", "0", "", "0: as many as OpenMP offers; never changes the result"),
    ROW(jobs, "jobs", INTEGER, "[0,64]", "0", "",
        "trainings side by side; 0: one per thread, or one on logs of two million rows and more"),
    ROW(memory, "memory", INTEGER, "[0,inf)", "0", "MB", "what trainings side by side may take, kept by fewer jobs; 0: as much as the machine has"),
    ROW(validation, "validation", CHOICE, "noisy|clean", "noisy", "",
        "noisy: noise is in the validation part as it is in training, since nobody has a clean one; clean: in training alone"),
    ROW(checkpoint_every, "checkpoint-every", TEXT, "N|Nm", "1m", "",
        "how often a run's training is saved, so that it goes on if it is killed: 10 is every ten epochs, 1m after a minute",
        .neutral = 1),
};

bool study_next_word(const char **list, char separator, char *buffer, size_t size)
{
    if (!*list) return false;
    const char *end = strchr(*list, separator);
    size_t length = end ? (size_t)(end - *list) : strlen(*list);
    snprintf(buffer, size, "%.*s", (int)(length < size ? length : size - 1), *list);
    *list = end ? end + 1 : NULL;
    return true;
}

tamis_status study_ratios(const char *option, const char *all, double ratio[STUDY_RATIOS], size_t *count,
                          tamis_error *error)
{
    char word[64];
    *count = 0;
    for (const char *list = all; study_next_word(&list, ',', word, sizeof word);) {
        double value;
        if (!base_parse_real(word, &value) || !(value >= 0 && value <= 10))
            return base_fail(error, TAMIS_USAGE, "--%s: \"%s\" is no number from 0 to 10; expected such as 0,0.1,0.3", option,
                             word);
        if (*count && value <= ratio[*count - 1])
            return base_fail(error, TAMIS_USAGE, "--%s: %s does not rise; expected the smallest first", option, word);
        if (*count == STUDY_RATIOS)
            return base_fail(error, TAMIS_USAGE, "--%s: more than %d", option, STUDY_RATIOS);
        ratio[(*count)++] = value;
    }
    return TAMIS_OK;
}

/* What is put into train at a ratio. */
static tamis_status read_noise(const tamis_robustness_options *o, double ratio, tamis_noise_options *noise, tamis_error *error)
{
    const char *kinds = o->noise;
    char word[64];
    bool named[16] = {false};
    tamis_noise_options_default(noise);
    if (o->natural && ratio > 1) return base_fail(error, TAMIS_USAGE, "--ratios: %g of the rows that are noise; expected 0 to 1", ratio);
    if (o->natural) return TAMIS_OK;
    for (const char *list = kinds; study_next_word(&list, '+', word, sizeof word);) {
        const tamis_option *row = base_option_find(&noise_option_table, strcmp(word, "users") == 0 ? "noisy-users" : word);
        size_t kind = 1;
        while (tamis_noise_kind(kind, NULL) && strcmp(tamis_noise_kind(kind, NULL), word) != 0) kind++;
        if (!row || !tamis_noise_kind(kind, NULL))
            return base_fail(error, TAMIS_USAGE, "--noise: there is no kind \"%s\"; there are: uniform, popular, users, drop",
                             word);
        double *member = (double *)(void *)((char *)noise + row->offset);
        if (named[kind]) return base_fail(error, TAMIS_USAGE, "--noise: %s stands there twice; give it once", word);
        named[kind] = true;
        *member = ratio;
    }
    if (noise->users > 0) { /* as many rows as of other kinds, but all by a tenth of the users */
        noise->users = 0.1;
        noise->users_ratio = 10 * ratio;
    }
    tamis_status status = base_option_check(&noise_option_table, noise, error);
    return status ? base_fail(error, TAMIS_USAGE, "--ratios: %g is too much for --noise %s", ratio, kinds) : TAMIS_OK;
}

tamis_status study_check_metrics(const char *metrics, const char *cutoffs, tamis_error *error)
{
    rank_column column[RANK_MOST_COLUMNS];
    size_t names;
    tamis_status status = rank_columns(metrics, cutoffs, column, &names, error);
    for (size_t k = 0; !status && k < names; k++)
        if (!rank_metric_of_ranks(column[k].metric) || column[k].weighting != RANK_PLAIN)
            status = base_fail(error, TAMIS_USAGE, "--metrics: expected metrics of rankings without weights, such as ndcg, "
                               "recall, map, auc; %s is another kind", column[k].metric->name);
    return status;
}

static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_robustness_options *o = values;
    double ratio[STUDY_RATIOS];
    size_t ratios;
    tamis_noise_options noise;
    int64_t epochs;
    double seconds;
    if (!o->methods || !o->ratios || !o->noise || !o->control || !o->metrics || !o->cutoffs)
        return base_fail(error, TAMIS_USAGE, "--methods, --ratios, --noise, --control, --metrics and --cutoffs must be given");
    if (o->test_ratio + o->validation_ratio >= 1)
        return base_fail(error, TAMIS_USAGE, "--test-ratio %g and --validation-ratio %g leave nothing to train on; expected "
                         "a sum below 1", o->test_ratio, o->validation_ratio);
    tamis_status status = study_ratios("ratios", o->ratios, ratio, &ratios, error);
    if (!status) status = every_parse(o->checkpoint_every ? o->checkpoint_every : "", &epochs, &seconds, error);
    for (size_t k = 0; k < ratios && !status; k++) status = read_noise(o, ratio[k], &noise, error);
    return status ? status : study_check_metrics(o->metrics, o->cutoffs, error);
}

const tamis_option_table robustness_option_table = {"robustness", rows, BASE_COUNT(rows), sizeof(tamis_robustness_options),
                                                    check};

void tamis_robustness_options_init(tamis_robustness_options *options, size_t size)
{
    tamis_robustness_options defaults = {0};
    base_option_defaults(&robustness_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

static void protocol(const tamis_robustness *s, base_writer *w)
{
    char dislikes[64];
    base_writer_format(w, "<h2>Protocol</h2>\n<p>%lld users, %lld items, %lld interactions%s. Per seed each user&rsquo;s "
                           "interactions are split at random: %g%% test, %g%% validation, the rest training. Noise of kind "
                           "<b>", (long long)s->users, (long long)s->items, (long long)s->interactions, log_dislike_text(s->log, dislikes),
                        100 * s->options.test_ratio, 100 * s->options.validation_ratio);
    base_writer_format(w, "%s", s->options.noise);
    if (s->options.natural)
        base_writer_format(w, "</b>, %lld rows, goes into training%s, never into the test part; a ratio is the share of them that is there",
                           (long long)tamis_log_interactions(s->options.natural),
                           s->options.validation == TAMIS_STUDY_CLEAN ? "" : " and validation");
    else
        base_writer_format(w, "</b> goes into the training part %s, as a share of each user&rsquo;s rows there%s",
                           s->options.validation == TAMIS_STUDY_CLEAN ? "alone" : "and into the validation part alike",
                           s->options.paper_protocol ? "; injected rows may be test items" : " and never as a held-out row");
    base_writer_format(w, ". %s%sThe epoch that does best on validation (%s) is kept. Training and validation items are left out of the "
                           "ranking.</p>\n",
                        s->rounding, *s->rounding ? ". " : "", s->validated);
    if (s->options.trials > 1)
        base_writer_format(w, "<p>Each method without fixed options had %lld trials per noise ratio, its defaults the first: all of them "
                               "with a third of the epochs, the best third and the defaults anew with all, judged on the first "
                               "seed&rsquo;s validation part.</p>\n",
                            (long long)s->options.trials);
    base_writer_format(w, "<p>In the tables: mean &plusmn; standard deviation over seeds; the change from noise %g; the mean "
                           "difference from ", s->ratio[0]);
    base_writer_format(w, "%s", s->method[s->control].name);
    base_writer_format(w, " at the same noise with its 95%% interval, and p of the paired t-test over seeds after Holm&rsquo;s "
                           "correction over the methods. The seeds are splits of one log, which overlap, so that both have Nadeau "
                           "and Bengio&rsquo;s correction; with less than three seeds there are none. Bold: the highest mean.</p>\n");
}

static const study_words robustness_words = {
    .title = "Which method stands noise in this log",
    .axis = "noise",
    .x_label = "injected rows per row of a user",
    .limits = "this log, its random splits and noise of kind ",
    .figure = {"%s against noise", "What noise costs, %s", "On rare items, %s"},
    .test = "on the clean test part, all items ranked",
    .costs = true,
    .protocol = protocol,
};

static const study_words natural_words = {
    .title = "Which method stands the noise of this log",
    .axis = "noise",
    .x_label = "share of the noisy rows that is there",
    .limits = "this log, its random splits and noise of kind ",
    .figure = {"%s against noise", "What noise costs, %s", "On rare items, %s"},
    .test = "on the clean test part, all items ranked",
    .protocol = protocol,
};

tamis_status study_add_method(tamis_robustness *s, const char *option, const char *name, tamis_error *error)
{
    for (size_t k = 0; k < s->methods; k++)
        if (strcmp(s->method[k].name, name) == 0) return TAMIS_OK;
    if (s->methods == STUDY_METHODS) return base_fail(error, TAMIS_USAGE, "--methods: more than %d", STUDY_METHODS);
    recipe *row = &s->method[s->methods];
    tamis_error why;
    if (recipes_find(&s->recipes, name, row, &why))
        return base_fail(error, TAMIS_USAGE, "--%s: %.700s; names from a file of --parameters count too", option, why.text);
    if (s->options.epochs > 0 && !row->fixed) row->options.epochs = s->options.epochs;
    if (s->options.factors > 0 && !row->fixed) row->options.factors = s->options.factors;
    if (s->options.patience > 0 && !row->fixed) row->options.patience = s->options.patience;
    train_options_idle(&row->options); /* such as factors of a method that has none */
    row->options.validation_ratio = 0;
    row->options.validation_metric = s->validated;
    s->methods++;
    return TAMIS_OK;
}

void study_name_metrics(tamis_robustness *s)
{
    rank_column column[RANK_MOST_COLUMNS];
    (void)rank_columns(s->options.metrics, s->options.cutoffs, column, &s->whole_metrics, NULL);
    for (size_t k = 0; k < s->whole_metrics; k++) rank_metric_name(&column[k], s->metric[k]);
    s->metrics = s->whole_metrics;
    for (size_t k = 0; k < s->whole_metrics; k++)
        snprintf(s->metric[s->metrics++], sizeof s->metric[0], "tail-%.34s", s->metric[k]);
    snprintf(s->validated, sizeof s->validated, "%s", s->metric[0]);
}

typedef struct popular {
    int64_t clicks;
    int32_t item;
} popular;

static int by_clicks(const void *a, const void *b)
{
    const popular *x = a, *y = b;
    if (x->clicks != y->clicks) return x->clicks > y->clicks ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

tamis_status study_find_tail(tamis_robustness *s, tamis_error *error)
{
    size_t items = (size_t)s->log->items, head = (size_t)floor(s->options.head * (double)items);
    popular *order = calloc(items + 1, sizeof *order);
    s->tail = base_alloc(items + 1, 1);
    if (!order || !s->tail) {
        free(order);
        return base_no_memory(error, "the items' popularity", items, sizeof *order);
    }
    for (size_t i = 0; i < items; i++) order[i].item = (int32_t)i;
    for (int64_t k = 0; k < s->interactions; k++) order[s->log->matrix->index[k]].clicks++;
    qsort(order, items, sizeof *order, by_clicks);
    for (size_t r = head; r < items; r++) s->tail[order[r].item] = 1;
    free(order);
    return TAMIS_OK;
}

tamis_status study_fit_jobs(tamis_robustness *s, tamis_error *error)
{
    const double noisy = (double)s->interactions * (1 + s->ratio[s->ratios - 1]);
    study_cell_takes most = {.name = ""};
    tamis_train_options of_most;
    for (size_t k = 0; k < s->ratios * s->methods; k++) {
        const recipe *of = &s->method[k % s->methods];
        tamis_train_options o = s->chosen[k];
        o.validation_ratio = s->options.validation_ratio; /* its parts are the cell's own */
        memory_training training = {.options = &o, .log = s->log, .asker = of->fixed ? MEMORY_LINES : MEMORY_STUDY};
        const double bytes = memory_least(&training);
        if (bytes <= most.bytes) continue;
        of_most = o;
        training.options = &of_most;
        most = (study_cell_takes){.bytes = bytes, .name = of->name, .training = training};
    }
    most.beside = 2 * log_bytes(s->log, (int64_t)noisy); /* without noise, and the test part */
    most.bytes += most.beside;
    return jobs_fit(&s->jobs, s->options.threads, s->options.memory, &most, error);
}

tamis_status robustness_settle(tamis_robustness *s, tamis_error *error)
{
    const tamis_robustness_options *o = &s->options;
    char word[STUDY_NAME];
    s->words = o->natural ? &natural_words : &robustness_words;
    s->overlap = o->test_ratio / (1 - o->test_ratio - o->validation_ratio);
    if (o->natural) {
        s->options.noise = "natural";
        study_digest_log(o->natural, false, s->natural_digest);
    }
    tamis_status status = study_ratios("ratios", o->ratios, s->ratio, &s->ratios, error);
    for (size_t r = 0; r < s->ratios && !status; r++) {
        status = read_noise(o, s->ratio[r], &s->noise[r], error);
        s->noise[r].paper_protocol = o->paper_protocol;
    }
    study_name_metrics(s);
    if (!status && o->parameters) status = recipes_read(&s->recipes, o->parameters, error);
    if (!status) status = study_add_method(s, "control", o->control, error);
    for (const char *list = o->methods; !status && study_next_word(&list, ',', word, sizeof word);)
        status = study_add_method(s, "methods", word, error);
    if (!status) status = study_find_tail(s, error);
    s->chosen = calloc(s->ratios * s->methods + 1, sizeof *s->chosen);
    if (!status && !s->chosen) status = base_no_memory(error, "options", s->methods, sizeof *s->chosen);
    s->jobs = jobs_wanted(o->jobs, o->threads, s->interactions >= JOBS_LARGE);
    study_digest_log(s->log, false, s->log_digest);
    for (size_t k = 0; k < s->ratios * s->methods && !status; k++) s->chosen[k] = s->method[k % s->methods].options;
    return status ? status : study_fit_jobs(s, error);
}
