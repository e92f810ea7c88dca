/* What weights of interactions do to training: rows of more weight are taken more often, or their loss counts more; nothing where
 * all weigh alike. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "kernel/scalar.h"
#include "suites.h"
#include "train/options.h"
#include "train/row_weights.h"
#include "train/start.h"

enum { USERS = 24, ITEMS = 30, PAIRS = USERS * ITEMS };

static tamis_error error;

/* Half of all pairs; weight NULL: none. */
static tamis_log *make(const float *weight)
{
    static int32_t user[PAIRS], item[PAIRS];
    tamis_log_arrays a;
    tamis_log *log;
    base_stream s = {3};
    tamis_log_arrays_default(&a);
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++)
            if (i == u || base_below(&s, 10) < 4) user[a.count] = u, item[a.count++] = i;
    a.users = USERS;
    a.items = ITEMS;
    a.user = user;
    a.item = item;
    a.weight = weight;
    ck_assert_msg(!tamis_log_from_arrays(&a, &log, &error), "%s", error.text);
    return log;
}

static void fill(float weight[PAIRS], float value)
{
    for (int k = 0; k < PAIRS; k++) weight[k] = value;
}

static void draw_weights(float weight[PAIRS], uint64_t seed)
{
    base_stream s = {seed};
    for (int k = 0; k < PAIRS; k++) weight[k] = 0.25f * (float)(1 + base_below(&s, 16));
}

static tamis_model *train(const tamis_log *log, const tamis_train_options *o)
{
    tamis_model *model;
    ck_assert_msg(!tamis_train(log, NULL, o, NULL, &model, NULL, &error), "%s: %s", o->method, error.text);
    return model;
}

/* A method in its usual way, sample by sample where it can be, or in batches; false: it cannot be trained so. */
static bool options_of(const char *name, int way, tamis_train_options *o)
{
    ck_assert(!tamis_train_options_default(o, name, NULL));
    o->epochs = 8;
    o->factors = 8;
    o->threads = 1;
    if (way == 1) o->batch_size = 0, o->optimizer = TAMIS_OPTIMIZER_SGD, o->pairs = TAMIS_PAIRS_SAMPLED;
    if (way == 2) o->batch_size = 32;
    return !tamis_option_check(&train_option_table, o, NULL);
}

/* Of item-item models; others have none. */
static bool same_neighbours(const tamis_model *a, const tamis_model *b)
{
    bool same = true;
    for (int64_t i = 0; i < ITEMS && same; i++) {
        const float *value[2];
        int64_t count[2];
        const int32_t *item[2] = {tamis_model_neighbours(a, i, &value[0], &count[0]), tamis_model_neighbours(b, i, &value[1], &count[1])};
        same = count[0] == count[1] && (count[0] == 0 || (memcmp(item[0], item[1], (size_t)count[0] * sizeof **item) == 0 &&
                                                          memcmp(value[0], value[1], (size_t)count[0] * sizeof **value) == 0));
    }
    return same;
}

START_TEST(equal_weights_change_no_bit)
{
    float weight[PAIRS];
    const method *m;
    for (size_t k = 0; (m = method_get(k)); k++)
        for (int way = 0; way < 3; way++) {
            tamis_train_options o;
            tamis_model *model[2];
            if (!options_of(m->name, way, &o)) continue;
            fill(weight, m->trainer == METHOD_BY_ALS || m->trainer == METHOD_BY_ITEMS ? 1 : 3.7f); /* those take weights as they are */
            for (int weighted = 0; weighted < 2; weighted++) {
                tamis_log *log = make(weighted ? weight : NULL);
                model[weighted] = train(log, &o);
                tamis_log_free(log);
            }
            const size_t floats = USERS * model[0]->stride, others = ITEMS * model[0]->stride;
            ck_assert_msg(!memcmp(model[0]->user_factors, model[1]->user_factors, floats * sizeof(float)) &&
                              !memcmp(model[0]->item_factors, model[1]->item_factors, others * sizeof(float)), "%s", m->name);
            ck_assert_msg(same_neighbours(model[0], model[1]), "%s", m->name);
            tamis_model_free(model[0]);
            tamis_model_free(model[1]);
        }
}
END_TEST

