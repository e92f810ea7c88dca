/* tamis recommend: the best unseen items of all users, or of those listed in a file, in blocks of users. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/lines.h"
#include "base/option.h"
#include "base/status.h"
#include "base/writer.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/json.h"
#include "cli/mapped.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/text.h"

enum { BLOCK_USERS = 1024, BLOCK_HITS = 1 << 20, FEW_USERS = 1000, STOP = 0, SKIP = 1 };

typedef struct recommend_options {
    const char *users, *mask, *output, *mask_column[2];
    int64_t k, threads;
    int on_error, json;
} recommend_options;

static const tamis_option rows[] = {
    BASE_OPTION(recommend_options, users, "users", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "for the users in this file, one id a line (- for standard input), in its order; without it for all; "
               "may be gzipped, and a first line user_id is passed over", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(recommend_options, mask, "mask", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "a further log whose interactions are not recommended either; may be given more than once", .file = TAMIS_FILE_INPUT),
    CLI_COLUMNS(recommend_options, mask_column, "mask"),
    BASE_OPTION(recommend_options, k, "k", TAMIS_OPTION_INTEGER, "[1,2147483647]", "10", "items",
               "how many for each user"),
    BASE_OPTION(recommend_options, on_error, "on-error", TAMIS_OPTION_CHOICE, "stop|skip", "stop", "",
               "what to do about a user the model does not know, and about a bad row of --mask"),
    BASE_OPTION(recommend_options, json, "json", TAMIS_OPTION_FLAG, NULL, "0", "",
               "write JSON, one user a line; as is done for an --output in .json or .jsonl"),
    BASE_OPTION(recommend_options, output, "output", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write to this file instead of standard output; a name in .gz is compressed", .file = TAMIS_FILE_STREAM),
    BASE_OPTION(recommend_options, threads, "threads", TAMIS_OPTION_INTEGER, "[0,1024]", "0", "threads",
               "0: as many as OpenMP offers; never changes the result"),
};
CLI_TABLE(cli_recommend_table, "recommend", rows, recommend_options);

typedef struct user_list {
    int64_t *row;
    size_t count, capacity;
} user_list;

static bool add_user(user_list *list, int64_t row)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 1024;
        int64_t *grown = realloc(list->row, capacity * sizeof *grown);
        if (!grown) return false;
        list->row = grown;
        list->capacity = capacity;
    }
    list->row[list->count++] = row;
    return true;
}

/* The lines of the list of users. */
typedef struct id_lines {
    char *text; /* one after the other */
    size_t *from;
    int64_t *number;
    size_t count, capacity, used, room;
    bool full;
} id_lines;

static int keep_line(void *context, const char *id, size_t length, int64_t number)
{
    id_lines *lines = context;
    if (lines->count + 1 >= lines->capacity) {
        size_t capacity = lines->capacity ? 2 * lines->capacity : 256;
        size_t *from = realloc(lines->from, capacity * sizeof *from);
        if (from) lines->from = from;
        int64_t *numbers = realloc(lines->number, capacity * sizeof *numbers);
        if (numbers) lines->number = numbers;
        if (from && numbers) lines->capacity = capacity;
        lines->full = !from || !numbers;
    }
    if (!lines->full && lines->used + length > lines->room) {
        size_t room = 2 * (lines->room + length) + 4096;
        char *text = realloc(lines->text, room);
        if (text) lines->text = text;
        if (text) lines->room = room;
        lines->full = !text;
    }
    if (lines->full) return 1;
    memcpy(lines->text + lines->used, id, length);
    lines->from[lines->count] = lines->used;
    lines->number[lines->count++] = number;
    lines->from[lines->count] = lines->used += length;
    return 0;
}

static void free_lines(id_lines *lines)
{
    free(lines->text);
    free(lines->from);
    free(lines->number);
}

static const char *list_name(const recommend_options *options)
{
    return strcmp(options->users, "-") ? options->users : "standard input";
}

static int read_lines(const recommend_options *options, id_lines *lines)
{
    tamis_error error;
    if (!options->users) return 0;
    tamis_status status = base_lines_read(options->users, &(base_lines){lines, keep_line}, &error);
    if (lines->full) return cli_fail(TAMIS_FAILURE, "not enough memory for the users of %s", list_name(options));
    return cli_status(status, &error);
}

/* For few users, the part of the model file that concerns them; else all of it. */
static int load(const char *path, const recommend_options *options, const id_lines *lines, tamis_model **model)
{
    tamis_error error;
    if (!options->users || lines->count > FEW_USERS) return cli_load(path, model);
    const char **id = malloc((lines->count + 1) * sizeof *id);
    size_t *length = malloc((lines->count + 1) * sizeof *length);
    int code = id && length ? 0 : cli_fail(TAMIS_FAILURE, "not enough memory for %zu users", lines->count);
    for (size_t k = 0; !code && k < lines->count; k++) {
        id[k] = lines->text + lines->from[k];
        length[k] = lines->from[k + 1] - lines->from[k];
    }
    cli_mapped(path);
    if (!code)
        code = cli_status(tamis_model_load_users(path, &(tamis_user_list){id, length, lines->count}, model, &error), &error);
    free(id);
    free(length);
    return code;
}

