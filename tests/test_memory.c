/* What training takes of memory: parts computed by hand, and what a bound does. That estimates are true is tests/take_memory.c's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study/jobs.h"
#include "suites.h"
#include "train/options.h"
#include "train/trainer.h"

enum { USERS = 40, ITEMS = 300, EACH = 10 };

static tamis_error error;

/* User u has items u, u + 7, u + 14, ... */
static tamis_log *make_log(void)
{
    int32_t user[USERS * EACH], item[USERS * EACH];
    tamis_log *log;
    for (int k = 0; k < USERS * EACH; k++) {
        user[k] = k / EACH;
        item[k] = (user[k] + 7 * (k % EACH)) % ITEMS;
    }
    ck_assert_msg(tamis_log_from_pairs(user, item, USERS * EACH, USERS, ITEMS, &log, &error) == TAMIS_OK, "%s", error.text);
    return log;
}

/* "NAME=VALUE NAME=VALUE ..." */
static tamis_train_options options_of(const char *name, const char *text)
{
    tamis_train_options o;
    char words[300], *rest, *value;
    ck_assert_int_eq(tamis_train_options_default(&o, name, &error), TAMIS_OK);
    snprintf(words, sizeof words, "%s", text);
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        ck_assert_ptr_nonnull((value = strchr(word, '=')));
        *value++ = '\0';
        const tamis_option *row = train_option_find(o.method, word);
        ck_assert_msg(row != NULL, "%s", word);
        ck_assert_msg(tamis_option_set(row, &o, value, &error) == TAMIS_OK, "%s", error.text);
    }
    return o;
}

static tamis_memory memory_of(const tamis_log *log, const char *name, const char *options)
{
    tamis_memory m;
    const tamis_train_options o = options_of(name, options);
    ck_assert_msg(tamis_train_memory(log, NULL, &o, &m, &error) == TAMIS_OK, "%s", error.text);
    return m;
}

/* -1: there is none of the name. */
static int64_t part(const tamis_memory *m, const char *name)
{
    for (int64_t k = 0; k < m->parts; k++)
        if (strcmp(m->part[k].name, name) == 0) return m->part[k].bytes;
    return -1;
}

START_TEST(parts_by_hand)
{
    tamis_log *log = make_log();
    const int64_t rows = 340, bytes = rows * 32 * 4; /* 17 factors take 32 places */
    tamis_memory m = memory_of(log, "bpr", "factors=17 regularization=0.01 item-bias=0 threads=3");
    ck_assert_int_eq(part(&m, "factors"), bytes);
    ck_assert_int_eq(part(&m, "moments"), -1);
    ck_assert_int_eq(m.threads, 3);
    /* 40 users, 300 items, 400 interactions: starts and items; of ids the digits, ends, and slots for twice as many, a power of two */
    const int64_t user_ids = (10 + 2 * 30) + 41 * 8 + 128 * 4, item_ids = (10 + 2 * 90 + 3 * 200) + 301 * 8 + 1024 * 4;
    ck_assert_int_ge(m.log_bytes, 41 * 8 + 400 * 4 + user_ids + item_ids);
    ck_assert_int_le(m.log_bytes, 41 * 8 + 400 * 4 + user_ids + item_ids + (int64_t)sizeof(tamis_log_summary) + 3000);
    m = memory_of(log, "bpr", "factors=17 regularization=0.01 item-bias=0 batch-size=64 optimizer=adam checkpoint=ck");
    ck_assert_int_eq(part(&m, "moments"), 2 * bytes);
    ck_assert_int_eq(part(&m, "the checkpoint's copy"), 3 * bytes);
    ck_assert_int_eq(part(&m, "samplers"), 400 * 4); /* the user of each interaction */
    m = memory_of(log, "bpr", "factors=17 regularization=0.01 batch-size=64 optimizer=adagrad item-bias=1 validation-ratio=0.2");
    ck_assert_int_eq(part(&m, "factors"), bytes + 300 * 4);
    ck_assert_int_eq(part(&m, "moments"), bytes + 300 * 4);
    ck_assert_int_eq(part(&m, "the best epoch's copy"), bytes + 300 * 4);
    m = memory_of(log, "ease", "neighbours=50");
    ck_assert_int_eq(part(&m, "neighbours"), 300 * (50 * 8 + 8));
    ck_assert_int_eq(part(&m, "the items' matrix"), 3 * 256 * 256 * 4); /* two tiles each way, three below the diagonal */
    ck_assert_int_eq(part(&m, "factors"), -1);
    int64_t sum = 0;
    for (int64_t k = 0; k < m.parts; k++) {
        sum += m.part[k].bytes;
        ck_assert(k == 0 || m.part[k].bytes <= m.part[k - 1].bytes);
    }
    ck_assert_int_le(llabs(sum - m.bytes), m.parts); /* rounded */
    tamis_log_free(log);
}
END_TEST

