/* Ranking against a brute force that shares nothing with it: scores in double loops over small whole numbers (exact in
 * any order of summation, and full of ties), a sorted list per user, metrics walked off that list by their definitions;
 * among all items and among those that a labelled test log lists. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/base.h"
#include "data/log.h"
#include "kernel/kernel.h"
#include "model/model.h"
#include "rank/block.h"
#include "rank/metric.h"
#include "rank/position.h"
#include "rank/result.h"
#include "rank/validate.h"
#include "suites.h"

enum { MOST = 2000 };

/* ------------------------------------------------------------------ worlds */

typedef struct world {
    int64_t users, items, factors;
    tamis_log *train, *test, *mask; /* mask NULL: none */
    tamis_model *model;
} world;

static uint64_t state = 1;

static uint32_t draw(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 20) % n);
}

static tamis_log *draw_log(int64_t users, int64_t items, int64_t count)
{
    int32_t *u = malloc((size_t)count * sizeof *u + 4), *i = malloc((size_t)count * sizeof *i + 4);
    tamis_log *log;
    for (int64_t k = 0; k < count; k++) {
        u[k] = (int32_t)draw((uint32_t)users);
        i[k] = (int32_t)draw((uint32_t)items);
    }
    ck_assert_int_eq(tamis_log_from_pairs(u, i, count, users, items, &log, NULL), TAMIS_OK);
    free(u);
    free(i);
    return log;
}

static tamis_model *new_model(const tamis_log *train, int64_t factors, bool bias)
{
    tamis_model *model;
    ck_assert_int_eq(model_new(train->user_ids, train->item_ids, train->matrix, factors, bias, &model, NULL),
                     TAMIS_OK);
    return model;
}

static float whole(uint32_t spread)
{
    return (float)draw(2 * spread + 1) - (float)spread;
}

static float real(uint32_t spread)
{
    (void)spread;
    return (float)draw(1 << 24) / 8388608.0f - 1.0f;
}

static void fill_factors(tamis_model *m, float (*number)(uint32_t), uint32_t spread)
{
    for (int64_t r = 0; r < m->users; r++)
        for (int64_t k = 0; k < m->factors; k++) m->user_factors[(size_t)r * m->stride + (size_t)k] = number(spread);
    for (int64_t r = 0; r < m->items; r++)
        for (int64_t k = 0; k < m->factors; k++) m->item_factors[(size_t)r * m->stride + (size_t)k] = number(spread);
    for (int64_t r = 0; m->item_bias && r < m->items; r++) m->item_bias[r] = number(spread);
}

/* Makes a log labelled: relevance 0, 1 or 2 at random. */
static void draw_labels(tamis_log *log)
{
    int64_t n = log->matrix->nnz;
    log->rating = malloc((size_t)n * sizeof *log->rating);
    for (int64_t k = 0; k < n; k++) log->rating[k] = (float)draw(3);
    log->labelled = true;
}

static world draw_world(int64_t users, int64_t items, int64_t factors, int64_t density, uint32_t spread)
{
    world w = {users, items, factors, NULL, NULL, NULL, NULL};
    w.train = draw_log(users, items, 1 + users * items / density);
    /* ids are decimal numbers: those beyond the model's are unknown to it */
    w.test = draw_log(users + draw(3), items + draw(4), 1 + users * items / density + draw(3));
    if (draw(2)) w.mask = draw_log(users + draw(2), items + draw(2), 1 + users * items / (2 * density));
    w.model = new_model(w.train, factors, draw(2));
    fill_factors(w.model, whole, spread);
    return w;
}

static void free_world(world *w)
{
    tamis_log_free(w->train);
    tamis_log_free(w->test);
    tamis_log_free(w->mask);
    tamis_model_free(w->model);
}

/* ------------------------------------------------------------- brute force */

static bool has(const tamis_log *log, int64_t user, int64_t item)
{
    if (!log || user >= log->users) return false;
    for (int64_t k = log->matrix->start[user]; k < log->matrix->start[user + 1]; k++)
        if (log->matrix->index[k] == item) return true;
    return false;
}

static double score(const tamis_model *m, int64_t user, int64_t item)
{
    double sum = m->item_bias ? (double)m->item_bias[item] : 0;
    for (int64_t k = 0; k < m->factors; k++)
        sum += (double)m->user_factors[user * (int64_t)m->stride + k] *
               (double)m->item_factors[item * (int64_t)m->stride + k];
    return sum;
}

typedef struct entry {
    double score;
    int64_t item;
} entry;

static int better_first(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return x->item < y->item ? -1 : 1;
}

/* How an evaluation is asked for, in the brute force's own words. */
typedef struct rules {
    bool listed, mask_training, drop, zero;
    double from; /* least relevance of a relevant row */
    bool popular; /* ranking by popularity for users of whom nothing was learnt */
} rules;

static const rules usual = {.mask_training = true};
static const rank_rules as_usual = {.mask_training = true, .relevant_from = (double)NAN};

/* What the test says of a pair: not there, there, or there and relevant. */
enum { NOT_THERE, THERE, RELEVANT };

static int test_says(const world *w, const rules *how, int64_t user, int64_t item)
{
    const tamis_log *test = w->test;
    for (int64_t k = test->matrix->start[user]; k < test->matrix->start[user + 1]; k++)
        if (test->matrix->index[k] == item)
            return !test->labelled || (double)test->rating[k] >= how->from ? RELEVANT : THERE;
    return NOT_THERE;
}

static double popularity(const tamis_log *train, int64_t item)
{
    int64_t n = 0;
    for (int64_t u = 0; u < train->users; u++) n += has(train, u, item);
    return (double)n;
}

static bool learnt(const world *w, int64_t user)
{
    return user < w->users && w->train->matrix->start[user] < w->train->matrix->start[user + 1];
}

static int64_t ranked_list(const world *w, int64_t user, const rules *how, bool with_mask, entry *list)
{
    int64_t n = 0;
    for (int64_t i = 0; i < w->items; i++)
        if (!(how->mask_training && has(w->train, user, i)) && !(with_mask && has(w->mask, user, i)) &&
            !(how->listed && test_says(w, how, user, i) == NOT_THERE))
            list[n++] = (entry){how->popular && !learnt(w, user) ? popularity(w->train, i) : score(w->model, user, i), i};
    qsort(list, (size_t)n, sizeof *list, better_first);
    for (int64_t i = w->items; how->listed && !how->drop && i < w->test->items; i++)
        if (test_says(w, how, user, i) == THERE) list[n++] = (entry){-INFINITY, i}; /* unknown to the model */
    return n;
}

typedef struct brute {
    double precision, recall, hit, ndcg, map, mrr, auc, f1, dcg, dcg_wsdm, ndcg_full, map_full;
} brute;

