/* Weighted metrics, slices, sampled candidates, what lists show, and intervals, against brute force from the definitions
 * in man tamis; and SNIPS in a world whose relevance is known. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/table.h"
#include "data/log.h"
#include "model/model.h"
#include "rank/measure.h"
#include "suites.h"

enum { USERS = 8, ITEMS = 14, MORE = 3 }; /* of the model at most; test items that it does not know */

static uint64_t state = 99;

static uint32_t draw(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 20) % n);
}

/* ids are the rows in decimal, in both logs */
typedef struct world {
    int users, items, test_users, test_items;
    bool train[USERS][ITEMS], test[USERS + 1][ITEMS + MORE];
    float score[USERS][ITEMS];
    tamis_log *train_log, *test_log;
    tamis_model *model;
} world;

static tamis_log *log_of(const bool *cell, int width, int users, int items)
{
    int32_t u[400], i[400];
    int64_t n = 0;
    tamis_log *log;
    for (int a = 0; a < users; a++)
        for (int b = 0; b < items; b++)
            if (cell[a * width + b]) {
                u[n] = a;
                i[n++] = b;
            }
    ck_assert_int_eq(tamis_log_from_pairs(u, i, n, users, items, &log, NULL), TAMIS_OK);
    return log;
}

static world draw_world(void)
{
    world w = {.users = 1 + (int)draw(USERS), .items = 2 + (int)draw(ITEMS - 1)};
    w.test_users = w.users + (int)draw(2);
    w.test_items = w.items + (int)draw(MORE + 1);
    for (int u = 0; u < w.users; u++)
        for (int i = 0; i < w.items; i++) w.train[u][i] = draw(4) == 0;
    w.train[0][0] = true;
    for (int u = 0; u < w.test_users; u++)
        for (int i = 0; i < w.test_items; i++) w.test[u][i] = draw(3) == 0;
    w.test[0][1] = true;
    w.train_log = log_of(&w.train[0][0], ITEMS, w.users, w.items);
    w.test_log = log_of(&w.test[0][0], ITEMS + MORE, w.test_users, w.test_items);
    ck_assert_int_eq(model_new(w.train_log->user_ids, w.train_log->item_ids, w.train_log->matrix, w.items,
                               false, &w.model, NULL),
                     TAMIS_OK);
    for (int i = 0; i < w.items; i++) w.model->item_factors[(size_t)i * w.model->stride + (size_t)i] = 1;
    for (int u = 0; u < w.users; u++)
        for (int i = 0; i < w.items; i++)
            w.model->user_factors[(size_t)u * w.model->stride + (size_t)i] = w.score[u][i] = (float)draw(6);
    return w;
}

static void free_world(world *w)
{
    tamis_log_free(w->train_log);
    tamis_log_free(w->test_log);
    tamis_model_free(w->model);
}

/* ---- by definition */

static int clicks(const world *w, int item)
{
    int n = 0;
    for (int u = 0; item < w->items && u < w->users; u++) n += w->train[u][item];
    return n;
}

/* The rank of an item for a user; 0: unknown or masked. candidates: how many are ranked. */
static int rank_of(const world *w, int user, int item, int *candidates)
{
    int rank = 1;
    *candidates = 0;
    if (user >= w->users) return 0;
    for (int i = 0; i < w->items; i++) {
        if (w->train[user][i]) continue;
        ++*candidates;
        if (item < w->items && (w->score[user][i] > w->score[user][item] ||
                                (w->score[user][i] == w->score[user][item] && i < item)))
            rank++;
    }
    return item < w->items && !w->train[user][item] ? rank : 0;
}

typedef struct sums {
    double top, bottom; /* over users */
} sums;

