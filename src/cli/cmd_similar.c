/* tamis similar: the neighbours of items, or of users, in blocks. */
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
#include "cli/ids.h"
#include "cli/json.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/text.h"

enum { BLOCK_ROWS = 256, BLOCK_HITS = 1 << 20, SKIP = 1, ALL_ITEMS = 1, ALL_USERS = 2 };

typedef struct similar_options {
    const char *items, *users, *output;
    int64_t k;
    int all, on_error, json;
} similar_options;

static const tamis_option rows[] = {
    BASE_OPTION(similar_options, items, "items", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "of the items in this file: one id a line, or a CSV file with a column of items (- for standard input)", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(similar_options, users, "users", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "the nearest users of the users in this file", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(similar_options, all, "all", TAMIS_OPTION_CHOICE, "none|items|users", "none", "", "of all items, or users, of the model"),
    BASE_OPTION(similar_options, k, "k", TAMIS_OPTION_INTEGER, "[1,2147483647]", "10", "", "how many of each"),
    BASE_OPTION(similar_options, on_error, "on-error", TAMIS_OPTION_CHOICE, "stop|skip", "stop", "",
               "what to do about an id in a file that the model does not know"),
    BASE_OPTION(similar_options, json, "json", TAMIS_OPTION_FLAG, NULL, "0", "", "write JSON, a line for each"),
    BASE_OPTION(similar_options, output, "output", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write to this file instead of standard output; a name in .gz is compressed", .file = TAMIS_FILE_STREAM),
};
CLI_TABLE(cli_similar_table, "similar-output", rows, similar_options);

typedef struct comparing {
    const cli_args *args;
    similar_options options;
    tamis_similar_options call;
    tamis_model *model;
    bool users, single; /* single: one item was named, and is not repeated in each row */
    cli_ids ids;
    int64_t *row;
    size_t count;
    int64_t empty; /* without neighbours */
    cli_out out;
} comparing;

static const char *id_of(const comparing *c, int64_t row, size_t *length)
{
    return (c->users ? tamis_model_user_id : tamis_model_item_id)(c->model, row, length);
}

static int64_t find(const comparing *c, const char *id, size_t length)
{
    return (c->users ? tamis_model_find_user : tamis_model_find_item)(c->model, id, length);
}

/* ---- output */

static void write_csv(comparing *c, int64_t row, const tamis_hit *hits, int64_t k)
{
    char text[64], score[32];
    size_t length;
    for (int64_t r = 0; r < k && hits[r].item >= 0; r++) {
        const char *id = id_of(c, row, &length);
        if (!c->single) cli_out_field(&c->out, id, length);
        snprintf(text, sizeof text, "%s%" PRId64 ",", c->single ? "" : ",", r + 1);
        cli_out_text(&c->out, text);
        id = id_of(c, hits[r].item, &length);
        cli_out_field(&c->out, id, length);
        snprintf(text, sizeof text, ",%s\n", cli_float(hits[r].score, score));
        cli_out_text(&c->out, text);
    }
}

static void put_hit(cli_json *json, const comparing *c, const tamis_hit *hits, int64_t r)
{
    char score[32];
    size_t length;
    const char *id = id_of(c, hits[r].item, &length);
    cli_json_open(json, NULL, '{');
    if (c->single) cli_json_integer(json, "rank", r + 1);
    cli_json_string(json, c->users ? "user_id" : "item_id", id, length);
    cli_json_raw(json, "score", cli_float(hits[r].score, score));
    cli_json_close(json, '}');
}

static void write_json(comparing *c, int64_t row, const tamis_hit *hits, int64_t k)
{
    cli_json json = {.out = &c->out};
    size_t length;
    const char *id = id_of(c, row, &length);
    if (!c->single) {
        cli_json_open(&json, NULL, '{');
        cli_json_string(&json, c->users ? "user_id" : "item_id", id, length);
        cli_json_open(&json, c->users ? "users" : "items", '[');
    }
    for (int64_t r = 0; r < k && hits[r].item >= 0; r++) {
        put_hit(&json, c, hits, r);
        if (c->single) cli_json_line(&json);
    }
    if (c->single) return;
    cli_json_close(&json, ']');
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

static void write_head(comparing *c)
{
    if (c->options.json) return;
    cli_out_text(&c->out, c->single ? "rank,item_id,score\n" : c->users ? "user_id,rank,similar_user_id,score\n" : "item_id,rank,similar_item_id,score\n");
}

static int write_blocks(comparing *c, int64_t k, size_t block, tamis_hit *hits)
{
    tamis_error error;
    int code = 0;
    if (c->count == 0) write_head(c);
    for (size_t from = 0; from < c->count && !code; from += block) {
        const size_t n = c->count - from < block ? c->count - from : block;
        code = cli_status(tamis_similar_rows(c->model, c->row + from, n, k, &c->call, hits, &error), &error);
        if (!code && from == 0) write_head(c);
        for (size_t r = 0; r < n && !code; r++) {
            c->empty += hits[r * (size_t)k].item < 0;
            (c->options.json ? write_json : write_csv)(c, c->row[from + r], hits + r * (size_t)k, k);
        }
        /* nobody listens, or the disk is full; the end says so */
        if (!code && (c->out.writer ? base_writer_failed(c->out.writer) != 0 : ferror(stdout) != 0)) break;
    }
    return code;
}

static int compare(comparing *c)
{
    char text[64];
    const int64_t all = c->users ? tamis_model_users(c->model) : tamis_model_items(c->model), k = c->options.k < all ? c->options.k : all;
    size_t block = BLOCK_HITS / (size_t)k < BLOCK_ROWS ? BLOCK_HITS / (size_t)k : BLOCK_ROWS;
    if (block == 0) block = 1;
    tamis_hit *hits = calloc(block * (size_t)k, sizeof *hits);
    if (!hits) return cli_fail(TAMIS_FAILURE, "not enough memory for %" PRId64 " of each", k);
    const int code = write_blocks(c, k, block, hits);
    if (!code && c->empty)
        cli_note("%s without neighbours%s", cli_plural(c->empty, c->users ? "user" : "item", text), c->users ? ", as they have no interactions" : "");
    free(hits);
    return code;
}

/* ---- whose neighbours */

static int unknown(const comparing *c, const char *id, size_t length, const char *where)
{
    char shown[280];
    const char *what = c->users ? "user" : "item";
    return cli_fail(TAMIS_DATA, "%s%s \"%s\" is not in the model %s; tamis export lists its %ss in %s_ids.txt", where, what,
                    base_quote(shown, sizeof shown, id, length), c->args->operand[0], what, what);
}

static int find_operands(comparing *c)
{
    for (size_t k = 1; k < c->args->operands; k++) {
        const char *id = c->args->operand[k];
        c->row[c->count] = find(c, id, strlen(id));
        if (c->row[c->count++] < 0) return unknown(c, id, strlen(id), "");
    }
    return 0;
}

static int find_listed(comparing *c)
{
    char where[400], text[64];
    int64_t passed = 0;
    for (size_t k = 0; k < c->ids.count; k++) {
        size_t length;
        const char *id = cli_ids_get(&c->ids, k, &length);
        const int64_t row = find(c, id, length);
        if (k == 0 && cli_ids_begin(&c->ids, row >= 0)) continue;
        snprintf(where, sizeof where, "%.300s:%" PRId64 ": ", c->ids.name, c->ids.line[k]);
        if (row < 0 && c->options.on_error != SKIP) return unknown(c, id, length, where);
        if (row < 0) passed++;
        else c->row[c->count++] = row;
    }
    if (passed)
        cli_note("%s: %s passed over, whose %s the model does not know", c->ids.name, cli_plural(passed, "line", text), c->users ? "user" : "item");
    return 0;
}

static int find_rows(comparing *c)
{
    const int64_t all = !c->options.all ? 0 : c->users ? tamis_model_users(c->model) : tamis_model_items(c->model);
    c->row = malloc(((size_t)all + c->ids.count + c->args->operands + 1) * sizeof *c->row);
    if (!c->row) return cli_fail(TAMIS_FAILURE, "not enough memory for the %s", c->users ? "users" : "items");
    for (; c->count < (size_t)all; c->count++) c->row[c->count] = (int64_t)c->count;
    int code = find_operands(c);
    return code ? code : find_listed(c);
}

static int read_options(comparing *c)
{
    similar_options *o = &c->options;
    int code = cli_read_command(c->args, &cli_similar_table, o);
    if (!code) code = cli_read_options(c->args, "similar", &c->call);
    if (!code) code = cli_check_files(c->args);
    if (code) return code;
    const int ways = (c->args->operands > 1) + (o->items != NULL) + (o->users != NULL) + (o->all != 0);
    if (ways != 1)
        return cli_usage(c->args->command, ways ? "the items come from one place: ITEM..., --items, --users or --all"
                                                : "similar needs an item: tamis similar MODEL ITEM..., or --items, --users, --all");
    c->users = o->users || o->all == ALL_USERS;
    c->single = c->args->operands == 2;
    c->call.of_users = c->users;
    const char *list = o->users ? o->users : o->items;
    return list ? cli_ids_read(list, c->users ? ROLE_USER : ROLE_ITEM, false, &c->ids) : 0;
}

int cmd_similar(const cli_args *args)
{
    comparing c = {.args = args};
    int code = read_options(&c);
    if (!code) code = cli_load(args->operand[0], &c.model);
    if (!code) code = find_rows(&c);
    if (!code) code = cli_out_open(c.options.output, &c.out);
    if (!code) code = cli_out_close(&c.out, compare(&c));
    free(c.row);
    cli_ids_clear(&c.ids);
    tamis_model_free(c.model);
    return code;
}
