/* Recommendation with candidates, exclusions, group limits and users without interactions, against a brute force that shares
 * nothing with it: whole scores in double loops, a sorted list per user, and a walk down that list. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "data/log.h"
#include "model/model.h"
#include "rank/block.h"
#include "suites.h"

enum { MOST = 1200, LISTS = 2 };

static uint64_t state = 88172645463325252u;

static int32_t draw(int64_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int32_t)((state >> 20) % (uint64_t)n);
}

/* One case: a model, a call, and the same in tables of the test's own. */
typedef struct world {
    int64_t users, items, factors;
    tamis_log *log, *mask;
    tamis_model *model;
    char *trained, *masked, *disliked; /* users x items */
    int32_t *candidates, *excluded, *excluded_item, *group[LISTS];
    int64_t *start, *user, count;
    tamis_recommend_options options;
    tamis_group_limit limit[LISTS];
} world;

static tamis_log *draw_log(int64_t users, int64_t items, int64_t count)
{
    int32_t *u = malloc((size_t)count * sizeof *u), *i = malloc((size_t)count * sizeof *i);
    tamis_log *log;
    for (int64_t k = 0; k < count; k++) {
        u[k] = draw(users);
        i[k] = draw(items);
    }
    ck_assert_int_eq(tamis_log_from_pairs(u, i, count, users, items, &log, NULL), TAMIS_OK);
    free(u);
    free(i);
    return log;
}

static void mark(const world *w, const tamis_log *log, char *table)
{
    for (int64_t u = 0; u < log->users && u < w->users; u++)
        for (int64_t k = log->matrix->start[u]; k < log->matrix->start[u + 1]; k++)
            if (log->matrix->index[k] < w->items) table[u * w->items + log->matrix->index[k]] = 1;
}

/* Ascending items, each with a chance of one in n. */
static int32_t *draw_items(int64_t items, int64_t n, int64_t *count)
{
    int32_t *item = malloc((size_t)items * sizeof *item + 4);
    *count = 0;
    for (int64_t i = 0; i < items; i++)
        if (draw(n) == 0) item[(*count)++] = (int32_t)i;
    return item;
}

static void draw_options(world *w)
{
    tamis_recommend_options *o = &w->options;
    tamis_recommend_options_default(o);
    o->threads = 1 + draw(3);
    o->mask_training = draw(2);
    if (draw(2)) o->candidates = w->candidates = draw_items(w->items, 1 + draw(3), &o->candidate_count);
    if (draw(2)) o->excluded = w->excluded = draw_items(w->items, 2 + draw(5), &o->excluded_count);
    if (draw(2)) {
        w->start = calloc((size_t)w->count + 1, sizeof *w->start);
        w->excluded_item = malloc((size_t)(w->count * w->items) * sizeof *w->excluded_item + 4);
        for (int64_t n = 0; n < w->count; n++) {
            int64_t count;
            int32_t *item = draw_items(w->items, 2 + draw(5), &count);
            memcpy(w->excluded_item + w->start[n], item, (size_t)count * sizeof *item);
            w->start[n + 1] = w->start[n] + count;
            free(item);
        }
        o->excluded_start = w->start;
        o->excluded_item = w->excluded_item;
    }
    o->limits = (size_t)draw(LISTS + 1);
    for (size_t l = 0; l < o->limits; l++) {
        const int64_t groups = 1 + draw(6);
        w->group[l] = malloc((size_t)w->items * sizeof *w->group[l]);
        for (int64_t i = 0; i < w->items; i++) w->group[l][i] = draw(groups + 1) - 1;
        w->limit[l] = (tamis_group_limit){w->group[l], 1 + draw(3)};
    }
}

