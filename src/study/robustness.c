/* How methods stand noise: for every seed, ratio and method one cell is trained and evaluated.
 *
 * Protocol (after Zhang et al., PLD, WWW 2025). Per seed a random split per user into train, validation and test; noise
 * goes into train alone, drawn with the same seed, and never hits validation or test; the epoch that is best on validation
 * is kept; test users' training items (noise included) and validation items are masked. Tuning happens on the first
 * seed's validation part, with the same number of trials for every method that no file of parameters has fixed. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/log.h"
#include "rank/rank.h"
#include "study/robustness.h"

#define ROW(field, name, kind, range, fallback, unit, help) \
    BASE_OPTION(tamis_robustness_options, field, name, TAMIS_OPTION_##kind, range, fallback, unit, help)

static const tamis_option rows[] = {
    ROW(methods, "methods", TEXT, "NAME,NAME,...", "bpr,bpo,nbpo,t-ce,r-ce,pld,robust-bpr,softmax,bsl", "",
        "methods, or names from --parameters"),
    ROW(ratios, "ratios", TEXT, "X,X,...", "0,0.1,0.2,0.3,0.4,0.5", "", "noise, as a share of a user's training rows"),
    ROW(noise, "noise", TEXT, "KIND[+KIND...]", "uniform", "", "uniform, popular, users or drop: see tamis noise"),
    ROW(seeds, "seeds", INTEGER, "[1,1000]", "5", "", "runs per method and ratio, each with its own split and noise"),
    ROW(control, "control", TEXT, "NAME", "bpr", "", "the method that the others are compared with; always in the table"),
    ROW(parameters, "parameters", TEXT, "FILE", NULL, "",
        "lines of NAME [METHOD] --option value ...: the options of a method, which is then not tuned"),
    ROW(budget, "budget", INTEGER, "[1,1000]", "8", "trials",
        "tuning on validation, per method and ratio, the defaults being the first; 1: the defaults"),
    ROW(metrics, "metrics", TEXT, "NAME,NAME,...", "ndcg,recall", "", "tamis methods lists them; the first one decides"),
    ROW(cutoffs, "cutoffs", TEXT, "K,K,...", "20", "items", "how many of the first items count"),
    ROW(test_ratio, "test-ratio", REAL, "(0,1)", "0.2", "", "share of each user's interactions for test"),
    ROW(validation_ratio, "validation-ratio", REAL, "(0,1)", "0.1", "", "share of each user's interactions for validation"),
    ROW(epochs, "epochs", INTEGER, "[0,1000000]", "0", "", "passes over the log, at most; 0: as the method has it"),
    ROW(factors, "factors", INTEGER, "[0,4096]", "0", "", "numbers per user and per item; 0: as the method has it"),
    ROW(patience, "patience", INTEGER, "[0,1000000]", "5", "validations", "without a better one before stopping; 0: never"),
    ROW(head, "head", REAL, "[0,1)", "0.2", "", "tail metrics leave out this share of items, the most popular ones"),
    ROW(paper_protocol, "paper-protocol", FLAG, NULL, "0", "",
        "injected items may be held-out ones, as in the PLD authors' script"),
    ROW(seed, "seed", SEED, NULL, "1", "", "of the first run; the others count up"),
    ROW(threads, "threads", INTEGER, "[0,1024]", "0", "", "0: as many as OpenMP offers; never changes the result"),
    ROW(jobs, "jobs", INTEGER, "[0,64]", "0", "",
        "trainings side by side; 0: one per thread, or one on logs of two million rows and more"),
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

static tamis_status read_noise(const char *kinds, double ratio, tamis_noise_options *noise, tamis_error *error)
{
    char word[64];
    tamis_noise_options_default(noise);
    for (const char *list = kinds; study_next_word(&list, '+', word, sizeof word);) {
        const tamis_option *row = base_option_find(&noise_option_table, strcmp(word, "users") == 0 ? "noisy-users" : word);
        size_t kind = 1;
        while (tamis_noise_kind(kind, NULL) && strcmp(tamis_noise_kind(kind, NULL), word) != 0) kind++;
        if (!row || !tamis_noise_kind(kind, NULL))
            return base_fail(error, TAMIS_USAGE, "--noise: there is no kind \"%s\"; there are: uniform, popular, users, drop",
                             word);
        double *place = (double *)(void *)((char *)noise + row->offset);
        *place = ratio;
    }
    tamis_status status = tamis_option_check(&noise_option_table, noise, error);
    return status ? base_fail(error, TAMIS_USAGE, "--ratios: %g is too much for --noise %s", ratio, kinds) : TAMIS_OK;
}

tamis_status study_check_metrics(const char *metrics, const char *cutoffs, tamis_error *error)
{
    rank_wanted metric[RANK_MOST_METRICS];
    int64_t cutoff[RANK_MOST_CUTOFFS];
    size_t count;
    tamis_status status = rank_cutoffs(cutoffs, cutoff, &count, error);
    if (!status) status = rank_metrics(metrics, metric, &count, error);
    for (size_t k = 0; k < count && !status; k++)
        if (!metric[k].metric->value || metric[k].weighting != RANK_PLAIN)
            status = base_fail(error, TAMIS_USAGE, "--metrics: expected metrics of rankings without weights, such as ndcg, "
                               "recall, map, auc; %s is another kind", metric[k].metric->name);
    return status;
}

static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_robustness_options *o = values;
    double ratio[STUDY_RATIOS];
    size_t ratios;
    tamis_noise_options noise;
    if (!o->methods || !o->ratios || !o->noise || !o->control || !o->metrics || !o->cutoffs)
        return base_fail(error, TAMIS_USAGE, "--methods, --ratios, --noise, --control, --metrics and --cutoffs must be given");
    if (o->test_ratio + o->validation_ratio >= 1)
        return base_fail(error, TAMIS_USAGE, "--test-ratio %g and --validation-ratio %g leave nothing to train on; expected "
                         "a sum below 1", o->test_ratio, o->validation_ratio);
    tamis_status status = study_ratios("ratios", o->ratios, ratio, &ratios, error);
    for (size_t k = 0; k < ratios && !status; k++) status = read_noise(o->noise, ratio[k], &noise, error);
    return status ? status : study_check_metrics(o->metrics, o->cutoffs, error);
}

const tamis_option_table robustness_option_table = {"robustness", rows, BASE_COUNT(rows), sizeof(tamis_robustness_options),
                                                    check};

void tamis_robustness_options_default(tamis_robustness_options *options)
{
    *options = (tamis_robustness_options){0};
    tamis_option_defaults(&robustness_option_table, options);
}

static void protocol(const tamis_robustness *s, tamis_writer *w)
{
    tamis_writer_format(w, "<h2>Protocol</h2>\n<p>%lld users, %lld items, %lld interactions. Per seed each user&rsquo;s "
                           "interactions are split at random: %g%% test, %g%% validation, the rest training. Noise of kind "
                           "<b>", (long long)s->users, (long long)s->items, (long long)s->interactions,
                        100 * s->options.test_ratio, 100 * s->options.validation_ratio);
    tamis_writer_format(w, "%s", s->options.noise);
    tamis_writer_format(w, "</b> goes into the training part alone, as a share of each user&rsquo;s training rows%s. The epoch "
                           "that does best on validation (%s) is kept. Training and validation items are left out of the "
                           "ranking.</p>\n",
                        s->options.paper_protocol ? "; injected rows may be test items" : " and never a held-out row",
                        s->validated);
    if (s->options.budget > 1)
        tamis_writer_format(w, "<p>Each method without fixed options had %lld trials per noise ratio: its defaults and random "
                               "options around them, judged on the first seed&rsquo;s validation part.</p>\n",
                            (long long)s->options.budget);
    tamis_writer_format(w, "<p>In the tables: mean &plusmn; standard deviation over seeds; the change from noise %g; the mean "
                           "difference from ", s->ratio[0]);
    tamis_writer_format(w, "%s", s->method[s->control].name);
    tamis_writer_format(w, " at the same noise, with p of a paired t-test over seeds after Holm&rsquo;s correction over the "
                           "methods. Bold: the highest mean.</p>\n");
}

static const study_words robustness_words = {
    .title = "Which method stands noise in this log",
    .axis = "noise",
    .x_label = "injected rows per training row of a user",
    .figure = {"%s against noise", "What noise costs, %s", "On rare items, %s"},
    .test = "on the clean test part, all items ranked",
    .protocol = protocol,
};

/* --------------------------------------------------------------------------------------------------- settings */

