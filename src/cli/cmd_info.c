/* tamis info: what a log holds; what a model file holds and how it was made. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/describe.h"
#include "cli/file.h"
#include "cli/json.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/text.h"

typedef struct info_options {
    int json;
    int64_t day_limit;
} info_options;

static const tamis_option rows[] = {
    BASE_OPTION(info_options, json, "json", TAMIS_OPTION_FLAG, NULL, "0", "", "print one JSON object"),
    BASE_OPTION(info_options, day_limit, "day-limit", TAMIS_OPTION_INTEGER, "[1,inf)", "1000", "rows",
               "of a log: users with more on a day (UTC) are told, for a person hardly makes as many"),
};
CLI_TABLE(cli_info_table, "info", rows, info_options);

/* JSON's own grammar of numbers, which is narrower than strtod()'s. */
static bool is_number(const char *text)
{
    if (*text == '-') text++;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || (digits > 1 && *text == '0')) return false;
    text += digits;
    if (*text == '.') {
        digits = strspn(++text, "0123456789");
        if (digits == 0) return false;
        text += digits;
    }
    if (*text == 'e' || *text == 'E') {
        text += text[1] == '-' || text[1] == '+' ? 2 : 1;
        digits = strspn(text, "0123456789");
        if (digits == 0) return false;
        text += digits;
    }
    return *text == '\0';
}

/* The entries of the item-item matrix, of all items. */
static int64_t neighbours_of(const tamis_model *model)
{
    int64_t sum = 0, count;
    for (int64_t i = 0; i < tamis_model_items(model); i++) {
        (void)tamis_model_neighbours(model, i, NULL, &count);
        sum += count;
    }
    return sum;
}

static void info_json(const tamis_model *model, const char *path, cli_out *out)
{
    cli_json json = {.out = out};
    const char *name, *value;
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "model", path);
    cli_json_integer(&json, "users", tamis_model_users(model));
    cli_json_integer(&json, "items", tamis_model_items(model));
    cli_json_integer(&json, "factors", tamis_model_factors(model));
    cli_json_integer(&json, "interactions", tamis_model_interactions(model));
    if (tamis_model_dislike_count(model)) cli_json_integer(&json, "dislikes", tamis_model_dislike_count(model));
    if (neighbours_of(model)) cli_json_integer(&json, "neighbours", neighbours_of(model));
    cli_json_raw(&json, "item_bias", tamis_model_item_bias(model) ? "true" : "false");
    cli_json_open(&json, "notes", '{');
    for (size_t k = 0; (name = tamis_model_note(model, k, &value)); k++) {
        if (is_number(value)) cli_json_raw(&json, name, value);
        else cli_json_text(&json, name, value);
    }
    cli_json_close(&json, '}');
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

static void info_text(const tamis_model *model, const char *path, cli_out *out)
{
    cli_table table = {.columns = 2, .left = true};
    char text[32];
    const char *name, *value;
    const struct {
        const char *name;
        int64_t value;
    } sizes[] = {{"users", tamis_model_users(model)},
                 {"items", tamis_model_items(model)},
                 {"interactions", tamis_model_interactions(model)},
                 {"dislikes", tamis_model_dislike_count(model)},
                 {"factors", tamis_model_factors(model)},
                 {"neighbours", neighbours_of(model)}};
    cli_table_cell(&table, "model");
    cli_table_cell(&table, "%s", path);
    for (size_t k = 0; (name = tamis_model_note(model, k, &value)); k++) {
        if (strcmp(name, "checkpoint-epoch") != 0) continue;
        cli_table_cell(&table, "checkpoint");
        cli_table_cell(&table, "after epoch %s; train --resume with the same log and options goes on", value);
    }
    for (size_t k = 0; k < BASE_COUNT(sizes); k++) {
        if (sizes[k].value == 0) continue;
        cli_table_cell(&table, "%s", sizes[k].name);
        cli_table_cell(&table, "%s", cli_count(sizes[k].value, text));
    }
    cli_table_cell(&table, "item bias");
    cli_table_cell(&table, "%s", tamis_model_item_bias(model) ? "yes" : "no");
    cli_table_cell(&table, "made with");
    cli_table_cell(&table, "%s", "");
    for (size_t k = 0; (name = tamis_model_note(model, k, &value)); k++) {
        if (strcmp(name, "checkpoint-epoch") == 0) continue;
        cli_table_cell(&table, "  %s", name);
        cli_table_cell(&table, "%s", value);
    }
    cli_table_print(&table, out);
}

static int info_model(const cli_args *args, bool json)
{
    cli_out out = {0};
    tamis_model *model = NULL;
    if (args->operands > 1)
        return cli_usage(args->command, "%s is a model, which is described alone; expected one model, or logs", args->operand[0]);
    for (size_t k = 0; k < args->given_count; k++) {
        const cli_given *given = &args->given[k];
        if (given->table != &cli_general_table && strcmp(given->row->name, "json") != 0)
            return cli_usage(args->command, "--%s is about logs, but %s is a model; leave it out", given->row->name, args->operand[0]);
    }
    const int code = cli_load(args->operand[0], &model);
    if (!code) (json ? info_json : info_text)(model, args->operand[0], &out);
    tamis_model_free(model);
    return code;
}

static int info_log(const cli_args *args, const info_options *options)
{
    tamis_log_options reading;
    tamis_log *log = NULL;
    int code = cli_read_reading(args, &reading);
    reading.day_limit = options->day_limit;
    /* notes are part of what is printed */
    if (!code) code = cli_read_log_silent(args->operand, args->operands, &reading, ~0u, &log);
    if (!code) code = cli_describe_log(args, log, options->json);
    tamis_log_free(log);
    return code;
}

int cmd_info(const cli_args *args)
{
    info_options options;
    int code = cli_read_command(args, &cli_info_table, &options);
    if (code) return code;
    return cli_begins_as_model(args->operand[0]) ? info_model(args, options.json) : info_log(args, &options);
}
