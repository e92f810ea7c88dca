/* Methods with their options: from a file, or from defaults. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/lines.h"
#include "base/locale.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/sha256.h"
#include "base/status.h"
#include "method/method.h"
#include "study/recipe.h"
#include "study/text.h"
#include "train/options.h"

/* The options that version 0.1.0 had, in its order. What it computed is found again by a digest of these, whatever their
 * values, and of options that came later where they are not at their default. */
static const char *const first[] = {
    "method", "factors", "item-bias", "epochs", "learning-rate", "schedule", "learning-rate-decay", "regularization",
    "user-regularization", "item-regularization", "negative-regularization", "bias-regularization", "negatives",
    "negative-sampling", "popularity-power", "positive-sampling", "pool", "temperature", "warmup", "max-sampled", "pairs",
    "batch-size", "optimizer", "weight-decay", "propensity-power", "propensity", "init", "init-scale", "validation-ratio",
    "validation-metric", "validation-power", "validation-interval", "patience",
    "loss", "clip", "variant", "flip-factors", "flip-regularization", "unobserved-weight", "regularization-exponent",
    "precision", "exposure-start", "exposure-alpha", "exposure-beta", "solve-factors", "beta", "flip-rate", "tau1", "tau2",
    "drop-rate", "drop-steps", "dropout",
};

static bool is_first(const char *name)
{
    for (size_t k = 0; k < BASE_COUNT(first); k++)
        if (strcmp(first[k], name) == 0) return true;
    return false;
}

/* The options that are not as the method has them and that version 0.1.0 had not. */
static void add_later(const tamis_train_options *options, study_text *text)
{
    const tamis_option_table *table;
    tamis_train_options fallback;
    (void)tamis_train_options_default(&fallback, options->method, NULL);
    for (size_t t = 0; (table = tamis_train_option_table(options->method, t)); t++)
        for (size_t k = 0; k < table->count; k++) {
            const tamis_option *row = &table->rows[k];
            char value[300], usual[300];
            if (row->neutral || strcmp(row->name, "seed") == 0) continue;
            base_option_text(row, options, value, sizeof value);
            base_option_text(row, &fallback, usual, sizeof usual);
            if (strcmp(value, usual) != 0 && !is_first(row->name)) study_add(text, "%s=%s\n", row->name, value);
        }
}

tamis_status recipe_digest(const tamis_train_options *options, bool files, study_text *text, study_digest digest,
                           tamis_error *error)
{
    char sum[65];
    tamis_status status = TAMIS_OK;
    for (size_t k = 0; k < BASE_COUNT(first); k++) {
        const tamis_option *row = train_option_find(options->method, first[k]);
        char value[300];
        if (row) study_add(text, "%s=%s\n", first[k], base_option_text(row, options, value, sizeof value));
    }
    add_later(options, text);
    if (files && options->propensity) {
        status = base_sha256(options->propensity, sum, error);
        study_add(text, "propensity %s\n", sum);
    }
    if (!status && text->failed) status = base_no_memory(error, "a run's description", text->used, 1);
    if (!status) study_digest_of(text->bytes, digest);
    study_text_clear(text);
    return status;
}

/* ---------------------------------------------------------------------------------------------------- the file */

typedef struct reading {
    recipes *list;
    const char *path;
    tamis_error *error;
    tamis_status status;
} reading;

/* The option that NAME is, or that no-NAME switches off. */
static const tamis_option *option_of(const recipe *row, const char *name, bool *off)
{
    const tamis_option *option = train_option_find(row->options.method, name);
    *off = !option && strncmp(name, "no-", 3) == 0;
    if (*off) option = train_option_find(row->options.method, name + 3);
    return *off && option && option->type != TAMIS_OPTION_FLAG ? NULL : option;
}

static tamis_status add_option(const reading *r, recipe *row, const char *name, char **words, int64_t line)
{
    bool off;
    const tamis_option *option = option_of(row, name, &off);
    if (option && (option->neutral || option->role == TAMIS_ROLE_RUN || option->role == TAMIS_ROLE_JUDGE))
        return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ": --%s is the study's own to set; leave it out", r->path, line, name);
    tamis_error why;
    if (!option)
        return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ": method %s has no option --%.60s; tamis train --help lists them",
                         r->path, line, row->options.method, name);
    const char *value = option->type == TAMIS_OPTION_FLAG ? (off ? "0" : "1") : strtok_r(NULL, " \t", words);
    if (!value)
        return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ": --%s needs a value", r->path, line, name);
    if (base_option_set(option, &row->options, value, &why))
        return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ": %s", r->path, line, why.text);
    return TAMIS_OK;
}