static world draw_world(int64_t users, int64_t items, int64_t density, int64_t count)
{
    world w = {.users = users, .items = items, .factors = 1 + draw(20), .count = count};
    w.log = draw_log(users, items, 1 + users * items / density);
    ck_assert_int_eq(model_new(w.log->user_ids, w.log->item_ids, w.log->matrix, w.factors, draw(2), &w.model, NULL), TAMIS_OK);
    for (int64_t r = 0; r < users; r++)
        for (int64_t k = 0; k < w.factors; k++) w.model->user_factors[(size_t)r * w.model->stride + (size_t)k] = (float)(draw(7) - 3);
    for (int64_t r = 0; r < items; r++)
        for (int64_t k = 0; k < w.factors; k++) w.model->item_factors[(size_t)r * w.model->stride + (size_t)k] = (float)(draw(7) - 3);
    for (int64_t r = 0; w.model->item_bias && r < items; r++) w.model->item_bias[r] = (float)draw(5);
    w.trained = calloc((size_t)(users * items), 1);
    w.masked = calloc((size_t)(users * items), 1);
    w.disliked = calloc((size_t)(users * items), 1);
    mark(&w, w.log, w.trained);
    if (draw(2)) {
        tamis_log *dislikes = draw_log(users, items, 1 + users * items / 5);
        mark(&w, dislikes, w.disliked);
        ck_assert_int_eq(model_set_dislikes(w.model, dislikes->matrix, NULL), TAMIS_OK);
        tamis_log_free(dislikes);
    }
    for (int n = draw(3); n > 0; n--) { /* ids are numbers: some of the mask's are unknown */
        tamis_log *mask = draw_log(users + draw(2), items + draw(2), 1 + users * items / 6);
        mark(&w, mask, w.masked);
        ck_assert_int_eq(tamis_model_mask(w.model, mask, NULL), TAMIS_OK);
        tamis_log_free(mask);
    }
    w.user = malloc((size_t)count * sizeof *w.user + 8);
    for (int64_t n = 0; n < count; n++) w.user[n] = draw(users + 1) - 1;
    draw_options(&w);
    return w;
}

static void free_world(world *w)
{
    void *const arrays[] = {w->trained, w->masked, w->disliked, w->candidates, w->excluded, w->excluded_item, w->start, w->user};
    for (size_t k = 0; k < BASE_COUNT(arrays); k++) free(arrays[k]);
    for (size_t l = 0; l < LISTS; l++) free(w->group[l]);
    tamis_log_free(w->log);
    tamis_model_free(w->model);
}

/* ------------------------------------------------------------------ brute force */

typedef struct entry {
    double score;
    int32_t item;
} entry;

static int by_score(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return x->item - y->item;
}

static bool is_among(const int32_t *item, int64_t count, int64_t wanted)
{
    for (int64_t k = 0; k < count; k++)
        if (item[k] == wanted) return true;
    return false;
}

static bool has_interactions(const world *w, int64_t user)
{
    return user >= 0 && memchr(w->trained + user * w->items, 1, (size_t)w->items);
}

static bool is_allowed(const world *w, int64_t n, int64_t item)
{
    const tamis_recommend_options *o = &w->options;
    const int64_t u = w->user[n];
    const int64_t at = u * w->items + item;
    if (o->candidates && !is_among(o->candidates, o->candidate_count, item)) return false;
    if (o->excluded && is_among(o->excluded, o->excluded_count, item)) return false;
    if (w->start && is_among(w->excluded_item + w->start[n], w->start[n + 1] - w->start[n], item)) return false;
    return u < 0 || !(w->disliked[at] || w->masked[at] || (o->mask_training && w->trained[at]));
}

static double score_of(const world *w, int64_t user, int64_t item)
{
    double sum = 0;
    if (!has_interactions(w, user)) {
        for (int64_t u = 0; u < w->users; u++) sum += w->trained[u * w->items + item];
        return sum;
    }
    for (int64_t k = 0; k < w->factors; k++)
        sum += (double)w->model->user_factors[(size_t)user * w->model->stride + (size_t)k] *
               (double)w->model->item_factors[(size_t)item * w->model->stride + (size_t)k];
    return sum + (w->model->item_bias ? (double)w->model->item_bias[item] : 0);
}

