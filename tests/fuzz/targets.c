/* The readers of files that may come from anywhere. Each input is written to a file and read as a user would have it; what was
 * taken in is used once, since a file that is accepted must be safe to use. A new reader is a function and a row at the end, and a
 * folder of small inputs in tests/fuzz/corpus. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/checksum.h"
#include "base/option.h"
#include "data/predicate.h"
#include "model/container.h"
#include "place.h"
#include "program.h"
#include "study/ledger.h"
#include "study/recipe.h"
#include "tamis.h"
#include "targets.h"

static tamis_error error;

/* A log of 6 users and 5 items that models are tried on. */
static tamis_log *small_log(void)
{
    static tamis_log *log;
    static const int32_t user[] = {0, 0, 1, 1, 2, 3, 3, 4, 5, 5}, item[] = {0, 1, 1, 2, 3, 0, 4, 2, 1, 3};
    if (!log && tamis_log_from_pairs(user, item, 10, 6, 5, &log, &error)) abort();
    return log;
}

/* ------------------------------------------------------------------------------------------------------------------ logs */

/* The first four bytes choose options. */
enum { CHOICES = 4 };

static void choose(const uint8_t *how, tamis_log_options *o)
{
    tamis_log_options_default(o);
    o->format = (how[0] & 7) % (TAMIS_FORMAT_JSONL + 1);
    o->quotes = (how[0] >> 3 & 3) % (TAMIS_QUOTES_NONE + 1);
    o->on_error = how[0] & 32 ? TAMIS_ON_ERROR_SKIP : TAMIS_ON_ERROR_STOP;
    o->header = (how[0] >> 6) % (TAMIS_HEADER_NO + 1);
    if (how[1] & 1) o->min_rating = 3;
    if (how[1] & 2) o->min_user_interactions = o->min_item_interactions = 2;
    if (how[1] & 4) o->trim = 1;
    o->repeats = (how[1] >> 3 & 3) % (TAMIS_REPEATS_SUM + 1);
    o->keep = (how[1] >> 5 & 3) % (TAMIS_KEEP_LAST + 1);
    o->keep_time = how[1] >> 7;
    if (how[2] & 1) o->weight = "3";
    if (how[2] & 2) o->event_weight = "view=1,buy=3.5";
    o->weight_transform = (how[2] >> 2 & 3) % (TAMIS_WEIGHT_NONE + 1);
    if (how[2] & 16) o->half_life = 5;
    if (how[2] & 32) o->now = "2020-02-01";
    if (how[2] & 64) o->dislike_below = 2;
    if (how[2] & 128) o->dislike = "kind=hide";
    if (how[3] & 1) o->where = "rating>=2";
    if (how[3] & 2) o->where_not = "kind=ad,\"x\"";
    if (how[3] & 4) o->user = "user", o->item = "item", o->time = "time";
    if (how[3] & 8) o->user = "2", o->item = "1", o->delimiter = ";";
    if (how[3] & 16) o->time_format = "%d.%m.%Y %H:%M";
    if (how[3] & 32) o->day_limit = 2;
    if (how[3] & 64) o->relevance = "rating";
}

/* What tamis writes it reads again. */
static void read_again(const tamis_log *log)
{
    tamis_log_options o;
    tamis_log *again;
    char path[100];
    snprintf(path, sizeof path, "%s/again.csv", fuzz_folder());
    if (tamis_log_write(log, path, &error)) abort();
    tamis_log_options_default(&o);
    o.quotes = TAMIS_QUOTES_CSV;
    o.header = TAMIS_HEADER_YES;
    if (tamis_log_interactions(log) == 0) return;
    const char *paths[] = {path};
    if (tamis_log_read(paths, 1, &o, &again, &error)) abort();
    if (tamis_log_interactions(again) != tamis_log_interactions(log)) abort();
    tamis_log_free(again);
}