static tamis_status parse_line(reading *r, char *text, int64_t line)
{
    recipe row = {.fixed = true};
    char *words = NULL, *name = strtok_r(text, " \t", &words), *word = name ? strtok_r(NULL, " \t", &words) : NULL;
    tamis_error why;
    if (!name) return TAMIS_OK;
    bool plain = strlen(name) < sizeof row.name && !strpbrk(name, ",\"'`\\<>&|");
    for (const char *c = name; *c; c++) plain = plain && (unsigned char)*c > ' ' && *c != 0x7F;
    if (!plain) /* it stands in CSV, HTML and gnuplot's strings */
        return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ": expected a name of less than %d letters, without control "
                         "characters and any of ,\"'`\\<>&|", r->path, line, STUDY_NAME);
    memcpy(row.name, name, strlen(name) + 1);
    for (size_t k = 0; k < r->list->count; k++)
        if (strcmp(r->list->row[k].name, name) == 0)
            return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ": a second line for %s; expected one each", r->path, line, name);
    bool other = word && strncmp(word, "--", 2) != 0;
    if (tamis_train_options_default(&row.options, other ? word : name, &why))
        return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ": %s", r->path, line, why.text);
    if (other) word = strtok_r(NULL, " \t", &words);
    for (; word; word = strtok_r(NULL, " \t", &words)) {
        if (strncmp(word, "--", 2) != 0)
            return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ": \"%.60s\" stands where an option such as "
                             "--learning-rate was expected", r->path, line, word);
        tamis_status status = add_option(r, &row, word + 2, &words, line);
        if (status) return status;
    }
    if (base_option_check(&train_option_table, &row.options, &why))
        return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ": %s", r->path, line, why.text);
    if (!base_grow(&r->list->row, &r->list->capacity, r->list->count + 1, sizeof row))
        return base_no_memory(r->error, "parameters", r->list->count, sizeof row);
    r->list->row[r->list->count++] = row;
    return TAMIS_OK;
}

static int take_line(void *context, const char *bytes, size_t count, int64_t number)
{
    reading *r = context;
    recipes *list = r->list;
    const char *comment = memchr(bytes, '#', count);
    if (comment) count = (size_t)(comment - bytes);
    char *copy = strndup(bytes, count);
    if (!copy || !base_grow(&list->text, &list->text_capacity, list->texts + 1, sizeof *list->text)) {
        free(copy);
        r->status = base_no_memory(r->error, "parameters", count, 1);
        return 1;
    }
    list->text[list->texts++] = copy;
    r->status = parse_line(r, copy, number);
    return r->status != TAMIS_OK;
}

tamis_status recipes_read(recipes *list, const char *path, tamis_error *error)
{
    tamis_error why, stopped;
    reading r = {list, path, &why, TAMIS_OK};
    const base_lines lines = {&r, take_line};
    tamis_status status = base_lines_read(path, &lines, &stopped);
    if (r.status) return base_fail(error, r.status, "%s", why.text);
    return status ? base_fail(error, status, "%s", stopped.text) : TAMIS_OK;
}

static void set_name(char to[STUDY_NAME], const char *name)
{
    snprintf(to, STUDY_NAME, "%s", name ? name : "");
}

/* The defaults of a method, or of a method's control. */
static tamis_status find_method(const char *name, recipe *found, tamis_error *error)
{
    const method *m;
    for (size_t k = 0; (m = method_get(k)); k++) {
        if (!m->control.method || strcmp(m->control.name, name) != 0) continue;
        (void)tamis_train_options_default(&found->options, m->control.method, NULL);
        return base_option_set(train_option_find(m->control.method, m->control.option), &found->options, m->control.value, error);
    }
    tamis_status status = tamis_train_options_default(&found->options, name, error);
    if (!status) set_name(found->control, method_find(name)->control.name);
    return status;
}

/* The file's row of a name, or what the name means without one. */
static tamis_status find_row(const recipes *list, const char *name, recipe *found, tamis_error *error)
{
    for (size_t k = 0; k < list->count; k++) {
        if (strcmp(list->row[k].name, name) != 0) continue;
        *found = list->row[k];
        set_name(found->control, method_find(found->options.method)->control.name);
        return TAMIS_OK;
    }
    *found = (recipe){.fixed = false};
    return find_method(name, found, error);
}

tamis_status recipes_find(const recipes *list, const char *name, recipe *found, tamis_error *error)
{
    static const char distrusts[] = "+distrust";
    const size_t length = strlen(name), end = sizeof distrusts - 1;
    char plain[STUDY_NAME];
    tamis_status status = find_row(list, name, found, error);
    if (status && length > end && length < STUDY_NAME && strcmp(name + length - end, distrusts) == 0) {
        set_name(plain, name);
        plain[length - end] = '\0';
        status = find_row(list, plain, found, error);
        set_name(found->control, plain);
        found->options.distrust = 0.5;
    }
    set_name(found->name, name);
    return status;
}

void recipes_clear(recipes *list)
{
    for (size_t k = 0; k < list->texts; k++) free(list->text[k]);
    free(list->text);
    free(list->row);
    *list = (recipes){0};
}
