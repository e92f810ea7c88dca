/* What goes into training sample by sample: a chunk of two factorisations against the equations in double, PLD's choices against
 * their chances. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "suites.h"
#include "train/draw.h"
#include "train/epoch.h"
#include "train/minibatch.h"
#include "train/options.h"
#include "train/sgd_blocks.h"
#include "train/sgd_two.h"
#include "train/start.h"

#define minibatch_of(run) ((minibatch *)(run)->state)
static void draw_all(train_run *run, const member *me, int64_t first, int64_t count)
{
    minibatch *b = minibatch_of(run);
    draw_batch(run, me, first, count, &(draw_edges){b->user, b->item, b->target, b->weight, b->score[0]});
}

/* ----------------------------------------------------------------------- two factorisations */

enum { USERS = 5, ITEMS = 9, D = 20, FLIP = 6, STRIDE = 32 };

typedef struct plain {
    double user[2][USERS][D], item[2][ITEMS][D], bias[ITEMS], loss;
} plain;

typedef struct fixture {
    float *user[2], *item[2], bias[ITEMS * KERNEL_BIAS];
    int32_t users[SGD_CHUNK], items[SGD_CHUNK];
    float target[SGD_CHUNK], weight[SGD_CHUNK];
} fixture;

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

static void fixture_make(fixture *f, plain *x)
{
    base_stream s = base_stream_key(7, BASE_FOR_START, 0, 0);
    const int factors[2] = {D, FLIP};
    memset(x, 0, sizeof *x);
    for (int h = 0; h < 2; h++) {
        f->user[h] = base_alloc(USERS * STRIDE, sizeof(float));
        f->item[h] = base_alloc(ITEMS * STRIDE, sizeof(float));
        for (int r = 0; r < USERS; r++)
            for (int k = 0; k < factors[h]; k++)
                x->user[h][r][k] = (double)(f->user[h][r * STRIDE + k] = 0.4f * (float)base_normal(&s));
        for (int r = 0; r < ITEMS; r++)
            for (int k = 0; k < factors[h]; k++)
                x->item[h][r][k] = (double)(f->item[h][r * STRIDE + k] = 0.4f * (float)base_normal(&s));
    }
    for (int r = 0; r < ITEMS; r++) x->bias[r] = (double)(f->bias[r * KERNEL_BIAS] = 0.3f * (float)base_normal(&s));
    for (int k = 0; k < SGD_CHUNK; k++) {
        f->users[k] = k % 3 ? f->users[k - 1] : (int32_t)base_below(&s, USERS);
        f->items[k] = (int32_t)base_below(&s, ITEMS);
        f->target[k] = k % 5 == 0;
        f->weight[k] = 0.5f + (float)base_uniform(&s);
    }
}

static const double rate = 0.02, l2[2][2] = {{0.1, 0.2}, {0.3, 0.4}}, bias_l2 = 0.5; /* per factorisation: user, item */

/* One sample of a duo, from the user's row `from`, into `to`. */
static void step(plain *x, int h, const double *from, double *to, int item, double gradient)
{
    double *q = x->item[h][item];
    for (int k = 0; k < D; k++) {
        to[k] += rate * gradient * q[k];
        q[k] += rate * (gradient * from[k] - l2[h][1] * q[k]);
    }
}

static void plain_duo(plain *x, const fixture *f, int h, const int *s, int n, const double *gradient)
{
    const bool one = n == 2 && f->users[s[0]] == f->users[s[1]] && f->items[s[0]] != f->items[s[1]];
    double before[D];
    for (int k = 0; k < n; k++) {
        double *p = x->user[h][f->users[s[k]]];
        if (k == 0 || !one) memcpy(before, p, sizeof before);
        const double keep = one && k == 0 ? pow(1 - rate * l2[h][0], 2) : one ? 1 : 1 - rate * l2[h][0];
        for (int d = 0; d < D; d++) p[d] *= keep;
        step(x, h, before, p, f->items[s[k]], gradient[k]);
        if (h == 0) x->bias[f->items[s[k]]] += rate * (gradient[k] - bias_l2 * x->bias[f->items[s[k]]]);
    }
}

