/* A user's recommendations as CSV or JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/json.h"
#include "cli/lists.h"
#include "cli/text.h"

void cli_list_csv(cli_out *out, const cli_list *list)
{
    char text[64], score[32];
    size_t length;
    for (int64_t r = 0; r < list->k && list->hits[r].item >= 0; r++) {
        const char *id = tamis_model_item_id(list->model, list->hits[r].item, &length);
        cli_out_field(out, list->user, list->length);
        snprintf(text, sizeof text, ",%" PRId64 ",", r + 1);
        cli_out_text(out, text);
        cli_out_field(out, id, length);
        snprintf(text, sizeof text, ",%s\n", cli_float(list->hits[r].score, score));
        cli_out_text(out, text);
    }
}

void cli_list_json(cli_out *out, const cli_list *list)
{
    cli_json json = {.out = out};
    char score[32];
    size_t length;
    cli_json_open(&json, NULL, '{');
    if (list->user) cli_json_string(&json, "user_id", list->user, list->length);
    if (list->origin) cli_json_text(&json, "origin", list->origin);
    cli_json_open(&json, "items", '[');
    for (int64_t r = 0; r < list->k && list->hits[r].item >= 0; r++) {
        const char *id = tamis_model_item_id(list->model, list->hits[r].item, &length);
        cli_json_open(&json, NULL, '{');
        cli_json_string(&json, "item_id", id, length);
        cli_json_raw(&json, "score", cli_float(list->hits[r].score, score));
        cli_json_close(&json, '}');
    }
    cli_json_close(&json, ']');
    if (list->unknown) cli_json_integer(&json, "unknown_items", list->unknown);
    cli_json_close(&json, '}');
    cli_json_line(&json);
}
