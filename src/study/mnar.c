/* Exposure-skew curves: what the clicks alone (mf), the clicks weighted by propensities (relmf) and true relevance
 * (oracle) teach, as exposure gets more uneven.
 *
 * Protocol, after Saito et al., WSDM 2020: a world is fitted to the log (semi.c); per power and seed clicks are drawn;
 * each method trains on them, the oracle on all that is relevant; the test is what is relevant and was not clicked, ranked
 * among all items that were not clicked. relmf knows what it would know in earnest: propensities estimated from clicks. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/files.h"
#include "base/locale.h"
#include "base/option.h"
#include "base/status.h"
#include "base/text.h"
#include "base/writer.h"
#include "data/log.h"
#include "study/cells.h"
#include "study/fill.h"
#include "study/robustness.h"
#include "study/semi.h"
#include "study/settings.h"
#include "study/summary.h"
#include "study/verdict.h"

#define ROW(field, name, kind, range, fallback, unit, ...) \
    BASE_OPTION(tamis_mnar_options, field, name, TAMIS_OPTION_##kind, range, fallback, unit, __VA_ARGS__)

static const tamis_option rows[] = {
    ROW(powers, "powers", TEXT, "X,X,...", "0.5,1,2,3,4", "", "exposure is raised to these: larger is rarer and more uneven"),
    ROW(methods, "methods", TEXT, "NAME,NAME,...", "mf,relmf", "", "methods, or names from --parameters; mf and the oracle are "
                                                                    "always in the table"),
    ROW(parameters, "parameters", TEXT, "FILE", NULL, "", "lines of NAME [METHOD] --option value ...; one may be named oracle", .file = TAMIS_FILE_INPUT),
    ROW(seeds, "seeds", INTEGER, "[1,1000]", "5", "", "drawn logs per power"),
    ROW(epsilon, "epsilon", REAL, "[-10,20]", "5", "", "relevance is the logistic function of rating - this"),
    ROW(factors, "factors", INTEGER, "[1,256]", "20", "", "of the world's factorisations, and of methods without parameters"),
    ROW(epochs, "epochs", INTEGER, "[0,1000000]", "0", "", "passes over the log; 0: as the method has it"),
    ROW(metrics, "metrics", TEXT, "NAME,NAME,...", "dcg,recall,map", "", "on true relevance"),
    ROW(cutoffs, "cutoffs", TEXT, "K,K,...", "5", "items", "how many of the first items count"),
    ROW(head, "head", REAL, "[0,1)", "0.2", "", "tail metrics leave out this share of items, the most popular in the log"),
    ROW(seed, "seed", SEED, NULL, "1", "", "of the world and of the first drawn log; the others count up"),
    ROW(threads, "threads", INTEGER, "[0,1024]", "0", "", "0: as many as OpenMP offers; never changes the result"),
    ROW(jobs, "jobs", INTEGER, "[0,64]", "0", "", "trainings side by side; 0: one per thread"),
};

static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_mnar_options *o = values;
    double power[STUDY_RATIOS];
    size_t count;
    if (!o->powers || !o->methods || !o->metrics || !o->cutoffs)
        return base_fail(error, TAMIS_USAGE, "--powers, --methods, --metrics and --cutoffs must be given");
    tamis_status status = study_ratios("powers", o->powers, power, &count, error);
    return status ? status : study_check_metrics(o->metrics, o->cutoffs, error);
}

const tamis_option_table mnar_option_table = {"mnar", rows, BASE_COUNT(rows), sizeof(tamis_mnar_options), check};

void tamis_mnar_options_init(tamis_mnar_options *options, size_t size)
{
    tamis_mnar_options defaults = {0};
    base_option_defaults(&mnar_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

typedef struct mnar {
    tamis_robustness *s;
    semi_world world;
    size_t oracle;
} mnar;

typedef struct coordinates {
    size_t power, method;
    uint64_t seed;
} coordinates;

static coordinates coordinates_of(const tamis_robustness *s, int64_t cell)
{
    const int64_t methods = (int64_t)s->methods;
    return (coordinates){(size_t)(cell / (methods * s->options.seeds)), (size_t)(cell % methods),
                   s->options.seed + (uint64_t)(cell / methods % s->options.seeds)};
}

static tamis_status describe(const mnar *m, coordinates at, study_digest digest, tamis_error *error)
{
    const tamis_robustness *s = m->s;
    study_text text = {0};
    char power[32];
    study_add(&text, "tamis %s mnar 1\nlog %s\nworld %" PRId64 " %.17g %" PRIu64 "\npower %s\nseed %" PRIu64 "\nhead %.17g\n%s\n",
              STUDY_FIGURES, s->log_digest, m->world.factors, m->world.epsilon, s->options.seed,
              base_real_text(s->ratio[at.power], power), at.seed, s->options.head, s->method[at.method].name);
    for (size_t k = 0; k < s->metrics; k++) study_add(&text, "metric %s\n", s->metric[k]);
    return recipe_digest(&s->method[at.method].options, s->filling->checked, &text, digest, error);
}

static tamis_status measure(const tamis_robustness *s, const tamis_model *model, const tamis_log *clicks,
                            const tamis_log *test, double *value, tamis_error *error)
{
    tamis_evaluate_options options;
    tamis_evaluation *evaluation = NULL;
    const tamis_stop stop = robustness_stop(s);
    tamis_evaluate_options_default(&options);
    options.stop = &stop;
    options.metrics = s->options.metrics;
    options.cutoffs = s->options.cutoffs;
    options.threads = s->jobs.threads;
    options.mask_training = TAMIS_MASK_TRAINING_NO; /* the oracle has trained on the test's pairs */
    tamis_status status = tamis_evaluate(model, test, &clicks, 1, &options, &evaluation, error);
    for (size_t k = 0; k < s->whole_metrics && !status; k++) value[k] = tamis_evaluation_mean(evaluation, k);
    tamis_evaluation_free(evaluation);
    return status == TAMIS_STOPPED ? robustness_stopped(error) : status;
}

