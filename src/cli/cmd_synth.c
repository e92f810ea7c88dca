/* tamis synth: logs with known truth. */
#include <stddef.h>

#include "cli/cli.h"

typedef struct synth_output {
    const char *output;
} synth_output;

static const tamis_option rows[] = {
    CLI_OPTION(synth_output, output, "output", TAMIS_OPTION_TEXT, "DIR", NULL, "",
               "the directory to write into, made if missing"),
};
CLI_TABLE(cli_synth_table, "synth-output", rows, synth_output);

int cmd_synth(const cli_args *args)
{
    tamis_synth_options options;
    synth_output own;
    tamis_error error;
    int code = cli_read_options(args, "synth", &options);
    if (!code) code = cli_read_own(args, &cli_synth_table, &own);
    if (!code && !own.output) code = cli_missing(args, "-o DIR");
    cli_parts parts = {.command = "synth", .directory = own.output};
    if (!code) code = cli_parts_check(&parts, args, "--output");
    if (code) return code;
    cli_signal(CLI_SIGNAL_STOP); /* the first one waits for the files being written */
    code = cli_status(tamis_synth(&options, own.output, &error), &error);
    if (!code) cli_note("%s: train.csv, test.csv, truth.csv and noise.csv written", own.output);
    return code ? code : cli_interrupted() ? CLI_INTERRUPTED : 0;
}
