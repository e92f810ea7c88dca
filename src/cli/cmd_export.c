/* tamis export: a model as NumPy arrays and lists of ids. */
#include <stddef.h>

#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/message.h"

typedef struct export_options {
    int fold_bias, equal_length;
} export_options;

static const tamis_option rows[] = {
    BASE_OPTION(export_options, fold_bias, "fold-bias", TAMIS_OPTION_FLAG, NULL, "0", "",
               "in the place of item_bias.npy a further dimension: the items' biases, and 1 for users, so that inner products are scores"),
    BASE_OPTION(export_options, equal_length, "equal-length", TAMIS_OPTION_FLAG, NULL, "0", "",
               "a further dimension that makes all items as long as the longest, so that cosines and distances order them as inner products do"),
};
CLI_TABLE(cli_export_table, "export", rows, export_options);

int cmd_export(const cli_args *args)
{
    tamis_error error;
    tamis_model *model = NULL;
    export_options options;
    tamis_export_options how;
    cli_parts parts = {.command = "export", .directory = args->operand[1],
                       .name = {"item_bias.npy", "flip_user_factors.npy", "flip_item_factors.npy", "user_factors.npy",
                                "item_factors.npy", "neighbour_start.npy", "neighbour_item.npy", "neighbour_value.npy", "user_ids.txt",
                                "item_ids.txt"}};
    int code = cli_read_command(args, &cli_export_table, &options);
    tamis_export_options_default(&how);
    how.fold_bias = options.fold_bias;
    how.equal_length = options.equal_length;
    if (!code) code = cli_parts_check(&parts, args, "DIR");
    if (!code) code = cli_load(args->operand[0], &model);
    if (!code) code = cli_status(tamis_model_export_as(model, args->operand[1], &how, &error), &error);
    if (!code) cli_parts_tell(&parts);
    tamis_model_free(model);
    return code;
}
