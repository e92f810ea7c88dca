/* tamis export: a model as NumPy arrays and lists of ids. */
#include "cli/cli.h"

int cmd_export(const cli_args *args)
{
    tamis_error error;
    tamis_model *model = NULL;
    int code = cli_load(args->operand[0], &model);
    if (!code) {
        cli_signal(CLI_SIGNAL_HOLD);
        code = cli_status(tamis_model_export(model, args->operand[1], &error), &error);
    }
    tamis_model_free(model);
    return code ? code : cli_interrupted() ? CLI_INTERRUPTED : 0;
}
