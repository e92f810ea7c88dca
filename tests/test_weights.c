/* Weights of interactions: they stay with their interactions whatever becomes of a log. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "data/log.h"
#include "study/natural.h"
#include "suites.h"

static tamis_error error;

/* A weight that tells whose it is; exact in float. */
static float weight_of(int64_t user, int64_t item)
{
    return (float)(1 + user) + (float)item / 256;
}

enum { USERS = 60, ITEMS = 200, MOST = 70000 };

/* Rows in no order, some of them several times, enough for several threads to group them. */
static tamis_log *make(bool weighted)
{
    static int32_t user[MOST], item[MOST];
    static float weight[MOST];
    static double time[MOST];
    tamis_log_arrays a;
    tamis_log *log;
    base_stream s = {9};
    for (int64_t k = 0; k < MOST; k++) {
        user[k] = (int32_t)base_below(&s, USERS);
        item[k] = (int32_t)base_below(&s, ITEMS / 2) * 2;
        weight[k] = weight_of(user[k], item[k]) / (float)(1 + base_below(&s, 2));
        time[k] = (double)k + 0.5;
    }
    tamis_log_arrays_default(&a);
    a.users = USERS;
    a.items = ITEMS;
    a.count = MOST;
    a.user = user;
    a.item = item;
    a.time = time;
    a.weight = weighted ? weight : NULL;
    ck_assert_msg(tamis_log_from_arrays(&a, &log, &error) == TAMIS_OK, "%s", error.text);
    return log;
}

/* The number of interactions that have another weight than weight_of(). */
static int64_t count_odd(const tamis_log *log)
{
    int64_t odd = 0, n;
    ck_assert(log->weight);
    for (int64_t u = 0; u < tamis_log_users(log); u++) {
        const int32_t *item = tamis_log_row(log, u, &n);
        const float *weight = tamis_log_weight(log, u);
        for (int64_t k = 0; k < n; k++) odd += weight[k] < weight_of(u, item[k]) || weight[k] > weight_of(u, item[k]);
    }
    return odd;
}

/* some six rows of each pair: the largest weight stays, which nearly all pairs have */
START_TEST(rows_are_grouped_and_merged)
{
    tamis_log *log = make(true), *plain = make(false);
    const tamis_log_summary *s = tamis_log_summarize(log);
    ck_assert(tamis_log_interactions(log) == USERS * ITEMS / 2 || tamis_log_interactions(log) > USERS * ITEMS / 2 - 10);
    ck_assert(count_odd(log) < USERS * ITEMS / 100);
    ck_assert(s->weighted && s->least_weight >= 0.5 && s->largest_weight <= (double)weight_of(USERS - 1, ITEMS - 2));
    ck_assert(s->mean_weight > s->least_weight && s->mean_weight < s->largest_weight);
    ck_assert(!plain->weight && !tamis_log_weight(plain, 0) && !tamis_log_summarize(plain)->weighted);
    tamis_log_free(log);
    tamis_log_free(plain);
}
END_TEST

/* three interactions of weight 1, 2, 6: least 1, mean 3, largest 6 */
START_TEST(a_summary_by_hand)
{
    static const int32_t user[] = {0, 1, 0, 0}, item[] = {1, 0, 0, 1};
    static const float weight[] = {0.5f, 6, 2, 1};
    tamis_log_arrays a;
    tamis_log *log;
    tamis_log_arrays_default(&a);
    a.users = a.items = 2;
    a.count = 4;
    a.user = user;
    a.item = item;
    a.weight = weight;
    ck_assert_int_eq(tamis_log_from_arrays(&a, &log, &error), TAMIS_OK);
    const tamis_log_summary *s = tamis_log_summarize(log);
    ck_assert(s->least_weight == 1 && s->mean_weight == 3 && s->largest_weight == 6);
    ck_assert(tamis_log_weight(log, 0)[0] == 2 && tamis_log_weight(log, 0)[1] == 1 && tamis_log_weight(log, 1)[0] == 6);
    tamis_log_free(log);
}
END_TEST

