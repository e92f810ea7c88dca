/* tamis recommend: the best unseen items of all users, or of those listed in a file, in blocks of users. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/column.h"
#include "base/option.h"
#include "base/status.h"
#include "base/writer.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/history.h"
#include "cli/ids.h"
#include "cli/lists.h"
#include "cli/mapped.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/requests.h"
#include "cli/selection.h"
#include "cli/text.h"

enum { BLOCK_USERS = 1024, BLOCK_HITS = 1 << 20, FEW_USERS = 1000, STOP = 0, SKIP = 1, POPULAR = 2 };

typedef struct recommend_options {
    const char *users, *requests, *mask, *output, *mask_column[2], *history, *history_column[2];
    int64_t k;
    int unknown_users, json;
} recommend_options;

static const tamis_option rows[] = {
    BASE_OPTION(recommend_options, users, "users", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "for the users in this file, in its order: one id a line, or a CSV file with a column of users (- for standard input); "
               "without it for all", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(recommend_options, unknown_users, "unknown-users", TAMIS_OPTION_CHOICE, "stop|skip|popular", "stop", "",
               "a user of --users whom the model does not know: stop; skip, as with --on-error skip; or recommend what is popular, "
               "as to users without rows"),
    BASE_OPTION(recommend_options, mask, "mask", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "a further log whose interactions are not recommended either; may be given more than once", .file = TAMIS_FILE_INPUT),
    CLI_COLUMNS(recommend_options, mask_column, "mask"),
    BASE_OPTION(recommend_options, history, "history", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "a log of users whom the model does not know, or of new rows of those that it knows: they are folded in, and without "
               "--users recommended to", .file = TAMIS_FILE_INPUT),
    CLI_COLUMNS(recommend_options, history_column, "history"),
    BASE_OPTION(recommend_options, requests, "requests", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "answer requests, JSON objects a line such as {\"user\": \"u1\", \"k\": 5}, as they come (- for standard input), a line each on "
               "standard output: see man tamis", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(recommend_options, k, "k", TAMIS_OPTION_INTEGER, "[1,2147483647]", "10", "items",
               "how many for each user"),
    BASE_OPTION(recommend_options, json, "json", TAMIS_OPTION_FLAG, NULL, "0", "",
               "write JSON, one user a line; as is done for an --output in .json or .jsonl"),
    BASE_OPTION(recommend_options, output, "output", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write to this file instead of standard output; a name in .gz is compressed", .file = TAMIS_FILE_STREAM),
};
CLI_TABLE(cli_recommend_table, "recommend-output", rows, recommend_options);

/* A user of the list. */
typedef struct listed_user {
    int64_t row; /* of the model; -1: unknown */
    size_t at;   /* of --users, else of --history, else of the model */
} listed_user;

typedef struct recommending {
    const cli_args *args;
    recommend_options options;
    tamis_log_options reading; /* of --history; on_error of all */
    tamis_recommend_options which;
    tamis_model *model;
    cli_ids ids;
    cli_selection selection;
    cli_choice choice;
    listed_user *user;
    size_t count;
    tamis_log **mask, *history;
    size_t masks;
    int64_t popular, empty; /* users who got the most popular items; nothing */
    cli_out out;
} recommending;

static int no_memory(void)
{
    return cli_fail(TAMIS_FAILURE, "not enough memory for the users");
}

/* For few users, the part of the model file that concerns them; else all of it. */
static int load(recommending *r)
{
    tamis_error error;
    const char *path = r->args->operand[0];
    if (!r->options.users || r->history || r->ids.count > FEW_USERS) return cli_load(path, &r->model);
    const char **id = malloc((r->ids.count + 1) * sizeof *id);
    size_t *length = malloc((r->ids.count + 1) * sizeof *length);
    int code = id && length ? 0 : no_memory();
    for (size_t k = 0; !code && k < r->ids.count; k++) id[k] = cli_ids_get(&r->ids, k, &length[k]);
    cli_mapped(path);
    if (!code)
        code = cli_status(tamis_model_load_users(path, &(tamis_user_list){id, length, r->ids.count}, &r->model, &error), &error);
    free(id);
    free(length);
    return code;
}

static int unknown_user(const recommending *r, size_t k)
{
    char shown[280];
    size_t length;
    const char *id = cli_ids_get(&r->ids, k, &length);
    return cli_fail(TAMIS_DATA, "%s:%" PRId64 ": user \"%s\" is not in the model; to pass over such lines use --unknown-users skip, to "
                    "recommend the most popular items --unknown-users popular", r->ids.name, r->ids.line[k],
                    base_quote(shown, sizeof shown, id, length));
}