static brute brute_user(const world *w, const rules *how, int64_t user, int64_t relevant, int64_t cutoff)
{
    static entry list[MOST];
    brute b = {0};
    if ((user >= w->users && !how->popular) || relevant == 0) return b;
    int64_t n = ranked_list(w, user, how, true, list), hits = 0, others = 0, found = 0;
    double ideal = 0, full = 0, ap = 0, below = 0;
    for (int64_t r = 1; r <= n && r <= cutoff; r++) {
        if (test_says(w, how, user, list[r - 1].item) != RELEVANT) continue;
        hits++;
        b.dcg += log(2) / log((double)r + 1);
        b.dcg_wsdm += r <= 2 ? 1 : log(2) / log((double)r);
        ap += (double)hits / (double)r;
        if (hits == 1) b.mrr = 1 / (double)r;
    }
    for (int64_t r = 1; r <= relevant; r++) {
        full += log(2) / log((double)r + 1);
        if (r <= cutoff) ideal = full;
    }
    for (int64_t k = n - 1; k >= 0; k--) { /* from the bottom: how many others were passed */
        if (test_says(w, how, user, list[k].item) == RELEVANT) {
            found++;
            below += (double)others;
        } else {
            others++;
        }
    }
    b.precision = (double)hits / (double)cutoff;
    b.recall = (double)hits / (double)relevant;
    b.f1 = hits ? 2 * b.precision * b.recall / (b.precision + b.recall) : 0;
    b.hit = hits > 0;
    b.ndcg = b.dcg / ideal;
    b.ndcg_full = b.dcg / full;
    b.map = ap / (double)(relevant < cutoff ? relevant : cutoff);
    b.map_full = ap / (double)relevant;
    b.auc = others ? below / (double)others / (double)relevant : 0.5 * (double)found / (double)relevant;
    return b;
}

/* The relevant test items that count, as the rules say. */
static int64_t relevant_of(const world *w, const rules *how, int64_t user)
{
    int64_t n = 0;
    for (int64_t i = 0; i < w->test->items; i++)
        n += test_says(w, how, user, i) == RELEVANT && !(how->drop && (user >= w->users || i >= w->items));
    return n;
}

/* Whether the user is in the means. */
static bool counts(const world *w, const rules *how, int64_t user)
{
    if (w->test->matrix->start[user] == w->test->matrix->start[user + 1] || (how->drop && user >= w->users)) return false;
    return how->zero || relevant_of(w, how, user) > 0;
}

static double named(const tamis_evaluation *e, int64_t row, const char *name, int64_t cutoff)
{
    char full[64];
    snprintf(full, sizeof full, cutoff ? "%s@%" PRId64 : "%s", name, cutoff);
    for (size_t k = 0; k < tamis_evaluation_metrics(e); k++)
        if (strcmp(tamis_evaluation_name(e, k), full) == 0)
            return row < 0 ? tamis_evaluation_mean(e, k) : tamis_evaluation_value(e, row, k);
    ck_abort_msg("no metric %s", full);
    return 0;
}

static const char every_metric[] = "precision,recall,hit,ndcg,map,mrr,auc,f1,dcg,dcg-wsdm,ndcg-full,map-full";

static void compare_user(const tamis_evaluation *e, int64_t row, const brute *b, int64_t cutoff)
{
    ck_assert_double_eq_tol(named(e, row, "precision", cutoff), b->precision, 1e-12);
    ck_assert_double_eq_tol(named(e, row, "recall", cutoff), b->recall, 1e-12);
    ck_assert_double_eq_tol(named(e, row, "hit", cutoff), b->hit, 1e-12);
    ck_assert_double_eq_tol(named(e, row, "ndcg", cutoff), b->ndcg, 1e-12);
    ck_assert_double_eq_tol(named(e, row, "map", cutoff), b->map, 1e-12);
    ck_assert_double_eq_tol(named(e, row, "mrr", cutoff), b->mrr, 1e-12);
    ck_assert_double_eq_tol(named(e, row, "auc", 0), b->auc, 1e-12);
    ck_assert_double_eq_tol(named(e, row, "f1", cutoff), b->f1, 1e-12);
    ck_assert_double_eq_tol(named(e, row, "dcg", cutoff), b->dcg, 1e-12);
    ck_assert_double_eq_tol(named(e, row, "dcg-wsdm", cutoff), b->dcg_wsdm, 1e-12);
    ck_assert_double_eq_tol(named(e, row, "ndcg-full", cutoff), b->ndcg_full, 1e-12);
    ck_assert_double_eq_tol(named(e, row, "map-full", cutoff), b->map_full, 1e-12);
}

static tamis_evaluate_options options_of(const rules *how, const char *cutoffs)
{
    tamis_evaluate_options o;
    tamis_evaluate_options_default(&o);
    o.cutoffs = cutoffs;
    o.metrics = every_metric;
    o.threads = 1;
    o.drop_unknown = how->drop;
    o.unknown_users = how->popular ? TAMIS_UNKNOWN_USERS_POPULAR : TAMIS_UNKNOWN_USERS_MISS;
    o.candidates = how->listed ? "listed" : "all";
    if (how->mask_training == how->listed)
        o.mask_training = how->mask_training ? TAMIS_MASK_TRAINING_YES : TAMIS_MASK_TRAINING_NO;
    o.empty_users = how->zero ? TAMIS_EMPTY_USERS_ZERO : TAMIS_EMPTY_USERS_DROP;
    if (how->from >= 1) o.relevant_from = how->from;
    return o;
}

/* The usual metrics in one call, which looks for the first ranks alone. */
static void compare_measured(const world *w, const tamis_evaluation *e, int64_t cutoff)
{
    tamis_metrics m;
    ck_assert_int_eq(tamis_measure(w->model, w->test, cutoff, 1, &m, NULL), TAMIS_OK);
    ck_assert_int_eq(m.users, tamis_evaluation_users(e));
    ck_assert(m.precision == named(e, -1, "precision", cutoff) && m.recall == named(e, -1, "recall", cutoff) &&
              m.hit == named(e, -1, "hit", cutoff) && m.ndcg == named(e, -1, "ndcg", cutoff) &&
              m.map == named(e, -1, "map", cutoff) && m.mrr == named(e, -1, "mrr", cutoff));
}