/* A log with weight_of() for every pair, each once. */
static tamis_log *make_exact(void)
{
    tamis_log *log = make(true);
    for (int64_t u = 0, n; u < USERS; u++) {
        const int32_t *item = tamis_log_row(log, u, &n);
        for (int64_t k = 0; k < n; k++) log->weight[log->matrix->start[u] + k] = weight_of(u, item[k]);
    }
    return log;
}

START_TEST(parts_keep_their_weights)
{
    tamis_log *log = make_exact(), *part[3], *copy;
    tamis_split_options o;
    tamis_split_options_default(&o);
    o.validation_ratio = 0.1;
    ck_assert_int_eq(tamis_log_split(log, &o, &part[0], &part[1], &part[2], &error), TAMIS_OK);
    for (int k = 0; k < 3; k++) {
        ck_assert_int_eq(count_odd(part[k]), 0);
        ck_assert(tamis_log_summarize(part[k])->weighted);
        tamis_log_free(part[k]);
    }
    ck_assert_int_eq(log_copy(log, &copy, &error), TAMIS_OK);
    ck_assert(copy->matrix == log->matrix && copy->weight != log->weight);
    ck_assert_int_eq(count_odd(copy), 0);
    ck_assert_int_eq(tamis_log_add_ids(copy, log, &error), TAMIS_OK);
    ck_assert_int_eq(count_odd(copy), 0);
    tamis_log_free(copy);
    tamis_log_free(log);
}
END_TEST

/* a row that was there keeps its weight; an injected one has a weight of the same user's, whose whole part tells the user */
START_TEST(noise_takes_weights_of_the_user)
{
    tamis_log *log = make_exact(), *noisy;
    tamis_noise_options o;
    uint8_t *kind;
    int64_t n;
    tamis_noise_options_default(&o);
    o.uniform = 0.3;
    o.drop = 0.1;
    ck_assert_int_eq(tamis_log_noise(log, &o, &noisy, &kind, NULL, &error), TAMIS_OK);
    for (int64_t u = 0, at = 0; u < USERS; u++) {
        const int32_t *item = tamis_log_row(noisy, u, &n);
        const float *weight = tamis_log_weight(noisy, u);
        for (int64_t k = 0; k < n; k++, at++)
            ck_assert(kind[at] ? (int64_t)weight[k] == u + 1 : weight[k] == weight_of(u, item[k]));
    }
    ck_assert(tamis_log_summarize(noisy)->weighted);
    tamis_free(kind);
    tamis_log_free(noisy);
    tamis_log_free(log);
}
END_TEST

/* clean rows keep theirs, natural noise brings its own, in train and validation alike */
START_TEST(natural_noise_brings_its_weights)
{
    static const int32_t user[] = {0, 0, 1, 1}, item[] = {0, 1, 0, 2}, noisy_user[] = {1, 0, 0}, noisy_item[] = {1, 2, 0};
    static const float weight[] = {2, 3, 4, 5}, noisy_weight[] = {7, 8, 9};
    static const float expected[2][3] = {{2, 3, 8}, {4, 7, 5}};
    tamis_log_arrays a;
    tamis_log *log, *rows, *train, *validation;
    tamis_log_arrays_default(&a);
    a.users = 2;
    a.items = 3;
    a.count = 4;
    a.user = user;
    a.item = item;
    a.weight = weight;
    ck_assert_int_eq(tamis_log_from_arrays(&a, &log, &error), TAMIS_OK);
    a.count = 3;
    a.user = noisy_user;
    a.item = noisy_item;
    a.weight = noisy_weight;
    ck_assert_int_eq(tamis_log_from_arrays(&a, &rows, &error), TAMIS_OK);
    ck_assert_int_eq(log_copy(log, &train, &error), TAMIS_OK);
    ck_assert_int_eq(log_copy(log, &validation, &error), TAMIS_OK);
    const natural_noise n = {.rows = rows, .log = log, .ratio = 1, .validation_share = 0, .seed = 1};
    ck_assert_int_eq(natural_put(&n, &train, &validation, &error), TAMIS_OK);
    for (int64_t u = 0; u < 2; u++) {
        ck_assert(memcmp(tamis_log_weight(train, u), expected[u], sizeof expected[u]) == 0);
        ck_assert(memcmp(tamis_log_weight(validation, u), weight + 2 * u, 2 * sizeof *weight) == 0);
    }
    free(rows->weight);
    rows->weight = NULL; /* noise without weights counts 1 */
    tamis_log_free(train);
    ck_assert_int_eq(log_copy(log, &train, &error), TAMIS_OK);
    ck_assert_int_eq(natural_put(&n, &train, &validation, &error), TAMIS_OK);
    ck_assert(tamis_log_weight(train, 0)[2] == 1 && tamis_log_weight(train, 1)[1] == 1 && tamis_log_weight(train, 1)[2] == 5);
    tamis_log_free(train);
    tamis_log_free(validation);
    tamis_log_free(rows);
    tamis_log_free(log);
}
END_TEST

