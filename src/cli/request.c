/* One request of tamis recommend --requests:
 *
 *   {"user": "u1", "history": ["i1", {"item": "i2", "weight": 3}], "dislikes": ["i3"], "candidates": ["i4"], "exclude": ["i5"], "k": 10}
 *
 * Ids may be whole numbers. Requests without history and candidates of their own are answered together, which is quicker than each
 * alone. Whatever is wrong with a request is its answer: {"error": "..."}. */
#include "cli/request.h"

#include "cli/message.h"

#ifndef HAVE_JANSSON

int cli_request_able(void)
{
    return cli_fail(TAMIS_USAGE, "--requests reads JSON, for which this tamis was built without jansson; install it (apt-get install "
                                 "libjansson-dev) and build tamis anew");
}

void cli_request_read(cli_request *request, const char *line, size_t length)
{
    (void)request;
    (void)line;
    (void)length;
}

void cli_request_refuse(cli_request *request, const char *sentence)
{
    (void)request;
    (void)sentence;
}

void cli_request_accept(cli_request *request)
{
    (void)request;
}

void cli_request_answer(const cli_serving *serving, cli_request *const *request, size_t count)
{
    (void)serving;
    (void)request;
    (void)count;
}

void cli_request_clear(cli_request *request)
{
    (void)request;
}

#else

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/status.h"
#include "cli/json.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/wanted.h"

enum { LONG_LIST = 1000 /* such lists are not made together */ };

int cli_request_able(void)
{
    return 0;
}

/* ---- answers */

static FILE *begin_answer(cli_request *r, cli_out *out)
{
    free(r->answer);
    r->answer = NULL;
    r->length = 0;
    *out = (cli_out){.stream = open_memstream(&r->answer, &r->length)};
    return out->stream;
}

static void end_answer(cli_request *r, const cli_out *out)
{
    const bool failed = ferror(out->stream) != 0;
    if (!fclose(out->stream) && !failed) return;
    free(r->answer);
    r->answer = NULL;
}

void cli_request_refuse(cli_request *r, const char *sentence)
{
    cli_out out;
    char text[1200];
    if (!begin_answer(r, &out)) return;
    cli_json json = {.out = &out};
    snprintf(text, sizeof text, "request %" PRId64 ": %s", r->number, sentence);
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "error", text);
    cli_json_close(&json, '}');
    cli_json_line(&json);
    end_answer(r, &out);
}

void cli_request_accept(cli_request *r)
{
    cli_out out;
    if (!begin_answer(r, &out)) return;
    cli_json json = {.out = &out};
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "model", r->model);
    cli_json_close(&json, '}');
    cli_json_line(&json);
    end_answer(r, &out);
}

void cli_request_clear(cli_request *r)
{
    json_decref(r->json);
    free(r->model);
    free(r->answer);
    *r = (cli_request){0};
}

/* ---- reading */

static const char *const keys[] = {"user", "history", "dislikes", "candidates", "exclude", "k"};

static bool is_key(const char *name)
{
    for (size_t k = 0; k < BASE_COUNT(keys); k++)
        if (strcmp(keys[k], name) == 0) return true;
    return false;
}

static void read_model(cli_request *r)
{
    const json_t *model = json_object_get(r->json, "model");
    if (!json_is_string(model) || !json_string_length(model))
        cli_request_refuse(r, "\"model\" is no file's name; expected {\"model\": \"FILE\"}");
    else if (json_object_size(r->json) > 1)
        cli_request_refuse(r, "\"model\" stands beside other members; expected {\"model\": \"FILE\"} alone");
    else
        r->model = strdup(json_string_value(model));
    json_decref(r->json);
    r->json = NULL;
}

void cli_request_read(cli_request *r, const char *line, size_t length)
{
    json_error_t error;
    char text[900], shown[280];
    const char *name;
    json_t *value;
    json_t *json = r->json = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
    if (!json) {
        snprintf(text, sizeof text, "this is no JSON (column %d: %.200s); expected an object such as {\"user\": \"u1\", \"k\": 10}", error.column,
                 error.text);
        cli_request_refuse(r, text);
    } else if (!json_is_object(json)) {
        cli_request_refuse(r, "this is no object; expected one such as {\"user\": \"u1\", \"k\": 10}");
    } else if (json_object_get(json, "model")) {
        read_model(r);
        return;
    } else {
        json_object_foreach(json, name, value) {
            if (is_key(name)) continue;
            snprintf(text, sizeof text, "there is no member \"%s\"; expected user, history, dislikes, candidates, exclude, k, or model",
                     base_quote(shown, sizeof shown, name, strlen(name)));
            cli_request_refuse(r, text);
            break;
        }
    }
    if (!r->answer) return;
    json_decref(json);
    r->json = NULL;
}

/* ---- lists */

static const char *const origins[] = {[TAMIS_ORIGIN_MODEL] = "model", [TAMIS_ORIGIN_POPULARITY] = "popularity"};

static void write_list(const wanted *w, const tamis_hit *hits, const char *origin, cli_request *r)
{
    cli_out out;
    if (!begin_answer(r, &out)) return;
    cli_list_json(&out, &(cli_list){w->served->model, w->user, w->length, hits, w->k, origin, w->unknown});
    end_answer(r, &out);
}