static void take_log(const uint8_t *bytes, size_t size)
{
    tamis_log_options o;
    tamis_log *log;
    if (size < CHOICES) return;
    choose(bytes, &o);
    const char *path = fuzz_file("log", bytes + CHOICES, size - CHOICES), *const paths[] = {path, path};
    if (tamis_log_read(paths, bytes[3] & 128 ? 2 : 1, &o, &log, &error)) {
        if (!error.text[0]) abort();
        return;
    }
    const tamis_log_summary *s = tamis_log_summarize(log);
    if (s->rows < 0 || s->interactions != tamis_log_interactions(log)) abort();
    if (!o.relevance) read_again(log);
    tamis_log_free(log);
}

static void take_table(const uint8_t *bytes, size_t size)
{
    tamis_table *table;
    size_t column;
    if (tamis_table_read(fuzz_file("table", bytes, size), &table, &error)) return;
    (void)tamis_table_find(table, "genre", &column, &error);
    tamis_table_free(table);
}

/* ---------------------------------------------------------------------------------------------------------------- models */

enum { HEADER = 64, COUNT_AT = 24, TABLE_CRC_AT = 28, CRC_AT = 60 }; /* of a container: see container.c */

/* Makes the checksums right, so that what they protect is reached. */
static uint8_t *repaired(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    uint32_t count, sum;
    if (!copy) abort();
    if (size) memcpy(copy, bytes, size);
    if (size < HEADER) return copy;
    memcpy(&count, copy + COUNT_AT, sizeof count);
    if (count > (size - HEADER) / sizeof(container_section)) return copy;
    container_section *section = malloc((count + 1) * sizeof *section);
    if (!section) abort();
    memcpy(section, copy + HEADER, count * sizeof *section);
    for (uint32_t pass = 0; pass < 2; pass++) /* blocks first: they are a section, too */
        for (uint32_t k = 0, block = 0; k < count; k++) {
            container_section *s = &section[k], *last = &section[count - 1];
            if (s->offset > size || s->size > size - s->offset) continue;
            if (pass == 1) {
                s->crc32 = checksum(copy + s->offset, s->size);
                continue;
            }
            if (s == last || last->offset > size || last->size > size - last->offset) continue;
            for (uint64_t at = 0; at < s->size; at += CHECKSUM_BLOCK, block++) {
                sum = checksum(copy + s->offset + at, s->size - at < CHECKSUM_BLOCK ? s->size - at : CHECKSUM_BLOCK);
                if ((block + 1) * sizeof sum <= last->size) memcpy(copy + last->offset + block * sizeof sum, &sum, sizeof sum);
            }
        }
    memcpy(copy + HEADER, section, count * sizeof *section);
    sum = checksum(copy + HEADER, count * sizeof *section);
    memcpy(copy + TABLE_CRC_AT, &sum, sizeof sum);
    sum = checksum(copy, CRC_AT);
    memcpy(copy + CRC_AT, &sum, sizeof sum);
    free(section);
    return copy;
}

/* Somebody new, with the first item, or the first users of something new. */
static void fold_in(const tamis_model *model)
{
    static const int32_t first[] = {0, 1};
    tamis_history history;
    tamis_model *folded;
    tamis_hit hits[2];
    size_t stride = 0;
    float bias;
    const int64_t users = tamis_model_users(model), items = tamis_model_items(model), user = 0;
    tamis_history_default(&history);
    history.item = first;
    history.count = items > 0;
    history.dislike = first + 1;
    history.dislikes = items > 1;
    if (!tamis_model_fold_in(model, &history, &folded, &error)) {
        (void)tamis_recommend(folded, &user, 1, 2, 1, hits, &error);
        tamis_model_free(folded);
    }
    if (!tamis_model_item_factors(model, &stride)) return;
    float *row = malloc((stride + 1) * sizeof *row);
    if (!row) abort();
    history.dislikes = 0;
    history.count = users < 2 ? users : 2;
    (void)tamis_model_fold_in_item(model, &history, row, &bias, &error);
    free(row);
}