static void compare(const world *w, const rules *how, const int64_t *cutoff, size_t cutoffs, const char *text)
{
    const tamis_evaluate_options options = options_of(how, text);
    const tamis_log *masks[1] = {w->mask};
    tamis_evaluation *e;
    tamis_error error;
    int64_t users = 0, rows = 0, empty = 0;
    brute sum[8] = {0};
    tamis_status status = tamis_evaluate(w->model, w->test, masks, w->mask ? 1 : 0, &options, &e, &error);
    for (int64_t u = 0; u < w->test->users; u++) {
        int64_t relevant = relevant_of(w, how, u);
        empty += relevant == 0 && w->test->matrix->start[u] < w->test->matrix->start[u + 1] && !(how->drop && u >= w->users);
        if (!counts(w, how, u)) continue;
        rows += relevant;
        ck_assert_msg(status == TAMIS_OK, "%s", error.text);
        size_t length;
        char id[24];
        const char *told = tamis_evaluation_user_id(e, users, &length);
        snprintf(id, sizeof id, "%" PRId64, u);
        ck_assert(length == strlen(id) && memcmp(told, id, length) == 0);
        for (size_t k = 0; k < cutoffs; k++) {
            brute b = brute_user(w, how, u, relevant, cutoff[k]);
            compare_user(e, users, &b, cutoff[k]);
            sum[k].ndcg += b.ndcg;
            sum[k].recall += b.recall;
            sum[k].auc += b.auc;
        }
        users++;
    }
    if (users == 0) {
        ck_assert_int_eq(status, TAMIS_DATA);
        ck_assert_ptr_null(e);
        return;
    }
    ck_assert_int_eq(tamis_evaluation_users(e), users);
    ck_assert_int_eq(tamis_evaluation_count(e)->rows, rows);
    ck_assert_int_eq(tamis_evaluation_count(e)->empty_users, empty);
    ck_assert_uint_eq(tamis_evaluation_metrics(e), 11 * cutoffs + 1);
    bool plain = !w->mask && !how->listed && how->mask_training && !how->drop && !how->zero && !how->popular && !w->test->labelled;
    for (size_t k = 0; k < cutoffs; k++) {
        if (plain) compare_measured(w, e, cutoff[k]);
        ck_assert_double_eq_tol(named(e, -1, "ndcg", cutoff[k]), sum[k].ndcg / (double)users, 1e-12);
        ck_assert_double_eq_tol(named(e, -1, "recall", cutoff[k]), sum[k].recall / (double)users, 1e-12);
        ck_assert_double_eq_tol(named(e, -1, "auc", 0), sum[k].auc / (double)users, 1e-12);
    }
    tamis_evaluation_free(e);
}

/* ------------------------------------------------------------------- tests */

START_TEST(random_small)
{
    static const int64_t cutoff[] = {1, 3, 10, 1000};
    for (int n = 0; n < 3000; n++) {
        world w = draw_world(1 + draw(6), 1 + draw(12), 1 + draw(20), 2 + draw(6), draw(3));
        rules how = usual;
        how.drop = draw(2);
        how.popular = !how.drop && draw(2);
        compare(&w, &how, cutoff, 4, "1000,10,1,3,10");
        free_world(&w);
    }
}
END_TEST

/* Labelled test logs, with every combination of rules: listed or not, masked or not, unknown and empty users. */
START_TEST(random_labelled)
{
    static const int64_t cutoff[] = {1, 3, 10, 1000};
    for (int n = 0; n < 6000; n++) {
        world w = draw_world(1 + draw(6), 1 + draw(12), 1 + draw(20), 2 + draw(4), draw(3));
        draw_labels(w.test);
        rules how = {draw(4) > 0, draw(2), draw(2), draw(2), draw(3) ? 0.5 : 2, false}; /* 0.5: above 0 */
        how.popular = !how.drop && draw(2);
        compare(&w, &how, cutoff, 4, "1,3,10,1000");
        free_world(&w);
    }
}
END_TEST

/* Long lists, more users than a thread takes at once. */
START_TEST(random_lists)
{
    static const int64_t cutoff[] = {5, 20};
    static const uint32_t spread[] = {40, 1, 0};
    for (int n = 0; n < 3; n++) {
        world w = draw_world(150, 400, 24, 3, spread[n]);
        draw_labels(w.test);
        const rules how = {.listed = true, .mask_training = n == 1, .zero = true, .from = 2};
        compare(&w, &how, cutoff, 2, "5,20");
        free_world(&w);
    }
}
END_TEST

/* More users and items than a block holds, with few ties and with nothing but ties. */
START_TEST(random_large)
{
    static const int64_t cutoff[] = {5, 20};
    static const uint32_t spread[] = {40, 1, 0};
    for (int n = 0; n < 3; n++) {
        world w = draw_world(RANK_USERS + 30, 2 * RANK_ITEMS + 77, 24, 60, spread[n]);
        compare(&w, &usual, cutoff, 2, "5,20");
        compare(&w, &(rules){.mask_training = true, .popular = true}, cutoff, 2, "5,20");
        free_world(&w);
    }
}
END_TEST

/* The example of man tamis. User 0 scores items 0..4 as 5, 4, 3, 2, 1; item 0 is masked; the test holds items 2, 4
 * and one that nobody knows. So the list is 1, 2, 3, 4, the hits stand at ranks 2 and 4. */