START_TEST(another_weight_is_another_log)
{
    tamis_log *log = make_exact(), *plain = make(false);
    uint64_t a[2], b[2], c[2];
    log_fingerprint(log, false, a);
    log_fingerprint(plain, false, b);
    ck_assert(memcmp(a, b, sizeof a) != 0);
    log->weight[7] *= 2;
    log_fingerprint(log, false, c);
    ck_assert(memcmp(a, c, sizeof a) != 0);
    free(log->weight);
    log->weight = NULL;
    log_fingerprint(log, false, c);
    ck_assert(memcmp(b, c, sizeof b) == 0);
    tamis_log_free(log);
    tamis_log_free(plain);
}
END_TEST

static int keep(void *context, const void *bytes, size_t count)
{
    char *text = context;
    strncat(text, bytes, count);
    return 0;
}

START_TEST(weights_are_written)
{
    static const int32_t user[] = {0, 1}, item[] = {1, 0};
    static const float weight[] = {0.1f, 3}, rating[] = {NAN, 2};
    tamis_log_arrays a;
    tamis_log *log;
    char text[300] = "";
    tamis_log_arrays_default(&a);
    a.users = a.items = a.count = 2;
    a.user = user;
    a.item = item;
    a.rating = rating;
    a.weight = weight;
    ck_assert_int_eq(tamis_log_from_arrays(&a, &log, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_log_put(log, &(tamis_sink){text, keep}, &error), TAMIS_OK);
    ck_assert_str_eq(text, "user_id,item_id,rating,weight\n0,1,,0.1\n1,0,2,3\n");
    tamis_log_free(log);
}
END_TEST

/* ---- weights made of columns: b, x stands twice, the later row first */

#define DAY 86400
static const char rows_of_five[] = "user,item,plays,kind,time\n"
                                   "a,x,1,view,0\n"
                                   "a,y,3,buy,86400\n"
                                   "b,x,8,view,172800\n"
                                   "b,x,2,buy,86400\n"
                                   "b,z,3,cart,172800\n";
static char path[300];
static tamis_log_options options;
static tamis_log *read_log;

static void setup(void)
{
    const char *directory = getenv("TMPDIR");
    snprintf(path, sizeof path, "%.150s/tamis-weights-XXXXXX", directory ? directory : "/tmp");
    int file = mkstemp(path);
    ck_assert(file >= 0);
    close(file);
    tamis_log_options_default(&options);
    read_log = NULL;
}

static void teardown(void)
{
    tamis_log_free(read_log);
    unlink(path);
}

static tamis_status read_text(const char *text)
{
    const char *paths[] = {path};
    FILE *file = fopen(path, "wb");
    ck_assert(file && fwrite(text, 1, strlen(text), file) == strlen(text));
    fclose(file);
    tamis_log_free(read_log);
    return tamis_log_read(paths, 1, &options, &read_log, &error);
}

/* Weights of a, x; a, y; b, x; b, z. */
static void expect(const char *text, double ax, double ay, double bx, double bz)
{
    const double expected[] = {ax, ay, bx, bz};
    ck_assert_msg(read_text(text) == TAMIS_OK, "%s", error.text);
    ck_assert(read_log->weight && tamis_log_interactions(read_log) == 4);
    for (int k = 0; k < 4; k++)
        ck_assert_msg(fabs((double)read_log->weight[k] - expected[k]) < 2e-6 * expected[k], "%d: %g, not %g", k,
                      (double)read_log->weight[k], expected[k]);
}

static bool is_told(const char *text)
{
    const tamis_log_summary *s = tamis_log_summarize(read_log);
    for (int k = 0; k < s->notes; k++)
        if (strcmp(s->note[k].text, text) == 0) return true;
    return false;
}

/* mean of plays 17/5 = 3.4; of ln(1 + plays) ln(2 4 9 3 4) / 5 = 1.3523145 */
START_TEST(transforms)
{
    options.weight = "plays";
    expect(rows_of_five, 0.738953, 0.989362, 1.282322, 0.989362);
    ck_assert_str_eq(tamis_log_summarize(read_log)->weight_column, "plays");
    ck_assert_str_eq(tamis_log_summarize(read_log)->column[2], "");
    options.weight_scale = 2;
    expect(rows_of_five, 2.3862944, 3.7725887, 5.3944492, 3.7725887);
    options.weight_transform = TAMIS_WEIGHT_LINEAR;
    options.weight_scale = 0.5;
    expect(rows_of_five, 1.5, 2.5, 5, 2.5);
    options.weight_scale = NAN;
    expect(rows_of_five, 0.6153846, 0.8951049, 1.5944056, 0.8951049);
    options.weight_transform = TAMIS_WEIGHT_NONE;
    expect(rows_of_five, 1, 3, 8, 3);
    options.weight = "3"; /* by position */
    expect(rows_of_five, 1, 3, 8, 3);
    options.weight = "time"; /* a column that is another thing as well */
    expect("user,item,time\na,x,2\na,y,3\nb,x,4\nb,z,5\n", 2, 3, 4, 5);
    options.weight = "rating";
    options.min_rating = 1; /* what is not positive needs no weight */
    expect("user,item,rating\na,x,2\na,y,3\nb,x,4\nb,z,5\nb,w,0\n", 2, 3, 4, 5);
    options.weight = "3";
    options.min_rating = -INFINITY;
    expect("a,x,2\na,y,3\nb,x,4\nb,z,\"5\"\n", 2, 3, 4, 5);
    expect("%%MatrixMarket matrix coordinate real general\n2 3 4\n1 1 2\n1 2 0.5\n2 1 4\n2 3 5\n", 2, 0.5, 4, 5);
}
END_TEST

START_TEST(repeats)
{
    options.repeats = TAMIS_REPEATS_COUNT;
    expect(rows_of_five, 1, 1, 2, 1);
    options.repeats = TAMIS_REPEATS_SUM; /* of rows that weigh 1 */
    expect(rows_of_five, 1, 1, 2, 1);
    options.weight = "plays";
    options.weight_transform = TAMIS_WEIGHT_NONE;
    expect(rows_of_five, 1, 3, 10, 3);
    options.half_life = 1;
    expect(rows_of_five, 0.25, 1.5, 9, 3);
    options.repeats = TAMIS_REPEATS_MERGE;
    expect(rows_of_five, 0.25, 1.5, 8, 3);
    options.weight_transform = TAMIS_WEIGHT_LINEAR; /* divided by their mean in the end: (1 + r / 3.4) 2^-age */
    expect(rows_of_five, 0.323529411 / 1.624999991, 0.941176471 / 1.624999991, 3.352941176 / 1.624999991, 1.882352941 / 1.624999991);
}
END_TEST

/* b, x: the row of 8 stands first, that of 2 is older */
START_TEST(which_row_stays)
{
    options.weight = "plays";
    options.weight_transform = TAMIS_WEIGHT_NONE;
    options.rating = "plays"; /* read as both, since it is asked for */
    options.keep = TAMIS_KEEP_FIRST;
    expect(rows_of_five, 1, 3, 2, 3);
    ck_assert(read_log->rating[2] == 2 && times_at(&read_log->time, 2) == DAY);
    options.keep = TAMIS_KEEP_LAST;
    options.keep_time = TAMIS_KEEP_TIME_LAST;
    expect(rows_of_five, 1, 3, 8, 3);
    ck_assert(read_log->rating[2] == 8 && times_at(&read_log->time, 2) == 2 * DAY);
    options.keep = TAMIS_KEEP_MOST;
    expect(rows_of_five, 1, 3, 8, 3);
    options.rating = NULL;
    ck_assert(read_text(rows_of_five) == TAMIS_OK && !read_log->rating);
    /* without times by place; a missing time counts neither as first nor as last; a missing rating does not stay */
    options.keep = TAMIS_KEEP_FIRST;
    expect("user,item,plays\na,x,1\na,y,3\nb,x,8\nb,x,2\nb,z,3\n", 1, 3, 8, 3);
    options.keep = TAMIS_KEEP_LAST;
    expect("user,item,plays\na,x,1\na,y,3\nb,x,8\nb,x,2\nb,z,3\n", 1, 3, 2, 3);
    expect("user,item,plays,time,rating\na,x,1,1,\na,y,3,1,\nb,x,8,5,4\nb,x,2,7,\nb,x,9,,2\nb,z,3,1,\n", 1, 3, 2, 3);
}
END_TEST

START_TEST(ages)
{
    options.half_life = 1;
    /* by age alone nobody has said how large weights are: over their mean */
    expect(rows_of_five, 0.25 / 0.6875, 0.5 / 0.6875, 1 / 0.6875, 1 / 0.6875);
    ck_assert_str_eq(tamis_log_summarize(read_log)->weight_column, "");
    options.half_life = 2;
    options.now = "1970-01-05"; /* day 4 */
    expect(rows_of_five, 0.25 / 0.40088835, 0.35355339 / 0.40088835, 0.5 / 0.40088835, 0.5 / 0.40088835);
    options.now = "86400";
    expect(rows_of_five, 0.70710678 / 0.926776695, 1 / 0.926776695, 1 / 0.926776695, 1 / 0.926776695); /* what is later counts as of now */
    ck_assert(is_told("rows later than --now 86400 count as if they were of that time: 2"));
    options.now = NULL; /* milliseconds, from 2020 on */
    expect("user,item,time\na,x,1577836800000\na,y,1577923200000\nb,x,1578009600000\nb,z,1578009600000\n", 0.5 / 0.801776695,
           0.70710678 / 0.801776695, 1 / 0.801776695, 1 / 0.801776695);
    options.half_life = 1e-9; /* too old to count at all is the smallest weight there is */
    ck_assert_int_eq(read_text(rows_of_five), TAMIS_OK);
    ck_assert(read_log->weight[0] > 0 && read_log->weight[0] < 1e-37f);
    ck_assert(is_told("rows so many times --half-life old that they count alike, next to nothing: 3"));
    options.half_life = 1; /* 0 days old to 2 */
    options.now = "5000-01-01";
    ck_assert_int_eq(read_text(rows_of_five), TAMIS_OK);
    ck_assert(is_told("rows so many times --half-life old that they count alike, next to nothing: 5; is --now right?"));
}
END_TEST

START_TEST(events)
{
    options.event_weight = "view=1, cart=3, buy = 10";
    options.event = "kind";
    expect(rows_of_five, 1, 10, 10, 3);
    options.repeats = TAMIS_REPEATS_SUM;
    expect(rows_of_five, 1, 10, 11, 3);
    options.event = NULL; /* recognised */
    options.event_weight = "\"a, b\"=2,c=0.5";
    expect("user,item,event_type\na,x,\"a, b\"\na,y,c\nb,x,c\nb,z,c\n", 2, 0.5, 0.5, 0.5);
}
END_TEST

/* The text is refused with a sentence that holds the words. */
static void refuse(const char *text, const char *words)
{
    ck_assert_msg(read_text(text) != TAMIS_OK, "read: %s", text);
    ck_assert_msg(strstr(error.text, words) != NULL, "%s\nlacks %s", error.text, words);
    ck_assert_ptr_null(read_log);
}

START_TEST(hostile_weights)
{
    static const char *const wrong[] = {"0", "-1", "nan", "inf", "1e400", "4e38", "1,5", "", "many", "0x"};
    char text[200], words[80];
    options.weight = "n";
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        snprintf(text, sizeof text, "user;item;n\na;x;1\na;y;%s\n", wrong[k]);
        snprintf(words, sizeof words, ":3:3: weight \"%s\" is not a number above 0", wrong[k]);
        options.on_error = TAMIS_ON_ERROR_STOP;
        refuse(text, words);
        options.on_error = TAMIS_ON_ERROR_SKIP;
        ck_assert_int_eq(read_text(text), TAMIS_OK);
        const tamis_log_summary *s = tamis_log_summarize(read_log);
        ck_assert(s->rows == 2 && s->bad == 1 && s->interactions == 1);
    }
    options.on_error = TAMIS_ON_ERROR_STOP;
    refuse("user,item,n\na,x,1\na,y\n", ":3:3: the row has 2 columns, but --weight looks at column 3");
    refuse("user,item\na,x\n", ":1: there is no column \"n\" (--weight); the columns are user, item");
    refuse("%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 2\n", "expected --weight value");
    options.weight = "value";
    refuse("%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 -2\n", ":3:3: weight \"-2\"");
    refuse("%%MatrixMarket matrix coordinate pattern general\n1 1 1\n1 1\n", "a pattern matrix has no values");
    options.format = TAMIS_FORMAT_ADJACENCY;
    refuse("a x y\n", "--weight looks at a column, of which this format has none");
    options.format = TAMIS_FORMAT_AUTO;
    options.weight = NULL;
    options.half_life = 3;
    refuse("user,item,time\na,x,\n", ":2:3: time \"\" is neither a number nor a date");
    refuse("user,item\na,x\n", "--half-life needs times, but no column is known");
    options.half_life = NAN;
    options.event_weight = "view=1";
    refuse("user,item,event\na,x,view\na,y,buy\n", ":3:3: event \"buy\" has no --event-weight; expected view");
    refuse("user,item\na,x\n", "no column is known to hold kinds of events");
}
END_TEST