/* An epoch more. */
static void go_on(const tamis_model *model)
{
    tamis_train_options options;
    tamis_trainer *trainer;
    tamis_epoch epoch;
    if (tamis_model_train_options(model, &options, &error)) return;
    options.threads = 1;
    if (tamis_trainer_from_model(model, small_log(), NULL, &options, TAMIS_FREEZE_NONE, &trainer, &error)) return;
    if (!tamis_trainer_done(trainer)) (void)tamis_trainer_epoch(trainer, &epoch, &error);
    tamis_trainer_free(trainer);
}

/* What is accepted can be written, and is accepted again. */
static void save_again(const tamis_model *model)
{
    tamis_model *again;
    char path[100];
    snprintf(path, sizeof path, "%s/again", fuzz_folder());
    if (tamis_model_save(model, path, &error) || tamis_model_load(path, &again, &error)) abort();
    tamis_model_free(again);
}

/* All that takes a model, once. */
static void use(tamis_model *model)
{
    tamis_hidden hidden[3];
    size_t count;
    static const int64_t rows[] = {0, -1, 0}, columns[] = {0, 0, -1};
    float scores[3];
    tamis_hit hits[6];
    tamis_metrics metrics;
    const char *value;
    size_t length;
    int64_t n, sum = 0;
    const int64_t users = tamis_model_users(model), items = tamis_model_items(model), user = 0;
    for (size_t k = 0; tamis_model_note(model, k, &value); k++) sum += (int64_t)strlen(value);
    for (int64_t u = 0; u < users && u < 100; u++) {
        const int32_t *row = tamis_model_row(model, u, &n);
        for (int64_t k = 0; k < n; k++) sum += row[k];
        const char *id = tamis_model_user_id(model, u, &length);
        const int64_t found = tamis_model_find_user(model, id, length); /* another one or none, where a file lies */
        if (found >= users) abort();
    }
    for (int64_t i = 0; i < items && i < 100; i++) {
        const char *id = tamis_model_item_id(model, i, &length);
        const int64_t found = tamis_model_find_item(model, id, length);
        if (found >= items) abort();
    }
    if (users > 0) (void)tamis_recommend(model, &user, 1, 6, 1, hits, &error);
    if (items > 0) (void)tamis_similar(model, 0, 6, hits, &error);
    if (users > 0 && items > 0) (void)tamis_score(model, rows, columns, 3, 1, scores, &error);
    fold_in(model);
    go_on(model);
    (void)tamis_measure(model, small_log(), 3, 1, &metrics, &error);
    (void)tamis_model_hidden(model, 3, 1, NULL, hidden, &count, &error);
    (void)tamis_model_mask(model, small_log(), &error);
    if (sum == -1) abort();
}

static void take_model(const uint8_t *bytes, size_t size)
{
    static const char *const ids[] = {"0", "3"};
    static const size_t lengths[] = {1, 1};
    const tamis_user_list list = {ids, lengths, 2};
    uint8_t *copy = repaired(bytes, size);
    const char *path = fuzz_file("model", copy, size);
    tamis_model *model;
    free(copy);
    if (!tamis_model_load(path, &model, &error)) {
        save_again(model);
        use(model);
        tamis_model_free(model);
    } else if (!error.text[0]) {
        abort();
    }
    if (!tamis_model_load_users(path, &list, &model, &error)) {
        use(model);
        tamis_model_free(model);
    }
}

static void take_checkpoint(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = repaired(bytes, size);
    const char *path = fuzz_file("checkpoint", copy, size);
    tamis_resume_options how;
    tamis_trainer *trainer;
    tamis_epoch epoch;
    free(copy);
    tamis_resume_options_default(&how);
    how.threads = 1;
    if (tamis_trainer_resume(path, small_log(), NULL, &how, &trainer, &error)) return;
    if (!tamis_trainer_done(trainer)) (void)tamis_trainer_epoch(trainer, &epoch, &error);
    tamis_trainer_free(trainer);
}

/* --------------------------------------------------------------------------------------------------------------- studies */

static void take_ledger(const uint8_t *bytes, size_t size)
{
    ledger l = LEDGER_NONE;
    double value;
    fuzz_file("results.csv", bytes, size);
    if (!ledger_open(&l, fuzz_folder(), "results.csv", "digest,method,noise,ratio,seed,metric,value", &error)) {
        if (l.cells > 0) (void)ledger_value(&l, "00000000000000000000000000000000", 6, "ndcg@20", &value, &error);
        (void)ledger_finish(&l, &error);
    }
    ledger_close(&l);
}