static tamis_status run_cell(void *context, int64_t cell, study_text *rows_out, tamis_error *error)
{
    const mnar *m = context;
    tamis_robustness *s = m->s;
    const coordinates at = coordinates_of(s, cell);
    semi_world world = m->world;
    tamis_log *clicks = NULL, *relevant = NULL, *missed = NULL, *tail = NULL;
    tamis_model *model = NULL;
    tamis_train_report report = {0};
    tamis_train_options how = s->method[at.method].options;
    const tamis_stop stop = robustness_stop(s);
    double value[STUDY_METRICS];
    study_digest digest;
    char number[32], power[32];
    world.power = s->ratio[at.power];
    world.seed = at.seed;
    how.seed = at.seed;
    how.threads = s->jobs.threads;
    how.stop = &stop;
    for (size_t k = 0; k < s->metrics; k++) value[k] = (double)NAN;
    tamis_status status = semi_draw(&world, &clicks, at.method == m->oracle ? &relevant : NULL, &missed, error);
    if (!status) status = tamis_train(relevant ? relevant : clicks, NULL, &how, NULL, &model, &report, error);
    if (status == TAMIS_DIVERGED) status = TAMIS_OK;
    if (!status && report.interrupted) status = robustness_stopped(error);
    if (!status && model) status = measure(s, model, clicks, missed, value, error);
    if (!status && model) status = study_tail_of(s, missed, &tail, error);
    if (!status && model && tamis_log_interactions(tail) > 0)
        status = measure(s, model, clicks, tail, value + s->whole_metrics, error);
    if (!status) status = describe(m, at, digest, error);
    for (size_t k = 0; k < s->metrics && !status; k++)
        study_add(rows_out, "%s,%s,exposure,%s,%" PRIu64 ",%s,%s\n", digest, s->method[at.method].name,
                  base_real_text(s->ratio[at.power], power), at.seed, s->metric[k],
                  isnan(value[k]) ? "nan" : base_real_text(value[k], number));
    tamis_model_free(model);
    tamis_log_free(clicks);
    tamis_log_free(relevant);
    tamis_log_free(missed);
    tamis_log_free(tail);
    return status;
}

static int tell(void *context, int64_t cell, int64_t done, int64_t cells)
{
    const mnar *m = context;
    char text[200] = "";
    if (!m->s->progress || !m->s->progress->call) return 0;
    if (cells == 0) return m->s->progress->call(m->s->progress->context, NULL);
    const coordinates at = coordinates_of(m->s, cell < 0 ? 0 : cell);
    if (cell >= 0)
        base_format(text, sizeof text, "%s, power %g, seed %" PRIu64, m->s->method[at.method].name, m->s->ratio[at.power],
                    at.seed);
    const tamis_study_step step = {"training", text, done, cells};
    return m->s->progress->call(m->s->progress->context, &step);
}

static void protocol(const tamis_robustness *s, base_writer *w)
{
    base_writer_format(w, "<h2>Protocol</h2>\n<p>Chances of relevance and of exposure were fitted to a log of %lld users, %lld "
                           "items and %lld ratings: relevance from a factorisation of the ratings, exposure from a logistic "
                           "factorisation of which pairs are rated, raised to the power. Per power and seed exposure and "
                           "relevance were drawn for every pair; a click is a pair that is relevant and seen. Methods trained on "
                           "the clicks, the oracle on all that is relevant. The test is what is relevant and was not clicked, "
                           "ranked among all items that the user has not clicked.</p>\n"
                           "<p>In the tables: mean &plusmn; standard deviation over seeds; the change from power %g; the mean "
                           "difference from %s at the same power with its 95%% interval, and p of the paired t-test over seeds after Holm&rsquo;s "
                           "correction over the methods. Bold: the highest mean but the oracle's.</p>\n",
                        (long long)s->users, (long long)s->items, (long long)s->interactions, s->ratio[0],
                        s->method[s->control].name);
}