/* what is no float above 0 is a weight nevertheless, and no dislike */
START_TEST(tiny_weights)
{
    options.weight = "n";
    options.weight_transform = TAMIS_WEIGHT_NONE;
    ck_assert_msg(read_text("user,item,n\na,x,1e-46\na,y,4\nb,x,\"1e-300\"\n") == TAMIS_OK, "%s", error.text);
    ck_assert(tamis_log_interactions(read_log) == 3 && tamis_log_summarize(read_log)->disliked == 0);
    ck_assert(read_log->weight[0] > 0 && read_log->weight[1] > 3 && read_log->weight[2] > 0);
    ck_assert_int_eq(read_text("%%MatrixMarket matrix coordinate real general\n1 2 2\n1 1 1e-60\n1 2 1\n"), TAMIS_DATA);
    options.weight = "value";
    ck_assert_int_eq(read_text("%%MatrixMarket matrix coordinate real general\n1 2 2\n1 1 1e-60\n1 2 1\n"), TAMIS_OK);
    ck_assert_int_eq(tamis_log_interactions(read_log), 2);
    options.weight = NULL;
    options.weight_transform = TAMIS_WEIGHT_LOG;
    options.event_weight = "view=1e-50,buy=1";
    options.event = "kind";
    ck_assert_int_eq(read_text("user,item,kind\na,x,view\na,y,buy\n"), TAMIS_OK);
    ck_assert(tamis_log_interactions(read_log) == 2 && read_log->weight[0] > 0);
}
END_TEST