/* A weighted metric of one user; relevant: the items that count. */
static void weigh(const world *w, int user, const bool *relevant, const double *weight, const char *metric, int cutoff,
                  bool snips, sums *sum)
{
    double all[ITEMS + MORE], gained = 0, norm = 0;
    int n = 0, found = 0, candidates = 0;
    for (int i = 0; i < w->test_items; i++) {
        if (!relevant[i]) continue;
        all[n++] = weight[i];
        found += rank_of(w, user, i, &candidates) > 0;
    }
    if (n == 0) return;
    for (int a = 0; a < n; a++) /* the largest first */
        for (int b = a + 1; b < n; b++)
            if (all[b] > all[a]) {
                double other = all[a];
                all[a] = all[b];
                all[b] = other;
            }
    for (int i = 0; i < w->test_items; i++) {
        int rank = relevant[i] ? rank_of(w, user, i, &candidates) : 0, before = 1, below = 0;
        if (!rank) continue;
        for (int j = 0; j < w->test_items; j++) {
            int other = relevant[j] && j != i ? rank_of(w, user, j, &candidates) : 0;
            before += other && other < rank;
            below += other > rank;
        }
        bool hit = rank <= cutoff;
        if (strcmp(metric, "recall") == 0 || strcmp(metric, "precision") == 0) gained += hit * weight[i];
        if (strncmp(metric, "ndcg", 4) == 0 || strcmp(metric, "dcg") == 0) gained += hit * weight[i] / log2(rank + 1.0);
        if (strcmp(metric, "dcg-wsdm") == 0) gained += hit * weight[i] / (rank < 2 ? 1 : log2(rank));
        if (strncmp(metric, "map", 3) == 0) gained += hit * weight[i] * before / rank;
        if (strcmp(metric, "auc") == 0)
            gained += weight[i] * (candidates > found ? (double)(candidates - rank - below) / (candidates - found) : 0.5);
    }
    for (int r = 1; r <= n; r++) { /* with weights, or as if they were 1 */
        double one = snips ? all[r - 1] : 1;
        if (strcmp(metric, "ndcg") == 0) norm += r <= cutoff ? one / log2(r + 1.0) : 0;
        else if (strcmp(metric, "ndcg-full") == 0) norm += one / log2(r + 1.0);
        else if (strcmp(metric, "map") == 0) norm += r <= cutoff ? one : 0;
        else norm += one;
    }
    if (!snips && strncmp(metric, "dcg", 3) == 0) norm = 1;
    if (!snips && strcmp(metric, "precision") == 0) norm = cutoff;
    sum->top += snips ? gained : gained / norm;
    sum->bottom += snips ? norm : 1;
}

static double mean_of(const tamis_evaluation *e, const char *name)
{
    for (size_t k = 0; k < tamis_evaluation_metrics(e); k++)
        if (strcmp(tamis_evaluation_name(e, k), name) == 0) return tamis_evaluation_mean(e, k);
    ck_abort_msg("no metric %s", name);
    return 0;
}

static const char *const weighted[] = {"recall", "ndcg", "ndcg-full", "map", "map-full", "dcg", "dcg-wsdm", "auc",
                                       "precision"};
static const char every_weighted[] =
    "recall-ips,ndcg-ips,ndcg-full-ips,map-ips,map-full-ips,dcg-ips,dcg-wsdm-ips,auc-ips,precision-ips,recall-snips,"
    "ndcg-snips,ndcg-full-snips,map-snips,map-full-snips,dcg-snips,dcg-wsdm-snips,auc-snips,recall,precision";

static const char *name_of(size_t k, bool snips, int cutoff, char name[40])
{
    if (strcmp(weighted[k], "auc") == 0) snprintf(name, 40, "auc-%s", snips ? "snips" : "ips");
    else snprintf(name, 40, "%s-%s@%d", weighted[k], snips ? "snips" : "ips", cutoff);
    return name;
}

static void check_weighted(const world *w, const tamis_evaluation *e, const double *weight)
{
    static const int cutoff[] = {1, 3, 8};
    char name[40];
    for (size_t m = 0; m < BASE_COUNT(weighted); m++)
        for (int snips = 0; snips < 2; snips++)
            for (size_t k = 0; k < 3; k++) {
                sums sum = {0, 0};
                if (snips && strcmp(weighted[m], "precision") == 0) continue;
                for (int u = 0; u < w->test_users; u++)
                    weigh(w, u, w->test[u], weight, weighted[m], cutoff[k], snips, &sum);
                ck_assert_double_eq_tol(mean_of(e, name_of(m, snips, cutoff[k], name)), sum.top / sum.bottom, 1e-12);
            }
}

START_TEST(weights)
{
    for (int round = 0; round < 1000; round++) {
        world w = draw_world();
        tamis_evaluate_options o;
        tamis_evaluation *e;
        double weight[ITEMS + MORE], sum = 0, squares = 0;
        int most = 0;
        tamis_evaluate_options_default(&o);
        o.metrics = every_weighted;
        o.cutoffs = "1,3,8";
        o.threads = 1;
        o.propensity_power = draw(4) / 2.0;
        o.propensity_clip = 0.1 + draw(9) / 10.0;
        for (int i = 0; i < w.items; i++) most = clicks(&w, i) > most ? clicks(&w, i) : most;
        for (int i = 0; i < w.test_items; i++) {
            double theta = pow((double)clicks(&w, i) / most, o.propensity_power);
            weight[i] = 1 / (theta > o.propensity_clip ? theta : o.propensity_clip);
        }
        ck_assert_int_eq(tamis_evaluate(w.model, w.test_log, NULL, 0, &o, &e, NULL), TAMIS_OK);
        check_weighted(&w, e, weight);
        for (int u = 0; u < w.test_users; u++)
            for (int i = 0; i < w.test_items; i++) {
                sum += w.test[u][i] * weight[i];
                squares += w.test[u][i] * weight[i] * weight[i];
            }
        ck_assert_double_eq_tol(tamis_evaluation_count(e)->effective_rows, sum * sum / squares, 1e-9);
        if (o.propensity_clip == 1) ck_assert_double_eq_tol(mean_of(e, "recall-ips@3"), mean_of(e, "recall@3"), 1e-14);
        tamis_evaluation_free(e);
        free_world(&w);
    }
}
END_TEST