static const study_words words = {
    .title = "What uneven exposure does to learning from clicks",
    .axis = "power",
    .x_label = "power to which exposure is raised",
    .figure = {"%s against exposure's unevenness", "What uneven exposure costs, %s", "On rare items, %s"},
    .limits = "worlds fitted to this log, with ",
    .test = "on what is relevant and was not clicked, all other items ranked",
    .protocol = protocol,
};

/* The oracle is mf unless the parameters say otherwise. */
static tamis_status read_options(mnar *m, const tamis_mnar_options *o, tamis_error *error)
{
    tamis_robustness *s = m->s;
    char word[STUDY_NAME];
    s->options = (tamis_robustness_options){.noise = "exposure", .seeds = o->seeds, .trials = 1, .metrics = o->metrics,
                                            .cutoffs = o->cutoffs, .epochs = o->epochs, .factors = o->factors,
                                            .head = o->head, .seed = o->seed, .threads = o->threads};
    s->words = &words;
    tamis_status status = study_ratios("powers", o->powers, s->ratio, &s->ratios, error);
    study_name_metrics(s);
    if (!status && o->parameters) status = recipes_read(&s->recipes, o->parameters, error);
    if (!status) status = study_add_method(s, "methods", "mf", error);
    for (const char *list = o->methods; !status && study_next_word(&list, ',', word, sizeof word);)
        status = strcmp(word, "oracle") == 0 ? TAMIS_OK : study_add_method(s, "methods", word, error);
    if (!status && s->methods == STUDY_METHODS) return base_fail(error, TAMIS_USAGE, "--methods: more than %d", STUDY_METHODS - 1);
    m->oracle = s->methods;
    s->beside = 1;
    recipe *oracle = &s->method[s->methods];
    if (!status && recipes_find(&s->recipes, "oracle", oracle, NULL)) *oracle = s->method[0];
    snprintf(oracle->name, sizeof oracle->name, "oracle");
    s->methods++;
    if (!status) status = study_find_tail(s, error);
    s->chosen = calloc(s->ratios * s->methods + 1, sizeof *s->chosen);
    if (!status && !s->chosen) return base_no_memory(error, "options", s->methods, sizeof *s->chosen);
    for (size_t k = 0; k < s->ratios * s->methods && !status; k++) s->chosen[k] = s->method[k % s->methods].options;
    s->jobs = jobs_wanted(o->jobs, o->threads, false);
    return status;
}

static tamis_status run_results(mnar *m, ledger *l, study_digest *digest, tamis_error *error)
{
    tamis_robustness *s = m->s;
    const ledger_plan plan = {.cells = (int64_t)(s->ratios * s->methods) * s->options.seeds, .digest = digest,
                              .lines = s->metrics, .jobs = s->jobs.jobs, .context = m, .run = run_cell, .tell = tell};
    tamis_status status = TAMIS_OK;
    s->filling = l;
    study_digest_log(s->log, l->checked, s->log_digest); /* version 0.1.0 left the ratings out */
    for (int64_t c = 0; c < plan.cells && !status; c++) status = describe(m, coordinates_of(s, c), digest[c], error);
    if (!status) status = ledger_fill(l, &plan, error);
    if (!status) status = ledger_finish(l, error);
    if (!status) status = robustness_summarize(s, l, digest, error);
    return status ? status : study_judge(s, error);
}

static tamis_status run(mnar *m, tamis_error *error)
{
    tamis_robustness *s = m->s;
    const size_t cells = s->ratios * s->methods * (size_t)s->options.seeds;
    study_digest *digest = calloc(cells, sizeof *digest);
    ledger l;
    if (!digest) return base_no_memory(error, "a plan", cells, sizeof *digest);
    tamis_status status = ledger_open(&l, s->directory, "results.csv", "digest,method,kind,power,seed,metric,value", error);
    if (!status) status = run_results(m, &l, digest, error);
    ledger_close(&l);
    free(digest);
    return status ? status : study_write(s, error);
}

tamis_status tamis_mnar_run(const tamis_log *log, const tamis_mnar_options *options, const char *directory,
                            const tamis_study_progress *progress, tamis_robustness **out, tamis_error *error)
{
    tamis_mnar_options taken;
    *out = NULL;
    base_clear(error);
    if (!log) return base_null(error, "the log");
    tamis_mnar_options_default(&taken);
    tamis_status status = base_option_take(&mnar_option_table, options, &taken, error);
    options = &taken;
    mnar m = {.s = NULL};
    if (!status) status = study_new(log, directory, progress, &m.s, error);
    if (!status) status = read_options(&m, options, error);
    if (!status) status = base_directory(directory, error);
    if (!status) status = semi_fit(log, options->factors, options->epsilon, options->seed, options->threads, &m.world, error);
    if (!status) status = run(&m, error);
    semi_clear(&m.world);
    if (status) {
        tamis_robustness_free(m.s);
        return status;
    }
    *out = m.s;
    return TAMIS_OK;
}