static void take_parameters(const uint8_t *bytes, size_t size)
{
    recipes list = {0};
    recipe found;
    if (!recipes_read(&list, fuzz_file("parameters", bytes, size), &error)) (void)recipes_find(&list, "bpr+distrust", &found, &error);
    recipes_clear(&list);
}

/* ----------------------------------------------------------------------------------------------------------------- options */

enum { SETS = 8 };

/* A line's name and value, into the options that the table has. Lines of set=... stay the caller's. */
static void set_lines(char *text, const tamis_option_table *table, void *options, const char **set, size_t *sets)
{
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *value = strchr(line, '=');
        if (!value) continue;
        *value++ = '\0';
        const tamis_option *row = base_option_find(table, line);
        if (strcmp(line, "set") == 0 && *sets < SETS) set[(*sets)++] = value;
        if (!row || strcmp(line, "parameters") == 0) continue; /* a file, which has its own target */
        if (base_option_set(row, options, value, &error) && !error.text[0]) abort();
    }
}

/* The options of a study, as lines NAME=VALUE. Its place cannot be made, so that nothing is trained. The first byte: which study. */
static void take_study(const uint8_t *bytes, size_t size)
{
    static const char nowhere[] = "/dev/null/study";
    union {
        tamis_robustness_options robustness;
        tamis_mnar_options mnar;
        tamis_tune_options tune;
    } o;
    static const char *const names[] = {"robustness", "mnar", "tune"};
    const char *set[SETS];
    size_t sets = 0;
    tamis_robustness *study = NULL;
    tamis_tune *tune = NULL;
    if (size < 1) return;
    const size_t which = bytes[0] % BASE_COUNT(names);
    char *text = strndup((const char *)bytes + 1, size - 1);
    if (!text) abort();
    if (which == 0) tamis_robustness_options_default(&o.robustness);
    if (which == 1) tamis_mnar_options_default(&o.mnar);
    if (which == 2) tamis_tune_options_default(&o.tune);
    set_lines(text, tamis_option_find_table(names[which]), &o, set, &sets);
    tamis_status status;
    if (which == 0) {
        status = tamis_robustness_run(small_log(), &o.robustness, nowhere, NULL, &study, &error);
    } else if (which == 1) {
        status = tamis_mnar_run(small_log(), &o.mnar, nowhere, NULL, &study, &error);
    } else {
        o.tune.set = set;
        o.tune.sets = sets;
        o.tune.trials = o.tune.trials % 20; /* that are drawn */
        status = tamis_tune_run(small_log(), NULL, &o.tune, nowhere, NULL, &tune, &error);
    }
    if (!status || !error.text[0]) abort();
    free(text);
}

/* A predicate on the first line, or pairs VALUE=NUMBER; it is asked about each further one. */
static void take_predicate(const uint8_t *bytes, size_t size)
{
    predicate p;
    char *rest = NULL, *text = strndup((const char *)bytes, size), *line;
    if (!text) abort();
    if ((line = strtok_r(text, "\n", &rest))) {
        if (predicate_parse_pairs(&p, "--event-weight", line, &error) && !error.text[0]) abort();
        const bool is_one = !predicate_parse(&p, "--where", line, &error);
        if (!is_one && !error.text[0]) abort();
        while (is_one && (line = strtok_r(NULL, "\n", &rest))) (void)predicate_ask(&p, line, strlen(line));
    }
    free(text);
}

const fuzz_target fuzz_targets[] = {
    {"log", take_log},         {"table", take_table},       {"model", take_model},         {"checkpoint", take_checkpoint},
    {"ledger", take_ledger},   {"study", take_study},       {"parameters", take_parameters}, {"predicate", take_predicate},
    {"options", take_options}, {"requests", take_requests}, {"lists", take_lists},         {NULL, NULL},
};