static tamis_table *table_of(const char *content)
{
    char path[] = "/tmp/tamis-measure-XXXXXX";
    tamis_table *table;
    tamis_error error;
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    FILE *out = fdopen(file, "w");
    fputs(content, out);
    fclose(out);
    ck_assert_msg(tamis_table_read(path, &table, &error) == TAMIS_OK, "%s", error.text);
    remove(path);
    return table;
}

/* The example of man tamis: scores 5, 4, 3, 2, 1, item 0 masked, relevant 2, 4 and 9, which is unknown; they are seen
 * with chance 1, 1/4, 1/2. The hits stand at ranks 2 and 4. */
START_TEST(by_hand)
{
    int32_t u[] = {0, 1, 1, 1, 1}, i[] = {0, 1, 2, 3, 4}, tu[] = {0, 0, 0}, ti[] = {2, 4, 9};
    tamis_log *train, *test;
    tamis_model *model;
    tamis_evaluation *e;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(u, i, 5, 2, 5, &train, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_log_from_pairs(tu, ti, 3, 1, 10, &test, NULL), TAMIS_OK);
    ck_assert_int_eq(model_new(train->user_ids, train->item_ids, train->matrix, 1, false, &model, NULL), TAMIS_OK);
    for (int k = 0; k < 5; k++) model->item_factors[k * 16] = (float)(5 - k);
    model->user_factors[0] = 1;
    tamis_table *theta = table_of("item,theta\n2,1\n4,0.25\n9,0.5\n0,1\n1,1\n3,1\n5,1\n6,1\n7,1\n8,1\n");
    tamis_evaluate_options o;
    tamis_evaluate_options_default(&o);
    o.cutoffs = "2,5";
    o.metrics = every_weighted;
    o.propensities = theta;
    ck_assert_msg(tamis_evaluate(model, test, NULL, 0, &o, &e, &error) == TAMIS_OK, "%s", error.text);
    ck_assert_double_eq_tol(mean_of(e, "recall-snips@2"), 1 / 7.0, 1e-15);
    ck_assert_double_eq_tol(mean_of(e, "recall-snips@5"), 5 / 7.0, 1e-15);
    ck_assert_double_eq_tol(mean_of(e, "recall-ips@5"), 5 / 3.0, 1e-15);
    ck_assert_double_eq_tol(mean_of(e, "precision-ips@5"), 1, 1e-15);
    ck_assert_double_eq_tol(mean_of(e, "dcg-ips@5"), 2.3536, 5e-5);   /* 0.6309 + 4 x 0.4307 */
    ck_assert_double_eq_tol(mean_of(e, "dcg-snips@5"), 0.3362, 5e-5); /* 2.3536 / 7 */
    ck_assert_double_eq_tol(mean_of(e, "ndcg-snips@5"), 0.4085, 5e-5); /* 2.3536 / (4 + 2 x 0.6309 + 0.5) */
    ck_assert_double_eq_tol(mean_of(e, "ndcg-snips@2"), 0.1199, 5e-5);
    ck_assert_double_eq_tol(mean_of(e, "dcg-snips@2"), 0.0901, 5e-5);
    ck_assert_double_eq_tol(mean_of(e, "precision-ips@2"), 0.5, 1e-15);
    ck_assert_double_eq_tol(mean_of(e, "auc-snips"), 1 / 14.0, 1e-15); /* (1/2) / 7 */
    ck_assert_double_eq_tol(tamis_evaluation_count(e)->effective_rows, 49 / 21.0, 1e-12);
    tamis_evaluation_free(e);
    tamis_table_free(theta);
    static const char *const wrong[] = {"item,theta\n2,1\n4,0.25\n", "item,theta\n2,1.5\n", "item,theta\n2,x\n",
                                        "item\n2\n"};
    for (size_t k = 0; k < BASE_COUNT(wrong); k++) {
        o.propensities = theta = table_of(wrong[k]);
        ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &o, &e, &error), TAMIS_DATA);
        ck_assert_ptr_null(e);
        tamis_table_free(theta);
    }
    o.propensities = NULL;
    o.propensity_clip = 0; /* item 9 has no click, so no chance */
    ck_assert_int_eq(tamis_evaluate(model, test, NULL, 0, &o, &e, &error), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "--propensity-clip"));
    tamis_log_free(train);
    tamis_log_free(test);
    tamis_model_free(model);
}
END_TEST

