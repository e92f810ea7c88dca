/* Checkpoints: a run that is saved and gone on with comes to the bits of one that was left alone, whatever the method, the
 * optimiser and the number of threads; what is not a checkpoint of this run is refused. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/option.h"
#include "base/random.h"
#include "suites.h"
#include "train/options.h"
#include "train/trainer.h"

enum { USERS = 120, ITEMS = 90, EPOCHS = 6 };

static char directory[64], path[128], previous[160];

static void set_up(void)
{
    strcpy(directory, "/tmp/tamis-checkpoint-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/run", directory);
    snprintf(previous, sizeof previous, "%s.previous", path);
}

static void tear_down(void)
{
    unlink(path);
    unlink(previous);
    rmdir(directory);
}

static tamis_log *random_log(uint64_t seed)
{
    base_stream s = base_stream_key(seed, BASE_FOR_SYNTH, 0, 0);
    static int32_t user[USERS * ITEMS], item[USERS * ITEMS];
    int64_t n = 0;
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++)
            if (base_below(&s, 100) < (i % 3 == u % 3 ? 40u : 5u) || i == u % ITEMS) {
                user[n] = u;
                item[n++] = i;
            }
    tamis_log *log;
    tamis_error error;
    ck_assert_msg(tamis_log_from_pairs(user, item, n, USERS, ITEMS, &log, &error) == TAMIS_OK, "%s", error.text);
    return log;
}

static void set(tamis_train_options *o, const char *name, const char *value)
{
    tamis_error error;
    const tamis_option *row = train_option_find(o->method, name);
    ck_assert_ptr_nonnull(row);
    ck_assert_msg(tamis_option_set(row, o, value, &error) == TAMIS_OK, "%s", error.text);
}

/* "NAME=VALUE NAME=VALUE ..." */
static tamis_train_options options_of(const char *name, const char *text)
{
    tamis_train_options o;
    static char copy[256]; /* text options point into it */
    char *word, *rest = copy;
    ck_assert_int_eq(tamis_train_options_default(&o, name, NULL), TAMIS_OK);
    o.epochs = EPOCHS;
    o.factors = 10;
    if (o.batch_size > 0) o.batch_size = 200;
    train_options_idle(&o);
    snprintf(copy, sizeof copy, "%s", text);
    while ((word = strtok_r(rest, " ", &rest))) {
        char *equals = strchr(word, '=');
        *equals = '\0';
        set(&o, word, equals + 1);
    }
    return o;
}

static tamis_model *go_on(tamis_trainer *t, int64_t until)
{
    tamis_epoch epoch;
    tamis_error error;
    tamis_model *model = NULL;
    while (!tamis_trainer_done(t) && t->epoch < until)
        ck_assert_msg(tamis_trainer_epoch(t, &epoch, &error) == TAMIS_OK, "%s", error.text);
    if (until < EPOCHS) return NULL;
    ck_assert_msg(tamis_trainer_finish(t, &model, NULL, &error) == TAMIS_OK, "%s", error.text);
    return model;
}

static void same_model(tamis_model *a, tamis_model *b)
{
    const parameters x = model_parameters(a), y = model_parameters(b);
    for (int k = 0; k < x.count; k++) {
        ck_assert_uint_eq(parameter_floats(&x.at[k]), parameter_floats(&y.at[k]));
        if (*x.at[k].data)
            ck_assert_msg(memcmp(*x.at[k].data, *y.at[k].data, parameter_floats(&x.at[k]) * sizeof(float)) == 0, "%s differ",
                          x.at[k].name);
    }
    const matrix *const of[] = {a->neighbours.items, b->neighbours.items};
    ck_assert((of[0] != NULL) == (of[1] != NULL));
    if (of[0]) {
        const size_t stored = (size_t)of[0]->nnz;
        ck_assert_int_eq(of[0]->nnz, of[1]->nnz);
        ck_assert(memcmp(of[0]->index, of[1]->index, stored * sizeof *of[0]->index) == 0);
        ck_assert(memcmp(a->neighbours.value, b->neighbours.value, stored * sizeof(float)) == 0);
    }
    ck_assert_uint_eq(a->note_length, b->note_length);
    ck_assert_int_eq(memcmp(a->note_text, b->note_text, a->note_length), 0);
}