/* Groups of at most 32 samples, spread over the chunk by duos: nbpo's directions from the rows before the group. */
static void plain_chunk(plain *x, const fixture *f, int count)
{
    const int groups = (count + 31) / 32;
    for (int g = 0; g < groups; g++) {
        int list[32], n = 0;
        double gradient[2][32];
        for (int duo = g; 2 * duo < count; duo += groups)
            for (int s = 2 * duo; s < 2 * duo + 2 && s < count; s++) list[n++] = s;
        for (int k = 0; k < n; k++) {
            const int u = f->users[list[k]], i = f->items[list[k]];
            const double w = (double)f->weight[list[k]];
            double score[2] = {x->bias[i], 0};
            for (int h = 0; h < 2; h++)
                for (int d = 0; d < D; d++) score[h] += x->user[h][u][d] * x->item[h][i][d];
            const double yes = sigmoid(score[0]), flip = sigmoid(score[1]);
            const bool positive = f->target[list[k]] > 0;
            gradient[0][k] = w * (positive ? (1 - flip) * (1 - yes) : flip * (1 - yes) - yes);
            gradient[1][k] = w * (positive ? -flip * yes : (1 - flip) * yes);
            x->loss -= w * log(positive ? (1 - flip) * yes : 1 - yes + flip * yes);
        }
        for (int h = 0; h < 2; h++)
            for (int k = 0; k < n; k += 2) plain_duo(x, f, h, list + k, k + 1 < n ? 2 : 1, gradient[h] + k);
    }
}

START_TEST(two_factorisations_do_the_equations)
{
    const int counts[] = {1, 2, 17, 31, 33, 64, 500, SGD_CHUNK};
    for (size_t c = 0; c < BASE_COUNT(counts); c++) {
        fixture f;
        plain x;
        fixture_make(&f, &x);
        train_run state = {.kernel = kernel_choose(), .method = method_find("nbpo")};
        ck_assert_int_eq(tamis_train_options_default(&state.options, "nbpo", NULL), TAMIS_OK);
        state.context = state.options.param;
        kernel_points head[2];
        for (int h = 0; h < 2; h++)
            head[h] = (kernel_points){.users = f.user[h], .items = f.item[h], .bias = h ? NULL : f.bias, .stride = STRIDE,
                                      .user = f.users, .item = f.items, .target = f.target, .weight = f.weight,
                                      .count = counts[c], .rate = (float)rate, .keep_user = (float)(1 - rate * l2[h][0]),
                                      .keep_item = (float)(1 - rate * l2[h][1]), .keep_bias = (float)(1 - rate * bias_l2)};
        plain_chunk(&x, &f, counts[c]);
        sgd_two(&state, (kernel_points *const[]){&head[0], &head[1]}, counts[c]);
        for (int h = 0; h < 2; h++) {
            for (int r = 0; r < USERS; r++)
                for (int k = 0; k < D; k++) ck_assert_double_eq_tol((double)f.user[h][r * STRIDE + k], x.user[h][r][k], 1e-5);
            for (int r = 0; r < ITEMS; r++)
                for (int k = 0; k < D; k++) ck_assert_double_eq_tol((double)f.item[h][r * STRIDE + k], x.item[h][r][k], 1e-5);
        }
        for (int r = 0; r < ITEMS; r++) ck_assert_double_eq_tol((double)f.bias[r * KERNEL_BIAS], x.bias[r], 1e-5);
        ck_assert_double_eq_tol(head[0].loss_sum, x.loss, 1e-5 * (1 + x.loss));
        for (int h = 0; h < 2; h++) {
            base_free(f.user[h]);
            base_free(f.item[h]);
        }
    }
}
END_TEST

/* ------------------------------------------------------------------------ PLD's choices */

enum { PLD_USERS = 3, PLD_ITEMS = 9, PLD_POOL = 3, PLD_ROUNDS = 5000 };