START_TEST(by_hand)
{
    int32_t u[] = {0, 1, 1, 1, 1}, i[] = {0, 1, 2, 3, 4}, tu[] = {0, 0, 0}, ti[] = {2, 4, 9};
    tamis_log *train, *test;
    ck_assert_int_eq(tamis_log_from_pairs(u, i, 5, 2, 5, &train, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_log_from_pairs(tu, ti, 3, 1, 10, &test, NULL), TAMIS_OK);
    tamis_model *model = new_model(train, 1, false);
    for (int k = 0; k < 5; k++) model->item_factors[k * 16] = (float)(5 - k);
    model->user_factors[0] = 1;
    tamis_evaluation *e;
    const tamis_evaluate_options options = {.size = sizeof(tamis_evaluate_options), .cutoffs = "2,5"}; /* no metrics named: the usual ones */
    ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &options, &e, NULL), TAMIS_OK);
    ck_assert_double_eq_tol(named(e, 0, "precision", 2), 0.5, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "precision", 5), 0.4, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "recall", 2), 1 / 3.0, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "recall", 5), 2 / 3.0, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "hit", 2), 1, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "ndcg", 2), 0.386853, 5e-7);  /* 0.630930 / 1.630930 */
    ck_assert_double_eq_tol(named(e, 0, "ndcg", 5), 0.498189, 1e-6);  /* 1.061606 / 2.130930 */
    ck_assert_double_eq_tol(named(e, 0, "map", 2), 0.25, 1e-15);      /* (1/2) / 2 */
    ck_assert_double_eq_tol(named(e, 0, "map", 5), 1 / 3.0, 1e-15);   /* (1/2 + 2/4) / 3 */
    ck_assert_double_eq_tol(named(e, 0, "mrr", 2), 0.5, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "auc", 0), 1 / 6.0, 1e-15);   /* (1/2 + 0 + 0) / 3 */
    ck_assert_str_eq(tamis_evaluation_name(e, 0), "precision@2");
    ck_assert_str_eq(tamis_evaluation_name(e, 1), "precision@5");
    ck_assert_str_eq(tamis_evaluation_name(e, 12), "auc");
    ck_assert_int_eq(tamis_evaluation_count(e)->unknown_item_rows, 1);
    ck_assert_int_eq(tamis_evaluation_count(e)->rows, 3);
    ck_assert_uint_eq(tamis_evaluation_metrics(e), 13);
    tamis_evaluation_free(e);
    const tamis_evaluate_options others = {.size = sizeof(tamis_evaluate_options), .cutoffs = "2,5", .metrics = "map-full,f1,dcg,f1,dcg-wsdm,ndcg-full"};
    ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &others, &e, NULL), TAMIS_OK);
    ck_assert_uint_eq(tamis_evaluation_metrics(e), 10); /* in the order asked for, f1 once */
    ck_assert_str_eq(tamis_evaluation_name(e, 0), "map-full@2");
    ck_assert_str_eq(tamis_evaluation_name(e, 9), "ndcg-full@5");
    ck_assert_double_eq_tol(named(e, 0, "f1", 2), 0.4, 1e-15);            /* 2 / (1 / 0.5 + 1 / (1/3)) */
    ck_assert_double_eq_tol(named(e, 0, "f1", 5), 0.5, 1e-15);            /* 2 / (1 / 0.4 + 1 / (2/3)) */
    ck_assert_double_eq_tol(named(e, 0, "dcg", 2), 0.630930, 5e-7);       /* 1 / log2(3) */
    ck_assert_double_eq_tol(named(e, 0, "dcg", 5), 1.061606, 5e-7);       /* ... + 1 / log2(5) */
    ck_assert_double_eq_tol(named(e, 0, "dcg-wsdm", 2), 1, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "dcg-wsdm", 5), 1.5, 1e-15);      /* ... + 1 / log2(4) */
    ck_assert_double_eq_tol(named(e, 0, "ndcg-full", 2), 0.296082, 5e-7); /* 0.630930 / 2.130930 */
    ck_assert_double_eq_tol(named(e, 0, "ndcg-full", 5), 0.498189, 1e-6); /* as ndcg: 3 items fit in 5 */
    ck_assert_double_eq_tol(named(e, 0, "map-full", 2), 1 / 6.0, 1e-15);  /* (1/2) / 3 */
    ck_assert_double_eq_tol(named(e, 0, "map-full", 5), 1 / 3.0, 1e-15);
    tamis_evaluation_free(e);
    tamis_log_free(train);
    tamis_log_free(test);
    tamis_model_free(model);
}
END_TEST

/* Clicks of items 0 to 3: 1, 3, 2, 1. So they are ranked 1, 2, 0, 3 for user 7, whom the model does not know, and whose test items 2 and 3
 * stand at ranks 2 and 4; item 9 is unknown. */
START_TEST(unknown_users_by_popularity)
{
    int32_t u[] = {0, 0, 0, 1, 1, 2, 2}, i[] = {0, 1, 2, 1, 2, 1, 3}, tu[] = {7, 7, 7}, ti[] = {2, 3, 9};
    static const char *const methods[] = {"bpr", "itemknn", "pop"};
    tamis_log *train, *test;
    ck_assert_int_eq(tamis_log_from_pairs(u, i, 7, 3, 4, &train, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_log_from_pairs(tu, ti, 3, 8, 10, &test, NULL), TAMIS_OK);
    for (size_t k = 0; k < BASE_COUNT(methods); k++) {
        tamis_train_options o;
        tamis_evaluate_options how;
        tamis_model *model;
        tamis_evaluation *e;
        ck_assert_int_eq(tamis_train_options_default(&o, methods[k], NULL), TAMIS_OK);
        ck_assert_int_eq(tamis_train(train, NULL, &o, NULL, &model, NULL, NULL), TAMIS_OK);
        tamis_evaluate_options_default(&how);
        how.cutoffs = "2,4";
        how.metrics = "recall,mrr,auc,coverage";
        ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &how, &e, NULL), TAMIS_OK);
        ck_assert(named(e, 0, "recall", 4) == 0 && named(e, -1, "coverage", 2) == 0);
        tamis_evaluation_free(e);
        how.unknown_users = TAMIS_UNKNOWN_USERS_POPULAR;
        ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &how, &e, NULL), TAMIS_OK);
        ck_assert_int_eq(tamis_evaluation_count(e)->unknown_users, 1);
        ck_assert_int_eq(tamis_evaluation_count(e)->unknown_item_rows, 1);
        ck_assert_double_eq_tol(named(e, 0, "recall", 2), 1 / 3.0, 1e-15);
        ck_assert_double_eq_tol(named(e, 0, "recall", 4), 2 / 3.0, 1e-15);
        ck_assert_double_eq_tol(named(e, 0, "mrr", 4), 0.5, 1e-15);
        ck_assert_double_eq_tol(named(e, 0, "auc", 0), 1 / 6.0, 1e-15);       /* (1/2 + 0 + 0) / 3 */
        ck_assert_double_eq_tol(named(e, -1, "coverage", 2), 0.5, 1e-15);     /* items 1 and 2 */
        tamis_evaluation_free(e);
        how.drop_unknown = 1;
        ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &how, &e, NULL), TAMIS_USAGE);
        tamis_model_free(model);
    }
    tamis_log_free(train);
    tamis_log_free(test);
}
END_TEST

static const tamis_evaluate_options listed = {.size = sizeof(tamis_evaluate_options),
    .cutoffs = "1,2", .metrics = "precision,recall,ndcg,auc", .candidates = "listed",
    .relevant_from = (double)NAN};

/* The same scores 5, 4, 3, 2, 1, item 0 in the training log. The test lists for user 0 the items 0, 2, 3, 4 and 7,
 * which nobody knows; relevant are 2, 4 and 7. Ranked are 0, 2, 3, 4, so the relevant ones stand at 2 and 4, 7 is a
 * miss. For user 1, who scores all 0, it lists 0 and 1, none of them relevant. */