/* ---- slices */

static int user_group(const world *w, int by, int user, const int *bound)
{
    int n = 0;
    if (by == TAMIS_SLICE_USERS) return user % 3;
    for (int i = 0; user < w->users && i < w->items; i++) n += w->train[user][i];
    return n <= bound[0] ? 0 : n <= bound[1] ? 1 : 2;
}

static int item_group(const world *w, int by, int item, int rare, const int *bound)
{
    int n = clicks(w, item);
    if (by == TAMIS_SLICE_ITEMS) return item % 3;
    if (rare) return n > rare;
    return n >= bound[0] ? 0 : n >= bound[1] ? 1 : 2;
}

/* Popularity: the fewest clicks of which the items with as many or more have a third, two thirds of all clicks. */
static void popularity_bounds(const world *w, int bound[2])
{
    int all = 0;
    for (int i = 0; i < w->items; i++) all += clicks(w, i);
    for (int part = 1; part <= 2; part++)
        for (int least = w->users; least >= 0; least--) {
            int sum = 0;
            for (int i = 0; i < w->items; i++) sum += clicks(w, i) >= least ? clicks(w, i) : 0;
            bound[part - 1] = least;
            if (3 * sum >= part * all) break;
        }
}

/* Activity of the users evaluated: the clicks of the one at a third, and at two thirds, from the top down. */
static void activity_bounds(const world *w, int bound[2])
{
    int n[USERS + 1], count = 0;
    for (int u = 0; u < w->test_users; u++) {
        bool any = false;
        for (int i = 0; i < w->test_items; i++) any |= w->test[u][i];
        if (!any) continue;
        n[count] = 0;
        for (int i = 0; u < w->users && i < w->items; i++) n[count] += w->train[u][i];
        count++;
    }
    for (int a = 0; a < count; a++)
        for (int b = a + 1; b < count; b++)
            if (n[b] > n[a]) {
                int other = n[a];
                n[a] = n[b];
                n[b] = other;
            }
    bound[0] = n[count - 1 - count / 3];
    bound[1] = n[count / 3];
}

static void check_group(const world *w, const tamis_slice_figures *figures, int by, int group, int rare,
                        const int *bound)
{
    static const double one[ITEMS + MORE] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    bool items = by == TAMIS_SLICE_POPULARITY || by == TAMIS_SLICE_ITEMS;
    sums recall = {0, 0}, precision = {0, 0};
    int users = 0, rows = 0;
    for (int u = 0; u < w->test_users; u++) {
        bool relevant[ITEMS + MORE] = {false};
        int n = 0;
        if (!items && user_group(w, by, u, bound) != group) continue;
        for (int i = 0; i < w->test_items; i++) {
            relevant[i] = w->test[u][i] && (!items || item_group(w, by, i, rare, bound) == group);
            n += relevant[i];
        }
        users += n > 0;
        rows += n;
        weigh(w, u, relevant, one, "recall", 3, false, &recall);
        weigh(w, u, relevant, one, "precision", 3, false, &precision);
    }
    ck_assert_int_eq(figures->users, users);
    ck_assert_int_eq(figures->rows, rows);
    if (users == 0) ck_assert(isnan(figures->mean[0]) && isnan(figures->mean[1]));
    if (users == 0) return;
    ck_assert_double_eq_tol(figures->mean[0], recall.top / recall.bottom, 1e-12);
    ck_assert_double_eq_tol(figures->mean[1], precision.top / precision.bottom, 1e-12);
    ck_assert(figures->low[0] <= figures->mean[0] + 1e-12 && figures->mean[0] <= figures->high[0] + 1e-12);
}