START_TEST(options_that_do_not_go_together)
{
    static const char *const lists[] = {"", "view", "view=", "view=x", "view=1,", "view=1,view=2", "=1", "view=0", "view=-1", "view=1e39",
                                        "\"view=1", "view=1 cart=2"};
    options.weight_scale = 2;
    refuse(rows_of_five, "--weight-scale has no effect without --weight");
    options.weight = "plays";
    options.weight_transform = TAMIS_WEIGHT_NONE;
    refuse(rows_of_five, "--weight-scale has no effect with --weight-transform none");
    options.weight_scale = NAN;
    options.repeats = TAMIS_REPEATS_COUNT;
    refuse(rows_of_five, "--weight has no effect; expected --repeats sum");
    options.repeats = TAMIS_REPEATS_MERGE;
    options.event_weight = "view=1,cart=1,buy=1";
    refuse(rows_of_five, "--weight and --event-weight both");
    options.weight = NULL;
    options.weight_transform = TAMIS_WEIGHT_LOG;
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        options.event_weight = lists[k];
        refuse(rows_of_five, "--event-weight");
    }
    options.event_weight = NULL;
    options.event = "kind";
    refuse(rows_of_five, "--event has no effect without --event-weight");
    options.event = NULL;
    options.now = "2020-01-01";
    refuse(rows_of_five, "--now has no effect without --half-life");
    options.half_life = 1;
    options.now = "soon";
    refuse(rows_of_five, "--now soon: expected a time");
    options.half_life = -1;
    refuse(rows_of_five, "half-life");
}
END_TEST