static double pld_score(const train_run *state, int user, int item)
{
    const tamis_model *m = state->model;
    double sum = 0;
    for (int k = 0; k < 2; k++)
        sum += (double)m->user_factors[(size_t)user * m->stride + (size_t)k] *
               (double)m->item_factors[(size_t)item * m->stride + (size_t)k];
    return sum;
}

/* The chance of each of a user's items i to be chosen with negative j, over all negatives and all pools: sets, or, of a user with
 * fewer items than a pool has places, all triples. */
static void pld_expected(const train_run *state, int user, double chance[PLD_ITEMS][PLD_ITEMS])
{
    int64_t n, pools = 0;
    const int32_t *own = tamis_log_row(state->log, user, &n);
    memset(chance, 0, PLD_ITEMS * sizeof *chance);
    for (int j = 0; j < PLD_ITEMS; j++) {
        bool seen = false;
        for (int64_t k = 0; k < n; k++) seen = seen || own[k] == j;
        for (int64_t code = 0; !seen && code < n * n * n; code++) {
            const int64_t a = code % n, b = code / n % n, c = code / n / n;
            if (n >= PLD_POOL && !(a < b && b < c)) continue;
            const int32_t item[PLD_POOL] = {own[a], own[b], own[c]};
            double weight[PLD_POOL], sum = 0;
            for (int k = 0; k < PLD_POOL; k++) {
                const double loss = log1p(exp(pld_score(state, user, j) - pld_score(state, user, item[k])));
                sum += weight[k] = exp(-loss / 0.5);
            }
            for (int k = 0; k < PLD_POOL; k++) chance[item[k]][j] += weight[k] / sum;
            pools++;
        }
    }
    for (int i = 0; i < PLD_ITEMS; i++)
        for (int j = 0; j < PLD_ITEMS; j++) chance[i][j] /= (double)pools;
}

/* Ways of PLD: an epoch's choice in tiles, whose negatives are another matter; in batches with the negative that an item was
 * chosen with; and with a fresh one. */
enum { WHOLE, SAME, FRESH, WAYS };

static void pld_begin(train_run *state, const tamis_log *log, int way)
{
    static const char *const negative[] = {"fresh", "same", "fresh"};
    tamis_train_options *o = &state->options;
    tamis_error error;
    *state = (train_run){.log = log};
    ck_assert_int_eq(tamis_train_options_default(o, "pld", NULL), TAMIS_OK);
    ck_assert(!tamis_option_set(train_option_find("pld", "pool-negative"), o, negative[way], NULL));
    o->factors = 2;
    o->pool = PLD_POOL;
    o->temperature = 0.5;
    o->warmup = 0;
    o->init_scale = 3;
    o->batch_size = way == WHOLE ? 0 : 64;
    if (way == WHOLE) o->optimizer = TAMIS_OPTIMIZER_SGD;
    ck_assert_msg(run_start(state, log, NULL, o, &error) == TAMIS_OK, "%s", error.text);
}

