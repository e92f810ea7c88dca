/* tamis help, tamis completion: what the program says of itself. */
#include "cli/advice.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/help.h"

int cmd_completion(const cli_args *args)
{
    return cli_complete(args->operand[0]);
}

int cmd_help(const cli_args *args)
{
    if (!args->operands) {
        cli_help_program();
        return 0;
    }
    const cli_command *command = cli_command_find(args->operand[0]);
    if (!command) return cli_unknown_command(args->operand[0]);
    cli_help_command(command, cli_text(args, "help-all"));
    return 0;
}