/* Saved after `at` epochs on two threads, gone on with on one. */
static void goes_on(const char *name, const char *text, int64_t at)
{
    tamis_log *log = random_log(3);
    tamis_train_options o = options_of(name, text);
    tamis_trainer *t;
    tamis_error error;
    o.threads = 2;
    ck_assert_msg(tamis_trainer_new(log, NULL, &o, &t, &error) == TAMIS_OK, "%s", error.text);
    tamis_model *undisturbed = go_on(t, EPOCHS);
    ck_assert_int_eq(tamis_trainer_new(log, NULL, &o, &t, &error), TAMIS_OK);
    go_on(t, at);
    ck_assert_msg(tamis_trainer_save(t, path, &error) == TAMIS_OK, "%s", error.text);
    tamis_trainer_free(t);
    int used;
    ck_assert_msg(tamis_trainer_resume(path, log, NULL, &(tamis_resume_options){.size = sizeof(tamis_resume_options), .threads = 1, .fell_back = &used}, &t, &error) == TAMIS_OK, "%s %s: %s", name, text,
                  error.text);
    ck_assert_int_eq(used, 0);
    tamis_model *resumed = go_on(t, EPOCHS);
    same_model(undisturbed, resumed);
    tamis_model_free(undisturbed);
    tamis_model_free(resumed);
    tamis_log_free(log);
}

START_TEST(every_method_goes_on)
{
    const method *row;
    set_up();
    for (size_t k = 0; (row = method_get(k)); k++) {
        goes_on(row->name, "", 0);
        goes_on(row->name, "", 3);
        goes_on(row->name, "validation-ratio=0.2 validation-interval=1", 4);
    }
    tear_down();
}
END_TEST

START_TEST(every_optimiser_and_sampler_goes_on)
{
    set_up();
    goes_on("bpr", "batch-size=64 optimizer=adagrad item-bias=1", 3);
    goes_on("bpr", "batch-size=64 optimizer=adam item-bias=1 weight-decay=0.01 learning-rate=0.01", 3);
    goes_on("bpr", "batch-size=64 optimizer=lazy-adam learning-rate=0.01", 3);
    goes_on("bpr", "batch-size=64 optimizer=lazy-sgd", 3);
    goes_on("bpr", "negative-sampling=popularity", 3);
    goes_on("bpr", "positive-sampling=pld warmup=2", 1);
    goes_on("bpr", "positive-sampling=pld warmup=2", 4);
    goes_on("bpo", "positive-sampling=pld warmup=1 batch-size=64", 4);
    goes_on("nbpo", "batch-size=64 optimizer=adam learning-rate=0.01", 3);
    goes_on("nbpo", "batch-size=0 regularization=0.06 flip-regularization=0.3", 3);
    goes_on("softmax", "item-bias=1 dropout=0.2 negatives=20", 3);
    goes_on("bsl", "optimizer=adagrad negatives=20", 3);
    goes_on("t-ce", "", 5);
    goes_on("bpr", "validation-ratio=0.2 validation-interval=1 patience=2 learning-rate=0.5", 2);
    goes_on("bpr", "validation-ratio=0.2 validation-interval=2", 1);
    tear_down();
}
END_TEST

static void damage(const char *file, off_t at)
{
    const int f = open(file, O_RDWR);
    unsigned char byte;
    ck_assert_int_ge(f, 0);
    ck_assert_int_eq(pread(f, &byte, 1, at), 1);
    byte ^= 0xFF;
    ck_assert_int_eq(pwrite(f, &byte, 1, at), 1);
    close(f);
}

static void refused(tamis_status status, const char *says, const tamis_log *log, const tamis_log *validation)
{
    tamis_trainer *t = (tamis_trainer *)1;
    tamis_error error;
    ck_assert_int_eq(tamis_trainer_resume(path, log, validation, NULL, &t, &error), status);
    ck_assert_ptr_null(t);
    ck_assert_msg(strstr(error.text, says) != NULL, "%s", error.text);
}

START_TEST(others_are_refused)
{
    tamis_log *log = random_log(3), *other = random_log(4);
    tamis_train_options o = options_of("bpr", "");
    tamis_trainer *t;
    tamis_model *model;
    tamis_error error;
    set_up();
    refused(TAMIS_FAILURE, "cannot open", log, NULL);
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_model_save(model, path, &error), TAMIS_OK);
    refused(TAMIS_DATA, "no checkpoint", log, NULL);
    tamis_model_free(model);
    ck_assert_int_eq(tamis_trainer_new(log, NULL, &o, &t, &error), TAMIS_OK);
    go_on(t, 2);
    ck_assert_int_eq(tamis_trainer_save(t, path, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_trainer_save(t, path, &error), TAMIS_OK); /* a sound one before it is no way out of the wrong log */
    refused(TAMIS_DATA, "another log: its interactions differ", other, NULL);
    refused(TAMIS_USAGE, "begun without a validation log", log, other);
    ck_assert_int_eq(tamis_model_load(path, &model, &error), TAMIS_OK); /* it is a model, too */
    ck_assert_int_eq(tamis_model_users(model), USERS);
    tamis_model_free(model);
    tamis_trainer_free(t);
    tear_down();
    tamis_log_free(log);
    tamis_log_free(other);
}
END_TEST