typedef struct told {
    int sentences;
    char last[400];
} told;

static void hear(void *context, const char *sentence)
{
    told *t = context;
    t->sentences++;
    snprintf(t->last, sizeof t->last, "%s", sentence);
}

/* A bound below what eight threads take: fewer train, to the same bits. */
START_TEST(fewer_threads_same_bits)
{
    static const char *const methods[] = {"ials", "expomf", "ease", "itemknn"};
    tamis_log *log = make_log();
    int bounded_runs = 0;
    for (size_t k = 0; k < BASE_COUNT(methods); k++) {
        tamis_train_options o = options_of(methods[k], strcmp(methods[k], "ials") == 0 ? "factors=256 epochs=2 threads=8" : "threads=8");
        tamis_model *free_model, *bounded;
        tamis_trainer *begun;
        tamis_memory one, eight, now;
        told t = {0, ""};
        const tamis_tell tell = {&t, hear};
        ck_assert_int_eq(tamis_train_memory(log, NULL, &o, &eight, &error), TAMIS_OK);
        o.threads = 1;
        ck_assert_int_eq(tamis_train_memory(log, NULL, &o, &one, &error), TAMIS_OK);
        o.threads = 8;
        o.memory = one.bytes / 1000000 + 1;
        if (o.memory * 1000000 >= eight.bytes) continue; /* threads take too little here */
        bounded_runs++;
        ck_assert_int_eq(tamis_train_memory(log, NULL, &o, &now, &error), TAMIS_OK);
        ck_assert(now.threads >= 1 && now.threads < 8 && now.bytes <= o.memory * 1000000);
        o.tell = &tell;
        ck_assert_int_eq(tamis_trainer_new(log, NULL, &o, &begun, &error), TAMIS_OK);
        tamis_memory run;
        tamis_trainer_memory(begun, &run);
        ck_assert_int_eq(run.bytes, now.bytes);
        ck_assert_int_eq(run.threads, now.threads);
        tamis_trainer_free(begun);
        ck_assert_int_eq(t.sentences, 1);
        ck_assert_msg(strstr(t.last, "of 8 threads") != NULL, "%s", t.last);
        ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &bounded, NULL, &error), TAMIS_OK);
        o.memory = 0;
        ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &free_model, NULL, &error), TAMIS_OK);
        static int64_t user[USERS * ITEMS], item[USERS * ITEMS];
        static float a[USERS * ITEMS], b[USERS * ITEMS];
        for (int j = 0; j < USERS * ITEMS; j++) user[j] = j / ITEMS, item[j] = j % ITEMS;
        ck_assert_int_eq(tamis_score(free_model, user, item, USERS * ITEMS, 1, a, &error), TAMIS_OK);
        ck_assert_int_eq(tamis_score(bounded, user, item, USERS * ITEMS, 1, b, &error), TAMIS_OK);
        ck_assert_int_eq(memcmp(a, b, sizeof a), 0);
        tamis_model_free(free_model);
        tamis_model_free(bounded);
    }
    ck_assert_int_ge(bounded_runs, 2);
    tamis_log_free(log);
}
END_TEST

static void refused(const tamis_log *log, const tamis_train_options *o, const char *sentence)
{
    tamis_model *model;
    ck_assert_int_eq(tamis_train(log, NULL, o, NULL, &model, NULL, &error), TAMIS_USAGE);
    ck_assert_ptr_null(model);
    ck_assert_msg(strstr(error.text, sentence) != NULL, "%s", error.text);
}

