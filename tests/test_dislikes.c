/* Dislikes: rows that say no, from the file to the lists of a model. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "data/log.h"
#include "model/model.h"
#include "suites.h"

static char path[300], text[4000];
static tamis_log_options options;
static tamis_log *log_read;
static tamis_error error;

static void setup(void)
{
    const char *directory = getenv("TMPDIR");
    snprintf(path, sizeof path, "%.150s/tamis-dislikes-XXXXXX", directory ? directory : "/tmp");
    int file = mkstemp(path);
    ck_assert(file >= 0);
    close(file);
    tamis_log_options_default(&options);
    log_read = NULL;
}

static void teardown(void)
{
    tamis_log_free(log_read);
    unlink(path);
}

static tamis_status read_path(void)
{
    const char *paths[] = {path};
    tamis_log_free(log_read);
    return tamis_log_read(paths, 1, &options, &log_read, &error);
}

static tamis_status read_text(const char *content)
{
    FILE *file = fopen(path, "wb");
    ck_assert(file && fwrite(content, 1, strlen(content), file) == strlen(content));
    fclose(file);
    return read_path();
}

static size_t add_items(size_t used, const tamis_log *log, const char *mark, const int32_t *item, int64_t n)
{
    size_t length;
    for (int64_t k = 0; k < n; k++) {
        const char *id = tamis_log_item_id(log, item[k], &length);
        used += (size_t)snprintf(text + used, sizeof text - used, " %s%.*s", mark, (int)length, id);
    }
    return used;
}

/* "a: x -y b: z": items with - are disliked. */
static const char *show(const tamis_log *log)
{
    size_t used = 0, length;
    int64_t n;
    text[0] = '\0';
    for (int64_t u = 0; u < tamis_log_users(log); u++) {
        const char *id = tamis_log_user_id(log, u, &length);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.*s:", u ? " " : "", (int)length, id);
        const int32_t *item = tamis_log_row(log, u, &n);
        used = add_items(used, log, "", item, n);
        item = tamis_log_dislikes(log, u, &n);
        used = add_items(used, log, "-", item, n);
    }
    return text;
}

#define READS(content, expected)                                                \
    do {                                                                        \
        ck_assert_msg(read_text(content) == TAMIS_OK, "%s", error.text);        \
        ck_assert_str_eq(show(log_read), expected);                             \
    } while (0)

#define REFUSES(content, words)                                                 \
    do {                                                                        \
        ck_assert(read_text(content) != TAMIS_OK);                              \
        ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);     \
    } while (0)

static const char rated[] = "user,item,rating,time\n"
                            "a,x,5,10\n"
                            "a,y,1,20\n"
                            "b,x,1,30\n"
                            "b,x,4,40\n"
                            "b,z,2,50\n"
                            "b,z,1,60\n"
                            "c,y,3,60\n";

START_TEST(by_rating)
{
    options.dislike_below = 3;
    READS(rated, "a: x -y b: x -z c: y");
    const tamis_log_summary *s = tamis_log_summarize(log_read);
    ck_assert(s->rows == 7 && s->disliked == 4 && s->dislikes == 2 && s->both == 1 && s->interactions == 3 && s->duplicates == 2);
    ck_assert_str_eq(s->dislike_column, "rating");
    ck_assert(!log_read->weight && log_read->rating[1] == 4 && !s->weighted);
    ck_assert(times_at(&log_read->dislike_time, 0) == 20 && times_at(&log_read->dislike_time, 1) == 50);
    options.min_rating = 4; /* c, y is neither */
    READS(rated, "a: x -y b: x -z");
    s = tamis_log_summarize(log_read);
    ck_assert(s->rows == 7 && s->disliked == 4 && s->below_rating == 1 && s->interactions == 2);
    options.min_rating = -INFINITY;
    options.keep = TAMIS_KEEP_FIRST; /* b, x was disliked first */
    READS(rated, "a: x -y b: -x -z c: y");
    options.keep = TAMIS_KEEP_LAST;
    READS(rated, "a: x -y b: x -z c: y");
    options.keep = TAMIS_KEEP_MOST;
    READS("%%MatrixMarket matrix coordinate real general\n2 2 3\n1 1 5\n1 2 1\n2 2 4\n", "1: 1 -2 2: 2");
    READS("1,10,5\n1,11,2.5\n2,11,3\n", "1: 10 -11 2: 11");
}
END_TEST

