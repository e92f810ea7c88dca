/* Synthetic logs: what the four files say must agree with each other and with the model they claim to be drawn from.
 * Nothing here knows how the generator works: the files are read back with sscanf and counted. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "data/log.h"
#include "suites.h"

enum { TRAIN = 1, TEST = 2, TRUTH = 4, NOISE = 8, FILES = 4 };
static const char *const names[FILES] = {"train.csv", "test.csv", "truth.csv", "noise.csv"};
static char directory[64];

/* All four files as bits per pair. */
typedef struct world {
    int users, items;
    unsigned char *pair;
    long rows[FILES];
} world;

static void setup(void)
{
    snprintf(directory, sizeof directory, "/tmp/tamis-synth-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static const char *file_in(const char *where, const char *name)
{
    static char path[256];
    ck_assert(base_join(path, sizeof path, where, name));
    return path;
}

static void remove_files(const char *where)
{
    for (int f = 0; f < FILES; f++) unlink(file_in(where, names[f]));
    unlink(file_in(where, "propensity.csv"));
    rmdir(where);
}

static void teardown(void)
{
    remove_files(directory);
}

static void draw(const tamis_synth_options *options, const char *where)
{
    tamis_error error;
    ck_assert_msg(tamis_synth(options, where, &error) == TAMIS_OK, "%s", error.text);
    ck_assert_str_eq(error.text, "");
}

static void read_file(world *w, int f)
{
    FILE *file = fopen(file_in(directory, names[f]), "r");
    char line[64];
    int user, item, end;
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    ck_assert_str_eq(line, "user_id,item_id\n");
    while (fgets(line, sizeof line, file)) {
        int good = sscanf(line, "u%5d,i%5d\n%n", &user, &item, &end) == 2 && end == 14 && line[end] == 0 && user >= 0 &&
                   user < w->users && item >= 0 && item < w->items;
        unsigned char *pair = good ? &w->pair[user * w->items + item] : NULL;
        if (!good || *pair & 1 << f) ck_abort_msg("%s: odd or second row %s", names[f], line);
        *pair |= (unsigned char)(1 << f);
        w->rows[f]++;
    }
    fclose(file);
}

static world draw_world(const tamis_synth_options *options)
{
    world w = {.users = (int)options->users, .items = (int)options->items};
    w.pair = calloc((size_t)w.users * (size_t)w.items, 1);
    ck_assert_ptr_nonnull(w.pair);
    draw(options, directory);
    for (int f = 0; f < FILES; f++) read_file(&w, f);
    return w;
}

static int is_liked(const world *w, int user, int item)
{
    int bits = w->pair[user * w->items + item];
    return (bits & TRUTH) || ((bits & TRAIN) && !(bits & NOISE));
}

static tamis_synth_options small(void)
{
    tamis_synth_options options;
    tamis_synth_options_default(&options);
    options.users = 400;
    options.items = 300;
    options.interactions = 4000;
    options.relevant_share = 0.1;
    return options;
}

/* Which combinations of files a pair may stand in; per user: liked, held out, noise; in all: the noise ratio. */
START_TEST(files_agree)
{
    tamis_synth_options options = small();
    options.noise = _i; /* each kind */
    options.noise_ratio = 0.25;
    options.test_ratio = 0.3;
    world w = draw_world(&options);
    for (int u = 0; u < w.users; u++) {
        int liked = 0, clean = 0, held = 0;
        for (int i = 0; i < w.items; i++) {
            int bits = w.pair[u * w.items + i];
            if (bits && bits != TRAIN && bits != (TRAIN | NOISE) && bits != TRUTH && bits != (TRUTH | TEST))
                ck_abort_msg("pair %d, %d stands in files %x", u, i, (unsigned)bits);
            liked += is_liked(&w, u, i);
            clean += bits == TRAIN;
            held += bits == (TRUTH | TEST);
        }
        ck_assert_int_eq(liked, 30);
        ck_assert_int_eq(held, (int)lround(0.3 * (clean + held)));
        ck_assert(clean > 0);
    }
    long clean = w.rows[0] - w.rows[3];
    ck_assert_int_eq(w.rows[3], (long)(0.25 * (double)clean));
    ck_assert_int_eq(w.rows[0] - w.rows[3] + w.rows[2], 400 * 30);
    ck_assert(labs(clean + w.rows[1] - 4000) < 120);
    free(w.pair);
}
END_TEST

/* Noise rows per item of the world, and on the `most` items with most of them. */
static long count_noise(const world *w, long *per_item, int most)
{
    long sum = 0;
    for (int i = 0; i < w->items; i++) {
        per_item[i] = 0;
        for (int u = 0; u < w->users; u++) per_item[i] += (w->pair[u * w->items + i] & NOISE) != 0;
    }
    for (int k = 0; k < most; k++) {
        int best = 0;
        for (int i = 0; i < w->items; i++)
            if (per_item[i] > per_item[best]) best = i;
        sum += per_item[best];
        per_item[best] = -per_item[best];
    }
    return sum;
}

static void read_exposure(double *exposure, int items)
{
    FILE *file = fopen(file_in(directory, "propensity.csv"), "r");
    char line[64];
    int item;
    double value;
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    for (int i = 0; i < items; i++) {
        ck_assert_int_eq(fscanf(file, "i%d,%lf\n", &item, &value), 2);
        exposure[item] = value;
    }
    fclose(file);
}

/* Two noise rows a user on average, so that what a user has already hardly counts. */
static tamis_synth_options noisy(int kind)
{
    tamis_synth_options options = small();
    options.users = 3000;
    options.interactions = 24000;
    options.test_ratio = 0;
    options.noise_ratio = 0.25;
    options.noise = kind;
    return options;
}

START_TEST(noise_that_is_popular)
{
    tamis_synth_options options = noisy(TAMIS_SYNTH_POPULAR);
    world w = draw_world(&options);
    double exposure[300], all = 0, expected = 0, seen = 0;
    long per_item[300];
    (void)count_noise(&w, per_item, 0);
    read_exposure(exposure, 300);
    for (int i = 0; i < 300; i++) {
        all += exposure[i];
        if (exposure[i] < 0.05) continue; /* the first forty or so: rank^-0.8 */
        expected += exposure[i];
        seen += (double)per_item[i];
    }
    /* 6,000 rows, a standard deviation of .0065; a user's liked tenth and what the user has make it a bit less */
    ck_assert_msg(fabs(seen / (double)w.rows[3] - expected / all) < 0.04, "%g of noise on what is seen with chance %g",
                  seen / (double)w.rows[3], expected / all);
    free(w.pair);
}
END_TEST

START_TEST(noise_of_positions)
{
    tamis_synth_options options = noisy(TAMIS_SYNTH_POSITION);
    world w = draw_world(&options);
    double sums[2] = {0}, exposure[300], of_first = 0;
    long per_item[300];
    const long first = count_noise(&w, per_item, 10);
    for (int k = 1; k <= 300; k++) sums[k <= 10] += 1.0 / k;
    ck_assert_msg(fabs((double)first / (double)w.rows[3] - sums[1] / (sums[0] + sums[1])) < 0.06, "%ld of %ld", first, w.rows[3]);
    read_exposure(exposure, 300);
    for (int i = 0; i < 300; i++) of_first += per_item[i] < 0 ? exposure[i] : 0;
    ck_assert_double_lt(of_first, 2); /* the ten that are seen most have 1 + 2^-.8 + ... + 10^-.8 = 3.6, any ten .4 */
    free(w.pair);
}
END_TEST

START_TEST(noise_of_few_users)
{
    tamis_synth_options options = noisy(TAMIS_SYNTH_USERS);
    world w = draw_world(&options);
    int users = 0;
    for (int u = 0; u < w.users; u++) {
        int rows = 0;
        for (int i = 0; i < w.items; i++) rows += (w.pair[u * w.items + i] & NOISE) != 0;
        users += rows > 0;
        ck_assert(rows == 0 || (rows > 2 && rows < 50)); /* 20 on average */
    }
    ck_assert_int_eq(users, 300);
    ck_assert_int_eq(w.rows[3], (long)(0.25 * (double)(w.rows[0] - w.rows[3])));
    free(w.pair);
}
END_TEST

/* Half of all that is not liked: the heavy items are soon had, and the rest is found all the same. */
START_TEST(much_noise)
{
    for (int kind = TAMIS_SYNTH_UNIFORM; kind <= TAMIS_SYNTH_USERS; kind++) {
        tamis_synth_options options = small();
        options.users = 60;
        options.items = 40;
        options.relevant_share = 0.5;
        options.interactions = 600;
        options.test_ratio = 0;
        options.exposure_power = 10;
        options.noise_ratio = kind == TAMIS_SYNTH_USERS ? 0.09 : 0.99;
        options.noise = kind;
        world w = draw_world(&options);
        ck_assert(w.rows[3] > (kind == TAMIS_SYNTH_USERS ? 40 : 500)); /* of 54 and 594; a user has but 20 items for it */
        free(w.pair);
    }
}
END_TEST

START_TEST(no_noise_no_test)
{
    tamis_synth_options options = small();
    options.noise_ratio = options.test_ratio = 0;
    world w = draw_world(&options);
    ck_assert_int_eq(w.rows[1], 0);
    ck_assert_int_eq(w.rows[3], 0);
    ck_assert(w.rows[0] > 3800);
    free(w.pair);
}
END_TEST

/* One factor: s_ui = p_u q_i, so that a user likes either the greatest q or the least, whoever it is. */
static void check_two_tastes(const tamis_synth_options *options, int liked)
{
    int first = 0, other = -1;
    world w = draw_world(options);
    for (int u = 1; u < w.users; u++) {
        int as_first = 0, as_other = 0;
        for (int i = 0; i < w.items; i++) {
            as_first += is_liked(&w, u, i) && is_liked(&w, first, i);
            as_other += other >= 0 && is_liked(&w, u, i) && is_liked(&w, other, i);
        }
        if (as_first == 0 && other < 0) other = u;
        /* p_u = 0 (chance 1/600 a user) ties all items */
        if (as_first != liked && as_other != liked && u != other) ck_assert_int_lt(as_first + as_other, liked);
        else ck_assert_int_eq(as_first % liked, 0);
    }
    ck_assert_int_ge(other, 0);
    free(w.pair);
}

/* Of few items, and of many, whose scores are not all looked at alike. */
START_TEST(one_factor_has_two_tastes)
{
    tamis_synth_options options = small();
    options.factors = 1;
    check_two_tastes(&options, 30);
    options.items = 9000;
    options.relevant_share = 0.01;
    check_two_tastes(&options, 90);
}
END_TEST

/* With power 1 and clicks that are few beside what is liked, item clicks follow 1/rank; the likes do not. */
START_TEST(exposure_is_skewed_and_blind)
{
    tamis_synth_options options = small();
    enum { TOP = 10 };
    options.items = 1000;
    options.users = 2000;
    options.interactions = 8000;
    options.relevant_share = 0.3;
    options.exposure_power = 1;
    options.activity_power = options.noise_ratio = options.test_ratio = 0;
    world w = draw_world(&options);
    int clicks[1000] = {0}, likes[1000] = {0}, top_likes = 0;
    double top_clicks = 0, harmonic_top = 0, harmonic = 0;
    for (int u = 0; u < w.users; u++)
        for (int i = 0; i < w.items; i++) {
            clicks[i] += (w.pair[u * w.items + i] & TRAIN) != 0;
            likes[i] += is_liked(&w, u, i);
        }
    for (int k = 0; k < TOP; k++) {
        int best = 0;
        for (int i = 1; i < 1000; i++)
            if (clicks[i] > clicks[best]) best = i;
        top_clicks += clicks[best];
        top_likes += likes[best];
        clicks[best] = -1;
    }
    for (int rank = 1; rank <= 1000; rank++) {
        harmonic += 1.0 / rank;
        if (rank <= TOP) harmonic_top += 1.0 / rank;
    }
    /* 0.391 without replacement effects, which take some from the top */
    double share = top_clicks / (double)w.rows[0], expected = harmonic_top / harmonic;
    ck_assert_msg(share > 0.7 * expected && share < 1.1 * expected, "share %g, expected about %g", share, expected);
    ck_assert_msg(abs(top_likes / TOP - 600) < 200, "the most seen items are liked by %d users each", top_likes / TOP);
    free(w.pair);
}
END_TEST

static int ascending(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* The clicks of each user, ascending. */
static void count_clicks(const tamis_synth_options *options, int count[400])
{
    world w = draw_world(options);
    for (int u = 0; u < 400; u++) {
        count[u] = 0;
        for (int i = 0; i < w.items; i++) count[u] += w.pair[u * w.items + i] & TRAIN;
    }
    qsort(count, 400, sizeof *count, ascending);
    free(w.pair);
}

/* Activity: all alike with power 0; of (1 - v)^-1/2, v uniform, the q-quantile is (1 - q)^-1/2 times the least. */
START_TEST(activity_follows_its_power)
{
    tamis_synth_options options = small();
    int count[400];
    options.noise_ratio = options.test_ratio = options.activity_power = 0;
    options.interactions = 400 * 8;
    count_clicks(&options, count);
    ck_assert_int_eq(count[0], 8);
    ck_assert_int_eq(count[399], 8);
    options.activity_power = 0.5;
    options.relevant_share = 0.9;
    options.interactions = 400 * 40;
    count_clicks(&options, count);
    double least = count[0];
    ck_assert_msg(fabs(least - 20) < 4, "least %g", least); /* the mean is twice the least */
    ck_assert_msg(fabs(count[200] / least - sqrt(2)) < 0.15, "median %d", count[200]);
    ck_assert_msg(fabs(count[300] / least - 2) < 0.3, "upper quartile %d", count[300]);
    ck_assert_msg(fabs(count[384] / least - 5) < 1.5, "96%% quantile %d", count[384]);
}
END_TEST

/* Noise rows must not be told by their place: about as many stand in the first half of a user's rows. */
START_TEST(noise_is_mixed_in)
{
    tamis_synth_options options = small();
    static int user[20000], noise[20000];
    options.noise_ratio = 1;
    world w = draw_world(&options);
    FILE *file = fopen(file_in(directory, "train.csv"), "r");
    char line[64];
    int rows = 0, item, before = 0, all = 0;
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    for (; fscanf(file, "u%d,i%d\n", &user[rows], &item) == 2; rows++)
        noise[rows] = (w.pair[user[rows] * w.items + item] & NOISE) != 0;
    fclose(file);
    for (int start = 0, end; start < rows; start = end) {
        for (end = start; end < rows && user[end] == user[start];) end++;
        for (int k = start; k < end; k++) {
            all += noise[k];
            before += noise[k] && 2 * (k - start) + 1 < end - start;
        }
    }
    ck_assert_int_eq(all, w.rows[3]);
    ck_assert_msg(before > 0.44 * all && before < 0.53 * all, "%d of %d noise rows come first", before, all);
    free(w.pair);
}
END_TEST

static void same_bytes(const char *a, const char *b, int expected)
{
    int same = 1;
    for (int f = 0; f < FILES; f++) {
        FILE *first = fopen(file_in(a, names[f]), "r"), *second = fopen(file_in(b, names[f]), "r");
        int c;
        ck_assert(first && second);
        do {
            c = getc(first);
            same &= c == getc(second);
        } while (c != EOF);
        fclose(first);
        fclose(second);
    }
    ck_assert_int_eq(same, expected);
}

START_TEST(same_options_same_bytes)
{
    tamis_synth_options options = small();
    char again[sizeof directory + 8];
    snprintf(again, sizeof again, "%s-again", directory);
    draw(&options, directory);
    draw(&options, again);
    same_bytes(directory, again, 1);
    options.seed++;
    draw(&options, again);
    same_bytes(directory, again, 0);
    remove_files(again);
}
END_TEST

/* More clicks than a user has likes: all likes are clicked, nothing is left as truth but what is held out. */
START_TEST(everything_is_clicked)
{
    tamis_synth_options options = small();
    options.interactions = 400 * 30;
    options.activity_power = 0;
    world w = draw_world(&options);
    ck_assert_int_eq(w.rows[0] - w.rows[3], 400 * 24);
    ck_assert_int_eq(w.rows[1], 400 * 6);
    ck_assert_int_eq(w.rows[2], w.rows[1]);
    free(w.pair);
}
END_TEST

/* Fewer clicks than users: on average still as many as asked for, never more than one a user. */
START_TEST(fewer_clicks_than_users)
{
    tamis_synth_options options = small();
    options.interactions = 100;
    options.activity_power = options.noise_ratio = 0;
    world w = draw_world(&options);
    ck_assert_int_ge(w.rows[0], 60);
    ck_assert_int_le(w.rows[0], 140);
    ck_assert_int_eq(w.rows[1], 0); /* a lone click stays in train */
    free(w.pair);
}
END_TEST

static void refused(const tamis_synth_options *options, const char *part)
{
    tamis_error error;
    char where[sizeof directory + 8];
    snprintf(where, sizeof where, "%s-none", directory);
    ck_assert_int_eq(tamis_synth(options, where, &error), TAMIS_USAGE);
    ck_assert_msg(strstr(error.text, part) != NULL, "\"%s\" does not say \"%s\"", error.text, part);
    ck_assert_msg(access(where, F_OK) != 0, "%s was made", where);
}

#define REFUSED(field, value, part) \
    do { \
        tamis_synth_options wrong = small(); \
        wrong.field = value; \
        refused(&wrong, part); \
    } while (0)

START_TEST(wrong_options)
{
    REFUSED(users, 0, "--users");
    REFUSED(users, INT64_C(1) << 31, "--users");
    REFUSED(items, 1, "--items");
    REFUSED(items, INT64_MAX, "--items");
    REFUSED(interactions, -1, "--interactions");
    REFUSED(factors, 0, "--factors");
    REFUSED(factors, 257, "--factors");
    REFUSED(exposure_power, -0.1, "--exposure-power");
    REFUSED(exposure_power, (double)NAN, "--exposure-power");
    REFUSED(activity_power, (double)INFINITY, "--activity-power");
    REFUSED(noise_ratio, -1, "--noise-ratio");
    REFUSED(relevant_share, 1, "--relevant-share");
    REFUSED(relevant_share, 0, "--relevant-share");
    REFUSED(test_ratio, 1, "--test-ratio");
    REFUSED(relevant_share, 0.0001, "none");
    REFUSED(relevant_share, 0.9999, "all of them");
    REFUSED(interactions, 12001, "more than the 12000 pairs");
    tamis_synth_options noisy = small();
    noisy.relevant_share = 0.9;
    noisy.interactions = 400 * 200;
    noisy.noise_ratio = 0.5;
    refused(&noisy, "--noise-ratio");
}
END_TEST

START_TEST(cannot_write)
{
    tamis_synth_options options = small();
    tamis_error error;
    ck_assert_int_eq(tamis_synth(&options, "/dev/null", &error), TAMIS_FAILURE);
    ck_assert_ptr_nonnull(strstr(error.text, "/dev/null"));
    ck_assert_int_eq(tamis_synth(&options, "/no/such/place", &error), TAMIS_FAILURE);
    ck_assert_ptr_nonnull(strstr(error.text, "/no/such/place"));
    ck_assert_int_eq(mkdir(file_in(directory, "truth.csv"), 0777), 0);
    ck_assert_int_eq(tamis_synth(&options, directory, &error), TAMIS_FAILURE);
    ck_assert_ptr_nonnull(strstr(error.text, "truth.csv"));
    ck_assert_int_ne(access(file_in(directory, "train.csv"), F_OK), 0);
    ck_assert_int_eq(rmdir(file_in(directory, "truth.csv")), 0);
}
END_TEST

/* The extremes of the options: sums of weights and activities must not overflow, ids grow beyond five digits. */
START_TEST(extremes)
{
    tamis_synth_options options = small();
    options.exposure_power = 10;
    options.activity_power = 4;
    options.factors = 256;
    options.noise_ratio = 10;
    options.interactions = 1000;
    world w = draw_world(&options);
    ck_assert_int_gt(w.rows[0], 0);
    free(w.pair);
    options = small();
    options.users = 2;
    options.items = 100001;
    options.interactions = 50;
    options.relevant_share = 0.001;
    draw(&options, directory);
    FILE *file = fopen(file_in(directory, "train.csv"), "r");
    int item;
    char end;
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "user_id,item_id u00000,i%6d%c", &item, &end), 2);
    ck_assert_int_eq(end, '\n');
    fclose(file);
}
END_TEST

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Sorted, they are 1, 2^-p, 3^-p, ...; the file has six digits. */
START_TEST(propensities_are_powers_of_ranks)
{
    enum { ITEMS = 50 };
    tamis_synth_options options;
    double theta[ITEMS];
    tamis_synth_options_default(&options);
    options.users = 20;
    options.items = ITEMS;
    options.relevant_share = 0.5;
    options.interactions = 100;
    options.exposure_power = 1.5;
    options.no_truth = 1;
    draw(&options, directory);
    FILE *file = fopen(file_in(directory, "propensity.csv"), "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "item_id,propensity%*c"), 0);
    for (int i = 0; i < ITEMS; i++) {
        int item;
        ck_assert_int_eq(fscanf(file, "i%d,%lf%*c", &item, &theta[i]), 2);
        ck_assert_int_eq(item, i);
    }
    fclose(file);
    qsort(theta, ITEMS, sizeof *theta, descending);
    for (int r = 0; r < ITEMS; r++) ck_assert_double_eq_tol(theta[r] * pow(r + 1, 1.5), 1, 1e-5);
    ck_assert_int_ne(access(file_in(directory, "truth.csv"), F_OK), 0);
}
END_TEST

/* 200 users are four chunks, which threads take in turn. */
START_TEST(threads_do_not_show)
{
    tamis_synth_options options;
    char other[80];
    tamis_synth_options_default(&options);
    options.users = 200;
    options.items = 100;
    options.interactions = 600;
    options.threads = 1;
    draw(&options, directory);
    for (int threads = 2; threads <= 5; threads += 3) {
        snprintf(other, sizeof other, "%s-%d", directory, threads);
        options.threads = threads;
        draw(&options, other);
        for (int f = 0; f <= FILES; f++) {
            const char *name = f < FILES ? names[f] : "propensity.csv";
            char command[400];
            snprintf(command, sizeof command, "cmp -s %s/%s %s/%s", directory, name, other, name);
            ck_assert_msg(system(command) == 0, "%s differs with %d threads", name, threads);
        }
        remove_files(other);
    }
}
END_TEST

Suite *synth_suite(void)
{
    Suite *suite = suite_create("synth");
    TCase *group = tcase_create("synth");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_loop_test(group, files_agree, TAMIS_SYNTH_UNIFORM, TAMIS_SYNTH_USERS + 1);
    tcase_add_test(group, no_noise_no_test);
    tcase_add_test(group, noise_that_is_popular);
    tcase_add_test(group, noise_of_positions);
    tcase_add_test(group, noise_of_few_users);
    tcase_add_test(group, much_noise);
    tcase_add_test(group, one_factor_has_two_tastes);
    tcase_add_test(group, exposure_is_skewed_and_blind);
    tcase_add_test(group, activity_follows_its_power);
    tcase_add_test(group, noise_is_mixed_in);
    tcase_add_test(group, same_options_same_bytes);
    tcase_add_test(group, everything_is_clicked);
    tcase_add_test(group, fewer_clicks_than_users);
    tcase_add_test(group, wrong_options);
    tcase_add_test(group, cannot_write);
    tcase_add_test(group, extremes);
    tcase_add_test(group, propensities_are_powers_of_ranks);
    tcase_add_test(group, threads_do_not_show);
    suite_add_tcase(suite, group);
    return suite;
}