/* The n-th user's list; how long it is. */
static int64_t expected(const world *w, int64_t n, int64_t k, entry *chosen)
{
    static entry all[MOST];
    int64_t count = 0, taken = 0;
    for (int64_t i = 0; i < w->items; i++)
        if (is_allowed(w, n, i)) all[count++] = (entry){score_of(w, w->user[n], i), (int32_t)i};
    qsort(all, (size_t)count, sizeof *all, by_score);
    for (int64_t a = 0; a < count && taken < k; a++) {
        bool fits = true;
        for (size_t l = 0; l < w->options.limits; l++) {
            const int32_t group = w->group[l][all[a].item];
            int64_t same = 0;
            for (int64_t t = 0; t < taken; t++) same += w->group[l][chosen[t].item] == group;
            fits = fits && (group < 0 || same < w->limit[l].most);
        }
        if (fits) chosen[taken++] = all[a];
    }
    return taken;
}

static void compare(world *w, int64_t k)
{
    tamis_hit *hits = malloc((size_t)(w->count * k) * sizeof *hits + 8);
    unsigned char *origin = malloc((size_t)w->count + 1);
    tamis_error error;
    entry *list = malloc((size_t)k * sizeof *list);
    w->options.origin = origin;
    w->options.limit = w->limit;
    ck_assert_msg(!tamis_recommend_from(w->model, w->user, (size_t)w->count, k, &w->options, hits, &error), "%s", error.text);
    for (int64_t n = 0; n < w->count; n++) {
        const int64_t length = expected(w, n, k, list);
        ck_assert_int_eq(origin[n], has_interactions(w, w->user[n]) ? TAMIS_ORIGIN_MODEL : TAMIS_ORIGIN_POPULARITY);
        for (int64_t r = 0; r < k; r++) {
            ck_assert_int_eq(hits[n * k + r].item, r < length ? list[r].item : -1);
            if (r < length) ck_assert_double_eq((double)hits[n * k + r].score, list[r].score);
        }
    }
    free(hits);
    free(origin);
    free(list);
}

START_TEST(random_calls)
{
    for (int n = 0; n < 1500; n++) {
        world w = draw_world(1 + draw(8), 1 + draw(30), 2 + draw(12), draw(12));
        compare(&w, 1 + draw(40));
        free_world(&w);
    }
}
END_TEST

/* More than a block of users and items. */
START_TEST(large_calls)
{
    for (int n = 0; n < 12; n++) {
        world w = draw_world(40, 2 * RANK_ITEMS + 70, 30, RANK_USERS + 30);
        compare(&w, 1 + draw(30));
        free_world(&w);
    }
}
END_TEST

/* All but the last few items are of one group: lists must grow to their end. */
START_TEST(one_group_has_nearly_all)
{
    for (int n = 0; n < 6; n++) {
        world w = draw_world(3, 1100, 1000, 7);
        free(w.group[0]);
        w.group[0] = calloc((size_t)w.items, sizeof *w.group[0]);
        for (int k = 0; k < 8; k++) w.group[0][draw(w.items)] = 1 + k % 4;
        w.limit[0] = (tamis_group_limit){w.group[0], 2};
        w.options.limits = 1;
        compare(&w, 9);
        free_world(&w);
    }
}
END_TEST

/* Threads with options of their own use one model, which counts how popular items are meanwhile. */
typedef struct caller {
    world *w;
    int64_t k;
    pthread_t thread;
    tamis_hit *hits;
} caller;

static void *call(void *context)
{
    caller *c = context;
    if (tamis_recommend_from(c->w->model, c->w->user, (size_t)c->w->count, c->k, &c->w->options, c->hits, NULL)) c->hits[0].item = -7;
    return NULL;
}