START_TEST(slices)
{
    static const char *const label[4][3] = {{"head", "middle", "tail"}, {"light", "medium", "heavy"},
                                            {"zero", "one", "(none)"}, {"zero", "one", "(none)"}};
    tamis_table *table = table_of("id,group\n0,zero\n3,zero\n6,zero\n9,zero\n12,zero\n15,zero\n1,one\n4,one\n7,one\n10,one\n"
                                  "13,one\n16,one\n2,\n");
    for (int round = 0; round < 600; round++) {
        world w = draw_world();
        int rare = draw(2) ? 1 + (int)draw(3) : 0, popular[2], active[2];
        const tamis_slice slice[4] = {{TAMIS_SLICE_POPULARITY, NULL, 0}, {TAMIS_SLICE_ACTIVITY, NULL, 0},
                                      {TAMIS_SLICE_USERS, table, 1}, {TAMIS_SLICE_ITEMS, table, 1}};
        tamis_evaluate_options o;
        tamis_evaluation *e;
        tamis_evaluate_options_default(&o);
        o.metrics = "recall,precision";
        o.cutoffs = "3";
        o.slice = slice;
        o.slices = 4;
        o.rare_threshold = rare;
        o.threads = 1;
        o.bootstrap = 200;
        o.confidence = 0.999;
        popularity_bounds(&w, popular);
        activity_bounds(&w, active);
        ck_assert_int_eq(tamis_evaluate(w.model, w.test_log, NULL, 0, &o, &e, NULL), TAMIS_OK);
        int seen[4] = {0};
        for (size_t k = 0; k < tamis_evaluation_groups(e); k++) {
            tamis_slice_figures figures;
            tamis_evaluation_group(e, k, &figures);
            int by = strcmp(figures.slice, "popularity") == 0 ? 0 : strcmp(figures.slice, "activity") == 0 ? 1 : 2, group = 0;
            if (by == 2 && k > 0 && seen[1] == 3 && seen[2] > 0) { /* the same table twice: users, then items */
                tamis_slice_figures last;
                tamis_evaluation_group(e, k - 1, &last);
                if (seen[3] || strcmp(figures.group, "zero") == 0) by = 3;
            }
            seen[by]++;
            if (by == 0 && rare) group = strcmp(figures.group, "rare") != 0;
            else while (strcmp(label[by][group], figures.group) != 0) ck_assert_int_lt(++group, 3);
            check_group(&w, &figures, by, group, rare, by == 0 ? popular : active);
        }
        ck_assert_int_eq(seen[1], 3);
        tamis_evaluation_free(e);
        free_world(&w);
    }
    tamis_table_free(table);
}
END_TEST

/* ---- sampled candidates */

START_TEST(sampled)
{
    for (int round = 0; round < 400; round++) {
        world w = draw_world();
        rank_task *task, *other;
        const rank_rules rules = {.mask_training = true, .relevant_from = (double)NAN, .sampled = 1 + draw(5),
                                  .seed = (uint64_t)round};
        const rank_known known = rank_known_of(w.model);
        ck_assert_int_eq(rank_task_new(&known, w.test_log, NULL, 0, &rules, &task, NULL), TAMIS_OK);
        ck_assert_int_eq(rank_task_new(&known, w.test_log, NULL, 0, &rules, &other, NULL), TAMIS_OK);
        for (int64_t t = 0; t < task->count; t++) {
            int u = (int)task->test_user[t], found = 0, others = 0, free_items = 0;
            for (int i = 0; u < w.users && i < w.items; i++) free_items += !w.train[u][i] && !w.test[u][i];
            for (int64_t k = task->list_start[t]; k < task->list_start[t + 1]; k++) {
                int32_t item = task->list[k];
                ck_assert(!w.train[u][item]);
                ck_assert(k == task->list_start[t] || item > task->list[k - 1]);
                ck_assert_int_eq(item, other->list[k]);
                found += w.test[u][item];
                others += !w.test[u][item];
            }
            ck_assert_int_eq(found, task->start[t + 1] - task->start[t]);
            ck_assert_int_eq(others, free_items < rules.sampled ? free_items : rules.sampled);
            ck_assert_int_eq(task->candidates[t], u < w.users ? found + others : 0);
        }
        rank_task_free(task);
        rank_task_free(other);
        free_world(&w);
    }
}
END_TEST

/* Each of the free items is drawn alike: 3 of 20, by 400 users; and as few of many, 3 of 600. */
START_TEST(sampled_evenly)
{
    enum { MANY = 400 };
    static const int items[] = {20, 600};
    for (int n = 0; n < 2; n++) {
        static int32_t user[MANY], item[MANY], count[600];
        tamis_log *train, *test;
        for (int u = 0; u < MANY; u++) user[u] = u;
        memset(count, 0, sizeof count);
        ck_assert_int_eq(tamis_log_from_pairs(user, item, MANY, MANY, items[n], &train, NULL), TAMIS_OK);
        for (int u = 0; u < MANY; u++) item[u] = 1;
        ck_assert_int_eq(tamis_log_from_pairs(user, item, MANY, MANY, items[n], &test, NULL), TAMIS_OK);
        for (int u = 0; u < MANY; u++) item[u] = 0;
        const rank_rules rules = {.mask_training = true, .relevant_from = (double)NAN, .sampled = 3, .seed = 5};
        rank_task *task;
        const rank_known known = {train->user_ids, train->item_ids, train->matrix};
        ck_assert_int_eq(rank_task_new(&known, test, NULL, 0, &rules, &task, NULL), TAMIS_OK);
        for (int64_t k = 0; k < task->list_start[task->count]; k++) count[task->list[k]]++;
        ck_assert_int_eq(count[0], 0);
        ck_assert_int_eq(count[1], MANY);
        double expected = 3.0 * MANY / (items[n] - 2), chi = 0;
        for (int i = 2; i < items[n]; i++) chi += (count[i] - expected) * (count[i] - expected) / expected;
        ck_assert_double_lt(fabs(chi - (items[n] - 2)), 5 * sqrt(2.0 * items[n]));
        rank_task_free(task);
        tamis_log_free(train);
        tamis_log_free(test);
    }
}
END_TEST