/* What would fit does, and one more does not. */
START_TEST(advice_fits)
{
    static const struct {
        const char *name, *options, *advised;
    } cases[] = {
        {"bpr", "factors=4000 regularization=0.01 memory=2", "factors"},
        {"bpr", "factors=4000 regularization=0.01 memory=3 batch-size=64 optimizer=adam", "factors"},
        {"warp", "factors=8 batch-size=100000 negatives=100 memory=2", "negatives"},
        {"bsl", "factors=16 negatives=9000 memory=2", "negatives"},
        {"itemknn", "neighbours=0 memory=1", NULL},
    };
    tamis_log *log = make_log();
    for (size_t k = 0; k < BASE_COUNT(cases); k++) {
        tamis_train_options o = options_of(cases[k].name, cases[k].options);
        tamis_memory m;
        char text[40];
        o.threads = 1;
        if (!cases[k].advised) {
            ck_assert_int_eq(tamis_train_memory(log, NULL, &o, &m, &error), TAMIS_OK);
            ck_assert_int_le(m.bytes, 1000000);
            continue;
        }
        refused(log, &o, "what would fit: ");
        snprintf(text, sizeof text, "--%s ", cases[k].advised);
        const char *at = strstr(error.text, text);
        ck_assert_msg(at != NULL, "%s", error.text);
        const int64_t value = strtoll(at + strlen(text), NULL, 10);
        const tamis_option *row = train_option_find(cases[k].name, cases[k].advised);
        memcpy((char *)&o + row->offset, &value, sizeof value);
        ck_assert_int_eq(tamis_train_memory(log, NULL, &o, &m, &error), TAMIS_OK);
        ck_assert_int_le(m.bytes, o.memory * 1000000);
        memcpy((char *)&o + row->offset, &(int64_t){value + 1}, sizeof value);
        ck_assert_int_eq(tamis_train_memory(log, NULL, &o, &m, &error), TAMIS_OK);
        ck_assert_int_gt(m.bytes, o.memory * 1000000);
    }
    tamis_log_free(log);
}
END_TEST

/* The number behind "--NAME " in a sentence; 0: it is not there. */
static int64_t advised(const char *sentence, const char *name)
{
    char text[40];
    snprintf(text, sizeof text, "--%s ", name);
    const char *at = strstr(sentence, text);
    return at ? strtoll(at + strlen(text), NULL, 10) : 0;
}

/* Where no option does alone, the fewest that do together: they fit, neither does alone however small, and what does not help is not
 * named. */
START_TEST(advice_together)
{
    static const struct {
        const char *name, *options, *advised[3];
    } cases[] = {
        {"bsl", "factors=4096 negatives=10000 memory=2", {"factors", "negatives"}},
        {"bpr", "factors=4096 negatives=5000 batch-size=100000 optimizer=adam memory=2 regularization=0.01", {"factors", "negatives"}},
    };
    tamis_log *log = make_log();
    for (size_t k = 0; k < BASE_COUNT(cases); k++) {
        tamis_train_options o = options_of(cases[k].name, cases[k].options), both;
        tamis_memory m;
        o.threads = 1;
        both = o;
        refused(log, &o, " together");
        ck_assert_msg(strstr(error.text, "; what would fit: --") && !strstr(error.text, "neighbours") && !strstr(error.text, "flip"), "%s", error.text);
        const tamis_error said = error;
        for (size_t a = 0; cases[k].advised[a]; a++) {
            const tamis_option *row = train_option_find(cases[k].name, cases[k].advised[a]);
            const int64_t value = advised(said.text, cases[k].advised[a]), one = 1;
            tamis_train_options alone = o;
            ck_assert_msg(value >= 1, "%s", said.text);
            memcpy((char *)&alone + row->offset, &one, sizeof one);
            ck_assert_int_eq(tamis_train_memory(log, NULL, &alone, &m, &error), TAMIS_OK);
            ck_assert_int_gt(m.bytes, o.memory * 1000000);
            memcpy((char *)&both + row->offset, &value, sizeof value);
        }
        ck_assert_int_eq(tamis_train_memory(log, NULL, &both, &m, &error), TAMIS_OK);
        ck_assert_int_le(m.bytes, o.memory * 1000000);
        ck_assert_int_eq(tamis_train_fits(NULL, log, NULL, &both, &error), TAMIS_OK);
        ck_assert_int_eq(tamis_train_fits(NULL, log, NULL, &o, &error), TAMIS_USAGE);
        ck_assert_str_eq(error.text, said.text);
    }
    tamis_log_free(log);
}
END_TEST