/* counts that nobody uses are told once, with the option to type */
START_TEST(counts_are_told)
{
    ck_assert_int_eq(read_text(rows_of_five), TAMIS_OK);
    const tamis_log_summary *s = tamis_log_summarize(read_log);
    int told = 0;
    for (int k = 0; k < s->notes; k++) told += s->note[k].kind == TAMIS_NOTE_WEIGHT && strstr(s->note[k].text, "--weight plays weighs");
    ck_assert_int_eq(told, 1);
    ck_assert_int_eq(read_text("1,1,30\n1,2,4\n2,1,1\n"), TAMIS_OK);
    ck_assert(is_told("column 3 looks like counts and is not used: rows count alike; --weight 3 weighs them by it"));
    ck_assert_int_eq(read_text("1,1,5\n1,2,4\n2,1,1\n"), TAMIS_OK);
    ck_assert_int_eq(tamis_log_summarize(read_log)->note[0].kind, TAMIS_NOTE_RATING);
    options.weight = "plays";
    ck_assert_int_eq(read_text(rows_of_five), TAMIS_OK);
    s = tamis_log_summarize(read_log);
    for (int k = 0; k < s->notes; k++) ck_assert(s->note[k].kind != TAMIS_NOTE_WEIGHT && !strstr(s->note[k].text, "plays"));
}
END_TEST