START_TEST(listed_by_hand)
{
    int32_t u[] = {0, 1, 1, 1, 1}, i[] = {0, 1, 2, 3, 4};
    int32_t tu[] = {0, 0, 0, 0, 0, 1, 1}, ti[] = {0, 2, 3, 4, 7, 0, 1};
    static const float relevance[] = {0, 1, 0, 1, 1, 0, 0};
    tamis_log *train, *test;
    tamis_evaluation *e;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(u, i, 5, 2, 5, &train, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_log_from_pairs(tu, ti, 7, 2, 8, &test, NULL), TAMIS_OK);
    tamis_model *model = new_model(train, 1, false);
    for (int k = 0; k < 5; k++) model->item_factors[k * 16] = (float)(5 - k);
    model->user_factors[0] = 1;
    ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &listed, &e, &error), TAMIS_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "--relevance"));
    test->rating = malloc(sizeof relevance);
    memcpy(test->rating, relevance, sizeof relevance);
    test->labelled = true;

    tamis_evaluate_options o = listed;
    ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &o, &e, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_evaluation_users(e), 1);
    ck_assert_double_eq_tol(named(e, 0, "precision", 1), 0, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "precision", 2), 0.5, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "recall", 2), 1 / 3.0, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "auc", 0), 1 / 6.0, 1e-15); /* (1/2 + 0 + 0) / 3 */
    ck_assert_int_eq(tamis_evaluation_count(e)->candidate_rows, 5);
    ck_assert_int_eq(tamis_evaluation_count(e)->empty_users, 1);
    tamis_evaluation_free(e);

    o.mask_training = TAMIS_MASK_TRAINING_YES; /* ranked are 2, 3, 4 */
    ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &o, &e, NULL), TAMIS_OK);
    ck_assert_double_eq_tol(named(e, 0, "precision", 1), 1, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "auc", 0), 1 / 3.0, 1e-15); /* (1 + 0 + 0) / 3 */
    tamis_evaluation_free(e);

    o.empty_users = TAMIS_EMPTY_USERS_ZERO; /* and user 1 halves every mean */
    ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &o, &e, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_evaluation_users(e), 2);
    ck_assert_double_eq_tol(named(e, -1, "precision", 1), 0.5, 1e-15);
    ck_assert_double_eq_tol(named(e, -1, "recall", 2), 1 / 6.0, 1e-15);
    ck_assert_double_eq_tol(named(e, 1, "ndcg", 2), 0, 1e-15);
    tamis_evaluation_free(e);

    o = listed; /* 7 not relevant: ranked last, one more that 2 is above; 4 stays below 0 and 3 */
    test->rating[4] = 0;
    ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &o, &e, NULL), TAMIS_OK);
    ck_assert_double_eq_tol(named(e, 0, "recall", 2), 0.5, 1e-15);
    ck_assert_double_eq_tol(named(e, 0, "auc", 0), 0.5, 1e-15); /* (2/3 + 1/3) / 2 */
    ck_assert_int_eq(tamis_evaluation_count(e)->unknown_candidates, 1);
    tamis_evaluation_free(e);

    test->rating[1] = 3.3f; /* from 3.3 on, as a file says it: item 2 alone */
    o.relevant_from = 3.3;
    ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &o, &e, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_evaluation_count(e)->rows, 1);
    ck_assert_double_eq_tol(named(e, 0, "recall", 2), 1, 1e-15);
    tamis_evaluation_free(e);
    o.relevant_from = 3.4;
    ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &o, &e, &error), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "--relevant-from"));
    tamis_log_free(train);
    tamis_log_free(test);
    tamis_model_free(model);
}
END_TEST

/* ------------------------------------------------------- Coat's published protocol, from the file itself */

enum { COAT = 400 }; /* ids are numbers below this */

typedef struct coat {
    int relevance[COAT][COAT]; /* -1: not listed */
    int users;
    char place[500];
} coat;

static bool read_coat(coat *c)
{
    const char *data = getenv("TAMIS_DATASETS");
    int user, item, relevance;
    if (!data || snprintf(c->place, sizeof c->place, "%s/coat", data) >= (int)sizeof c->place) return false;
    char path[600];
    snprintf(path, sizeof path, "%s/test.csv", c->place);
    FILE *file = fopen(path, "r");
    if (!file) return false;
    memset(c->relevance, -1, sizeof c->relevance);
    bool seen[COAT] = {false};
    ck_assert_int_eq(fscanf(file, "user_id,item_id,relevant"), 0);
    while (fscanf(file, "%d,%d,%d", &user, &item, &relevance) == 3) {
        ck_assert(user >= 0 && user < COAT && item >= 0 && item < COAT);
        c->relevance[user][item] = relevance;
        c->users += !seen[user];
        seen[user] = true;
    }
    fclose(file);
    return true;
}

/* As the authors do it: per user the labels in the order of falling scores; what the model does not know comes last,
 * and relevant ones are not found. Users without a relevant item stay 0. */
static void coat_by_definition(const coat *c, const double score[COAT][COAT], double mean[3])
{
    mean[0] = mean[1] = mean[2] = 0;
    for (int u = 0; u < COAT; u++) {
        int label[COAT], n = 0, all = 0, hits = 0, hits5 = 0;
        bool taken[COAT] = {false};
        for (int i = 0; i < COAT; i++) all += c->relevance[u][i] == 1;
        for (;;) { /* the best of those left, over and over */
            int best = -1;
            for (int i = 0; i < COAT; i++)
                if (c->relevance[u][i] >= 0 && !taken[i] && isfinite(score[u][i]) &&
                    (best < 0 || score[u][i] > score[u][best]))
                    best = i;
            if (best < 0) break;
            taken[best] = true;
            label[n++] = c->relevance[u][best];
        }
        if (all == 0) continue;
        double ap = 0, dcg = 0, ideal = 0;
        for (int r = 0; r < n && r < 5; r++) {
            if (r < 3 && label[r]) ap += (double)++hits / (r + 1);
            if (label[r]) dcg += 1 / log2(r + 2);
            hits5 += label[r];
        }
        for (int r = 0; r < all && r < 5; r++) ideal += 1 / log2(r + 2);
        mean[0] += ap / all;
        mean[1] += dcg / ideal;
        mean[2] += (double)hits5 / all;
    }
    for (int k = 0; k < 3; k++) mean[k] /= c->users;
}

static int number_of(const id_map *ids, int64_t row)
{
    char text[16] = "";
    size_t length;
    const char *id = id_map_get(ids, row, &length);
    ck_assert(length < sizeof text);
    memcpy(text, id, length);
    return atoi(text);
}