tamis_status study_add_method(tamis_robustness *s, const char *name, tamis_error *error)
{
    for (size_t k = 0; k < s->methods; k++)
        if (strcmp(s->method[k].name, name) == 0) return TAMIS_OK;
    if (s->methods == STUDY_METHODS) return base_fail(error, TAMIS_USAGE, "--methods: more than %d", STUDY_METHODS);
    recipe *row = &s->method[s->methods];
    tamis_error why;
    if (recipes_find(&s->recipes, name, row, &why))
        return base_fail(error, TAMIS_USAGE, "--methods: %.700s; names from a file of --parameters count too", why.text);
    if (s->options.epochs > 0 && !row->fixed) row->options.epochs = s->options.epochs;
    if (s->options.factors > 0 && !row->fixed) row->options.factors = s->options.factors;
    row->options.patience = s->options.patience;
    row->options.validation_ratio = 0;
    row->options.validation_metric = s->validated;
    s->methods++;
    return TAMIS_OK;
}

void study_name_metrics(tamis_robustness *s)
{
    rank_wanted metric[RANK_MOST_METRICS];
    int64_t cutoff[RANK_MOST_CUTOFFS];
    size_t metrics = 0, cutoffs = 0;
    (void)rank_metrics(s->options.metrics, metric, &metrics, NULL);
    (void)rank_cutoffs(s->options.cutoffs, cutoff, &cutoffs, NULL);
    for (size_t m = 0; m < metrics; m++)
        for (size_t k = 0; k < (metric[m].metric->per_cutoff ? cutoffs : 1) && 2 * s->metrics + 2 <= STUDY_METRICS; k++) {
            char *name = s->metric[s->metrics++];
            if (metric[m].metric->per_cutoff)
                snprintf(name, sizeof s->metric[0], "%.20s@%" PRId64, metric[m].metric->name, cutoff[k]);
            else
                snprintf(name, sizeof s->metric[0], "%.20s", metric[m].metric->name);
        }
    s->whole_metrics = s->metrics;
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
    size_t items = s->log->items.count, head = (size_t)floor(s->options.head * (double)items);
    popular *order = calloc(items + 1, sizeof *order);
    s->tail = base_alloc(items + 1, 1);
    if (!order || !s->tail) {
        free(order);
        return base_no_memory(error, "the items' popularity", items, sizeof *order);
    }
    for (size_t i = 0; i < items; i++) order[i].item = (int32_t)i;
    for (int64_t k = 0; k < s->interactions; k++) order[s->log->item[k]].clicks++;
    qsort(order, items, sizeof *order, by_clicks);
    for (size_t r = head; r < items; r++) s->tail[order[r].item] = 1;
    free(order);
    return TAMIS_OK;
}