/* Items are chosen in proportion to exp(-loss / temperature); and with which negative they are trained then. */
START_TEST(pld_chooses_by_loss)
{
    const int32_t user[] = {0, 0, 0, 0, 0, 0, 1, 1, 2}, item[] = {0, 1, 2, 3, 4, 5, 2, 3, 8};
    tamis_log *log;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 9, PLD_USERS, PLD_ITEMS, &log, &error), TAMIS_OK);
    for (int way = 0; way < WAYS; way++) {
        train_run state;
        pld_begin(&state, log, way);
        team single = TEAM_NEW(&state.watch);
        single.size = 1;
        double count[PLD_USERS][PLD_ITEMS][PLD_ITEMS] = {{{0}}}; /* of WHOLE, all under negative 0 */
        for (state.epoch = 0; state.epoch < PLD_ROUNDS; state.epoch++) {
            if (way == WHOLE)
                ck_assert(draw_choose(&state, 2, sgd_blocks_of(&state)->times));
            else
                draw_all(&state, &(member){&single, 0}, 0, 9);
            for (int k = 0; k < 9; k++) /* an interaction, or a sample with its two edges */
                if (way == WHOLE)
                    count[user[k]][item[k]][0] += sgd_blocks_of(&state)->times[k];
                else
                    count[minibatch_of(&state)->user[2 * k]][minibatch_of(&state)->item[2 * k]][minibatch_of(&state)->item[2 * k + 1]]++;
        }
        for (int u = 0; u < PLD_USERS; u++) {
            double chance[PLD_ITEMS][PLD_ITEMS], all = 0, free_items = 0;
            pld_expected(&state, u, chance);
            for (int j = 0; j < PLD_ITEMS; j++) free_items += matrix_find(log->matrix, u, j) < 0;
            for (int i = 0; i < PLD_ITEMS * PLD_ITEMS; i++) all += count[u][i / PLD_ITEMS][i % PLD_ITEMS];
            ck_assert_double_eq_tol(all, 3.0 * PLD_ROUNDS, 5 * sqrt(3.0 * PLD_ROUNDS)); /* users count alike */
            for (int i = 0; i < PLD_ITEMS; i++) {
                double chosen = 0;
                for (int j = 0; j < PLD_ITEMS; j++) chosen += chance[i][j];
                for (int j = 0; j < PLD_ITEMS; j++) {
                    const bool seen = matrix_find(log->matrix, u, j) >= 0;
                    const double p = way == WHOLE ? (j ? 0 : chosen) : way == SAME ? chance[i][j] : seen ? 0 : chosen / free_items;
                    ck_assert_double_eq_tol(count[u][i][j] / all, p, 5 * sqrt(p * (1 - p) / all) + 1e-9);
                }
            }
        }
        run_clear(&state);
    }
    tamis_log_free(log);
}
END_TEST

/* ------------------------------------------------------------------------ a tile's samples */

enum { DRAW_USERS = 120, DRAW_ITEMS = 80, DRAW_MOST = 1 << 20 };

static int32_t seen_user[DRAW_MOST], seen_item[DRAW_MOST], seen_negative[DRAW_MOST]; /* negative -1: a point that is a positive */
static int64_t seen;

static void keep_pairs(kernel_pairs *work)
{
    ck_assert_int_le(seen + work->count, DRAW_MOST);
    for (int64_t k = 0; k < work->count; k++, seen++) {
        seen_user[seen] = work->user[k];
        seen_item[seen] = work->positive[k];
        seen_negative[seen] = work->negative[k];
    }
}

/* points become pairs again: a negative stands behind its positive */
static void keep_points(kernel_points *work)
{
    static int32_t user, positive;
    ck_assert_int_le(seen + work->count, DRAW_MOST);
    for (int64_t k = 0; k < work->count; k++) {
        if (work->target[k] > 0) {
            user = work->user[k];
            positive = work->item[k];
            continue;
        }
        ck_assert_int_eq(work->user[k], user);
        seen_user[seen] = user;
        seen_item[seen] = positive;
        seen_negative[seen++] = work->item[k];
    }
}

/* Users of one item, of a few, of many, and of all. */
static tamis_log *draw_log(bool has[DRAW_USERS][DRAW_ITEMS])
{
    base_stream s = base_stream_key(5, BASE_FOR_START, 0, 0);
    static int32_t user[DRAW_USERS * DRAW_ITEMS], item[DRAW_USERS * DRAW_ITEMS];
    int64_t n = 0;
    for (int u = 0; u < DRAW_USERS; u++) {
        const uint32_t share = u % 10 == 9 ? 100 : u % 10 > 6 ? 50 : u % 10 > 3 ? 8 : 2; /* of 100 */
        for (int i = 0; i < DRAW_ITEMS; i++) {
            has[u][i] = base_below(&s, 100) < share || i == u % DRAW_ITEMS;
            if (has[u][i]) user[n] = u, item[n++] = i;
        }
    }
    tamis_log *log;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, n, DRAW_USERS, DRAW_ITEMS, &log, &error), TAMIS_OK);
    return log;
}