/* The plain rows of a long file and its odd ones, read apart, by threads: the k-core and merging keep weights with their pairs. */
START_TEST(a_long_file)
{
    enum { ROWS = 60000, OF = 300 };
    char *text = malloc((size_t)ROWS * 40), *at = text + sprintf(text, "user,item,n,kind\n");
    for (int k = 0; k < ROWS; k++) {
        const int u = k % OF, i = k / OF % 101;
        at += sprintf(at, k % 97 ? "u%d,i%d,%d.5,a\n" : "\"u%d\",i%d,\"%d.5\",\"a\"\n", u, i, 1000 * u + i);
    }
    options.weight = "n";
    options.weight_transform = TAMIS_WEIGHT_NONE;
    options.min_user_interactions = options.min_item_interactions = 2;
    ck_assert_msg(read_text(text) == TAMIS_OK, "%s", error.text);
    free(text);
    ck_assert_int_eq(tamis_log_interactions(read_log), OF * 101);
    for (int64_t u = 0, n; u < OF; u++) {
        const int32_t *item = tamis_log_row(read_log, u, &n);
        const float *weight = tamis_log_weight(read_log, u);
        for (int64_t k = 0; k < n; k++) ck_assert((double)weight[k] == (double)(1000 * u + item[k]) + 0.5);
    }
}
END_TEST

Suite *weights_suite(void)
{
    Suite *suite = suite_create("weights");
    TCase *tests = tcase_create("weights");
    tcase_add_test(tests, rows_are_grouped_and_merged);
    tcase_add_test(tests, a_summary_by_hand);
    tcase_add_test(tests, parts_keep_their_weights);
    tcase_add_test(tests, noise_takes_weights_of_the_user);
    tcase_add_test(tests, natural_noise_brings_its_weights);
    tcase_add_test(tests, another_weight_is_another_log);
    tcase_add_test(tests, weights_are_written);
    suite_add_tcase(suite, tests);
    TCase *reading = tcase_create("reading");
    tcase_add_checked_fixture(reading, setup, teardown);
    tcase_add_test(reading, transforms);
    tcase_add_test(reading, repeats);
    tcase_add_test(reading, which_row_stays);
    tcase_add_test(reading, ages);
    tcase_add_test(reading, events);
    tcase_add_test(reading, hostile_weights);
    tcase_add_test(reading, tiny_weights);
    tcase_add_test(reading, options_that_do_not_go_together);
    tcase_add_test(reading, counts_are_told);
    tcase_add_test(reading, a_long_file);
    suite_add_tcase(suite, reading);
    return suite;
}