/* A model whose scores are a matrix: item k's vector is the k-th unit vector. */
static void compare_coat(const coat *c, const char *train_name)
{
    char path[600];
    const char *paths[1] = {path};
    static double score[COAT][COAT];
    tamis_log_options reading;
    tamis_log *train, *test;
    tamis_log_options_default(&reading);
    snprintf(path, sizeof path, "%s/%s", c->place, train_name);
    ck_assert_int_eq(tamis_log_read(paths, 1, &reading, &train, NULL), TAMIS_OK);
    snprintf(path, sizeof path, "%s/test.csv", c->place);
    reading.relevance = "relevant";
    ck_assert_int_eq(tamis_log_read(paths, 1, &reading, &test, NULL), TAMIS_OK);
    tamis_model *m = new_model(train, train->items, false);
    for (int u = 0; u < COAT; u++)
        for (int i = 0; i < COAT; i++) score[u][i] = (double)NAN;
    for (int64_t i = 0; i < m->items; i++) m->item_factors[(size_t)i * m->stride + (size_t)i] = 1;
    for (int64_t u = 0; u < m->users; u++)
        for (int64_t i = 0; i < m->items; i++) {
            float s = real(1);
            m->user_factors[(size_t)u * m->stride + (size_t)i] = s;
            score[number_of(train->user_ids, u)][number_of(train->item_ids, i)] = (double)s;
        }
    const tamis_evaluate_options o = {.size = sizeof(tamis_evaluate_options), .cutoffs = "3,5", .metrics = "map-full,ndcg,recall",
                                      .candidates = "listed", .relevant_from = (double)NAN,
                                      .empty_users = TAMIS_EMPTY_USERS_ZERO};
    double mean[3];
    tamis_evaluation *e;
    ck_assert_int_eq(tamis_evaluate(m, test, NULL, 0, &o, &e, NULL), TAMIS_OK);
    coat_by_definition(c, (const double (*)[COAT])score, mean);
    ck_assert_int_eq(tamis_evaluation_users(e), c->users);
    ck_assert_int_eq(c->users, 290);
    ck_assert(mean[0] > 0.05 && mean[0] < 0.5);
    ck_assert_double_eq_tol(named(e, -1, "map-full", 3), mean[0], 1e-9);
    ck_assert_double_eq_tol(named(e, -1, "ndcg", 5), mean[1], 1e-9);
    ck_assert_double_eq_tol(named(e, -1, "recall", 5), mean[2], 1e-9);
    tamis_evaluation_free(e);
    tamis_model_free(m);
    tamis_log_free(train);
    tamis_log_free(test);
}

START_TEST(coat_protocol)
{
    static coat c;
    if (!read_coat(&c)) return; /* not everybody has the data */
    for (int n = 0; n < 5; n++) {
        compare_coat(&c, "test.csv");  /* every user and item known */
        compare_coat(&c, "train.csv"); /* 8 users and 31 items are not */
    }
}
END_TEST

static world real_world(int64_t users, int64_t items, int64_t factors)
{
    world w = {users, items, factors, draw_log(users, items, users * 5), draw_log(users, items, users * 7), NULL, NULL};
    w.model = new_model(w.train, factors, true);
    fill_factors(w.model, real, 1);
    return w;
}

START_TEST(threads_show_nowhere)
{
    world w = real_world(700, 1500, 33);
    tamis_evaluation *first = NULL;
    static const int64_t threads[] = {1, 2, 3, 8};
#ifdef _OPENMP
    int mine = omp_get_max_threads();
#endif
    for (size_t k = 0; k < 4; k++) {
        const tamis_evaluate_options options = {.size = sizeof(tamis_evaluate_options), .cutoffs = "5,10,20", .threads = threads[k]};
        tamis_evaluation *e;
        ck_assert_int_eq(tamis_evaluate(w.model, w.test, NULL, 0, &options, &e, NULL), TAMIS_OK);
        if (!first) first = e;
        size_t metrics = tamis_evaluation_metrics(e);
        ck_assert_mem_eq(e->value, first->value, (size_t)e->users * metrics * sizeof *e->value);
        ck_assert_mem_eq(e->figures.mean, first->figures.mean, metrics * sizeof *e->figures.mean);
        if (e != first) tamis_evaluation_free(e);
#ifdef _OPENMP
        ck_assert_int_eq(omp_get_max_threads(), mine);
#endif
    }
    /* the trainer's short way gives the same numbers */
    rank_task *task;
    double value;
    const tamis_model *m = w.model;
    const rank_known known = rank_known_of(m);
    ck_assert_int_eq(rank_task_new(&known, w.test, NULL, 0, &as_usual, &task, NULL), TAMIS_OK);
    const rank_factors f = rank_factors_of(m);
    ck_assert_int_eq(rank_validate(&f, task, "ndcg@10", NULL, 2, &value, NULL), TAMIS_OK);
    ck_assert(value == named(first, -1, "ndcg", 10));
    rank_task_free(task);
    tamis_evaluation_free(first);
    free_world(&w);
}
END_TEST

/* Real factors: ranks must be those of the exact scores, though the product is inexact. Copies of items tie. */
START_TEST(ties_among_reals)
{
    world w = real_world(150, 1100, 50);
    tamis_model *m = w.model;
    for (int64_t i = 600; i < 620; i++) {
        memcpy(m->item_factors + (size_t)i * m->stride, m->item_factors + (size_t)(i - 597) * m->stride, m->stride * 4);
        m->item_bias[i] = m->item_bias[i - 597];
    }
    rank_task *task;
    const rank_known known = rank_known_of(m);
    ck_assert_int_eq(rank_task_new(&known, w.test, NULL, 0, &as_usual, &task, NULL), TAMIS_OK);
    int64_t *rank = malloc((size_t)task->start[task->count] * sizeof *rank);
    const rank_factors f = rank_factors_of(m);
    ck_assert_int_eq(rank_task_ranks(&f, task, 2, NULL, rank, NULL, NULL), TAMIS_OK);
    rank_scorer scorer;
    rank_scorer_start(&scorer, &f);
    static float s[1100];
    for (int64_t t = 0; t < task->count; t++) {
        const float *p = m->user_factors + (size_t)task->user[t] * m->stride;
        for (int64_t i = 0; i < m->items; i++) {
            s[i] = rank_score(&scorer, p, i);
            ck_assert_double_eq_tol((double)s[i], score(m, task->user[t], i), 1e-4);
        }
        for (int64_t k = task->start[t]; k < task->start[t + 1]; k++) {
            int64_t expected = 1, item = task->item[k], matches = 0;
            for (int64_t i = 0; i < m->items; i++)
                if (!has(w.train, task->user[t], i)) expected += s[i] > s[item] || (s[i] == s[item] && i < item);
            for (int64_t j = task->start[t]; j < task->start[t + 1]; j++) matches += rank[j] == expected;
            ck_assert_int_eq(matches, 1);
            if (k > task->start[t]) ck_assert_int_lt(rank[k - 1], rank[k]);
        }
    }
    free(rank);
    rank_task_free(task);
    free_world(&w);
}
END_TEST