/* Every id is looked up before anything is written, so that an unknown one leaves no half output. */
static int list_users(recommending *r)
{
    const cli_ids *ids = &r->ids;
    const size_t all = r->options.users ? ids->count
                       : (size_t)(r->history ? tamis_log_users(r->history) : tamis_model_users(r->model));
    int64_t passed = 0;
    char count[64];
    r->user = malloc((all + 1) * sizeof *r->user);
    if (!r->user) return no_memory();
    for (size_t k = 0; k < all; k++) {
        size_t length;
        listed_user user = {(int64_t)k, k};
        if (r->options.users) {
            const char *id = cli_ids_get(ids, k, &length);
            user.row = tamis_model_find_user(r->model, id, length);
        } else if (r->history) {
            const char *id = tamis_log_user_id(r->history, (int64_t)k, &length);
            user.row = tamis_model_find_user(r->model, id, length); /* -1: all of the user's rows are of unknown items */
        }
        const bool unlisted = r->options.users && user.row < 0;
        if (k == 0 && r->options.users && cli_ids_begin(ids, !unlisted)) continue;
        if (unlisted && r->options.unknown_users == STOP) return unknown_user(r, k);
        if (unlisted && r->options.unknown_users == SKIP) passed++;
        else r->user[r->count++] = user;
    }
    if (passed)
        cli_note("%s: %s passed over, whose user%s the model does not know", ids->name, cli_plural(passed, "line", count),
                 passed == 1 ? "" : "s");
    if (r->options.users && !r->count && !passed) cli_note("%s: there is no user", ids->name);
    return 0;
}

static const char *user_id(const recommending *r, const listed_user *user, size_t *length)
{
    if (user->row >= 0) return tamis_model_user_id(r->model, user->row, length);
    return r->options.users ? cli_ids_get(&r->ids, user->at, length) : tamis_log_user_id(r->history, (int64_t)user->at, length);
}

/* Room for the users of a block. */
typedef struct block_room {
    int64_t *row;
    const char **id;
    size_t *length;
    unsigned char *origin;
    tamis_hit *hits;
} block_room;

static int recommend_block(recommending *r, const listed_user *user, size_t count, int64_t k, block_room *room)
{
    tamis_error error;
    for (size_t n = 0; n < count; n++) {
        room->row[n] = user[n].row;
        room->id[n] = user_id(r, &user[n], &room->length[n]);
    }
    if (!cli_choice_users(&r->choice, &(tamis_user_list){room->id, room->length, count}, &r->which)) return no_memory();
    const int code = cli_status(tamis_recommend_from(r->model, room->row, count, k, &r->which, room->hits, &error), &error);
    for (size_t n = 0; n < count && !code; n++) {
        const bool popular = room->origin[n] == TAMIS_ORIGIN_POPULARITY;
        const cli_list list = {r->model, room->id[n], room->length[n], room->hits + n * (size_t)k, k, popular ? "popularity" : NULL, 0};
        r->popular += popular;
        r->empty += list.hits[0].item < 0;
        (r->options.json ? cli_list_json : cli_list_csv)(&r->out, &list);
    }
    return code;
}

static int recommend_blocks(recommending *r, int64_t k, size_t block, block_room *room)
{
    int code = 0;
    r->which.origin = room->origin;
    if (!r->options.json) cli_out_text(&r->out, "user_id,rank,item_id,score\n");
    for (size_t first = 0; first < r->count && !code; first += block) {
        const size_t left = r->count - first;
        code = recommend_block(r, r->user + first, left < block ? left : block, k, room);
        /* nobody listens, or the disk is full; the end says so */
        if (!code && (r->out.writer ? base_writer_failed(r->out.writer) != 0 : ferror(stdout) != 0)) break;
    }
    return code;
}

static int recommend(recommending *r)
{
    const int64_t items = tamis_model_items(r->model), k = r->options.k < items ? r->options.k : items;
    size_t block = BLOCK_HITS / (size_t)k < BLOCK_USERS ? BLOCK_HITS / (size_t)k : BLOCK_USERS;
    if (block == 0) block = 1;
    block_room room = {malloc(block * sizeof *room.row), malloc(block * sizeof *room.id), malloc(block * sizeof *room.length),
                       malloc(block), calloc(block * (size_t)k, sizeof *room.hits)};
    const bool complete = room.row && room.id && room.length && room.origin && room.hits;
    const int code = complete ? recommend_blocks(r, k, block, &room)
                              : cli_fail(TAMIS_FAILURE, "not enough memory for %" PRId64 " items a user", k);
    free(room.row);
    free(room.id);
    free(room.length);
    free(room.origin);
    free(room.hits);
    return code;
}

static void tell_users(const recommending *r)
{
    char a[64];
    if (r->popular)
        cli_note("%s without interactions got the most popular items, whose scores are their numbers of interactions",
                 cli_plural(r->popular, "user", a));
    if (r->empty) cli_note("%s got nothing: no item is left that may be recommended", cli_plural(r->empty, "user", a));
}

/* x.json, x.jsonl, and these in .gz */
static bool named_json(const char *path)
{
    static const char *const endings[] = {".json", ".jsonl", ".json.gz", ".jsonl.gz"};
    size_t length = strlen(path);
    for (size_t k = 0; k < BASE_COUNT(endings); k++) {
        size_t ending = strlen(endings[k]);
        if (length > ending && strcmp(path + length - ending, endings[k]) == 0) return true;
    }
    return false;
}