/* Every id is looked up before anything is written, so that an unknown one leaves no half output. */
static int list_users(const recommend_options *options, const tamis_model *model, const id_lines *lines, user_list *list)
{
    static const char header[] = "user_id";
    char shown[280], count[64];
    int64_t unknown = 0;
    if (!options->users) {
        for (int64_t u = 0; u < tamis_model_users(model); u++)
            if (!add_user(list, u)) return cli_fail(TAMIS_FAILURE, "not enough memory for the users");
        return 0;
    }
    for (size_t k = 0; k < lines->count; k++) {
        const char *id = lines->text + lines->from[k];
        const size_t length = lines->from[k + 1] - lines->from[k];
        const int64_t row = tamis_model_find_user(model, id, length), number = lines->number[k];
        if (row < 0 && number == 1 && length == sizeof header - 1 && memcmp(id, header, length) == 0) continue;
        if (row < 0 && options->on_error == STOP)
            return cli_fail(TAMIS_DATA, "%s:%" PRId64 ": user \"%s\" is not in the model; to pass over such lines use "
                            "--on-error skip", list_name(options), number, base_quote(shown, sizeof shown, id, length));
        if (row < 0)
            unknown++;
        else if (!add_user(list, row))
            return cli_fail(TAMIS_FAILURE, "not enough memory for the users of %s", list_name(options));
    }
    if (unknown)
        cli_note("%s: %s passed over, whose user%s the model does not know", list_name(options),
                 cli_plural(unknown, "line", count), unknown == 1 ? "" : "s");
    return 0;
}

static void write_csv(cli_out *out, const tamis_model *model, int64_t user, const tamis_hit *hits, int64_t k)
{
    char text[64], score[32];
    size_t user_length, item_length;
    const char *user_id = tamis_model_user_id(model, user, &user_length);
    for (int64_t r = 0; r < k && hits[r].item >= 0; r++) {
        const char *item_id = tamis_model_item_id(model, hits[r].item, &item_length);
        cli_out_field(out, user_id, user_length);
        snprintf(text, sizeof text, ",%" PRId64 ",", r + 1);
        cli_out_text(out, text);
        cli_out_field(out, item_id, item_length);
        snprintf(text, sizeof text, ",%s\n", cli_float(hits[r].score, score));
        cli_out_text(out, text);
    }
}

static void write_json(cli_out *out, const tamis_model *model, int64_t user, const tamis_hit *hits, int64_t k)
{
    cli_json json = {.out = out};
    char score[32];
    size_t length;
    const char *id = tamis_model_user_id(model, user, &length);
    cli_json_open(&json, NULL, '{');
    cli_json_string(&json, "user_id", id, length);
    cli_json_open(&json, "items", '[');
    for (int64_t r = 0; r < k && hits[r].item >= 0; r++) {
        id = tamis_model_item_id(model, hits[r].item, &length);
        cli_json_open(&json, NULL, '{');
        cli_json_string(&json, "item_id", id, length);
        cli_json_raw(&json, "score", cli_float(hits[r].score, score));
        cli_json_close(&json, '}');
    }
    cli_json_close(&json, ']');
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

static int recommend(const recommend_options *options, const tamis_model *model, const user_list *list, cli_out *out)
{
    tamis_error error;
    int64_t k = options->k < tamis_model_items(model) ? options->k : tamis_model_items(model);
    size_t block = BLOCK_HITS / (size_t)k < BLOCK_USERS ? BLOCK_HITS / (size_t)k : BLOCK_USERS;
    if (block == 0) block = 1;
    tamis_hit *hits = calloc(block * (size_t)k, sizeof *hits);
    if (!hits) return cli_fail(TAMIS_FAILURE, "not enough memory for %" PRId64 " items a user", k);
    int code = 0;
    if (!options->json) cli_out_text(out, "user_id,rank,item_id,score\n");
    for (size_t first = 0; first < list->count && !code; first += block) {
        size_t count = list->count - first < block ? list->count - first : block;
        tamis_status status =
            tamis_recommend(model, list->row + first, count, k, options->threads, hits, &error);
        code = cli_status(status, &error);
        for (size_t r = 0; r < count && !code; r++)
            (options->json ? write_json : write_csv)(out, model, list->row[first + r], hits + r * (size_t)k, k);
        /* nobody listens, or the disk is full; the end says so */
        if (!code && (out->writer ? base_writer_failed(out->writer) != 0 : ferror(stdout) != 0)) break;
    }
    free(hits);
    return code;
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
static int add_masks(const cli_args *args, const recommend_options *options, tamis_model *model)
{
    int code = 0;
    for (size_t k = 0; k < args->given_count && !code; k++) {
        const cli_given *given = &args->given[k];
        if (strcmp(given->row->name, "mask") != 0) continue;
        tamis_log_options reading;
        tamis_log *log;
        tamis_error error;
        cli_beside(args, "mask-", NULL, &reading);
        reading.on_error = options->on_error == SKIP ? TAMIS_ON_ERROR_SKIP : TAMIS_ON_ERROR_STOP;
        code = cli_read_log_silent(&given->text, 1, &reading, CLI_SILENT_RATING, &log);
        if (code) return code;
        code = cli_status(tamis_model_mask(model, log, &error), &error);
        tamis_log_free(log);
    }
    return code;
}

int cmd_recommend(const cli_args *args)
{
    recommend_options options;
    tamis_model *model = NULL;
    user_list list = {0};
    id_lines lines = {0};
    cli_out out = {0};
    int code = cli_read_command(args, &cli_recommend_table, &options);
    if (!code) code = cli_check_beside(args, "mask-");
    bool to_file = !code && options.output && strcmp(options.output, "-") != 0;
    if (!code) code = cli_check_files(args);
    if (to_file && !cli_text(args, "json")) options.json = named_json(options.output);
    if (!code) code = read_lines(&options, &lines);
    if (!code) code = load(args->operand[0], &options, &lines, &model);
    if (!code) code = add_masks(args, &options, model);
    if (!code) code = list_users(&options, model, &lines, &list);
    if (!code) code = cli_out_open(options.output, &out);
    if (!code) {
        code = recommend(&options, model, &list, &out);
        code = cli_out_close(&out, code);
    }
    free(list.row);
    free_lines(&lines);
    tamis_model_free(model);
    return code;
}