static tamis_status settle(tamis_robustness *s, tamis_error *error)
{
    const tamis_robustness_options *o = &s->options;
    char word[STUDY_NAME];
    tamis_status status = tamis_option_check(&robustness_option_table, o, error);
    if (status) return status;
    s->words = &robustness_words;
    status = study_ratios("ratios", o->ratios, s->ratio, &s->ratios, error);
    for (size_t r = 0; r < s->ratios && !status; r++) {
        status = read_noise(o->noise, s->ratio[r], &s->noise[r], error);
        s->noise[r].paper_protocol = o->paper_protocol;
    }
    study_name_metrics(s);
    if (!status && o->parameters) status = recipes_read(&s->recipes, o->parameters, error);
    if (!status) status = study_add_method(s, o->control, error);
    for (const char *list = o->methods; !status && study_next_word(&list, ',', word, sizeof word);)
        status = study_add_method(s, word, error);
    if (!status) status = study_find_tail(s, error);
    s->chosen = calloc(s->ratios * s->methods + 1, sizeof *s->chosen);
    if (!status && !s->chosen) status = base_no_memory(error, "options", s->methods, sizeof *s->chosen);
    const int threads = base_threads(o->threads);
    s->jobs = o->jobs > 0 ? (int)o->jobs : s->interactions < 2000000 ? threads : 1;
    s->threads = threads > s->jobs ? threads / s->jobs : 1;
    study_digest_log(s->log, s->log_digest);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- cells */

typedef struct parts {
    tamis_log *clean, *train, *validation, *test;
} parts;

static void parts_free(parts *p)
{
    tamis_log_free(p->clean);
    tamis_log_free(p->train);
    tamis_log_free(p->validation);
    tamis_log_free(p->test);
}

static tamis_status prepare(const tamis_robustness *s, size_t ratio, uint64_t seed, parts *p, tamis_error *error)
{
    tamis_split_options split;
    tamis_split_options_default(&split);
    split.test_ratio = s->options.test_ratio;
    split.validation_ratio = s->options.validation_ratio;
    split.seed = seed;
    tamis_status status = tamis_log_split(s->log, &split, &p->clean, &p->validation, &p->test, error);
    tamis_noise_options noise = s->noise[ratio];
    noise.seed = seed;
    const tamis_log *held[] = {p->validation, p->test};
    return status ? status : tamis_log_noise(p->clean, &noise, held, 2, &p->train, NULL, NULL, error);
}

static int after_epoch(void *context, const tamis_epoch *epoch)
{
    const tamis_robustness *s = context;
    (void)epoch;
    return ledger_stops(s->filling);
}

/* TAMIS_DIVERGED is no failure of the study: model stays NULL. */
static tamis_status train(const tamis_robustness *s, const parts *p, const tamis_train_options *how, uint64_t seed,
                          tamis_model **model, tamis_train_report *report, tamis_error *error)
{
    tamis_train_options options = *how;
    const tamis_progress progress = {(void *)(uintptr_t)s, after_epoch};
    options.seed = seed;
    options.threads = s->threads;
    tamis_status status = tamis_train(p->train, p->validation, &options, &progress, model, report, error);
    if (status == TAMIS_DIVERGED) return TAMIS_OK;
    if (!status && report->interrupted) {
        tamis_model_free(*model);
        *model = NULL;
        return base_fail(error, TAMIS_STOPPED, "stopped; the same command goes on where it was");
    }
    return status;
}

static tamis_status measure(const tamis_robustness *s, const tamis_model *model, const parts *p, const tamis_log *test,
                            double *value, tamis_error *error)
{
    tamis_evaluate_options options;
    tamis_evaluation *evaluation = NULL;
    const tamis_log *masks[] = {p->validation};
    tamis_evaluate_options_default(&options);
    options.metrics = s->options.metrics;
    options.cutoffs = s->options.cutoffs;
    options.threads = s->threads;
    tamis_status status = tamis_evaluate(model, test, masks, 1, &options, &evaluation, error);
    for (size_t k = 0; k < s->whole_metrics; k++) value[k] = status ? (double)NAN : tamis_evaluation_mean(evaluation, k);
    tamis_evaluation_free(evaluation);
    return status;
}

tamis_status study_tail_of(const tamis_robustness *s, const tamis_log *test, tamis_log **tail, tamis_error *error)
{
    size_t n = (size_t)tamis_log_interactions(test);
    uint8_t *part = base_alloc(n + 1, 1);
    if (!part) return base_no_memory(error, "the tail", n, 1);
    for (size_t k = 0; k < n; k++) part[k] = s->tail[test->item[k]];
    tamis_status status = log_extract(test, part, 1, tail, error);
    base_free(part);
    return status;
}

static tamis_status measure_all(const tamis_robustness *s, const tamis_model *model, const parts *p, double *value,
                                tamis_error *error)
{
    tamis_log *tail = NULL;
    tamis_status status = measure(s, model, p, p->test, value, error);
    if (!status) status = study_tail_of(s, p->test, &tail, error);
    if (!status && tamis_log_interactions(tail) > 0) status = measure(s, model, p, tail, value + s->whole_metrics, error);
    tamis_log_free(tail);
    return status;
}

/* Cell numbers: results are by ratio, then seed, then method; trials by ratio, then method, then trial. */
typedef struct place {
    size_t ratio, method;
    uint64_t seed;
    int64_t trial;
} place;

static place place_of(const tamis_robustness *s, bool trials, int64_t cell)
{
    const int64_t methods = (int64_t)s->methods, many = trials ? s->options.budget : s->options.seeds;
    const int64_t inner = cell % (methods * many);
    place at = {.ratio = (size_t)(cell / (methods * many)), .seed = s->options.seed};
    if (trials) {
        at.method = (size_t)(inner / many);
        at.trial = inner % many;
    } else {
        at.method = (size_t)(inner % methods);
        at.seed += (uint64_t)(inner / methods);
    }
    return at;
}

static void describe(const tamis_robustness *s, place at, bool trial, const tamis_train_options *how, study_digest digest)
{
    study_text text = {0};
    char ratio[32];
    study_add(&text, "tamis %s robustness 1\nlog %s\nsplit %.17g %.17g\nnoise %s %s %d\nseed %" PRIu64 "\nhead %.17g\n",
              tamis_version(), s->log_digest, s->options.test_ratio, s->options.validation_ratio, s->options.noise,
              base_real_text(s->ratio[at.ratio], ratio), s->options.paper_protocol, at.seed, s->options.head);
    study_add(&text, "%s %s %" PRId64 "\n", trial ? "trial" : "result", s->method[at.method].name, trial ? at.trial : 0);
    for (size_t k = 0; k < s->metrics && !trial; k++) study_add(&text, "metric %s\n", s->metric[k]);
    recipe_describe(how, &text);
    study_digest_of(text.bytes ? text.bytes : "", digest);
    study_text_clear(&text);
}

static tamis_status run_result(void *context, int64_t cell, study_text *rows_out, tamis_error *error)
{
    tamis_robustness *s = context;
    const place at = place_of(s, false, cell);
    const tamis_train_options *how = &s->chosen[at.ratio * s->methods + at.method];
    double value[STUDY_METRICS];
    parts p = {0};
    tamis_model *model = NULL;
    tamis_train_report report;
    study_digest digest;
    char number[32], ratio[32];
    for (size_t k = 0; k < s->metrics; k++) value[k] = (double)NAN;
    tamis_status status = prepare(s, at.ratio, at.seed, &p, error);
    if (!status) status = train(s, &p, how, at.seed, &model, &report, error);
    if (!status && model) status = measure_all(s, model, &p, value, error);
    describe(s, at, false, how, digest);
    for (size_t k = 0; k < s->metrics && !status; k++)
        study_add(rows_out, "%s,%s,%s,%s,%" PRIu64 ",%s,%s\n", digest, s->method[at.method].name, s->options.noise,
                  base_real_text(s->ratio[at.ratio], ratio), at.seed, s->metric[k],
                  isnan(value[k]) ? "nan" : base_real_text(value[k], number));
    tamis_model_free(model);
    parts_free(&p);
    return status;
}

static tamis_status run_trial(void *context, int64_t cell, study_text *rows_out, tamis_error *error)
{
    tamis_robustness *s = context;
    const place at = place_of(s, true, cell);
    tamis_train_options how;
    parts p = {0};
    tamis_model *model = NULL;
    tamis_train_report report = {0};
    study_digest digest;
    study_text text = {0};
    char number[32], ratio[32];
    recipe_draw(&s->method[at.method], s->options.seed, at.trial, &how);
    tamis_status status = prepare(s, at.ratio, at.seed, &p, error);
    if (!status) status = train(s, &p, &how, at.seed, &model, &report, error);
    describe(s, at, true, &how, digest);
    recipe_text(&how, &text);
    if (!status)
        study_add(rows_out, "%s,%s,%s,%s,%" PRId64 ",%s,%s,%s\n", digest, s->method[at.method].name, s->options.noise,
                  base_real_text(s->ratio[at.ratio], ratio), at.trial, text.bytes ? text.bytes : "", s->validated,
                  model ? base_real_text(report.validation, number) : "nan");
    study_text_clear(&text);
    tamis_model_free(model);
    parts_free(&p);
    return status;
}

static int tell(void *context, int64_t cell, int64_t done, int64_t cells)
{
    const tamis_robustness *s = context;
    const bool trial = s->phase[1] == 'u'; /* tuning */
    const place at = place_of(s, trial, cell);
    char text[200];
    if (!s->progress || !s->progress->call) return 0;
    if (trial)
        snprintf(text, sizeof text, "%s, noise %g, trial %" PRId64, s->method[at.method].name, s->ratio[at.ratio],
                 at.trial + 1);
    else
        snprintf(text, sizeof text, "%s, noise %g, seed %" PRIu64, s->method[at.method].name, s->ratio[at.ratio], at.seed);
    const tamis_study_step step = {s->phase, text, done, cells};
    return s->progress->call(s->progress->context, &step);
}

/* -------------------------------------------------------------------------------------------------------- runs */

static tamis_status open_ledger(tamis_robustness *s, const char *name, const char *header, ledger *l, tamis_error *error)
{
    char path[4096];
    if (!base_join(path, sizeof path, s->directory, name))
        return base_fail(error, TAMIS_FAILURE, "the path of %.200s... is too long", s->directory);
    return ledger_open(l, path, header, error);
}

static tamis_status fill(tamis_robustness *s, ledger *l, const char *phase, int64_t cells, study_digest *digest,
                         size_t lines, tamis_error *error)
{
    const bool trial = phase[1] == 'u';
    const ledger_plan plan = {.cells = cells, .digest = digest, .lines = lines, .jobs = s->jobs, .context = s,
                              .run = trial ? run_trial : run_result, .tell = tell};
    s->filling = l;
    s->phase = phase;
    return ledger_fill(l, &plan, error);
}

/* Takes the best trial's options where a method is tuned. */
static void choose(tamis_robustness *s, const ledger *l, study_digest *digest, const int64_t *cell, int64_t cells)
{
    double *best = calloc(s->ratios * s->methods + 1, sizeof *best);
    for (int64_t k = 0; k < cells && best; k++) {
        const place at = place_of(s, true, cell[k]);
        const char *row = ledger_cell(l, digest[k]);
        char text[64];
        double value = row ? atof(study_field(row, 7, text, sizeof text)) : (double)NAN;
        size_t to = at.ratio * s->methods + at.method;
        if (value > best[to]) {
            best[to] = value;
            recipe_draw(&s->method[at.method], s->options.seed, at.trial, &s->chosen[to]);
        }
    }
    free(best);
}

/* Trials of fixed methods are not part of the plan: cell[] lists the others. */
typedef struct tuning {
    tamis_robustness *study;
    int64_t *cell;
} tuning;

static tamis_status run_tuning(void *context, int64_t k, study_text *rows_out, tamis_error *error)
{
    const tuning *t = context;
    return run_trial(t->study, t->cell[k], rows_out, error);
}

static int tell_tuning(void *context, int64_t k, int64_t done, int64_t cells)
{
    const tuning *t = context;
    return tell(t->study, t->cell[k], done, cells);
}

static tamis_status tune(tamis_robustness *s, tamis_error *error)
{
    for (size_t k = 0; k < s->ratios * s->methods; k++) s->chosen[k] = s->method[k % s->methods].options;
    if (s->options.budget < 2) return TAMIS_OK;
    const int64_t all = (int64_t)(s->ratios * s->methods) * s->options.budget;
    tuning t = {s, calloc((size_t)all + 1, sizeof *t.cell)};
    study_digest *digest = calloc((size_t)all + 1, sizeof *digest);
    ledger l = {.file = -1, .waiting = -1};
    int64_t cells = 0;
    tamis_status status = t.cell && digest ? TAMIS_OK : base_no_memory(error, "trials", (size_t)all, sizeof *digest);
    for (int64_t c = 0; c < all && !status; c++) {
        const place at = place_of(s, true, c);
        tamis_train_options how;
        if (s->method[at.method].fixed) continue;
        recipe_draw(&s->method[at.method], s->options.seed, at.trial, &how);
        describe(s, at, true, &how, digest[cells]);
        t.cell[cells++] = c;
    }
    if (!status && cells) {
        status = open_ledger(s, "trials.csv", "digest,method,noise,ratio,trial,options,metric,value\n", &l, error);
        const ledger_plan plan = {.cells = cells, .digest = digest, .lines = 1, .jobs = s->jobs, .context = &t,
                                  .run = run_tuning, .tell = tell_tuning};
        s->filling = &l;
        s->phase = "tuning";
        if (!status) status = ledger_fill(&l, &plan, error);
        if (!status) choose(s, &l, digest, t.cell, cells);
        ledger_close(&l);
    }
    free(t.cell);
    free(digest);
    return status;
}

static tamis_status run_study(tamis_robustness *s, tamis_error *error)
{
    const int64_t cells = (int64_t)(s->ratios * s->methods) * s->options.seeds;
    study_digest *digest = calloc((size_t)cells + 1, sizeof *digest);
    ledger l = {.file = -1, .waiting = -1};
    tamis_status status = digest ? tune(s, error) : base_no_memory(error, "a plan", (size_t)cells, sizeof *digest);
    for (int64_t c = 0; c < cells && !status; c++) {
        const place at = place_of(s, false, c);
        describe(s, at, false, &s->chosen[at.ratio * s->methods + at.method], digest[c]);
    }
    if (!status) {
        status = open_ledger(s, "results.csv", "digest,method,noise,ratio,seed,metric,value\n", &l, error);
        if (!status) status = fill(s, &l, "training", cells, digest, s->metrics, error);
        if (!status) status = robustness_summarize(s, &l, digest, error);
        ledger_close(&l);
    }
    free(digest);
    return status ? status : study_write(s, error);
}

tamis_status study_write(const tamis_robustness *s, tamis_error *error)
{
    tamis_status status = robustness_markdown(s, error);
    if (!status) status = robustness_gnuplot(s, error);
    return status ? status : robustness_report(s, error);
}

tamis_status study_new(const tamis_log *log, const char *directory, const tamis_study_progress *progress,
                       tamis_robustness **out, tamis_error *error)
{
    tamis_robustness *s = calloc(1, sizeof *s);
    if (!s) return base_no_memory(error, "a study", 1, sizeof *s);
    *out = s;
    s->log = log;
    s->progress = progress;
    s->users = tamis_log_users(log);
    s->items = tamis_log_items(log);
    s->interactions = tamis_log_interactions(log);
    if (snprintf(s->directory, sizeof s->directory, "%s", directory) >= (int)sizeof s->directory)
        return base_fail(error, TAMIS_FAILURE, "the path of %.200s... is too long", directory);
    return TAMIS_OK;
}

tamis_status tamis_robustness_run(const tamis_log *log, const tamis_robustness_options *options, const char *directory,
                                  const tamis_study_progress *progress, tamis_robustness **out, tamis_error *error)
{
    *out = NULL;
    base_clear(error);
    tamis_robustness *s = NULL;
    tamis_status status = study_new(log, directory, progress, &s, error);
    if (!status && options)
        s->options = *options;
    else if (!status)
        tamis_robustness_options_default(&s->options);
    if (!status) status = settle(s, error);
    if (!status) status = base_directory(directory, error);
    if (!status) status = run_study(s, error);
    if (status) {
        tamis_robustness_free(s);
        return status;
    }
    *out = s;
    return TAMIS_OK;
}

void tamis_robustness_free(tamis_robustness *s)
{
    if (!s) return;
    recipes_clear(&s->recipes);
    free(s->chosen);
    base_free(s->tail);
    free(s->row);
    free(s);
}