START_TEST(calls_side_by_side)
{
    for (int n = 0; n < 40; n++) {
        world w[4] = {draw_world(6, 40, 6, 9)};
        caller callers[4];
        for (int c = 1; c < 4; c++) {
            w[c] = w[0];
            w[c].candidates = w[c].excluded = w[c].excluded_item = w[c].group[0] = w[c].group[1] = NULL;
            w[c].start = NULL;
            draw_options(&w[c]);
        }
        for (int c = 0; c < 4; c++) {
            w[c].options.limit = w[c].limit;
            w[c].options.threads = 1;
            callers[c] = (caller){.w = &w[c], .k = 1 + draw(9)};
            callers[c].hits = malloc((size_t)(w[c].count * callers[c].k) * sizeof *callers[c].hits);
            ck_assert_int_eq(pthread_create(&callers[c].thread, NULL, call, &callers[c]), 0);
        }
        for (int c = 0; c < 4; c++) {
            entry list[9];
            pthread_join(callers[c].thread, NULL);
            for (int64_t u = 0; u < w[c].count; u++) {
                const int64_t length = expected(&w[c], u, callers[c].k, list);
                for (int64_t r = 0; r < callers[c].k; r++)
                    ck_assert_int_eq(callers[c].hits[u * callers[c].k + r].item, r < length ? list[r].item : -1);
            }
            free(callers[c].hits);
            if (!c) continue;
            w[c].trained = w[c].masked = w[c].disliked = NULL;
            w[c].user = NULL;
            w[c].log = NULL;
            w[c].model = NULL;
            free_world(&w[c]);
        }
        free_world(&w[0]);
    }
}
END_TEST

/* Of each method a user without interactions gets the popularity list: also where the file is loaded for some users. */
START_TEST(cold_users_by_method)
{
    static const char *const methods[] = {"bpr", "ials", "bsl", "warp", "itemknn", "ease", "pop"};
    const int32_t user[] = {0, 0, 0, 1, 1, 2, 4, 4, 4}, item[] = {2, 5, 3, 5, 3, 5, 2, 5, 1}; /* 5: four, 2 and 3: two, 1: one */
    static const int32_t wanted[] = {5, 2, 3, 1, 0, 4};
    static const float clicks[] = {4, 2, 2, 1, 0, 0};
    char path[] = "recommend-XXXXXX";
    close(mkstemp(path));
    for (size_t m = 0; m < BASE_COUNT(methods); m++) {
        tamis_log *log;
        tamis_model *model, *part;
        tamis_train_options options;
        tamis_error error;
        tamis_hit hits[12];
        ck_assert_int_eq(tamis_log_from_pairs(user, item, 9, 5, 6, &log, NULL), TAMIS_OK);
        ck_assert_int_eq(tamis_train_options_default(&options, methods[m], NULL), TAMIS_OK);
        options.threads = 1;
        ck_assert_msg(!tamis_train(log, NULL, &options, NULL, &model, NULL, &error), "%s: %s", methods[m], error.text);
        ck_assert_int_eq(tamis_model_save(model, path, NULL), TAMIS_OK);
        const char *const id[] = {"3", "who"};
        const size_t length[] = {1, 3};
        ck_assert_int_eq(tamis_model_load_users(path, &(tamis_user_list){id, length, 2}, &part, &error), TAMIS_OK);
        const int64_t rows[] = {3, -1}, rows_of_part[] = {tamis_model_find_user(part, "3", 1), -1};
        for (int p = 0; p < 2; p++) {
            ck_assert_msg(!tamis_recommend(p ? part : model, p ? rows_of_part : rows, 2, 6, 1, hits, &error), "%s: %s", methods[m], error.text);
            for (int r = 0; r < 12; r++) ck_assert_msg(hits[r].item == wanted[r % 6] && hits[r].score == clicks[r % 6], "%s %d", methods[m], r);
        }
        tamis_model_free(part);
        tamis_model_free(model);
        tamis_log_free(log);
    }
    unlink(path);
}
END_TEST

