/* tamis synth: logs with known truth, made up or fitted to a log. */
#include <stddef.h>
#include <string.h>

#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/message.h"

typedef struct synth_output {
    const char *output, *from;
} synth_output;

static const tamis_option rows[] = {
    BASE_OPTION(synth_output, output, "output", TAMIS_OPTION_TEXT, "DIR", NULL, "",
               "the directory to write into, made if missing", .file = TAMIS_FILE_DIRECTORY),
    BASE_OPTION(synth_output, from, "from", TAMIS_OPTION_TEXT, "LOG", NULL, "",
               "fit relevance and exposure to this log, which has ratings, and draw from them", .file = TAMIS_FILE_INPUT),
};
CLI_TABLE(cli_synth_table, "synth-output", rows, synth_output);

/* Of the options of made-up logs only these two count. */
static int refuse_others(const cli_args *args)
{
    const tamis_option_table *synth = tamis_option_find_table("synth");
    for (size_t k = 0; k < args->given_count; k++) {
        const char *name = args->given[k].row->name;
        if (args->given[k].table == synth && strcmp(name, "seed") != 0 && strcmp(name, "threads") != 0)
            return cli_usage(args->command, "--%s does not go with --from, whose world comes from the log", name);
    }
    return 0;
}

static int draw_from(const cli_args *args, const synth_output *command, const tamis_synth_options *options)
{
    tamis_log_options reading;
    tamis_semi_options semi;
    tamis_log *log = NULL;
    tamis_error error;
    int code = refuse_others(args);
    if (!code) code = cli_read_reading(args, &reading);
    tamis_semi_options_default(&semi);
    if (!code) code = cli_read_options(args, "semi", &semi);
    semi.seed = options->seed;
    semi.threads = options->threads;
    if (!code) code = cli_read_log_silent(&command->from, 1, &reading, CLI_SILENT_RATING, &log);
    if (!code) code = cli_status(tamis_synth_from(log, &semi, command->output, &error), &error);
    if (!code) cli_note("%s: train.csv, test.csv, relevance.csv and propensity.csv written", command->output);
    tamis_log_free(log);
    return code;
}

int cmd_synth(const cli_args *args)
{
    tamis_synth_options options;
    synth_output command;
    tamis_error error;
    int code = cli_read_options(args, "synth", &options);
    if (!code) code = cli_read_command(args, &cli_synth_table, &command);
    if (!code && !command.output) code = cli_missing(args->command, "-o DIR");
    cli_parts parts = {.command = "synth", .directory = command.output,
                       .name = {"events.csv", "train.csv", "test.csv", "truth.csv", "noise.csv", "relevance.csv", "propensity.csv"}};
    if (!code) code = cli_parts_check(&parts, args, "--output");
    if (!code && options.events && cli_text(args, "test-ratio"))
        code = cli_usage(args->command, "--test-ratio does not go with --events; tamis split --test-from cuts them by time");
    if (code) return code;
    if (command.from) {
        code = draw_from(args, &command, &options);
        if (!code) cli_parts_tell(&parts);
        return code;
    }
    code = cli_status(tamis_synth(&options, command.output, &error), &error);
    if (!code)
        cli_note("%s: %s, %snoise.csv and propensity.csv written", command.output, options.events ? "events.csv" : "train.csv, test.csv",
                 options.no_truth ? "" : "truth.csv, ");
    if (!code) cli_parts_tell(&parts);
    return code;
}
