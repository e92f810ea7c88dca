/* tamis score: the scores of given pairs, a block of rows at a time. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/column.h"
#include "base/lines.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/writer.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/csv.h"
#include "cli/file.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/text.h"

enum { BLOCK = 4096, SKIP = 1 };

typedef struct score_options {
    const char *column[2], *output;
    int64_t threads;
    int on_error;
} score_options;

static const tamis_option rows[] = {
    BASE_OPTION(score_options, column[0], "user", TAMIS_OPTION_TEXT, "COLUMN", NULL, "",
               "the column of users: a name or a position; else found by its name, else the first"),
    BASE_OPTION(score_options, column[1], "item", TAMIS_OPTION_TEXT, "COLUMN", NULL, "", "the same of items; else the second"),
    BASE_OPTION(score_options, on_error, "on-error", TAMIS_OPTION_CHOICE, "stop|skip", "stop", "", "what to do about a bad row"),
    BASE_OPTION(score_options, output, "output", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write to this file instead of standard output; a name in .gz is compressed", .file = TAMIS_FILE_STREAM),
    BASE_OPTION(score_options, threads, "threads", TAMIS_OPTION_INTEGER, "[0,1024]", "0", "threads",
               "0: as many as OpenMP offers; never changes the result"),
};
CLI_TABLE(cli_score_table, "score", rows, score_options);

typedef struct scoring {
    score_options options;
    tamis_model *model;
    cli_csv csv;
    cli_out out;
    size_t at[2];  /* the columns of users and items */
    bool started;
    int64_t id[2][BLOCK];   /* rows of the model of the block's pairs; -1: unknown */
    size_t end[2 * BLOCK];  /* of their ids, one after the other in text */
    float score[BLOCK];
    char *text;
    size_t used, room, count;
    int64_t pairs, unknown[2], cold, bad;
    tamis_error first_bad;
    int code;   /* not 0: stop */
    bool deaf;  /* nobody listens, or the disk is full: stop, and the end says so */
} scoring;

static void write_block(scoring *s)
{
    char number[32];
    size_t from = 0;
    for (size_t k = 0; k < s->count; k++) {
        for (size_t side = 0; side < 2; side++) {
            const size_t end = s->end[2 * k + side];
            cli_out_field(&s->out, s->text + from, end - from);
            cli_out_bytes(&s->out, ",", 1);
            from = end;
        }
        const bool none = isnan(s->score[k]);
        if (!none) cli_out_text(&s->out, cli_float(s->score[k], number));
        cli_out_bytes(&s->out, "\n", 1);
        for (size_t side = 0; side < 2; side++) s->unknown[side] += s->id[side][k] < 0;
        s->cold += none && s->id[0][k] >= 0 && s->id[1][k] >= 0;
    }
}

static int score_block(scoring *s)
{
    tamis_error error;
    const tamis_status status = tamis_score(s->model, s->id[0], s->id[1], s->count, s->options.threads, s->score, &error);
    if (status) return cli_status(status, &error);
    write_block(s);
    s->pairs += (int64_t)s->count;
    s->count = s->used = 0;
    s->deaf = s->out.writer ? base_writer_failed(s->out.writer) : ferror(stdout) != 0;
    return 0;
}

/* The columns, by the first line; whether it names them. */
static bool find_columns(scoring *s, bool *header)
{
    static const int roles[] = {ROLE_USER, ROLE_ITEM};
    static const char *const names[] = {"user", "item"};
    *header = false;
    for (size_t side = 0; side < 2; side++) {
        const char *named = s->options.column[side];
        int64_t column = named ? cli_csv_named(&s->csv, named) : cli_csv_find(&s->csv, roles[side]);
        *header = *header || cli_csv_find(&s->csv, roles[side]) >= 0 || (column >= 0 && named && strspn(named, "0123456789") != strlen(named));
        if (column < 0 && !named && side < s->csv.row.count) column = (int64_t)side;
        if (column < 0) {
            s->code = named ? cli_fail(TAMIS_DATA, "%s:1: there is no column \"%.200s\", as --%s says", s->csv.name, named, names[side])
                            : cli_fail(TAMIS_DATA, "%s:1: there is one column; expected one of users and one of items", s->csv.name);
            return false;
        }
        s->at[side] = (size_t)column;
    }
    if (s->at[0] == s->at[1])
        s->code = cli_fail(TAMIS_DATA, "%s:1: column %zu is taken for users and items; expected --user and --item to name two", s->csv.name,
                           s->at[0] + 1);
    return !s->code;
}