/* 2,600 rows, of which one weighs a thousand times the mean: w n / (n - 1 + w) = 1000. */
static tamis_log *make_heavy(void)
{
    enum { ROWS = 2600, OF_A_USER = 26 };
    static int32_t user[ROWS], item[ROWS];
    static float weight[ROWS];
    tamis_log_arrays a;
    tamis_log *log;
    tamis_log_arrays_default(&a);
    a.users = ROWS / OF_A_USER;
    a.items = 3 * OF_A_USER;
    a.count = ROWS;
    for (int32_t k = 0; k < ROWS; k++) {
        user[k] = k / OF_A_USER;
        item[k] = (7 * user[k] + 5 * (k % OF_A_USER)) % (3 * OF_A_USER); /* 5 and 78 have no divisor in common */
        weight[k] = 1;
    }
    weight[1000] = 1000.0f * (ROWS - 1) / (ROWS - 1000);
    weight[1001] = 500;
    a.user = user;
    a.item = item;
    a.weight = weight;
    ck_assert_msg(!tamis_log_from_arrays(&a, &log, &error), "%s", error.text);
    return log;
}

/* Every method stays finite, and its factors within bounds (wide ones: the loss of relmf has none, where a target is above 1). */
START_TEST(heavy_rows_do_not_diverge)
{
    const method *m;
    tamis_log *log = make_heavy();
    for (size_t k = 0; (m = method_get(k)); k++)
        for (int way = 0; way < 3; way++) {
            tamis_train_options o;
            if (!options_of(m->name, way, &o)) continue;
            o.epochs = 20;
            if (strcmp(m->name, "nbpo") == 0 && way == 0) o.learning_rate = 0.005; /* all rows are one batch, whose sum is too much for .05 without weights, too */
            if (strcmp(m->name, "robust-bpr") == 0) o.regularization = 0.2; /* its loss has no bound: L2 must hold it, */
            if (strcmp(m->name, "robust-bpr") == 0 && way == 2) continue;   /* which comes once a batch here */
            tamis_model *model = train(log, &o);
            float most = 0;
            for (size_t f = 0; f < (size_t)model->users * model->stride; f++) most = fmaxf(most, fabsf(model->user_factors[f]));
            for (size_t f = 0; f < (size_t)model->items * model->stride; f++) most = fmaxf(most, fabsf(model->item_factors[f]));
            ck_assert_msg(most < 1000, "%s, way %d: %g", m->name, way, (double)most);
            tamis_model_free(model);
        }
    tamis_log_free(log);
}
END_TEST

/* ------------------------------------------------------------------ rows that are taken as often as they weigh */

typedef struct counts {
    double of[USERS][ITEMS]; /* as positives */
    int64_t odd; /* negatives that the user has */
    const tamis_log *log;
} counts;

/* Counts who is trained on; steps are next to nothing. */
static double counting(void *context, const tamis_sample *sample, double *derivative)
{
    counts *c = context;
    if (sample->label > 0) c->of[sample->user][sample->item]++;
    c->odd += sample->negative >= 0 && matrix_find(c->log->matrix, sample->user, (int32_t)sample->negative) >= 0;
    return *derivative = 0;
}

static counts *count(const tamis_log *log, tamis_train_options *o)
{
    counts *c = calloc(1, sizeof *c);
    tamis_loss loss;
    c->log = log;
    tamis_loss_default(&loss);
    loss.name = "counting";
    loss.call = counting;
    loss.context = c;
    loss.pairwise = method_find(o->method)->pair != NULL;
    o->loss = &loss;
    o->negatives = 1;
    tamis_model_free(train(log, o));
    o->loss = NULL;
    return c;
}