/* From a model: what it takes beside the new log is the joined one, too, and a run from it says the same as was said before. */
START_TEST(joined_log_is_counted)
{
    tamis_log *log = make_log();
    tamis_train_options o = options_of("bpr", "factors=16 regularization=0.01 epochs=1 threads=1");
    tamis_memory plain, from;
    tamis_model *model;
    tamis_trainer *run;
    ck_assert_int_eq(tamis_train_memory(log, NULL, &o, &plain, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_trainer_from_model(model, log, NULL, &o, TAMIS_FREEZE_NONE, &run, &error), TAMIS_OK);
    tamis_trainer_memory(run, &from);
    tamis_trainer_free(run);
    ck_assert_int_eq(part(&from, "the joined log"), plain.log_bytes); /* the same rows twice are one */
    ck_assert_int_eq(from.log_bytes, plain.log_bytes);
    ck_assert_int_ge(from.bytes, plain.bytes + plain.log_bytes - 2);
    o.memory = 1;
    ck_assert_int_eq(tamis_train_fits(model, log, NULL, &o, &error), TAMIS_OK);
    o.factors = 4096;
    ck_assert_int_eq(tamis_train_fits(model, log, NULL, &o, &error), TAMIS_USAGE);
    ck_assert_msg(strstr(error.text, "the model has 16"), "%s", error.text);
    ck_assert_int_eq(tamis_train_fits(NULL, NULL, NULL, &o, &error), TAMIS_USAGE);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

START_TEST(refusals)
{
    tamis_log *log = make_log();
    tamis_train_options o = options_of("bpr", "factors=4096 memory=1 regularization=0.01 threads=1");
    refused(log, &o, "training bpr on 40 users and 300 items takes 6 MB of memory with one thread (factors 5.57 MB");
    refused(log, &o, "and --memory is 1 MB; what would fit: --factors ");
    o = options_of("ease", "memory=1 threads=1 neighbours=1"); /* its matrix alone takes most of that */
    refused(log, &o, "; expected fewer users and items, such as by --min-user-interactions");
    o = options_of("bpr", "");
    o.memory = -1;
    refused(log, &o, "--memory: \"-1\" is out of range");
    o.memory = INT64_MAX;
    tamis_memory m;
    ck_assert_int_eq(tamis_train_memory(log, NULL, &o, &m, &error), TAMIS_OK);
    o.memory = 0;
    o.validation_ratio = 0.5;
    ck_assert_int_eq(tamis_train_memory(log, log, &o, &m, &error), TAMIS_USAGE);
    tamis_log_free(log);
}
END_TEST

/* By hand: 8 cells of 9 MB, with a MB for rounding each, into 50 MB: 5 of 10 MB, three of 16 threads each. */
START_TEST(jobs_by_hand)
{
    const study_cell_takes each = {.bytes = 9e6, .name = "bpr"};
    study_jobs j = jobs_wanted(8, 16, false);
    ck_assert(j.jobs == 8 && j.threads == 2 && j.memory == 0);
    ck_assert_int_eq(jobs_fit(&j, 16, 50, &each, &error), TAMIS_OK);
    ck_assert(j.jobs == 5 && j.threads == 3 && j.memory == 10);
    j = jobs_wanted(0, 4, false);
    ck_assert(j.jobs == 4 && j.threads == 1);
    ck_assert_int_eq(jobs_fit(&j, 4, 9, &each, &error), TAMIS_OK); /* one, which has all */
    ck_assert(j.jobs == 1 && j.threads == 4 && j.memory == 9);
    j = jobs_wanted(0, 4, true);
    ck_assert(j.jobs == 1 && j.threads == 4);
    ck_assert_int_eq(jobs_fit(&j, 4, 8, &each, &error), TAMIS_USAGE);
    ck_assert_str_eq(error.text, "a training of bpr takes 9 MB of memory with one thread, and --memory is 8 MB; expected other "
                                 "--methods, or fewer users and items, such as by --min-user-interactions and "
                                 "--min-item-interactions");
    const study_cell_takes all = {.bytes = 1e30, .name = "bpr"};
    ck_assert_int_eq(jobs_fit(&j, 4, 0, &all, &error), TAMIS_FAILURE);
}
END_TEST

Suite *memory_suite(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");
    tcase_add_test(tests, parts_by_hand);
    tcase_add_test(tests, fewer_threads_same_bits);
    tcase_add_test(tests, advice_fits);
    tcase_add_test(tests, advice_together);
    tcase_add_test(tests, joined_log_is_counted);
    tcase_add_test(tests, refusals);
    tcase_add_test(tests, jobs_by_hand);
    suite_add_tcase(suite, tests);
    return suite;
}
