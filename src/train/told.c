/* The options that a model's notes tell. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/option.h"
#include "base/status.h"
#include "method/items.h"
#include "method/method.h"
#include "train/options.h"
#include "train/told.h"

const char *told_note(const tamis_model *model, const char *name)
{
    for (size_t k = 0; k < model->note_count; k++)
        if (strcmp(model->note[k].name, name) == 0) return model->note[k].value;
    return NULL;
}

tamis_status told_files(const tamis_train_options *options, tamis_error *error)
{
    struct stat about;
    if (!options->propensity || stat(options->propensity, &about) != 0 || S_ISREG(about.st_mode)) return TAMIS_OK;
    return base_fail(error, TAMIS_DATA, "the propensities of the training are to be read from %.200s, which is no regular file",
                     options->propensity);
}

/* Whether the model holds what a training with these options makes. */
static bool fits(const tamis_model *model, const tamis_train_options *options)
{
    const method *m = method_find(options->method);
    const bool bias = model->item_bias != NULL;
    if (m->trainer == METHOD_BY_ITEMS) {
        const bool neighbours = ((const method_items *)m->family)->neighbours != NULL;
        return !model->factors && neighbours == (model->neighbours.items != NULL) && (neighbours || bias);
    }
    return model->factors == options->factors && bias == (options->item_bias != 0) &&
           model->flip_factors == (m->two_scores ? options->param[METHOD_FLIP_FACTORS].integer : 0);
}

/* The model may come from anybody: what a training would refuse is refused. */
static tamis_status check(const tamis_model *model, const tamis_train_options *options, tamis_error *error)
{
    char automatic[160];
    tamis_error why;
    if (base_option_check(&train_option_table, options, &why))
        return base_fail(error, TAMIS_DATA, "the model's notes name options that no training takes: %.700s", why.text);
    told_automatic(options, automatic, sizeof automatic);
    if (*automatic) return base_fail(error, TAMIS_DATA, "the model's notes leave open what the training found from the log:%s", automatic);
    if (!fits(model, options)) return base_fail(error, TAMIS_DATA, "the model does not hold what %s trains with its options; train it anew", options->method);
    return told_files(options, error);
}

static tamis_status read_notes(const tamis_model *model, tamis_train_options *options, tamis_error *error)
{
    const char *chosen = told_note(model, "method");
    char shown[80];
    if (!chosen)
        return base_fail(error, TAMIS_USAGE, "the model does not say how it was trained; expected one that a training has finished");
    if (tamis_train_options_default(options, chosen, NULL))
        return base_fail(error, TAMIS_DATA, "the model's notes say that it is of the method \"%s\", which tamis %s does not have; use the version "
                         "that trained it, or train it anew", base_quote(shown, sizeof shown, chosen, strlen(chosen)), tamis_version());
    for (size_t k = 0; k < model->note_count; k++) {
        const tamis_option *row = train_option_find(options->method, model->note[k].name);
        if (row && !row->neutral && *model->note[k].value) (void)base_option_set(row, options, model->note[k].value, NULL);
    }
    train_options_idle(options); /* an earlier version let these pass */
    return check(model, options, error);
}

tamis_status told_options(const tamis_model *model, tamis_train_options *options, tamis_error *error)
{
    const char *path = model->lender ? model->lender->path : model->path;
    tamis_error why;
    const tamis_status status = read_notes(model, options, &why);
    if (!status) return TAMIS_OK;
    if (!path) return base_fail(error, status, "%s", why.text);
    return base_fail(error, TAMIS_DATA, "%.200s: %s", path, why.text); /* what a file lacks is the file's fault */
}

void told_automatic(const tamis_train_options *options, char *names, size_t size)
{
    const tamis_option_table *table;
    size_t used = 0;
    *names = '\0';
    for (size_t t = 0; (table = tamis_train_option_table(options->method, t)); t++)
        for (size_t k = 0; k < table->count; k++) {
            const tamis_option *row = &table->rows[k];
            double value = 0;
            if (!row->automatic) continue;
            memcpy(&value, (const char *)options + row->offset, sizeof value);
            if (isnan(value) && used + strlen(row->name) + 3 < size)
                used += (size_t)snprintf(names + used, size - used, "%s%s ", used ? "" : " ", row->name);
        }
}

/* Roles of L2. */
static void follow(tamis_train_options *o)
{
    double *const roles[] = {&o->user_regularization, &o->item_regularization, &o->negative_regularization, &o->bias_regularization};
    for (size_t k = 0; k < sizeof roles / sizeof *roles; k++)
        if (*roles[k] == o->regularization) *roles[k] = (double)NAN;
}

tamis_status told_options_again(const tamis_model *model, tamis_train_options *options, tamis_error *error)
{
    const tamis_status status = told_options(model, options, error);
    const char *names = told_note(model, "automatic");
    char name[80];
    if (status) return status;
    follow(options);
    for (const char *at = names ? names + strspn(names, " ") : ""; *at; at += strspn(at, " ")) {
        const size_t length = strcspn(at, " ");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        const tamis_option *row = train_option_find(options->method, name);
        if (row && row->automatic) (void)base_option_set(row, options, "auto", NULL);
        at += length;
    }
    return TAMIS_OK;
}