/* In every tier an entry of the product is within the margin. */
START_TEST(margin_holds)
{
    for (int64_t factors = 1; factors <= 1200; factors = factors * 3 + 1) {
        int64_t users = 1 + draw(20), width = RANK_ITEMS - draw(40);
        world w = real_world(users, RANK_ITEMS + 3, factors);
        tamis_model *m = w.model;
        m->item_factors[0] = 1e4f; /* one long item */
        const rank_factors f = rank_factors_of(m);
        rank_scorer scorer;
        int threads = 1;
        rank_scorer_start(&scorer, &f);
        rank_work *work = rank_work_new(&scorer, 1, &threads, NULL);
        rank_scorer_measure(&scorer);
        memcpy(work->users, m->user_factors, (size_t)users * m->stride * sizeof *work->users);
        for (size_t tier = 0; tier == 0 || kernel_list(tier - 1); tier++) { /* tier 0: OpenBLAS */
            if (tier) scorer.kernel = kernel_list(tier - 1);
            work->blas = tier ? NULL : rank_blas_load();
            ck_assert(tier || work->blas);
            rank_score_block(&scorer, work, users, 3, width);
            for (int64_t u = 0; u < users; u++) {
                const float *p = m->user_factors + (size_t)u * m->stride;
                double margin = rank_margin(&scorer, p);
                ck_assert(margin > 0 && margin < 100);
                for (int64_t i = 0; i < width; i++)
                    ck_assert_double_le(fabs((double)work->scores[u * RANK_ITEMS + i] -
                                             (double)rank_score(&scorer, p, 3 + i)),
                                        margin);
            }
        }
        rank_work_free(work, threads);
        free_world(&w);
    }
}
END_TEST

/* Finite factors whose scores are not: nothing is ranked by them, in whatever way they come. Two factors, three items of
 * which the first is the user's own. */
