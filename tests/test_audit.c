/* The audit's arithmetic: AUC and precision against a truth worked out by hand, and planted worlds whose noise is known:
 * users of two kinds who like the items of their kind, with rows put in at random. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "base/random.h"
#include "data/log.h"
#include "model/model.h"
#include "study/density.h"
#include "study/study.h"
#include "suites.h"
#include "train/options.h"

static tamis_error error;

enum { USERS = 120, ITEMS = 80, OWN = 24 };

/* User u likes the even or the odd items, like u itself; of these 40 it has 24. */
static tamis_log *two_kinds(void)
{
    static int32_t user[USERS * OWN], item[USERS * OWN];
    tamis_log *log;
    int n = 0;
    for (int32_t u = 0; u < USERS; u++) {
        int32_t order[ITEMS / 2];
        base_stream s = {(uint64_t)u * 77 + 5};
        base_shuffle(&s, order, ITEMS / 2);
        for (int k = 0; k < OWN; k++) {
            user[n] = u;
            item[n++] = 2 * order[k] + u % 2;
        }
    }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, n, USERS, ITEMS, &log, &error), TAMIS_OK);
    return log;
}

/* Suspects of a planted world, by a judge of bpr or (score -1) the audit's own; noise[k] is 1 for the items of the other kind. */
static void audit_of(int score, double noise_share, tamis_audit **audit, tamis_log **noisy, signed char *noise)
{
    tamis_log *log = two_kinds();
    tamis_noise_options put;
    tamis_train_options options;
    tamis_audit_options how;
    tamis_model *model;
    int64_t n;
    tamis_noise_options_default(&put);
    put.uniform = noise_share;
    ck_assert_int_eq(tamis_log_noise(log, &put, noisy, NULL, NULL, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_train_options_default(&options, NULL, &error), TAMIS_OK);
    options.factors = 4;
    options.epochs = 30;
    ck_assert_int_eq(tamis_train(*noisy, NULL, &options, NULL, &model, NULL, &error), TAMIS_OK);
    tamis_audit_options_default(&how);
    how.score = score < 0 ? TAMIS_AUDIT_AUTO : score;
    ck_assert_msg(tamis_audit_run(score < 0 ? NULL : model, *noisy, &how, NULL, audit, &error) == TAMIS_OK, "%s", error.text);
    const tamis_suspect *suspect = tamis_audit_suspects(*audit, &n);
    ck_assert_int_eq(n, tamis_log_interactions(*noisy));
    for (int64_t k = 0; k < n; k++) {
        noise[k] = (suspect[k].user + suspect[k].item) % 2 == 1;
        ck_assert(suspect[k].suspicion >= 0 && suspect[k].suspicion <= 1);
        ck_assert(k == 0 || suspect[k - 1].suspicion >= suspect[k].suspicion);
    }
    tamis_model_free(model);
    tamis_log_free(log);
}

/* Each user's mean suspicion, by enumeration of the suspects; all users are there, those above the mean first. */
static void groups_are_means(const tamis_audit *audit, const tamis_log *log)
{
    int64_t n, users, items;
    const tamis_suspect *suspect = tamis_audit_suspects(audit, &n);
    const tamis_audit_group *g = tamis_audit_users(audit, &users);
    (void)tamis_audit_items(audit, &items);
    ck_assert(users == tamis_log_users(log) && items == tamis_log_items(log));
    for (int64_t u = 0; u < users; u++) {
        double sum = 0;
        int64_t count = 0;
        for (int64_t k = 0; k < n; k++)
            if (suspect[k].user == g[u].row) sum += suspect[k].suspicion, count++;
        ck_assert_int_eq(g[u].interactions, count);
        ck_assert_double_eq_tol(g[u].suspicion, sum / (double)count, 1e-9);
        ck_assert(u == 0 || g[u].excess <= g[u - 1].excess);
    }
}

/* floor(0.25 * 24) = 6 rows a user come among the 56 others, 40 of the other kind: their items are found. */
START_TEST(planted_noise_is_found)
{
    static signed char noise[USERS * ITEMS];
    tamis_audit *audit;
    tamis_log *noisy, *clean;
    double auc, precision;
    for (int score = -1; score <= TAMIS_AUDIT_PERSONAL; score++) {
        audit_of(score, 0.25, &audit, &noisy, noise);
        tamis_audit_judge(audit, noise, &auc, &precision);
        ck_assert_double_gt(auc, 0.9);
        ck_assert_double_gt(precision, 0.6);
        ck_assert(isnan(tamis_audit_noise(audit)->share) == (score == TAMIS_AUDIT_FITTED || score == TAMIS_AUDIT_PERSONAL));
        if (score <= TAMIS_AUDIT_CROSS) ck_assert_double_ge(tamis_audit_noise(audit)->popular, tamis_audit_noise(audit)->share);
        groups_are_means(audit, noisy);
        ck_assert_int_eq(tamis_audit_clean(audit, noisy, 100, &clean, &error), TAMIS_OK);
        ck_assert_int_eq(tamis_log_interactions(clean), tamis_log_interactions(noisy) - 100);
        tamis_log_free(clean);
        tamis_log_free(noisy);
        tamis_audit_free(audit);
    }
}
END_TEST

/* A model tells all that it takes to train another of its kind on a part of the log, whatever the method. */
START_TEST(every_method_audits)
{
    tamis_log *log = two_kinds();
    const char *name;
    for (size_t k = 0; (name = tamis_method_list(k, NULL, NULL)); k++) {
        tamis_train_options options;
        tamis_audit_options how;
        tamis_model *model;
        tamis_audit *audit;
        int64_t n;
        ck_assert_int_eq(tamis_train_options_default(&options, name, &error), TAMIS_OK);
        options.factors = 4;
        options.epochs = 2;
        train_options_idle(&options);
        ck_assert_msg(tamis_train(log, NULL, &options, NULL, &model, NULL, &error) == TAMIS_OK, "%s", error.text);
        tamis_audit_options_default(&how);
        how.folds = 2;
        how.score = TAMIS_AUDIT_CROSS;
        ck_assert_msg(tamis_audit_run(model, log, &how, NULL, &audit, &error) == TAMIS_OK, "%s: %s", name, error.text);
        const tamis_suspect *suspect = tamis_audit_suspects(audit, &n);
        ck_assert_int_eq(n, tamis_log_interactions(log));
        ck_assert(suspect[0].suspicion <= 1 && suspect[n - 1].suspicion >= 0);
        tamis_audit_free(audit);
        tamis_model_free(model);
    }
    tamis_log_free(log);
}
END_TEST

/* Half a user's rows again are noise: 12 of 36, a third of the log; and none. The bound is from above, by little here, where
 * true interactions are easily told: the smallest that any bar gives, counted here anew, with two standard errors. Of a user with
 * 36 of the 80 items an interaction has a place among 44 others, one of 45 ranges, of which a bar may have a part above it. */
START_TEST(the_share_is_bounded)
{
    static signed char noise[USERS * ITEMS];
    tamis_audit *audit;
    tamis_log *noisy;
    for (int share = 0; share < 2; share++) {
        int64_t n;
        double least = 1;
        audit_of(TAMIS_AUDIT_CROSS, 0.5 * share, &audit, &noisy, noise);
        const tamis_audit_bound *bound = tamis_audit_noise(audit);
        const tamis_suspect *suspect = tamis_audit_suspects(audit, &n);
        for (int k = 1; k < 20; k++) {
            const double bar = floor(1024 * k / 20.0) / 1024; /* counted in bins of 1/1024 */
            double above = 0;
            const double places = ITEMS - OWN * (share ? 1.5 : 1) + 1;
            for (int64_t s = 0; s < n; s++) above += fmin(1, fmax(0, (suspect[s].suspicion - bar) * places + 0.5));
            least = fmin(least, (sqrt(above + 1) + 1) * (sqrt(above + 1) + 1) / ((double)n * (1 - bar)));
        }
        ck_assert_double_eq_tol(bound->share, least, 1e-9);
        ck_assert_int_eq(bound->unknown, 0);
        ck_assert_double_gt(bound->share, share / 3.0);
        ck_assert_double_lt(bound->share, share / 3.0 + 0.07);
        tamis_log_free(noisy);
        tamis_audit_free(audit);
    }
}
END_TEST

/* How far users differ is the root of the mean covariance of two interactions of one user, whether both stand in the farther half. */
START_TEST(users_differ_by_pairs)
{
    static signed char noise[USERS * ITEMS];
    tamis_audit *audit;
    tamis_log *noisy;
    int64_t n;
    audit_of(TAMIS_AUDIT_CROSS, 0.5, &audit, &noisy, noise);
    const tamis_suspect *s = tamis_audit_suspects(audit, &n);
    double p = 0, sum = 0, pairs = 0;
    for (int64_t k = 0; k < n; k++) p += (s[k].suspicion >= 0.5) / (double)n;
    for (int64_t a = 0; a < n; a++)
        for (int64_t b = 0; b < n; b++) {
            if (a == b || s[a].user != s[b].user) continue;
            sum += ((s[a].suspicion >= 0.5) - p) * ((s[b].suspicion >= 0.5) - p);
            pairs++;
        }
    ck_assert_double_eq_tol(tamis_audit_noise(audit)->users_spread, sqrt(fmax(0, sum / pairs)), 1e-9);
    tamis_log_free(noisy);
    tamis_audit_free(audit);
}
END_TEST

/* Users of two kinds who like the early items of their kind most, and noise that follows popularity: it stands too near for the bound
 * of uniform noise, not for that of any. */
START_TEST(popular_noise_is_bounded)
{
    enum { MANY = 400, SORTS = 120 };
    static int32_t user[MANY * SORTS], item[MANY * SORTS];
    tamis_log *log, *noisy;
    tamis_noise_options put;
    tamis_audit *audit;
    int64_t count = 0;
    base_stream s = {9};
    for (int32_t u = 0; u < MANY; u++)
        for (int32_t i = 0; i < SORTS; i++) {
            if (i % 2 != u % 2 || base_uniform(&s) > 0.8 * exp(-i / 30.0)) continue;
            user[count] = u;
            item[count++] = i;
        }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, count, MANY, SORTS, &log, &error), TAMIS_OK);
    tamis_noise_options_default(&put);
    put.popular = 0.5;
    ck_assert_int_eq(tamis_log_noise(log, &put, &noisy, NULL, NULL, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_audit_run(NULL, noisy, NULL, NULL, &audit, &error), TAMIS_OK);
    const double share = 1 - (double)count / (double)tamis_log_interactions(noisy);
    const tamis_audit_bound *bound = tamis_audit_noise(audit);
    ck_assert_double_gt(share, 0.25);
    ck_assert_double_lt(bound->share, share);
    ck_assert_double_ge(bound->popular, share);
    ck_assert_double_le(bound->least, share);
    tamis_audit_free(audit);
    tamis_log_free(noisy);
    tamis_log_free(log);
}
END_TEST