/* ---- what lists show */

START_TEST(lists)
{
    for (int round = 0; round < 1000; round++) {
        world w = draw_world();
        int k = 1 + (int)draw(6), shown[ITEMS] = {0}, distinct = 0, all = 0, heads = (w.items + 4) / 5;
        double popularity = 0, novelty = 0, tail = 0, users = 0, differences = 0;
        char cutoffs[8], name[40];
        tamis_evaluate_options o;
        tamis_evaluation *e;
        for (int u = 0; u < w.test_users && u < w.users; u++) {
            int candidates, n = 0;
            double p = 0, s = 0, t = 0;
            bool evaluated = false;
            for (int i = 0; i < w.test_items; i++) evaluated |= w.test[u][i];
            for (int i = 0; evaluated && i < w.items; i++) {
                int rank = rank_of(&w, u, i, &candidates), above = 0;
                if (rank == 0 || rank > k) continue;
                for (int j = 0; j < w.items; j++)
                    above += clicks(&w, j) > clicks(&w, i) || (clicks(&w, j) == clicks(&w, i) && j < i);
                n++;
                shown[i]++;
                p += clicks(&w, i);
                s -= log((clicks(&w, i) ? clicks(&w, i) : 1) / (double)w.users) / log(2);
                t += above >= heads;
            }
            if (n == 0) continue;
            users++;
            popularity += p / n;
            novelty += s / n;
            tail += t / n;
        }
        for (int i = 0; i < w.items; i++) {
            distinct += shown[i] > 0;
            all += shown[i];
            for (int j = 0; j < w.items; j++) differences += abs(shown[i] - shown[j]);
        }
        snprintf(cutoffs, sizeof cutoffs, "%d", k);
        tamis_evaluate_options_default(&o);
        o.metrics = draw(2) ? "auc,coverage,gini,popularity,novelty,tail" : "ndcg,coverage,gini,popularity,novelty,tail";
        o.cutoffs = cutoffs;
        o.threads = 1 + draw(2);
        ck_assert_int_eq(tamis_evaluate(w.model, w.test_log, NULL, 0, &o, &e, NULL), TAMIS_OK);
        const double expected[] = {(double)distinct / w.items, differences / (2.0 * w.items * all), popularity / users,
                                   novelty / users, tail / users};
        static const char *const names[] = {"coverage", "gini", "popularity", "novelty", "tail"};
        for (size_t m = 0; m < 5; m++) {
            snprintf(name, sizeof name, "%s@%d", names[m], k);
            if (isfinite(expected[m])) ck_assert_double_eq_tol(mean_of(e, name), expected[m], 1e-12);
            else ck_assert(isnan(mean_of(e, name)));
        }
        tamis_evaluation_free(e);
        free_world(&w);
    }
}
END_TEST

/* ---- SNIPS where the truth is known */

enum { POPULATION = 3000, THINGS = 60, DRAWN = 250, REPEATS = 200, TOP = 10 };

typedef struct truth {
    tamis_log *train;
    tamis_model *model;
    double chance[POPULATION][THINGS]; /* that the user likes the item */
    double theta[THINGS];              /* that a liked item is seen */
    double recall;
} truth;

/* Item i has clicks in proportion to (THINGS - i + 5)^2, so that with power 1/2 theta_i falls evenly from 1 to 0.1. The
 * model ranks by popularity and taste; what is liked does not depend on popularity. */
