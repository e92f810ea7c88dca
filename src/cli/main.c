/* tamis: finds the command, reads the general options, runs it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/advice.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/help.h"
#include "cli/line.h"
#include "cli/man.h"
#include "cli/mapped.h"
#include "cli/message.h"
#include "cli/options_file.h"
#include "cli/output.h"
#include "cli/shards.h"
#include "cli/signal.h"

/* The library takes the best tier when it cannot have the one that is asked for. */
static void tell_tier(void)
{
    char shown[280];
    const char *wanted = getenv("TAMIS_CPU");
    if (wanted && *wanted && strcmp(wanted, tamis_cpu_tier()) != 0)
        cli_note("warning: TAMIS_CPU=%s is none of the tiers that this processor has (portable, on x86 avx2 and avx512, on ARM "
                 "neon); %s is used", base_quote(shown, sizeof shown, wanted, strlen(wanted)), tamis_cpu_tier());
}

static int print_version(void)
{
    tell_tier();
    printf("tamis %s\nCPU tier %s, OpenBLAS core %s\n", tamis_version(), tamis_cpu_tier(), tamis_blas_core());
    return 0;
}

static int run(const cli_command *command, int argc, char **argv)
{
    cli_args args;
    cli_general general = {0};
    int code = cli_parse(command, argc, argv, &args);
    if (!code) code = cli_read_command(&args, &cli_general_table, &general);
    cli_quiet = general.quiet;
    if (!code && (general.help || general.help_all) && !(command->run == cmd_help && args.operands)) {
        cli_help_command(command, general.help_all);
    } else if (!code && general.version) {
        print_version();
    } else if (!code) {
        tell_tier();
        code = cli_shards(&args);
        if (!code) code = cli_check_inputs(&args);
        if (!code) code = cli_options_files(&args);
        if (!code) code = command->run(&args);
        code = cli_mapped_check(code);
        if (!code) code = cli_interrupted(); /* files were taking their names when it came */
    }
    cli_args_clear(&args);
    return code;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    int code;
    cli_signal_listen();
    if (!name)
        code = cli_usage(NULL, "which command? such as: tamis train clicks.csv -o model.tamis");
    else if (strcmp(name, "--help") == 0 || strcmp(name, "--help-all") == 0 || strcmp(name, "-h") == 0)
        code = (cli_help_program(), 0);
    else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        code = print_version();
    else if (strcmp(name, "--man") == 0) /* for the build: the generated part of the man page */
        code = (cli_man(), 0);
    else if (*name == '-')
        code = cli_usage(NULL, "a command comes before options such as %.60s", name);
    else if (cli_command_find(name))
        code = run(cli_command_find(name), argc - 2, argv + 2);
    else
        code = cli_unknown_command(name);
    return cli_out_finish(code);
}