START_TEST(by_what_stands_in_a_column)
{
    options.dislike = "kind=skip,\"thumbs, down\"";
    READS("user,item,kind\na,x,play\na,y,skip\nb,y,\"thumbs, down\"\nb,x,other\n", "a: x -y b: x -y");
    options.dislike = "dwell<3"; /* such a row needs neither rating nor weight */
    options.rating = "stars";
    options.weight = "n";
    options.weight_transform = TAMIS_WEIGHT_NONE;
    READS("user,item,dwell,stars,n\na,x,7,5,2\na,y,1,,\nb,y,9,4,0.5\n", "a: x -y b: y");
    ck_assert(log_read->weight[0] == 2 && log_read->weight[1] == 0.5f && tamis_log_summarize(log_read)->mean_weight == 1.25);
    REFUSES("user,item,dwell,stars,n\na,x,long,5,2\n", ":2:3: dwell \"long\" is not a number, with which --dislike compares");
    REFUSES("user,item,dwell,stars,n\na,x,7,,2\n", ":2:4: rating \"\" is not a number");
    REFUSES("user,item,stars,n\na,x,7,2\n", "there is no column \"dwell\" (--dislike)");
    options.dislike = "skip";
    REFUSES(rated, "--dislike skip");
    options.dislike = NULL;
    options.rating = options.weight = NULL;
    options.weight_transform = TAMIS_WEIGHT_LOG;
    options.dislike_below = 3;
    REFUSES("user,item\na,x\n", "--dislike-below needs ratings");
    REFUSES("user,item,rating\na,x,\n", ":2:3: rating \"\" is not a number");
}
END_TEST

START_TEST(weights_and_ages_leave_dislikes_alone)
{
    options.dislike_below = 3;
    options.half_life = 1.0 / 86400; /* a second */
    READS("user,item,rating,time\na,x,5,10\na,y,1,\nb,x,4,12\n", "a: x -y b: x");
    /* 1/4 and 1 over their mean */
    ck_assert(fabsf(log_read->weight[0] - 0.4f) < 1e-6f && fabsf(log_read->weight[1] - 1.6f) < 1e-6f);
    options.half_life = NAN;
    options.repeats = TAMIS_REPEATS_COUNT;
    READS(rated, "a: x -y b: x -z c: y");
    ck_assert(log_read->weight[0] == 1 && log_read->weight[1] == 1);
    options.repeats = TAMIS_REPEATS_MERGE;
    options.weight = "rating"; /* 1 + a r, a = 1 / mean of 5, 4, 3: 2.25, 2, 1.75 over their mean 2 */
    options.weight_transform = TAMIS_WEIGHT_LINEAR;
    READS(rated, "a: x -y b: x -z c: y");
    ck_assert(fabsf(log_read->weight[0] - 1.125f) < 1e-6f && log_read->weight[1] == 1 && fabsf(log_read->weight[2] - 0.875f) < 1e-6f);
}
END_TEST

/* users of two positives: c goes, and with it item y's only positive; z stays without one while anyone else has two of it */
START_TEST(the_core_counts_positives)
{
    options.dislike_below = 3;
    options.min_user_interactions = 2;
    READS("user,item,rating\na,x,5\na,z,4\nb,x,5\nb,z,4\nb,w,1\nc,y,5\nc,x,1\na,y,2\nb,x,3\n", "a: x z b: x z");
    options.min_user_interactions = 1;
    options.min_item_interactions = 2;
    READS("user,item,rating\na,x,5\na,z,4\nb,x,5\nc,z,4\nb,z,1\nc,x,1\na,y,2\n", "a: x z b: x -z c: z -x");
    options.dislike_below = 6;
    REFUSES("user,item,rating\na,x,5\na,y,4\n", "no interaction: all 2 rows are dislikes");
}
END_TEST

/* What is written is read as what it was, without any option. */
START_TEST(written_and_read)
{
    char written[320];
    options.dislike_below = 3;
    READS(rated, "a: x -y b: x -z c: y");
    snprintf(written, sizeof written, "%s-2", path);
    ck_assert_int_eq(tamis_log_write(log_read, written, &error), TAMIS_OK);
    ck_assert_int_eq(rename(written, path), 0);
    tamis_log_options_default(&options);
    ck_assert_int_eq(read_path(), TAMIS_OK);
    ck_assert_str_eq(show(log_read), "a: x -y b: x -z c: y");
    ck_assert(times_at(&log_read->dislike_time, 1) == 50 && log_read->rating[0] == 5);
}
END_TEST