static int start(scoring *s, const char *line, size_t count)
{
    tamis_error error;
    bool header = false;
    s->started = true;
    const tamis_status status = cli_csv_first(&s->csv, line, count, &error);
    if (status) return cli_status(status, &error);
    if (!find_columns(s, &header)) return s->code;
    if (!header) cli_note("%s: no header: user = column %zu, item = column %zu", s->csv.name, s->at[0] + 1, s->at[1] + 1);
    cli_out_text(&s->out, "user_id,item_id,score\n");
    return header ? -1 : 0;
}

static bool add_pair(scoring *s)
{
    for (size_t side = 0; side < 2; side++) {
        size_t length;
        const char *id = cli_csv_field(&s->csv, s->at[side], &length);
        if (!id || !base_grow(&s->text, &s->room, s->used + length + 1, 1)) return false;
        memcpy(s->text + s->used, id, length);
        s->used += length;
        s->end[2 * s->count + side] = s->used;
        s->id[side][s->count] = (side ? tamis_model_find_item : tamis_model_find_user)(s->model, id, length);
    }
    s->count++;
    return true;
}

static int take_line(void *context, const char *line, size_t count, int64_t number)
{
    scoring *s = context;
    tamis_error error;
    if (!s->started) {
        s->code = start(s, line, count);
        if (s->code == -1) return s->code = 0;
        if (s->code) return 1;
    }
    tamis_status status = cli_csv_next(&s->csv, line, count, number, &error);
    for (size_t side = 0; side < 2 && !status; side++)
        if (s->csv.row.field[s->at[side]].length == 0)
            status = base_fail(&error, TAMIS_DATA, "%s:%" PRId64 ":%zu: the id is missing", s->csv.name, number, s->at[side] + 1);
    if (status == TAMIS_DATA && s->options.on_error == SKIP) {
        if (!s->bad++) s->first_bad = error;
        return 0;
    }
    s->code = cli_status(status, &error);
    if (!s->code && !add_pair(s)) s->code = cli_fail(TAMIS_FAILURE, "not enough memory for a block of pairs");
    if (!s->code && s->count == BLOCK) s->code = score_block(s);
    return s->code || s->deaf;
}

static void tell(const scoring *s)
{
    char a[32], b[64];
    static const char *const what[] = {"user", "item"};
    for (size_t side = 0; side < 2; side++)
        if (s->unknown[side])
            cli_note("%s: %s of %s without a score: the model does not know the %s", s->csv.name, cli_count(s->unknown[side], a),
                     cli_plural(s->pairs, "pair", b), what[side]);
    if (s->cold)
        cli_note("%s: %s of %s without a score: the user has no interactions in training", s->csv.name, cli_count(s->cold, a),
                 cli_plural(s->pairs, "pair", b));
    if (s->bad) cli_note("%s: %s left out; the first: %s", s->csv.name, cli_plural(s->bad, "bad row", b), s->first_bad.text);
    if (!s->started) cli_note("%s: there is no row", s->csv.name);
}

static int score(scoring *s, const char *path)
{
    tamis_error error;
    s->csv.name = strcmp(path, "-") ? path : "standard input";
    const tamis_status status = base_lines_read(path, &(base_lines){s, take_line}, &error);
    if (s->code || s->deaf) return s->code;
    int code = cli_status(status, &error);
    if (!code && s->count) code = score_block(s);
    if (!code) tell(s);
    return code;
}

int cmd_score(const cli_args *args)
{
    scoring *s = calloc(1, sizeof *s);
    if (!s) return cli_fail(TAMIS_FAILURE, "not enough memory for a block of pairs");
    int code = cli_read_command(args, &cli_score_table, &s->options);
    if (!code) code = cli_check_files(args);
    if (!code) code = cli_load(args->operand[0], &s->model);
    if (!code) code = cli_out_open(s->options.output, &s->out);
    if (!code) code = cli_out_close(&s->out, score(s, args->operand[1]));
    tamis_model_free(s->model);
    cli_csv_clear(&s->csv);
    free(s->text);
    free(s);
    return code;
}
