/* tamis similar: an item's neighbours. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/option.h"
#include "base/status.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/json.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/text.h"

typedef struct similar_options {
    int64_t k;
    int json;
} similar_options;

static const tamis_option rows[] = {
    BASE_OPTION(similar_options, k, "k", TAMIS_OPTION_INTEGER, "[1,2147483647]", "10", "items", "how many"),
    BASE_OPTION(similar_options, json, "json", TAMIS_OPTION_FLAG, NULL, "0", "", "print JSON, one item a line"),
};
CLI_TABLE(cli_similar_table, "similar", rows, similar_options);

static void print_similar(const similar_options *options, const tamis_model *model, const tamis_hit *hits, int64_t k)
{
    cli_out out = {0};
    char text[64], score[32];
    size_t length;
    if (!options->json) cli_out_text(&out, "rank,item_id,score\n");
    for (int64_t r = 0; r < k && hits[r].item >= 0; r++) {
        const char *id = tamis_model_item_id(model, hits[r].item, &length);
        cli_float(hits[r].score, score);
        if (options->json) {
            cli_json json = {.out = &out};
            cli_json_open(&json, NULL, '{');
            cli_json_integer(&json, "rank", r + 1);
            cli_json_string(&json, "item_id", id, length);
            cli_json_raw(&json, "score", score);
            cli_json_close(&json, '}');
            cli_json_line(&json);
            continue;
        }
        snprintf(text, sizeof text, "%" PRId64 ",", r + 1);
        cli_out_text(&out, text);
        cli_out_field(&out, id, length);
        snprintf(text, sizeof text, ",%s\n", score);
        cli_out_text(&out, text);
    }
}

static int similar(const cli_args *args, const similar_options *options, const tamis_model *model)
{
    tamis_error error;
    char shown[280];
    const char *id = args->operand[1];
    int64_t item = tamis_model_find_item(model, id, strlen(id));
    if (item < 0)
        return cli_fail(TAMIS_DATA, "item \"%s\" is not in the model %s; tamis export lists its items in item_ids.txt",
                        base_quote(shown, sizeof shown, id, strlen(id)), args->operand[0]);
    int64_t k = options->k < tamis_model_items(model) ? options->k : tamis_model_items(model);
    tamis_hit *hits = calloc((size_t)k, sizeof *hits);
    if (!hits) return cli_fail(TAMIS_FAILURE, "not enough memory for %" PRId64 " items", k);
    int code = cli_status(tamis_similar(model, item, k, hits, &error), &error);
    if (!code) print_similar(options, model, hits, k);
    free(hits);
    return code;
}

int cmd_similar(const cli_args *args)
{
    similar_options options;
    tamis_model *model = NULL;
    int code = cli_read_command(args, &cli_similar_table, &options);
    if (!code) code = cli_load(args->operand[0], &model);
    if (!code) code = similar(args, &options, model);
    tamis_model_free(model);
    return code;
}