/* The one before is taken where the last is torn: damaged, cut short, gone. */
START_TEST(the_one_before_is_kept)
{
    tamis_log *log = random_log(3);
    tamis_train_options o = options_of("bpr", "");
    tamis_trainer *t;
    tamis_error error;
    int used;
    for (int how = 0; how < 4; how++) {
        set_up();
        ck_assert_int_eq(tamis_trainer_new(log, NULL, &o, &t, &error), TAMIS_OK);
        for (int e = 1; e <= 3; e++) {
            go_on(t, e);
            ck_assert_int_eq(tamis_trainer_save(t, path, &error), TAMIS_OK);
        }
        tamis_trainer_free(t);
        if (how == 0) damage(path, 3000);
        if (how == 1) ck_assert_int_eq(truncate(path, 5000), 0);
        if (how == 2) unlink(path);
        ck_assert_msg(tamis_trainer_resume(path, log, NULL, &(tamis_resume_options){.size = sizeof(tamis_resume_options), .fell_back = &used}, &t, &error) == TAMIS_OK, "%s", error.text);
        ck_assert_str_eq(error.text, "");
        ck_assert_int_eq(used, how < 3);
        ck_assert_int_eq(t->epoch, how < 3 ? 2 : 3);
        if (how == 0) { /* one under another name in between: the sound one stays until the torn one is replaced */
            char other[600];
            snprintf(other, sizeof other, "%s.other", path);
            ck_assert_int_eq(tamis_trainer_save(t, other, &error), TAMIS_OK);
            ck_assert_int_eq(tamis_trainer_save(t, path, &error), TAMIS_OK);
            unlink(other);
            tamis_trainer_free(t);
            damage(path, 3000);
            ck_assert_msg(tamis_trainer_resume(path, log, NULL, &(tamis_resume_options){.size = sizeof(tamis_resume_options), .fell_back = &used}, &t, &error) == TAMIS_OK, "%s", error.text);
            ck_assert(used == 1 && t->epoch == 2);
        }
        tamis_trainer_free(t);
        if (how == 0) { /* both torn: the first one's sentence */
            damage(previous, 3000);
            refused(TAMIS_DATA, "run: ", log, NULL);
        }
        tear_down();
    }
    tamis_log_free(log);
}
END_TEST

/* What a newer version wrote is refused, though one of this version is behind it: its place is not to be taken. */
START_TEST(newer_is_refused)
{
    tamis_log *log = random_log(3);
    tamis_train_options o = options_of("bpr", "");
    tamis_trainer *t;
    tamis_error error;
    unsigned char header[64];
    const uint32_t version = 1000000;
    set_up();
    ck_assert_int_eq(tamis_trainer_new(log, NULL, &o, &t, &error), TAMIS_OK);
    for (int e = 1; e <= 2; e++) {
        go_on(t, e);
        ck_assert_int_eq(tamis_trainer_save(t, path, &error), TAMIS_OK);
    }
    tamis_trainer_free(t);
    const int f = open(path, O_RDWR);
    ck_assert_int_eq(pread(f, header, sizeof header, 0), sizeof header);
    memcpy(header + 12, &version, sizeof version);
    const uint32_t sum = (uint32_t)crc32(0, header, 60);
    memcpy(header + 60, &sum, sizeof sum);
    ck_assert_int_eq(pwrite(f, header, sizeof header, 0), sizeof header);
    close(f);
    ck_assert_int_eq(access(previous, R_OK), 0);
    refused(TAMIS_DATA, "written by a newer version (1000000)", log, NULL);
    tear_down();
    tamis_log_free(log);
}
END_TEST

Suite *checkpoint_suite(void)
{
    Suite *suite = suite_create("checkpoint");
    TCase *tests = tcase_create("checkpoint");
    tcase_add_test(tests, every_method_goes_on);
    tcase_add_test(tests, every_optimiser_and_sampler_goes_on);
    tcase_add_test(tests, others_are_refused);
    tcase_add_test(tests, the_one_before_is_kept);
    tcase_add_test(tests, newer_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