/* Every --mask counts, unlike other options, of which the last one wins. */
static int read_masks(recommending *r)
{
    const cli_args *args = r->args;
    int code = 0;
    r->mask = calloc(args->given_count + 1, sizeof *r->mask);
    if (!r->mask) return cli_fail(TAMIS_FAILURE, "not enough memory for masks");
    for (size_t k = 0; k < args->given_count && !code; k++) {
        const cli_given *given = &args->given[k];
        if (strcmp(given->row->name, "mask") != 0) continue;
        tamis_log_options reading;
        cli_beside(args, "mask-", NULL, &reading);
        reading.on_error = r->reading.on_error;
        code = cli_read_log_silent(&given->text, 1, &reading, CLI_SILENT_RATING, &r->mask[r->masks]);
        r->masks += !code;
    }
    return code;
}

static int add_masks(recommending *r)
{
    tamis_error error;
    int code = 0;
    for (size_t k = 0; k < r->masks && !code; k++) code = cli_status(tamis_model_mask(r->model, r->mask[k], &error), &error);
    return code;
}

static cli_history history_of(const recommending *r)
{
    return (cli_history){.path = r->options.history, .reading = r->reading, .threads = r->which.threads};
}

static int read_history(recommending *r)
{
    const cli_history history = history_of(r);
    return history.path ? cli_history_read(&history, &r->history) : 0;
}

static int fold_in(recommending *r)
{
    const cli_history history = history_of(r);
    return history.path && cli_history_known(&history, r->history, r->model) ? cli_history_fold(&history, r->history, &r->model) : 0;
}

/* How the history is read. Who names a user with --user means one of --users. */
static int read_reading(recommending *r)
{
    const cli_args *args = r->args;
    const char *const *columns = r->options.history_column;
    const bool used = r->options.history != NULL;
    int code = cli_read_reading(args, &r->reading);
    if (!code) code = cli_check_beside(args, "history-");
    if (!code) code = cli_check_idle(args, "user", used, "--history, whose column it names (--users has a file of users)");
    if (!code) code = cli_check_idle_table(args, "log", "on-error", used, "--history");
    if (!code) code = cli_check_idle_table(args, "weights", NULL, used, "--history");
    if (columns[0]) r->reading.user = columns[0];
    if (columns[1]) r->reading.item = columns[1];
    return code;
}

static int read_options(recommending *r)
{
    static const char *const of_lists[] = {"users", "output", "json", "history"};
    const cli_args *args = r->args;
    recommend_options *options = &r->options;
    int code = cli_read_command(args, &cli_recommend_table, options);
    if (!code) code = cli_read_options(args, "recommend", &r->which);
    if (!code) code = cli_check_beside(args, "mask-");
    if (!code) code = read_reading(r);
    if (!code) code = cli_check_idle(args, "unknown-users", options->users != NULL, "--users");
    for (size_t k = 0; options->requests && k < BASE_COUNT(of_lists) && !code; k++)
        if (cli_text(args, of_lists[k]))
            code = cli_usage(args->command, "--%s has no effect with --requests, which is answered on standard output; leave it out", of_lists[k]);
    if (!code) code = cli_check_files(args);
    if (code) return code;
    if (!cli_text(args, "unknown-users") && r->reading.on_error == TAMIS_ON_ERROR_SKIP) options->unknown_users = SKIP;
    if (options->output && strcmp(options->output, "-") != 0 && !cli_text(args, "json")) options->json = named_json(options->output);
    return 0;
}

static int recommend_listed(recommending *r)
{
    int code = r->options.users ? cli_ids_read(r->options.users, ROLE_USER, false, &r->ids) : 0;
    if (!code) code = read_history(r);
    if (!code) code = load(r);
    if (!code) code = fold_in(r);
    if (!code) code = add_masks(r);
    if (!code) code = list_users(r);
    if (!code) code = cli_choice_make(&r->selection, r->model, true, &r->choice);
    if (!code) code = cli_out_open(r->options.output, &r->out);
    if (code) return code;
    cli_choice_apply(&r->choice, &r->which);
    code = recommend(r);
    if (!code) tell_users(r);
    return cli_out_close(&r->out, code);
}

static int answer_requests(const recommending *r)
{
    return cli_requests_serve(&(cli_requests){.path = r->options.requests, .model = r->args->operand[0],
                                              .serving = {.which = r->which, .k = r->options.k}, .selection = &r->selection,
                                              .mask = r->mask, .masks = r->masks});
}

int cmd_recommend(const cli_args *args)
{
    recommending r = {.args = args};
    int code = read_options(&r);
    if (!code && r.options.requests) code = cli_request_able();
    if (!code) code = cli_selection_read(args, &r.selection);
    if (!code) code = read_masks(&r);
    if (!code) code = r.options.requests ? answer_requests(&r) : recommend_listed(&r);
    for (size_t k = 0; k < r.masks; k++) tamis_log_free(r.mask[k]);
    free(r.mask);
    tamis_log_free(r.history);
    free(r.user);
    cli_ids_clear(&r.ids);
    cli_choice_clear(&r.choice);
    cli_selection_clear(&r.selection);
    tamis_model_free(r.model);
    return code;
}