/* A user with a history of the request's own, which comes beside what the model knows of the user. */
static tamis_status fold_in(wanted *w, tamis_model **folded)
{
    const tamis_model *model = w->served->model;
    tamis_history history;
    int64_t count = 0;
    const int32_t *item = w->row >= 0 ? tamis_model_row(model, w->row, &count) : NULL;
    for (int64_t k = 0; k < count; k++)
        if (!wanted_add(&w->history, item[k], 1)) return wanted_no_memory(&w->error);
    count = 0;
    item = w->row >= 0 ? tamis_model_dislikes(model, w->row, &count) : NULL;
    for (int64_t k = 0; k < count; k++)
        if (!wanted_add(&w->dislikes, item[k], 1)) return wanted_no_memory(&w->error);
    tamis_history_default(&history);
    history.item = w->history.item;
    history.weight = w->history.weight;
    history.count = w->history.count;
    history.dislike = w->dislikes.item;
    history.dislikes = w->dislikes.count;
    history.id = w->user;
    history.id_length = w->length;
    return tamis_model_fold_in(model, &history, folded, &w->error);
}

/* One list alone. */
static void answer_one(const cli_serving *serving, wanted *w, cli_request *request)
{
    static const int32_t none = 0;
    tamis_recommend_options which = serving->which;
    tamis_model *folded = NULL;
    unsigned char origin;
    const int64_t start[] = {0, w->exclude.count}, first = 0;
    tamis_hit *hits = malloc((size_t)w->k * sizeof *hits);
    cli_choice_apply(&w->served->choice, &which);
    if (w->chosen) {
        which.candidates = w->candidates.item ? w->candidates.item : &none;
        which.candidate_count = w->candidates.count;
    }
    which.threads = 1;
    which.origin = &origin;
    which.excluded_start = start;
    which.excluded_item = w->exclude.item;
    tamis_status status = hits ? TAMIS_OK : wanted_no_memory(&w->error);
    if (!status && (w->history.count || (w->dislikes.count && w->row >= 0))) status = fold_in(w, &folded);
    if (!status)
        status = tamis_recommend_from(folded ? folded : w->served->model, folded ? &first : &w->row, 1, w->k, &which, hits, &w->error);
    if (!status) write_list(w, hits, folded ? "history" : origins[origin], request);
    tamis_model_free(folded);
    free(hits);
}

/* Whether it can be answered with others. */
static bool is_plain(const wanted *w)
{
    return !w->history.count && !w->dislikes.count && !w->chosen && w->k <= LONG_LIST;
}

/* Several at once: lists of the longest length, of which each takes its part. */
static tamis_status answer_many(const cli_serving *serving, wanted *const *w, cli_request *const *request, size_t count, tamis_error *error)
{
    tamis_recommend_options which = serving->which;
    int64_t row[CLI_REQUESTS], start[CLI_REQUESTS + 1] = {0}, k = 1;
    unsigned char origin[CLI_REQUESTS];
    for (size_t n = 0; n < count; n++) {
        row[n] = w[n]->row;
        start[n + 1] = start[n] + w[n]->exclude.count;
        if (w[n]->k > k) k = w[n]->k;
    }
    tamis_hit *hits = malloc(count * (size_t)k * sizeof *hits);
    int32_t *item = malloc(((size_t)start[count] + 1) * sizeof *item);
    tamis_status status = hits && item ? TAMIS_OK : wanted_no_memory(error);
    for (size_t n = 0; n < count && !status; n++)
        if (w[n]->exclude.count) memcpy(item + start[n], w[n]->exclude.item, (size_t)w[n]->exclude.count * sizeof *item);
    cli_choice_apply(&w[0]->served->choice, &which);
    which.threads = 1;
    which.origin = origin;
    which.excluded_start = start;
    which.excluded_item = item;
    if (!status) status = tamis_recommend_from(w[0]->served->model, row, count, k, &which, hits, error);
    for (size_t n = 0; n < count && !status; n++) write_list(w[n], hits + n * (size_t)k, origins[origin[n]], request[n]);
    free(hits);
    free(item);
    return status;
}

void cli_request_answer(const cli_serving *serving, cli_request *const *request, size_t count)
{
    wanted all[CLI_REQUESTS] = {0}, *plain[CLI_REQUESTS];
    cli_request *asked[CLI_REQUESTS]; /* plain */
    tamis_error error;
    size_t plains = 0;
    for (size_t n = 0; n < count; n++) {
        wanted *w = &all[n];
        w->json = request[n]->json;
        w->served = request[n]->served;
        if (wanted_read(w, serving->k, &w->error)) continue;
        if (!is_plain(w)) {
            answer_one(serving, w, request[n]);
            continue;
        }
        asked[plains] = request[n];
        plain[plains++] = w;
    }
    const tamis_status status = plains ? answer_many(serving, plain, asked, plains, &error) : TAMIS_OK;
    for (size_t n = 0; n < plains && status; n++) plain[n]->error = error;
    for (size_t n = 0; n < count; n++) {
        if (*all[n].error.text) cli_request_refuse(request[n], all[n].error.text);
        wanted_clear(&all[n]);
    }
}

#endif