/* Whatever the way, floor(w) or ceil(w) times in each epoch and w on average: a sum of EPOCHS such draws is off by less than 4.5
 * standard deviations. */
START_TEST(rows_are_taken_by_weight)
{
    enum { EPOCHS = 400 };
    static const char *const methods[] = {"bpr", "bpo", "ubpr", "robust-bpr", "warp"};
    float weight[PAIRS];
    draw_weights(weight, 1);
    tamis_log *log = make(weight);
    double sum = 0;
    for (int64_t k = 0; k < log->matrix->nnz; k++) sum += (double)log->weight[k];
    for (size_t m = 0; m < BASE_COUNT(methods); m++)
        for (int way = 1; way < 3; way++) {
            tamis_train_options o;
            if (!options_of(methods[m], way, &o)) continue;
            o.epochs = EPOCHS;
            counts *c = count(log, &o);
            ck_assert_int_eq(c->odd, 0);
            for (int64_t u = 0; u < USERS; u++)
                for (int64_t k = log->matrix->start[u]; k < log->matrix->start[u + 1]; k++) {
                    const double w = (double)log->weight[k] / sum * (double)log->matrix->nnz, mean = c->of[u][log->matrix->index[k]] / EPOCHS;
                    ck_assert_msg(mean >= floor(w) && mean <= ceil(w) && fabs(mean - w) < 4.5 * 0.5 / sqrt(EPOCHS),
                                  "%s, way %d: %g, not %g", methods[m], way, mean, w);
                }
            free(c);
        }
    tamis_log_free(log);
}
END_TEST

/* The sample that a number stands for, by going through all rows; and the same counts from both functions. */
START_TEST(an_epoch_is_a_systematic_sample)
{
    float weight[PAIRS];
    draw_weights(weight, 2);
    weight[7] = 1e-30f;
    weight[9] = 3e4f;
    tamis_log *log = make(weight);
    const int64_t nnz = log->matrix->nnz;
    train_run run = {.log = log};
    ck_assert(!tamis_train_options_default(&run.options, "bpr", NULL));
    ck_assert_msg(!run_start(&run, log, NULL, &run.options, &error), "%s", error.text);
    ck_assert(run.row_ends && !run.row_weights);
    uint16_t *times = malloc((size_t)nnz * sizeof *times), *found = malloc((size_t)nnz * sizeof *found);
    for (run.epoch = 0; run.epoch < 50; run.epoch++) {
        int64_t last = 0;
        memset(found, 0, (size_t)nnz * sizeof *found);
        for (int64_t s = 0; s < nnz; s++) {
            const int64_t k = row_weights_find(&run, s);
            ck_assert(k >= last && k < nnz);
            found[last = k]++;
        }
        row_weights_count(&run, times);
        ck_assert(memcmp(times, found, (size_t)nnz * sizeof *times) == 0);
    }
    free(times);
    free(found);
    run_clear(&run);
    tamis_log_free(log);
}
END_TEST

/* PLD where losses say nothing: of a user's two items each is chosen in proportion to its weight. */
START_TEST(pld_chooses_by_weight)
{
    enum { EPOCHS = 3000 };
    const int32_t user[] = {0, 0, 1, 1}, item[] = {0, 1, 2, 3};
    const float weight[] = {1, 3, 5, 1};
    tamis_log_arrays a;
    tamis_log *log;
    tamis_log_arrays_default(&a);
    a.users = 2;
    a.items = 200; /* so that there are negatives in every tile */
    a.count = 4;
    a.user = user;
    a.item = item;
    a.weight = weight;
    ck_assert(!tamis_log_from_arrays(&a, &log, &error));
    for (int way = 1; way < 3; way++) {
        tamis_train_options o;
        ck_assert(options_of(way == 1 ? "pld-fresh" : "pld", way, &o));
        o.warmup = 0;
        o.pool = 2;
        o.temperature = 1e6;
        o.epochs = EPOCHS;
        counts *c = count(log, &o);
        for (int u = 0; u < 2; u++) {
            /* each sample asks for the losses of both, then for that of the chosen one */
            const double samples = (c->of[u][2 * u] + c->of[u][2 * u + 1]) / 3, p = u ? 5.0 / 6 : 0.25;
            ck_assert_double_eq_tol(c->of[u][2 * u] / samples - 1, p, 4.5 * sqrt(p * (1 - p) / samples));
        }
        free(c);
    }
    tamis_log_free(log);
}
END_TEST