static void make_truth(truth *w)
{
    int64_t pairs = 0, most = 0;
    int32_t *user = malloc(sizeof *user * POPULATION * THINGS), *item = malloc(sizeof *item * POPULATION * THINGS);
    double hits = 0, all = 0;
    for (int i = 0; i < THINGS; i++) {
        int64_t n = (int64_t)(POPULATION * (double)((THINGS - i + 5) * (THINGS - i + 5)) / ((THINGS + 5) * (THINGS + 5)));
        if (i == 0) most = n;
        w->theta[i] = sqrt((double)n / (double)most);
        for (int64_t k = 0; k < n; k++, pairs++) {
            user[pairs] = (int32_t)k;
            item[pairs] = i;
        }
    }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, pairs, POPULATION, THINGS, &w->train, NULL), TAMIS_OK);
    ck_assert_int_eq(model_new(w->train->user_ids, w->train->item_ids, w->train->matrix, THINGS, false,
                               &w->model, NULL),
                     TAMIS_OK);
    for (int i = 0; i < THINGS; i++) w->model->item_factors[(size_t)i * w->model->stride + (size_t)i] = 1;
    for (int u = 0; u < POPULATION; u++) {
        float score[THINGS];
        for (int i = 0; i < THINGS; i++) {
            double taste = draw(1000) / 1000.0;
            w->chance[u][i] = 0.1 + 0.5 * taste;
            score[i] = (float)(taste + 1.0 * (THINGS - i) / THINGS);
            w->model->user_factors[(size_t)u * w->model->stride + (size_t)i] = score[i];
        }
        for (int i = 0; i < THINGS; i++) {
            int rank = 1;
            for (int j = 0; j < THINGS; j++) rank += score[j] > score[i] || (score[j] == score[i] && j < i);
            hits += rank <= TOP ? w->chance[u][i] : 0;
            all += w->chance[u][i];
        }
    }
    w->recall = hits / all;
    free(user);
    free(item);
}

/* A test log of some users: of what each likes the part that was seen. */
static tamis_log *observe(const truth *w)
{
    static int32_t user[DRAWN * THINGS], item[DRAWN * THINGS];
    static bool taken[POPULATION];
    int64_t n = 0;
    tamis_log *log;
    memset(taken, 0, sizeof taken);
    for (int k = 0; k < DRAWN; k++) {
        uint32_t u = draw(POPULATION);
        while (taken[u]) u = draw(POPULATION);
        taken[u] = true;
        for (int i = 0; i < THINGS; i++)
            if (draw(1 << 20) < w->chance[u][i] * w->theta[i] * (1 << 20)) {
                user[n] = (int32_t)u;
                item[n++] = i;
            }
    }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, n, POPULATION, THINGS, &log, NULL), TAMIS_OK);
    return log;
}

START_TEST(snips_covers_the_truth)
{
    static truth w;
    int covered[2] = {0, 0};
    double bias[2] = {0, 0};
    make_truth(&w);
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        tamis_log *test = observe(&w);
        tamis_evaluate_options o;
        tamis_evaluation *e;
        tamis_evaluate_options_default(&o);
        o.metrics = "recall,recall-snips";
        o.cutoffs = "10";
        o.mask_training = TAMIS_MASK_TRAINING_NO;
        o.bootstrap = 400;
        o.threads = 1;
        o.seed = (uint64_t)repeat;
        ck_assert_int_eq(tamis_evaluate(w.model, test, NULL, 0, &o, &e, NULL), TAMIS_OK);
        for (size_t k = 0; k < 2; k++) {
            double low, high;
            tamis_evaluation_interval(e, k, &low, &high);
            covered[k] += low <= w.recall && w.recall <= high;
            bias[k] += (tamis_evaluation_mean(e, k) - w.recall) / REPEATS;
        }
        tamis_evaluation_free(e);
        tamis_log_free(test);
    }
    printf("true recall@%d %.4f; of %d intervals of 95%% hold it: plain %d (bias %+.4f), SNIPS %d (bias %+.4f)\n", TOP,
           w.recall, REPEATS, covered[0], bias[0], covered[1], bias[1]);
    ck_assert_int_eq(covered[0], 0);
    ck_assert_double_gt(bias[0], 0.05);
    ck_assert_int_ge(covered[1], 180); /* 190 expected, standard deviation 3.1 */
    ck_assert_double_lt(fabs(bias[1]), 0.002);
    tamis_log_free(w.train);
    tamis_model_free(w.model);
}
END_TEST

/* ---- what holds for every metric, one that is added later included */

typedef struct one_user {
    int64_t rank[6], found, relevant, candidates;
    double weight[6]; /* of the found ones, then of the others */
} one_user;