START_TEST(scores_that_overflow)
{
    static const struct {
        float p[2], q[2], bias; /* of the user and the last item */
        tamis_status status;
    } cases[] = {
        {{1e20f, 0}, {1e20f, 0}, 0, TAMIS_DATA},          /* inf */
        {{1e20f, 0}, {-1e20f, 0}, 0, TAMIS_DATA},         /* -inf */
        {{1e20f, 1e20f}, {1e20f, -1e20f}, 0, TAMIS_DATA}, /* inf - inf */
        {{1e19f, 0}, {3e19f, 0}, 3e38f, TAMIS_DATA},      /* 3e38 + 3e38 */
        {{1e19f, 0}, {3e19f, 0}, 0, TAMIS_OK},            /* 3e38 is a float */
    };
    const int32_t u[] = {0, 1, 2, 3, 4}, i[] = {0, 0, 0, 0, 2}, tu[] = {0, 0}, ti[] = {2, 1};
    static float judged[] = {0, 1}; /* of items 1 and 2 */
    static const char *const metrics[] = {"auc", "ndcg"}; /* all ranks are counted, or the first are found */
    tamis_log *train, *test, *labelled;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(u, i, 5, 5, 3, &train, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_log_from_pairs(tu, ti, 1, 1, 3, &test, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_log_from_pairs(tu, ti, 2, 1, 3, &labelled, NULL), TAMIS_OK);
    labelled->labelled = true;
    labelled->rating = judged;
    for (size_t c = 0; c < BASE_COUNT(cases); c++) {
        tamis_model *m = new_model(train, 2, true);
        for (int k = 0; k < 2; k++) {
            m->user_factors[k] = cases[c].p[k];
            m->item_factors[2 * m->stride + (size_t)k] = cases[c].q[k];
        }
        m->item_bias[2] = cases[c].bias;
        tamis_hit hits[15];
        const int64_t users[] = {4, 1, 2, 3, 0};
        for (size_t count = 1; count <= 5; count += 4) { /* exact scores alone; the product first */
            ck_assert_int_eq(tamis_recommend(m, users + 5 - count, count, 3, 1, hits, &error), cases[c].status);
            if (cases[c].status) ck_assert_ptr_nonnull(strstr(error.text, "scores overflow"));
            else ck_assert_int_eq(hits[3 * (count - 1)].item, 2);
        }
        for (size_t k = 0; k < BASE_COUNT(metrics); k++) {
            const tamis_evaluate_options options = {.size = sizeof(tamis_evaluate_options), .cutoffs = "2", .metrics = metrics[k]};
            tamis_evaluation *e;
            ck_assert_int_eq(tamis_evaluate(m, test, NULL, 0, &options, &e, &error), cases[c].status);
            if (!cases[c].status) ck_assert_double_eq(tamis_evaluation_mean(e, 0), 1);
            tamis_evaluation_free(e);
        }
        const tamis_evaluate_options of_lists = {.size = sizeof(tamis_evaluate_options), .cutoffs = "2", .candidates = "listed", .relevant_from = (double)NAN};
        tamis_evaluation *e;
        ck_assert_int_eq(tamis_evaluate(m, labelled, NULL, 0, &of_lists, &e, &error), cases[c].status);
        tamis_evaluation_free(e);
        tamis_model_free(m);
    }
    labelled->rating = NULL;
    tamis_log_free(labelled);
    tamis_log_free(train);
    tamis_log_free(test);
}
END_TEST

/* Real scores that differ by less than slack may stand in either order; whole ones have slack 0. */
static void compare_hits(const world *w, int64_t k, double slack)
{
    static entry list[MOST];
    size_t count = (size_t)w->users;
    int64_t *users = malloc(count * sizeof *users);
    tamis_hit *hits = malloc(count * (size_t)k * sizeof *hits), *alone = malloc((size_t)k * sizeof *alone);
    for (size_t u = 0; u < count; u++) users[u] = (int64_t)((u * 7) % count);
    for (int64_t threads = 1; threads < 4; threads++) {
        ck_assert_int_eq(tamis_recommend(w->model, users, count, k, threads, hits, NULL), TAMIS_OK);
        for (size_t u = 0; u < count; u++) {
            if (w->train->matrix->start[users[u]] == w->train->matrix->start[users[u] + 1]) continue; /* tests/test_recommend.c */
            int64_t n = ranked_list(w, users[u], &usual, false, list);
            for (int64_t r = 0; r < k; r++) {
                tamis_hit hit = hits[(int64_t)u * k + r];
                ck_assert_int_eq(hit.item >= 0, r < n);
                if (r >= n) continue;
                ck_assert(hit.item == list[r].item ||
                          fabs(score(w->model, users[u], hit.item) - list[r].score) < slack);
                ck_assert(fabs((double)hit.score - score(w->model, users[u], hit.item)) <= slack);
                ck_assert(!has(w->train, users[u], hit.item));
            }
            ck_assert_int_eq(tamis_recommend(w->model, &users[u], 1, k, threads, alone, NULL), TAMIS_OK);
            ck_assert_mem_eq(alone, hits + (int64_t)u * k, (size_t)k * sizeof *alone);
        }
    }
    free(users);
    free(hits);
    free(alone);
}

START_TEST(recommend_brute)
{
    for (int n = 0; n < 300; n++) {
        world w = draw_world(1 + draw(8), 1 + draw(30), 1 + draw(20), 2 + draw(6), draw(4));
        compare_hits(&w, 1 + draw(40), 0);
        free_world(&w);
    }
    world ties = draw_world(RANK_USERS + 9, RANK_ITEMS + 40, 4, 20, 1),
          reals = real_world(RANK_USERS + 9, 2 * RANK_ITEMS + 5, 40);
    compare_hits(&ties, 10, 0);
    compare_hits(&reals, 25, 1e-5);
    compare_hits(&reals, 1500, 1e-5);
    free_world(&ties);
    free_world(&reals);
}
END_TEST

START_TEST(similar_items)
{
    tamis_log *train = draw_log(2, 5, 3);
    tamis_model *m = new_model(train, 2, false);
    static const float q[5][2] = {{3, 4}, {6, 8}, {4, -3}, {0, 0}, {-3, -4}};
    for (int k = 0; k < 5; k++) memcpy(m->item_factors + k * 16, q[k], sizeof q[k]);
    tamis_hit hits[6];
    ck_assert_int_eq(tamis_similar(m, 0, 6, hits, NULL), TAMIS_OK);
    static const int32_t item[] = {1, 2, 3, 4, -1, -1}; /* cosines 1, 0, 0, -1 */
    static const float cosine[] = {1, 0, 0, -1};
    for (int k = 0; k < 6; k++) ck_assert_int_eq(hits[k].item, item[k]);
    for (int k = 0; k < 4; k++) ck_assert(hits[k].score == cosine[k]);
    ck_assert_int_eq(tamis_similar(m, 3, 2, hits, NULL), TAMIS_OK);
    ck_assert(hits[0].item == 0 && hits[0].score == 0 && hits[1].item == 1);
    tamis_model_free(m);
    tamis_log_free(train);
}
END_TEST

START_TEST(wrong_arguments)
{
    tamis_log *train = draw_log(2, 5, 3), *test = draw_log(2, 5, 3);
    tamis_model *m = new_model(train, 2, false);
    tamis_hit hit;
    tamis_error error;
    tamis_evaluation *e;
    const int64_t beyond = 2, before = -2, good = 1;
    ck_assert_int_eq(tamis_recommend(m, &beyond, 1, 1, 1, &hit, &error), TAMIS_USAGE);
    ck_assert_int_eq(tamis_recommend(m, &before, 1, 1, 1, &hit, &error), TAMIS_USAGE);
    ck_assert_int_eq(tamis_recommend(m, &good, 1, 0, 1, &hit, &error), TAMIS_USAGE);
    ck_assert_int_eq(tamis_recommend(m, &good, 1, 1, -1, &hit, &error), TAMIS_USAGE);
    ck_assert_int_eq(tamis_recommend(m, NULL, 0, 1, 1, NULL, &error), TAMIS_OK);
    ck_assert_str_eq(error.text, "");
    ck_assert_int_eq(tamis_similar(m, 5, 1, &hit, &error), TAMIS_USAGE);
    ck_assert_int_eq(tamis_similar(m, 0, -3, &hit, &error), TAMIS_USAGE);
    static const char *const lists[] = {"", "0", "-1", "5,", ",5", "5,,6", "a", "5 ", "4294967297",
                                        "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"};
    for (size_t k = 0; k < BASE_COUNT(lists); k++) {
        const tamis_evaluate_options options = {.size = sizeof(tamis_evaluate_options), .cutoffs = lists[k]};
        ck_assert_int_eq(tamis_evaluate(m, test, NULL, 0, &options, &e, &error), TAMIS_USAGE);
        ck_assert_ptr_nonnull(strstr(error.text, "5,10,20"));
    }
    const tamis_evaluate_options negative = {.size = sizeof(tamis_evaluate_options), .cutoffs = "5", .threads = -1};
    ck_assert_int_eq(tamis_evaluate(m, test, NULL, 0, &negative, &e, &error), TAMIS_USAGE);
    static const char *const names[] = {"", ",", "ndcg,", "ndgc@5", "NDCG", "ndcg,,map", "all"};
    for (size_t k = 0; k < BASE_COUNT(names); k++) {
        const tamis_evaluate_options options = {.size = sizeof(tamis_evaluate_options), .cutoffs = "5", .metrics = names[k]};
        ck_assert_int_eq(tamis_evaluate(m, test, NULL, 0, &options, &e, &error), TAMIS_USAGE);
        ck_assert_ptr_nonnull(strstr(error.text, "dcg-wsdm"));
    }
    const tamis_evaluate_options beyond_choice = {.size = sizeof(tamis_evaluate_options), .cutoffs = "5", .candidates = "some"};
    ck_assert_int_eq(tamis_evaluate(m, test, NULL, 0, &beyond_choice, &e, &error), TAMIS_USAGE);
    static const char *const bad[] = {"",       "ndcg",   "ndcg@", "ndcg@0", "ndcg@-1",
                                      "ndcg@x", "ndgc@5", "auc@5", "@5",     "n@5"};
    for (size_t k = 0; k < BASE_COUNT(bad); k++) ck_assert_int_eq(rank_metric_check(bad[k], &error), TAMIS_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "precision@K"));
    ck_assert_int_eq(rank_metric_check("ndcg@20", &error), TAMIS_OK);
    ck_assert_int_eq(rank_metric_check("auc", &error), TAMIS_OK);
    ck_assert_int_eq(rank_metric_check("map-full@3", &error), TAMIS_OK);
    ck_assert_int_eq(rank_metric_check("dcg-wsdm@1", &error), TAMIS_OK);
    tamis_evaluate_options options;
    tamis_evaluate_options_default(&options);
    ck_assert_str_eq(options.cutoffs, "5,10,20");
    ck_assert(options.drop_unknown == 0 && options.threads == 0);
    ck_assert_str_eq(options.metrics, "precision,recall,hit,ndcg,map,mrr,auc");
    ck_assert_str_eq(options.candidates, "all");
    ck_assert( options.mask_training == TAMIS_MASK_TRAINING_AUTO);
    ck_assert(options.empty_users == TAMIS_EMPTY_USERS_DROP && isnan(options.relevant_from));
    tamis_model_free(m);
    tamis_log_free(train);
    tamis_log_free(test);
}
END_TEST

Suite *rank_suite(void)
{
    Suite *suite = suite_create("rank");
    TCase *tests = tcase_create("rank");
    tcase_add_test(tests, random_small);
    tcase_add_test(tests, random_large);
    tcase_add_test(tests, random_labelled);
    tcase_add_test(tests, random_lists);
    tcase_add_test(tests, by_hand);
    tcase_add_test(tests, unknown_users_by_popularity);
    tcase_add_test(tests, listed_by_hand);
    tcase_add_test(tests, coat_protocol);
    tcase_add_test(tests, threads_show_nowhere);
    tcase_add_test(tests, ties_among_reals);
    tcase_add_test(tests, margin_holds);
    tcase_add_test(tests, scores_that_overflow);
    tcase_add_test(tests, recommend_brute);
    tcase_add_test(tests, similar_items);
    tcase_add_test(tests, wrong_arguments);
    suite_add_tcase(suite, tests);
    return suite;
}