/* By time: b's test item is of 70, so that the dislike of 80 is test's, that of 20 train's; at random all are train's. */
START_TEST(splits)
{
    tamis_split_options o;
    tamis_log *part[3];
    options.dislike_below = 3;
    READS("user,item,rating,time\nb,x,5,10\nb,n,1,20\nb,y,5,30\nb,z,5,50\nb,o,1,60\nb,w,5,70\nb,m,1,80\n", "b: x y z w -n -o -m");
    tamis_split_options_default(&o);
    o.order = TAMIS_SPLIT_TIME;
    o.test_ratio = o.validation_ratio = 0.25;
    ck_assert_int_eq(tamis_log_split(log_read, &o, &part[0], &part[1], &part[2], &error), TAMIS_OK);
    ck_assert_str_eq(show(part[0]), "b: x y -n");
    ck_assert_str_eq(show(part[1]), "b: z -o");
    ck_assert_str_eq(show(part[2]), "b: w -m");
    ck_assert(times_at(&part[2]->dislike_time, 0) == 80 && tamis_log_summarize(part[2])->dislikes == 1);
    for (int k = 0; k < 3; k++) tamis_log_free(part[k]);
    o.order = TAMIS_SPLIT_RANDOM;
    ck_assert_int_eq(tamis_log_split(log_read, &o, &part[0], NULL, &part[2], &error), TAMIS_OK);
    ck_assert(part[0]->dislikes->nnz == 3 && part[2]->dislikes->nnz == 0);
    tamis_log_free(part[0]);
    tamis_log_free(part[2]);
}
END_TEST

/* user 0 has items 0 and 1 and dislikes 2 to 7 of 9: noise can be item 8 alone */
static tamis_log *of_nine(void)
{
    static const int32_t user[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1}, item[] = {0, 1, 2, 3, 4, 5, 6, 7, 0, 8};
    static const unsigned char dislike[] = {0, 0, 1, 1, 1, 1, 1, 1, 0, 0};
    tamis_log_arrays a;
    tamis_log *log;
    tamis_log_arrays_default(&a);
    a.users = 2;
    a.items = 9;
    a.count = 10;
    a.user = user;
    a.item = item;
    a.dislike = dislike;
    ck_assert_msg(tamis_log_from_arrays(&a, &log, &error) == TAMIS_OK, "%s", error.text);
    return log;
}

START_TEST(noise_is_not_disliked)
{
    tamis_log *log = of_nine(), *noisy;
    tamis_noise_options o;
    ck_assert_str_eq(show(log), "0: 0 1 -2 -3 -4 -5 -6 -7 1: 0 8");
    ck_assert(!log->weight);
    tamis_noise_options_default(&o);
    o.uniform = 3;
    ck_assert_int_eq(tamis_log_noise(log, &o, &noisy, NULL, NULL, &error), TAMIS_OK);
    show(noisy);
    ck_assert_msg(strncmp(text, "0: 0 1 8 -2 -3 -4 -5 -6 -7 1: 0 ", 32) == 0, "%s", text);
    tamis_log_free(noisy);
    tamis_log_free(log);
}
END_TEST

START_TEST(another_dislike_is_another_log)
{
    tamis_log *log = of_nine();
    uint64_t a[2], b[2];
    log_fingerprint(log, false, a);
    ck_assert_int_eq(tamis_log_add_ids(log, log, &error), TAMIS_OK);
    log_fingerprint(log, false, b);
    ck_assert(memcmp(a, b, sizeof a) == 0);
    matrix_drop(log->dislikes);
    log->dislikes = NULL;
    log_fingerprint(log, false, b);
    ck_assert(memcmp(a, b, sizeof a) != 0);
    tamis_log_free(log);
}
END_TEST