/* ------------------------------------------------------------------ losses that are multiplied */

/* The first epoch's summed loss, with steps of next to nothing. */
static double first_loss(const tamis_log *log, const tamis_train_options *o, tamis_model **model)
{
    tamis_trainer *running;
    tamis_epoch epoch;
    ck_assert_msg(!tamis_trainer_new(log, NULL, o, &running, &error), "%s", error.text);
    ck_assert_msg(!tamis_trainer_epoch(running, &epoch, &error), "%s", error.text);
    ck_assert(!tamis_trainer_finish(running, model, NULL, &error));
    return epoch.loss * (double)epoch.samples;
}

/* The loss is a sum over rows, each times its weight: of methods on single scores, what weights add to the sum is (w - 1) times
 * the positive's own loss, computed here. */
START_TEST(losses_are_multiplied)
{
    static const char *const methods[] = {"mf", "wmf", "relmf", "mf", "wmf"};
    float weight[PAIRS];
    draw_weights(weight, 4);
    for (size_t m = 0; m < BASE_COUNT(methods); m++)
        for (int way = 0; way < 3; way++) {
            tamis_train_options o;
            tamis_model *model;
            double loss[2];
            if (!options_of(methods[m], way, &o)) continue;
            o.epochs = 1;
            o.learning_rate = 1e-12;
            o.init_scale = 2;
            o.pairs = m < 3 ? o.pairs : TAMIS_PAIRS_SAMPLED;
            tamis_log *log[2] = {make(NULL), make(weight)};
            loss[0] = first_loss(log[0], &o, &model);
            tamis_model_free(model);
            loss[1] = first_loss(log[1], &o, &model);
            double sum = 0, added = 0;
            const matrix *all = log[1]->matrix;
            int64_t clicks[ITEMS] = {0}, most = 0;
            for (int64_t k = 0; k < all->nnz; k++) {
                sum += (double)log[1]->weight[k];
                clicks[all->index[k]]++;
            }
            for (int i = 0; i < ITEMS; i++) most = clicks[i] > most ? clicks[i] : most;
            /* what a sampled positive stands for, so that all weights are 1 on average */
            const bool every = o.pairs != TAMIS_PAIRS_SAMPLED;
            const double scale = every ? 1 : (double)all->nnz * (1 + (double)o.negatives) / PAIRS;
            for (int64_t u = 0; u < USERS; u++)
                for (int64_t k = all->start[u]; k < all->start[u + 1]; k++) {
                    const float *p = model->user_factors + (size_t)u * model->stride, *q = model->item_factors + (size_t)all->index[k] * model->stride;
                    const double w = (double)log[1]->weight[k] / sum * (double)all->nnz;
                    double s = 0, t = 1;
                    for (int f = 0; f < 8; f++) s += (double)p[f] * (double)q[f];
                    if (strcmp(methods[m], "relmf") == 0) t = 1 / fmax(sqrt((double)clicks[all->index[k]] / (double)most), 0.1);
                    added += (w - 1) * scale * (t * log1p(exp(-s)) + (1 - t) * log1p(exp(s)));
                }
            ck_assert_msg(fabs(loss[1] - loss[0] - added) < 1e-3 * fabs(loss[0]) && fabs(added) > 0.01, "%s, way %d: %g, not %g", methods[m], way,
                          loss[1] - loss[0], added);
            tamis_model_free(model);
            tamis_log_free(log[0]);
            tamis_log_free(log[1]);
        }
}
END_TEST