START_TEST(popularity_that_is_not_known)
{
    char path[] = "recommend-XXXXXX";
    close(mkstemp(path));
    world w = draw_world(4, 9, 1, 1);
    tamis_model *part;
    tamis_error error;
    tamis_hit hit;
    const int64_t unknown = -1;
    const char *const id[] = {"0"};
    const size_t length[] = {1};
    ck_assert_int_eq(tamis_model_save(w.model, path, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_model_load_users(path, &(tamis_user_list){id, length, 1}, &part, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_recommend(part, &unknown, 1, 1, 1, &hit, &error), TAMIS_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "load all of it"));
    tamis_model_free(part);
    free_world(&w);
    unlink(path);
}
END_TEST

static int at_once(void *context)
{
    (void)context;
    return 1;
}

START_TEST(wrong_options)
{
    static const int32_t descending[] = {1, 0}, twice[] = {1, 1}, below[] = {-1, 1}, beyond[] = {0, 5}, good[] = {0, 1};
    static const int64_t late[] = {1, 2}, back[] = {0, -1}, fine[] = {0, 2};
    static const int32_t *const bad[] = {descending, twice, below, beyond};
    static const char *const text[] = {"item 0 stands behind 1", "item 1 stands behind 1", "no item -1", "no item 5; the model's items are 0 to 4"};
    tamis_log *log = draw_log(2, 5, 30);
    tamis_model *m;
    tamis_hit hits[2];
    tamis_error error;
    const int64_t user = 0;
    ck_assert_int_eq(model_new(log->user_ids, log->item_ids, log->matrix, 2, false, &m, NULL), TAMIS_OK);
#define REFUSED(words)                                                                                       \
    do {                                                                                                     \
        ck_assert_int_eq(tamis_recommend_from(m, &user, 1, 2, &o, hits, &error), TAMIS_USAGE);               \
        ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);                                  \
        tamis_recommend_options_default(&o);                                                                 \
    } while (0)
    tamis_recommend_options o;
    tamis_recommend_options_default(&o);
    for (size_t k = 0; k < BASE_COUNT(bad); k++) {
        o.candidates = bad[k], o.candidate_count = 2;
        REFUSED(text[k]);
        o.excluded = bad[k], o.excluded_count = 2;
        REFUSED(text[k]);
        o.excluded_start = fine, o.excluded_item = bad[k];
        REFUSED(text[k]);
    }
    o.candidates = good, o.candidate_count = -1;
    REFUSED("no list of -1 items");
    o.excluded_start = late, o.excluded_item = good;
    REFUSED("expected 0");
    o.excluded_start = back, o.excluded_item = good;
    REFUSED("descends");
    o.excluded_start = fine, o.excluded_item = NULL;
    REFUSED("no excluded_item");
    o.excluded_start = (const int64_t[]){0, 0}, o.excluded_item = NULL; /* nothing is excluded */
    ck_assert_int_eq(tamis_recommend_from(m, &user, 1, 2, &o, hits, &error), TAMIS_OK);
    o.limit = &(tamis_group_limit){good, 0}, o.limits = 1;
    REFUSED("0 items of a group");
    o.limit = &(tamis_group_limit){NULL, 1}, o.limits = 1;
    REFUSED("no groups");
    o.threads = -1;
    REFUSED("--threads");
    o.mask_training = 7;
    REFUSED("--mask-training");
    memset(&o, 0, sizeof o);
    REFUSED("tamis_");
    o.stop = &(tamis_stop){NULL, at_once};
    o.candidates = good, o.candidate_count = 0; /* nothing may be recommended */
    ck_assert_int_eq(tamis_recommend_from(m, &user, 1, 2, &o, hits, &error), TAMIS_OK);
    ck_assert(hits[0].item == -1 && hits[1].item == -1);
    tamis_model_free(m);
    tamis_log_free(log);
}
END_TEST

Suite *recommend_suite(void)
{
    Suite *suite = suite_create("recommend");
    TCase *tests = tcase_create("recommend");
    tcase_add_test(tests, random_calls);
    tcase_add_test(tests, large_calls);
    tcase_add_test(tests, one_group_has_nearly_all);
    tcase_add_test(tests, calls_side_by_side);
    tcase_add_test(tests, cold_users_by_method);
    tcase_add_test(tests, popularity_that_is_not_known);
    tcase_add_test(tests, wrong_options);
    suite_add_tcase(suite, tests);
    return suite;
}