/* All that is recommended to user 0 is item 8. */
static void check_model(const tamis_model *model)
{
    tamis_hit hits[9];
    const int64_t users[] = {0, 0, 0, 0, 0};
    int64_t n;
    for (size_t count = 1; count <= 5; count += 4) { /* few users and many go other ways */
        tamis_hit all[45];
        ck_assert_int_eq(tamis_recommend(model, users, count, 9, 1, count == 1 ? hits : all, &error), TAMIS_OK);
        const tamis_hit *first = count == 1 ? hits : all;
        ck_assert(first[0].item == 8 && first[1].item < 0);
    }
    const int32_t *item = tamis_model_dislikes(model, 0, &n);
    ck_assert(n == 6 && item[0] == 2 && item[5] == 7);
    ck_assert_int_eq(tamis_model_dislike_count(model), 6);
    ck_assert(tamis_model_row(model, 0, &n) && n == 2);
}

START_TEST(models_remember)
{
    tamis_log *log = of_nine();
    tamis_model *model, *loaded;
    tamis_train_options o;
    static const char *const id[] = {"0"};
    static const size_t length[] = {1};
    const tamis_user_list list = {id, length, 1};
    int64_t n;
    ck_assert_int_eq(tamis_train_options_default(&o, NULL, &error), TAMIS_OK);
    o.epochs = 2;
    o.factors = 4;
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_OK);
    check_model(model);
    ck_assert_int_eq(tamis_model_save(model, path, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_model_load(path, &loaded, &error), TAMIS_OK);
    check_model(loaded);
    tamis_model_free(loaded);
    ck_assert_int_eq(tamis_model_load_users(path, &list, &loaded, &error), TAMIS_OK);
    check_model(loaded);
    tamis_model_free(loaded);
    ck_assert_int_eq(tamis_model_mask(model, log, &error), TAMIS_OK); /* keeps them */
    check_model(model);
    ck_assert(!tamis_model_dislikes(model, 1, &n) || n == 0);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

/* Plain and odd rows of a long file, against a plain loop. */
START_TEST(a_long_file)
{
    enum { ROWS = 60000, USERS = 150, ITEMS = 60 };
    static unsigned char is[USERS][ITEMS]; /* 1: disliked, 2: liked, 3: both */
    FILE *file = fopen(path, "w");
    base_stream s = {4};
    int64_t n, pairs = 0, no = 0, both = 0;
    fprintf(file, "user,item,rating\n");
    for (int u = 0; u < USERS; u++) fprintf(file, "%d,0,5\n", u), is[u][0] = 2;
    for (int i = 1; i < ITEMS; i++) fprintf(file, "0,%d,5\n", i), is[0][i] = 2;
    for (int k = 0; k < ROWS; k++) {
        const int u = (int)base_below(&s, USERS), i = (int)base_below(&s, ITEMS);
        const bool yes = (u + i) % 3 == 0 && base_below(&s, 2);
        is[u][i] |= yes ? 2 : 1;
        fprintf(file, k % 83 ? "%d,%d,%d\n" : "\"%d\",%d,\"%d\"\n", u, i, yes ? 4 : 2);
    }
    fclose(file);
    options.dislike_below = 3;
    ck_assert_msg(read_path() == TAMIS_OK, "%s", error.text);
    for (int u = 0; u < USERS; u++) {
        const int32_t *item = tamis_log_row(log_read, u, &n);
        for (int64_t k = 0; k < n; k++) ck_assert(is[u][item[k]] >= 2);
        pairs += n;
        item = tamis_log_dislikes(log_read, u, &n);
        for (int64_t k = 0; k < n; k++) ck_assert(is[u][item[k]] == 1);
        for (int i = 0; i < ITEMS; i++) pairs -= is[u][i] >= 2, no += is[u][i] == 1, both += is[u][i] == 3;
        no -= n;
    }
    ck_assert(pairs == 0 && no == 0 && tamis_log_summarize(log_read)->both == both && both > 0);
}
END_TEST

Suite *dislikes_suite(void)
{
    Suite *suite = suite_create("dislikes");
    TCase *test = tcase_create("dislikes");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, by_rating);
    tcase_add_test(test, by_what_stands_in_a_column);
    tcase_add_test(test, weights_and_ages_leave_dislikes_alone);
    tcase_add_test(test, the_core_counts_positives);
    tcase_add_test(test, written_and_read);
    tcase_add_test(test, splits);
    tcase_add_test(test, noise_is_not_disliked);
    tcase_add_test(test, another_dislike_is_another_log);
    tcase_add_test(test, models_remember);
    tcase_add_test(test, a_long_file);
    suite_add_tcase(suite, test);
    return suite;
}