/* Each interaction as often as it should, with negatives from its own item block that are not the user's, all alike. */
static void draws_are_right(const char *name, int64_t negatives, int epochs)
{
    static bool has[DRAW_USERS][DRAW_ITEMS];
    static double count[DRAW_USERS][DRAW_ITEMS], expected[DRAW_USERS][DRAW_ITEMS];
    static int64_t times[DRAW_USERS][DRAW_ITEMS];
    tamis_log *log = draw_log(has);
    train_run state = {.log = log};
    tamis_error error;
    tamis_epoch report;
    ck_assert_int_eq(tamis_train_options_default(&state.options, name, NULL), TAMIS_OK);
    state.options.factors = 2;
    state.options.negatives = negatives;
    state.options.batch_size = 0;
    state.options.threads = 1;
    if (strcmp(name, "pld-fresh") == 0) state.options.warmup = 0;
    ck_assert_msg(run_start(&state, log, NULL, &state.options, &error) == TAMIS_OK, "%s", error.text);
    kernel_tier tier = *state.kernel;
    tier.pairs = keep_pairs;
    tier.points = keep_points;
    state.kernel = &tier;
    memset(count, 0, sizeof count);
    memset(expected, 0, sizeof expected);
    ck_assert_int_gt(sgd_blocks_of(&state)->item_blocks, 1);
    for (int e = 0; e < epochs; e++) {
        seen = 0;
        memset(times, 0, sizeof times);
        ck_assert_int_eq(epoch_run(&state, &report, &error), TAMIS_OK);
        for (int64_t k = 0; k < seen; k++) {
            const int u = seen_user[k], i = seen_item[k], j = seen_negative[k];
            ck_assert(has[u][i] && !has[u][j]);
            ck_assert_uint_eq(sgd_blocks_of(&state)->position[i] >> 16, sgd_blocks_of(&state)->position[j] >> 16);
            times[u][i]++;
            count[u][j]++;
        }
        for (int u = 0; u < DRAW_USERS; u++) {
            int64_t n;
            const int32_t *own = tamis_log_row(log, u, &n);
            int free_items[DRAW_ITEMS] = {0}; /* per block */
            for (int i = 0; i < DRAW_ITEMS; i++) free_items[sgd_blocks_of(&state)->position[i] >> 16] += !has[u][i];
            for (int64_t k = 0; k < n; k++) {
                const uint32_t block = sgd_blocks_of(&state)->position[own[k]] >> 16;
                const int64_t once = sgd_blocks_of(&state)->times ? sgd_blocks_of(&state)->times[own + k - log->matrix->index] : 1;
                ck_assert_int_eq(times[u][own[k]], free_items[block] ? once * negatives : 0);
                for (int j = 0; j < DRAW_ITEMS && free_items[block]; j++)
                    if (!has[u][j] && sgd_blocks_of(&state)->position[j] >> 16 == block)
                        expected[u][j] += (double)(once * negatives) / free_items[block];
            }
        }
    }
    for (int u = 0; u < DRAW_USERS; u++)
        for (int j = 0; j < DRAW_ITEMS; j++) ck_assert_double_eq_tol(count[u][j], expected[u][j], 6 * sqrt(expected[u][j]) + 1e-9);
    run_clear(&state);
    tamis_log_free(log);
}

START_TEST(tiles_hold_every_interaction_and_its_negatives)
{
    draws_are_right("bpr", 1, 400);
    draws_are_right("bpr", 3, 50);
    draws_are_right("bpr", 150, 2);
    draws_are_right("bpr", 300, 1); /* most users' chunks end amid an interaction */
    draws_are_right("bpo", 1, 100);
    draws_are_right("bpo", 4, 50);
    draws_are_right("pld-fresh", 1, 100);
    draws_are_right("pld-fresh", 2, 50);
}
END_TEST

Suite *sgd_suite(void)
{
    Suite *suite = suite_create("sgd");
    TCase *tests = tcase_create("sgd");
    tcase_add_test(tests, two_factorisations_do_the_equations);
    tcase_add_test(tests, pld_chooses_by_loss);
    tcase_add_test(tests, tiles_hold_every_interaction_and_its_negatives);
    suite_add_tcase(suite, tests);
    return suite;
}