static double measure_one(const rank_column *column, const one_user *u, bool weighs)
{
    int64_t start[] = {0, u->found}, missed_start[] = {0, u->relevant - u->found}, relevant = u->relevant, candidates = u->candidates;
    int32_t test_item[] = {0, 1, 2, 3, 4, 5};
    const rank_task task = {.count = 1, .relevant = &relevant, .candidates = &candidates, .start = start,
                            .missed_start = missed_start, .missed = test_item + u->found};
    const rank_outcome outcome = {.task = &task, .rank = u->rank, .test_item = test_item, .weight = weighs ? u->weight : NULL,
                                  .column = column, .columns = 1, .threads = 1};
    double top = 0, bottom = 0;
    const rank_cells cells = {&top, &bottom, 1, 1};
    ck_assert_int_eq(rank_measure(&outcome, NULL, 0, &cells, NULL), TAMIS_OK);
    ck_assert(bottom > 0);
    return top / bottom;
}

static one_user draw_one_user(void)
{
    one_user u = {.candidates = 6 + draw(20)};
    u.relevant = 1 + draw(6);
    u.found = draw((uint32_t)u.relevant + 1);
    for (int64_t k = 0, at = 0; k < u.found; k++) /* room is left for those that follow */
        u.rank[k] = at += 1 + draw((uint32_t)(u.candidates - at - (u.found - k) + 1));
    for (int k = 0; k < 6; k++) u.weight[k] = 1;
    return u;
}

/* Better ranks are no worse, and beyond the cut-off nothing counts. With all weights alike IPS is the plain metric, and SNIPS
 * does not depend on their size. */
static void keeps_the_rules_of_ranks(const rank_column *plain)
{
    for (int round = 0; round < 400; round++) {
        one_user u = draw_one_user();
        rank_column column = *plain;
        if (column.metric->per_cutoff) column.cutoff = 1 + draw(12);
        const double value = measure_one(&column, &u, false);
        ck_assert_msg(isfinite(value) && value >= 0, "%s", column.metric->name);
        if (column.metric->per_cutoff && (u.found == 0 || u.rank[0] > column.cutoff)) ck_assert(value == 0);
        for (int64_t k = 0; k < u.found; k++) {
            if (u.rank[k] - 1 == (k ? u.rank[k - 1] : 0)) continue;
            u.rank[k]--;
            ck_assert_msg(measure_one(&column, &u, false) >= value, "%s", column.metric->name);
            u.rank[k]++;
        }
        if (!column.metric->gain) continue;
        column.weighting = RANK_IPS;
        ck_assert_double_eq_tol(measure_one(&column, &u, true), value, 1e-14);
        if (!column.metric->ideal) continue;
        column.weighting = RANK_SNIPS;
        const double unit = measure_one(&column, &u, true);
        for (int k = 0; k < 6; k++) u.weight[k] = 7;
        ck_assert_double_eq_tol(measure_one(&column, &u, true), unit, 1e-14);
    }
}

START_TEST(every_metric)
{
    char text[64];
    const char *name, *help;
    rank_column column[RANK_MOST_COLUMNS];
    size_t count, of_ranks = 0, of_lists = 0;
    int64_t clicks[] = {5, 0, 2};
    bool tail[] = {false, true, true};
    const uint32_t shown[] = {0, 1, 4};
    const rank_catalog catalog = {clicks, tail, 3, 6, 5};
    for (size_t k = 0; (name = tamis_metric_list(k, &help)); k++) {
        ck_assert_uint_gt(strlen(help), 10);
        for (size_t j = 0; j < k; j++) ck_assert_str_ne(name, tamis_metric_list(j, NULL));
        ck_assert_int_eq(rank_columns(name, "3", column, &count, NULL), TAMIS_OK);
        ck_assert_uint_eq(count, 1);
        rank_metric_name(column, text);
        ck_assert_int_eq(rank_metric_check(text, NULL) == TAMIS_OK, rank_metric_of_ranks(column->metric));
        if (rank_metric_of_ranks(column->metric)) keeps_the_rules_of_ranks(column);
        for (int32_t i = 0; column->metric->listed && i < 3; i++)
            ck_assert(isfinite(column->metric->listed(&catalog, i)) && column->metric->listed(&catalog, i) >= 0);
        if (column->metric->exposed) ck_assert(isfinite(column->metric->exposed(shown, 3)));
        of_ranks += rank_metric_of_ranks(column->metric);
        of_lists += !rank_metric_of_ranks(column->metric);
    }
    ck_assert(of_ranks > 0 && of_lists > 0);
}
END_TEST

Suite *measure_suite(void)
{
    Suite *suite = suite_create("measure");
    TCase *tests = tcase_create("measure");
    tcase_add_test(tests, weights);
    tcase_add_test(tests, every_metric);
    tcase_add_test(tests, by_hand);
    tcase_add_test(tests, slices);
    tcase_add_test(tests, sampled);
    tcase_add_test(tests, sampled_evenly);
    tcase_add_test(tests, lists);
    tcase_add_test(tests, snips_covers_the_truth);
    suite_add_tcase(suite, tests);
    return suite;
}