/* The same draws whatever the weights: the loss under the mean of two sets of weights is the mean of both losses, and no set's is
 * another's. */
START_TEST(losses_are_linear_in_weights)
{
    static const char *const methods[] = {"softmax", "bsl", "nbpo", "r-ce"};
    float weight[3][PAIRS];
    draw_weights(weight[0], 5);
    tamis_log *log = make(NULL);
    for (int k = 0; k < PAIRS; k++) weight[1][k] = 4.25f - weight[0][k]; /* their mean: all alike */
    double sum[2] = {0, 0};
    for (int64_t k = 0; k < log->matrix->nnz; k++)
        for (int w = 0; w < 2; w++) sum[w] += (double)weight[w][k];
    for (size_t m = 0; m < BASE_COUNT(methods); m++)
        for (int way = 0; way < 3; way++) {
            tamis_train_options o;
            double loss[3];
            if (!options_of(methods[m], way, &o)) continue;
            o.epochs = 1;
            o.learning_rate = 1e-12;
            if (m == 0 || m == 1) o.init_scale = 0.1;
            for (int w = 0; w < 3; w++) {
                tamis_model *model;
                tamis_log *own = make(w < 2 ? weight[w] : NULL);
                loss[w] = first_loss(own, &o, &model);
                tamis_model_free(model);
                tamis_log_free(own);
            }
            const double share = sum[0] / (sum[0] + sum[1]); /* both sets are taken in units of their means */
            ck_assert_msg(fabs(loss[0] * share + loss[1] * (1 - share) - loss[2]) < 1e-3 * fabs(loss[2]) && fabs(loss[0] - loss[1]) > 1e-4 * fabs(loss[2]),
                          "%s, way %d: %g %g %g", methods[m], way, loss[0], loss[1], loss[2]);
        }
    tamis_log_free(log);
}
END_TEST

/* mf-du divides by the weighted sum: the clicks' part of its loss is their weighted mean; t-ce drops by the weighted loss. */
START_TEST(batch_losses_by_hand)
{
    const float loss[] = {1, 3, 2, 0.5f}, target[] = {1, 1, 0, 0};
    float weight[] = {6, 2, 1, 3};
    method_find("mf-du")->batch(NULL, 0, 4, loss, target, weight);
    ck_assert_double_eq_tol((double)(weight[0] * loss[0] + weight[1] * loss[1]) / 4, (6 * 1 + 2 * 3) / 8.0, 1e-6);
    ck_assert_double_eq_tol((double)(weight[2] * loss[2] + weight[3] * loss[3]) / 4, (1 * 2 + 3 * 0.5) / 4, 1e-6);
    float dropped[] = {4, 1, 1, 1};
    tamis_train_options o;
    ck_assert(!tamis_train_options_default(&o, "t-ce", NULL));
    o.param[0].real = 0.25; /* one of four */
    o.param[1].integer = 1;
    method_find("t-ce")->batch(o.param, 1, 4, loss, target, dropped);
    ck_assert(dropped[0] == 0 && dropped[1] == 1 && dropped[2] == 1); /* 4 x 1 is above 1 x 3 */
}
END_TEST

Suite *row_weights_suite(void)
{
    Suite *suite = suite_create("row_weights");
    TCase *tests = tcase_create("row_weights");
    tcase_add_test(tests, equal_weights_change_no_bit);
    tcase_add_test(tests, heavy_rows_do_not_diverge);
    tcase_add_test(tests, rows_are_taken_by_weight);
    tcase_add_test(tests, an_epoch_is_a_systematic_sample);
    tcase_add_test(tests, pld_chooses_by_weight);
    tcase_add_test(tests, losses_are_multiplied);
    tcase_add_test(tests, losses_are_linear_in_weights);
    tcase_add_test(tests, batch_losses_by_hand);
    suite_add_tcase(suite, tests);
    return suite;
}