/* Junk: 1 user in 2 has an item of its own that nobody else has. No fold's model can have seen it, and wherever such a model puts
 * it, that is no evidence: without it all would stand at one place, and the bound would be far below the junk. Nor is anything
 * known of the interactions of one who has everything. */
START_TEST(nothing_is_known_of_what_no_fold_has_seen)
{
    static int32_t user[USERS * OWN + USERS + ITEMS], item[USERS * OWN + USERS + ITEMS];
    tamis_log *log = two_kinds(), *junk;
    tamis_audit_options how;
    tamis_audit *audit;
    int64_t n = 0, count;
    for (int32_t u = 0; u < USERS; u++) {
        for (int64_t k = log->matrix->start[u]; k < log->matrix->start[u + 1]; k++, n++) user[n] = u, item[n] = log->matrix->index[k];
        if (u % 2) user[n] = u, item[n++] = ITEMS + u / 2;
    }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, n, USERS, ITEMS + USERS / 2, &junk, &error), TAMIS_OK);
    tamis_audit_options_default(&how);
    ck_assert_msg(tamis_audit_run(NULL, junk, &how, NULL, &audit, &error) == TAMIS_OK, "%s", error.text);
    ck_assert_int_eq(tamis_audit_noise(audit)->unknown, USERS / 2);
    ck_assert_double_gt(tamis_audit_noise(audit)->share, USERS / 2.0 / (double)n);
    ck_assert_double_ge(tamis_audit_noise(audit)->popular, tamis_audit_noise(audit)->share);
    const tamis_suspect *suspect = tamis_audit_suspects(audit, &count);
    ck_assert_int_eq(count, n);
    for (int64_t k = 0; k < n; k++)
        if (suspect[k].item >= ITEMS) ck_assert_double_eq(suspect[k].suspicion, 0.5);
    tamis_audit_free(audit);
    tamis_log_free(junk);
    for (n = 0; n < USERS; n++) user[n] = (int32_t)n, item[n] = 0; /* all have the one item that there is */
    ck_assert_int_eq(tamis_log_from_pairs(user, item, n, USERS, 1, &junk, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_audit_run(NULL, junk, &how, NULL, &audit, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_audit_noise(audit)->unknown, USERS);
    ck_assert_double_eq(tamis_audit_noise(audit)->share, 1);
    ck_assert_double_eq(tamis_audit_noise(audit)->popular, 1);
    ck_assert_double_eq(tamis_audit_noise(audit)->least, 0);
    tamis_audit_free(audit);
    tamis_log_free(junk);
    tamis_log_free(log);
}
END_TEST

/* By hand: a position in the middle of [1/3, 2/3] has half of it above 1/2, and three times 614/1024 - 1/2 between these. 100
 * unknown beside 300 in front may all be noise: (4 / (1 - 51/1024) + 100) of 400. */
START_TEST(ranges_and_the_unknown_by_hand)
{
    static density d, e, f;
    double above, sum = 0;
    density_add(&d, 0.5, 1 / 3.0);
    for (int k = 512; k < DENSITY_BINS; k++) sum += d.bin[k];
    ck_assert_double_eq_tol(sum, 0.5, 1e-12);
    for (int k = density_bar(0.6); k < DENSITY_BINS; k++) sum -= d.bin[k];
    ck_assert_double_eq_tol(sum, 3 * (614 / 1024.0 - 0.5), 1e-12);
    for (int k = 0; k < 300; k++) density_add(&e, 0.001, 0);
    for (int k = 0; k < 100; k++) density_add(&e, (double)NAN, 0.5);
    ck_assert(e.n == 300 && e.unknown == 100);
    ck_assert_double_eq_tol(density_most(&e, &above), (4 / (1 - 51 / 1024.0) + 100) / 400, 1e-12);
    ck_assert_double_eq(density_least(&e), 0);
    /* what is at least even, where the unknown are, and where they are known to be where most is left for them */
    static density lost, found;
    for (int k = 0; k < 200000; k++) {
        const double u = (k + 0.5) / 160000, r = k < 160000 ? 1 / (20 - 19 * u) : (k - 160000 + 0.5) / 40000;
        density_add(&lost, r, 0);
        density_add(&found, r, 0);
    }
    const double all_known = density_least(&lost);
    for (int k = 0; k < 1000; k++) {
        density_add(&lost, (double)NAN, 0);
        density_add(&found, 0.3 + 0.3 * (k + 0.5) / 1000, 0);
    }
    ck_assert_double_eq_tol(density_least(&lost), density_least(&found), 0.0015);
    ck_assert_double_lt(density_least(&lost), all_known * 200 / 201);
    density_add(&f, (double)NAN, 0);
    ck_assert_double_eq(density_most(&f, &above), 1);
    ck_assert_double_eq(density_least(&f), 0);
}
END_TEST

/* By hand. 100 positions of 0.025, 0.075, ... in equal numbers: even, so that the least bar is that with the smallest chance
 * error, 0.05: 95 + 2 + 2 sqrt(96) of 100 * (1 - 51/1024). Nothing is a share of no positions. */
START_TEST(densities_by_hand)
{
    static density d, none;
    double above;
    for (int k = 0; k < 100; k++) density_add(&d, 0.025 + 0.05 * (k / 5), 0);
    const double most = density_most(&d, &above);
    ck_assert_double_eq_tol(most, 1, 1e-12); /* 116.6 of 95: not more than all */
    ck_assert_double_eq_tol(above, 51 / 1024.0, 1e-12);
    ck_assert(isnan(density_most(&none, &above)) && isnan(density_least(&none)));
    /* nine tenths at the front, a tenth even: 1,000 in each twentieth beside 180,000. From 0.05 on 19,000 of 200,000 */
    static density e;
    for (int k = 0; k < 20000; k++) density_add(&e, (k + 0.5) / 20000, 0);
    e.bin[0] += 180000;
    e.n += 180000;
    const double count = 20000 - 996, limit = (count + 2 + 2 * sqrt(count + 1)) / (200000 * (1 - 51 / 1024.0));
    ck_assert_double_eq_tol(density_most(&e, &above), limit, 1e-4);
    ck_assert_double_eq(density_least(&e), 0); /* true interactions might be as even there */
}
END_TEST

/* A world that is as assumed: density r^-2 / 19 on [0.05, 1] (it integrates to (1/0.05 - 1) / 19 = 1), and noise. And one that
 * ends as evenly as noise does, r^-0.1: nothing can be said. */
START_TEST(the_lower_bound_of_planted_worlds)
{
    static const double shares[] = {0, 0.05, 0.2, 0.4};
    for (size_t k = 0; k < BASE_COUNT(shares); k++) {
        static density d, flat;
        const int n = 1000000, noise = (int)(shares[k] * n);
        memset(&d, 0, sizeof d);
        memset(&flat, 0, sizeof flat);
        for (int j = 0; j < n - noise; j++) {
            const double u = (j + 0.5) / (n - noise);
            density_add(&d, 1 / (20 - 19 * u), 0); /* F(r) = (20 - 1/r) / 19 */
            density_add(&flat, pow(u, 1 / 0.9), 0); /* F(r) = r^0.9 */
        }
        for (int j = 0; j < noise; j++) {
            density_add(&d, (j + 0.5) / noise, 0);
            density_add(&flat, (j + 0.5) / noise, 0);
        }
        ck_assert_double_le(density_least(&d), shares[k] + 0.0011); /* found in steps of 0.001 */
        ck_assert_double_ge(density_least(&d), shares[k] - 0.03);
        ck_assert_double_le(density_least(&flat), shares[k] + 0.0011);
    }
}
END_TEST

/* By hand: 100 of 1,000 positions at 0.9, 100 at 0.82, the rest before 0.5. With a share of 0.4, 40 of those from 0.9 on are
 * noise, 40 - 2 sqrt(40) = 27.351 for sure: 0.72649 of 100 good. From 0.82 on 72, 72 - 2 sqrt(72) = 55.029 of 200: 0.72485. */
START_TEST(the_promise_by_hand)
{
    static double position[1000];
    double good;
    for (int k = 0; k < 1000; k++) position[k] = k < 100 ? 0.9 : k < 200 ? 0.82 : 0.4;
    ck_assert_int_eq(density_removable(position, 1000, 0.4, 0.72, &good), 0);
    ck_assert_double_eq(good, 0);
    ck_assert_int_eq(density_removable(position, 1000, 0.4, 0.7249, &good), 200);
    ck_assert_double_eq_tol(good, 0.724853, 1e-6);
    for (int k = 100; k < 200; k++) position[k] = 0.89; /* 44 - 2 sqrt(44) = 30.734 of 200: worse */
    ck_assert_int_eq(density_removable(position, 1000, 0.4, 0.7265, &good), 100);
    ck_assert_double_eq_tol(good, 0.726491, 1e-6);
    ck_assert_int_eq(density_removable(position, 1000, 0, 0.99, &good), 0);
    for (int k = 0; k < 1000; k++) position[k] = 0.49; /* not as far back as 0.5 */
    ck_assert_int_eq(density_removable(position, 1000, 0.9, 0.99, &good), 0);
    ck_assert_int_eq(density_removable(position, 0, 0.9, 0.99, &good), 0);
}
END_TEST

/* By hand: six suspects, of which the first, second and fifth are noise: of the 3 x 3 pairs 7 stand right. Marks of -1 count
 * nowhere. Suspicions are distinct with probability one; the order is the audit's. */
START_TEST(judged_by_hand)
{
    static signed char noise[USERS * ITEMS];
    tamis_audit *audit;
    tamis_log *noisy;
    double auc, precision;
    int64_t n, at[6], found = 0;
    audit_of(TAMIS_AUDIT_CROSS, 0.25, &audit, &noisy, noise);
    const tamis_suspect *suspect = tamis_audit_suspects(audit, &n);
    memset(noise, -1, sizeof noise);
    for (int64_t k = 0; k < n && found < 6; k++)
        if (found == 0 || suspect[k].suspicion < suspect[at[found - 1]].suspicion) at[found++] = k;
    ck_assert_int_eq(found, 6);
    for (int k = 0; k < 6; k++) noise[at[k]] = k == 0 || k == 1 || k == 4;
    tamis_audit_judge(audit, noise, &auc, &precision);
    ck_assert_double_eq_tol(auc, 7 / 9.0, 1e-12);
    ck_assert_double_eq_tol(precision, 2 / 3.0, 1e-12);
    memset(noise, 0, sizeof noise);
    tamis_audit_judge(audit, noise, &auc, &precision);
    ck_assert(isnan(auc) && isnan(precision));
    tamis_log_free(noisy);
    tamis_audit_free(audit);
}
END_TEST

/* All pairs without interaction, by the formula as it stands in the paper. */
START_TEST(hidden_positives)
{
    tamis_log *log = two_kinds();
    tamis_train_options options;
    tamis_model *model;
    static tamis_hidden hidden[USERS * ITEMS];
    size_t found, all = (size_t)(USERS * ITEMS) - (size_t)tamis_log_interactions(log);
    double largest = 0;
    ck_assert_int_eq(tamis_train_options_default(&options, "nbpo", &error), TAMIS_OK);
    options.factors = options.epochs = 5;
    ck_assert_int_eq(tamis_train(log, NULL, &options, NULL, &model, NULL, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_model_hidden(model, USERS * ITEMS, 2, NULL, hidden, &found, &error), TAMIS_OK);
    ck_assert_uint_eq(found, all);
    for (size_t k = 0; k < found; k++) {
        double s = 0, phi = 0;
        const float *p = model->user_factors + (size_t)hidden[k].user * model->stride;
        const float *q = model->item_factors + (size_t)hidden[k].item * model->stride;
        const float *a = model->flip_user + (size_t)hidden[k].user * model->flip_stride;
        const float *c = model->flip_item + (size_t)hidden[k].item * model->flip_stride;
        for (size_t f = 0; f < model->stride; f++) s += (double)p[f] * (double)q[f];
        for (size_t f = 0; f < model->flip_stride; f++) phi += (double)a[f] * (double)c[f];
        double flip = 1 / (1 + exp(-phi)), yes = 1 / (1 + exp(-s)), no = 1 / (1 + exp(s));
        ck_assert_double_eq_tol(hidden[k].probability, flip * yes / (no + flip * yes), 1e-9);
        ck_assert(k == 0 || hidden[k].probability <= hidden[k - 1].probability);
        largest = fmax(largest, hidden[k].probability);
    }
    tamis_hidden few[7];
    ck_assert_int_eq(tamis_model_hidden(model, 7, 0, NULL, few, &found, &error), TAMIS_OK);
    ck_assert_uint_eq(found, 7);
    for (size_t k = 0; k < 7; k++) ck_assert(few[k].user == hidden[k].user && few[k].item == hidden[k].item);
    ck_assert_double_eq(few[0].probability, largest);
    /* s = 3000, phi = -2000, whose exponentials are 0 and infinite: 1 / (1 + e^-3000 + e^-1000) = 1; and turned round 0 */
    for (int sign = 1; sign >= -1; sign -= 2) {
        for (int64_t u = 0; u < model->users; u++) {
            model->user_factors[(size_t)u * model->stride] = 3e6f;
            model->flip_user[(size_t)u * model->flip_stride] = -2e6f;
        }
        for (int64_t i = 0; i < model->items; i++) {
            model->item_factors[(size_t)i * model->stride] = 1e-3f * (float)sign;
            model->flip_item[(size_t)i * model->flip_stride] = 1e-3f * (float)sign;
        }
        ck_assert_int_eq(tamis_model_hidden(model, 7, 0, NULL, few, &found, &error), TAMIS_OK);
        for (size_t k = 0; k < 7; k++) ck_assert_double_eq(few[k].probability, sign > 0);
    }
    tamis_model_free(model);
    ck_assert_int_eq(tamis_train(log, NULL, NULL, NULL, &model, NULL, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_model_hidden(model, 7, 0, NULL, few, &found, &error), TAMIS_USAGE);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

/* Notes of a model from a time when options without effect were let pass. */
START_TEST(idle_options_in_notes)
{
    tamis_log *log = two_kinds();
    tamis_train_options options;
    tamis_model *model;
    tamis_audit *audit;
    ck_assert_int_eq(tamis_train_options_default(&options, "bpr", &error), TAMIS_OK);
    options.factors = 4;
    options.epochs = 2;
    ck_assert_int_eq(tamis_train(log, NULL, &options, NULL, &model, NULL, &error), TAMIS_OK);
    ck_assert(model_add_note(model, "temperature", "0.7") && model_add_note(model, "propensity-power", "0.9"));
    ck_assert(model_add_note(model, "epoch-kept", "1e300")); /* nor does a number that is none matter */
    ck_assert_msg(tamis_audit_run(model, log, NULL, NULL, &audit, &error) == TAMIS_OK, "%s", error.text);
    tamis_audit_free(audit);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

/* A model from anybody names no file that is written. */
START_TEST(a_model_names_no_file_to_write)
{
    char path[] = "/tmp/tamis-strange-XXXXXX";
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    tamis_log *log = two_kinds();
    tamis_train_options options;
    tamis_model *model;
    tamis_audit *audit;
    ck_assert_int_eq(tamis_train_options_default(&options, "bpr", &error), TAMIS_OK);
    options.factors = 4;
    options.epochs = 2;
    ck_assert_int_eq(tamis_train(log, NULL, &options, NULL, &model, NULL, &error), TAMIS_OK);
    ck_assert(model_add_note(model, "checkpoint", path) && model_add_note(model, "checkpoint-every", "1"));
    ck_assert_msg(tamis_audit_run(model, log, NULL, NULL, &audit, &error) == TAMIS_OK, "%s", error.text);
    struct stat there, mine;
    ck_assert(stat(path, &there) == 0 && fstat(file, &mine) == 0 && there.st_ino == mine.st_ino && there.st_size == 0);
    close(file);
    unlink(path);
    tamis_audit_free(audit);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

/* ---- hidden positives of more users and items than a block holds, against all pairs in double */

enum { MANY_USERS = 300, MANY_ITEMS = 700, MOST = 300 };

static int by_probability(const void *a, const void *b)
{
    const tamis_hidden *x = a, *y = b;
    if (x->probability != y->probability) return x->probability > y->probability ? -1 : 1;
    if (x->user != y->user) return x->user - y->user;
    return x->item - y->item;
}

/* random factors; `alike`: users in pairs and items in fours have the same, so that probabilities tie */
static void draw_factors(tamis_model *m, double scale, bool alike, uint64_t seed)
{
    float *const array[] = {m->user_factors, m->item_factors, m->flip_user, m->flip_item};
    for (size_t k = 0; k < BASE_COUNT(array); k++) {
        const int64_t rows = k % 2 ? m->items : m->users, width = k < 2 ? m->factors : m->flip_factors;
        const size_t stride = k < 2 ? m->stride : m->flip_stride;
        for (int64_t r = 0; r < rows; r++) {
            base_stream s = base_stream_key(seed, BASE_FOR_START, k, (uint64_t)(alike ? r / (k % 2 ? 4 : 2) : r));
            for (int64_t f = 0; f < width; f++) array[k][(size_t)r * stride + (size_t)f] = (float)(scale * base_normal(&s));
        }
    }
    for (int64_t i = 0; m->item_bias && i < m->items; i++) m->item_bias[i] = (float)(i % 7) / 7;
}

static size_t every_pair(const tamis_model *m, tamis_hidden *pair)
{
    size_t n = 0;
    for (int32_t u = 0; u < m->users; u++) {
        int64_t seen = m->seen->start[u];
        for (int32_t i = 0; i < m->items; i++) {
            if (seen < m->seen->start[u + 1] && m->seen->index[seen] == i && ++seen) continue;
            double s = m->item_bias ? (double)m->item_bias[i] : 0, phi = 0;
            for (int64_t f = 0; f < m->factors; f++)
                s += (double)m->user_factors[(size_t)u * m->stride + (size_t)f] * (double)m->item_factors[(size_t)i * m->stride + (size_t)f];
            for (int64_t f = 0; f < m->flip_factors; f++)
                phi += (double)m->flip_user[(size_t)u * m->flip_stride + (size_t)f] *
                       (double)m->flip_item[(size_t)i * m->flip_stride + (size_t)f];
            pair[n++] = (tamis_hidden){u, i, 1 / (1 + exp(-s) * (1 + exp(-phi)))};
        }
    }
    qsort(pair, n, sizeof *pair, by_probability);
    return n;
}

typedef struct telling {
    int64_t done, told, asked, stop_at; /* stop_at: of asked; 0: never */
} telling;

static int hear(void *context, const tamis_study_step *step)
{
    telling *t = context;
    if (!step) return ++t->asked == t->stop_at;
    ck_assert_int_gt(step->done, t->done);
    ck_assert_int_eq(step->cells, MANY_USERS);
    t->done = step->done;
    t->told++;
    return 0;
}

START_TEST(hidden_positives_of_all_pairs)
{
    static tamis_hidden pair[MANY_USERS * MANY_ITEMS], hidden[MOST];
    int32_t *user = malloc(9000 * sizeof *user), *item = malloc(9000 * sizeof *item);
    size_t found;
    tamis_log *log;
    tamis_model *model;
    tamis_train_options options;
    for (int k = 0; k < 9000; k++) {
        user[k] = k % MANY_USERS;
        item[k] = (7 * k) % MANY_ITEMS;
    }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 9000, MANY_USERS, MANY_ITEMS, &log, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_train_options_default(&options, "nbpo", &error), TAMIS_OK);
    options.epochs = 1;
    options.factors = 20;
    options.batch_size = 0;
    options.regularization = 0.06;
    options.item_bias = _i % 2;
    ck_assert_int_eq(tamis_train(log, NULL, &options, NULL, &model, NULL, &error), TAMIS_OK);
    const double scales[] = {0.2, 1, 3, 30}; /* near 1/2; spread; near 1; all but 1, where exponentials of both end */
    for (size_t k = 0; k < BASE_COUNT(scales); k++)
        for (int alike = 0; alike < 2; alike++) {
            draw_factors(model, scales[k], alike, 3 + k);
            const size_t all = every_pair(model, pair);
            for (int64_t threads = 1; threads <= 3; threads += 2)
                for (size_t count = 1; count <= MOST; count = 7 * count + 2) {
                    ck_assert_int_eq(tamis_model_hidden(model, count, threads, NULL, hidden, &found, &error), TAMIS_OK);
                    ck_assert_uint_eq(found, count < all ? count : all);
                    for (size_t h = 0; h < found; h++) {
                        ck_assert_double_eq_tol(hidden[h].probability, pair[h].probability, 1e-14);
                        if (!alike && scales[k] < 3) ck_assert(hidden[h].user == pair[h].user && hidden[h].item == pair[h].item);
                    }
                }
        }
    telling t = {0};
    const tamis_study_progress progress = {&t, hear};
    ck_assert_int_eq(tamis_model_hidden(model, MOST, 1, &progress, hidden, &found, &error), TAMIS_OK);
    ck_assert_int_eq(t.done, MANY_USERS);
    ck_assert_int_gt(t.told, 1);
    ck_assert_int_gt(t.asked, 1);
    t = (telling){.stop_at = 2};
    ck_assert_int_eq(tamis_model_hidden(model, MOST, 1, &progress, hidden, &found, &error), TAMIS_STOPPED);
    ck_assert_int_eq(t.asked, 2);
    ck_assert_uint_eq(found, 0);
    tamis_model_free(model);
    tamis_log_free(log);
    free(user);
    free(item);
}
END_TEST

typedef struct answer {
    int calls, stop_at;
} answer;

static int stop_once(void *context, const tamis_study_step *step)
{
    answer *a = context;
    (void)step;
    return ++a->calls == a->stop_at;
}

/* Whichever call says stop, and were it only once: the study stops, and goes on until all cells are there. */
START_TEST(a_study_is_told_once_to_stop)
{
    char directory[] = "/tmp/tamis-test-XXXXXX", command[80];
    tamis_log *log = two_kinds();
    tamis_robustness_options options;
    tamis_robustness *study;
    size_t rows;
    int stopped = 0;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    tamis_robustness_options_default(&options);
    options.methods = options.control = "bpr";
    options.ratios = "0,0.5";
    options.seeds = 2;
    options.trials = 1;
    options.epochs = 3;
    options.factors = 4;
    options.jobs = 1;
    for (answer a = {0, 1};; a = (answer){0, a.stop_at + 1}) {
        const tamis_study_progress progress = {&a, stop_once};
        tamis_status status = tamis_robustness_run(log, &options, directory, &progress, &study, &error);
        if (a.calls < a.stop_at) {
            ck_assert_int_eq(status, TAMIS_OK);
            break;
        }
        ck_assert_msg(status == TAMIS_STOPPED, "stopped at call %d: %d", a.stop_at, status);
        ck_assert_ptr_null(study);
        stopped++;
    }
    ck_assert_int_ge(stopped, 4);
    const tamis_robustness_row *row;
    for (rows = 0; (row = tamis_robustness_rows(study, rows)); rows++) ck_assert(isfinite(row->mean) && row->seeds == 2);
    ck_assert_uint_eq(rows, 2 * 4); /* ratios, metrics with those of the tail */
    tamis_robustness_free(study);
    tamis_log_free(log);
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

Suite *audit_suite(void)
{
    Suite *suite = suite_create("audit");
    TCase *group = tcase_create("audit");
    tcase_add_test(group, planted_noise_is_found);
    tcase_add_test(group, every_method_audits);
    tcase_add_test(group, the_share_is_bounded);
    tcase_add_test(group, users_differ_by_pairs);
    tcase_add_test(group, popular_noise_is_bounded);
    tcase_add_test(group, nothing_is_known_of_what_no_fold_has_seen);
    tcase_add_test(group, ranges_and_the_unknown_by_hand);
    tcase_add_test(group, densities_by_hand);
    tcase_add_test(group, the_lower_bound_of_planted_worlds);
    tcase_add_test(group, the_promise_by_hand);
    tcase_add_test(group, judged_by_hand);
    tcase_add_test(group, hidden_positives);
    tcase_add_loop_test(group, hidden_positives_of_all_pairs, 0, 2);
    tcase_add_test(group, idle_options_in_notes);
    tcase_add_test(group, a_model_names_no_file_to_write);
    tcase_add_test(group, a_study_is_told_once_to_stop);
    suite_add_tcase(suite, group);
    return suite;
}
