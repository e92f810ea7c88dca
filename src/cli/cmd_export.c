/* tamis export: a model as NumPy arrays and lists of ids. */
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/message.h"

int cmd_export(const cli_args *args)
{
    tamis_error error;
    tamis_model *model = NULL;
    cli_parts parts = {.command = "export", .directory = args->operand[1],
                       .name = {"item_bias.npy", "flip_user_factors.npy", "flip_item_factors.npy", "user_factors.npy",
                                "item_factors.npy", "neighbour_start.npy", "neighbour_item.npy", "neighbour_value.npy", "user_ids.txt",
                                "item_ids.txt"}};
    int code = cli_parts_check(&parts, args, "DIR");
    if (!code) code = cli_load(args->operand[0], &model);
    if (!code) code = cli_status(tamis_model_export(model, args->operand[1], &error), &error);
    if (!code) cli_parts_tell(&parts);
    tamis_model_free(model);
    return code;
}
