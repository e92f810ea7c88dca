/* tamis split: logs cut into train, validation and test. */
#include <stddef.h>
#include <stdio.h>

#include "cli/cli.h"

typedef struct split_output {
    const char *output;
} split_output;

static const tamis_option rows[] = {
    CLI_OPTION(split_output, output, "output", TAMIS_OPTION_TEXT, "DIR", NULL, "",
               "the directory to write into, made if missing"),
};
CLI_TABLE(cli_split_table, "split-output", rows, split_output);

static int write_part(const char *directory, const char *name, const tamis_log *part)
{
    char path[4096], count[64];
    tamis_error error;
    if (!part) return 0;
    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return cli_fail(TAMIS_FAILURE, "the path of %s is too long", directory);
    int code = cli_status(tamis_log_write(part, path, &error), &error);
    if (!code) cli_note("%s: %s", path, cli_plural(tamis_log_interactions(part), "interaction", count));
    return code;
}

/* A part that was asked for holds something. */
static int check_part(const char *option, double ratio, const tamis_log *part)
{
    if (!part || tamis_log_interactions(part) > 0) return 0;
    return cli_fail(TAMIS_USAGE, "--%s %g holds nothing out: each user's share is rounded, and one interaction stays for training; "
                    "expected a higher ratio, or users with more interactions", option, ratio);
}

static int split(const tamis_log *log, const tamis_split_options *options, const cli_parts *parts)
{
    const char *directory = parts->directory;
    tamis_log *train = NULL, *validation = NULL, *test = NULL;
    tamis_error error;
    tamis_status status = tamis_log_split(log, options, &train, options->validation_ratio > 0 ? &validation : NULL,
                                          options->test_ratio > 0 ? &test : NULL, &error);
    int code = cli_status(status, &error);
    if (!code) code = check_part("test-ratio", options->test_ratio, test);
    if (!code) code = check_part("validation-ratio", options->validation_ratio, validation);
    if (!code) code = cli_directory(directory);
    if (!code) code = write_part(directory, "train.csv", train);
    if (!code) code = write_part(directory, "validation.csv", validation);
    if (!code) code = write_part(directory, "test.csv", test);
    if (!code) code = cli_parts_clean(parts);
    tamis_log_free(train);
    tamis_log_free(validation);
    tamis_log_free(test);
    return code;
}

int cmd_split(const cli_args *args)
{
    tamis_log_options reading;
    tamis_split_options options;
    split_output own;
    tamis_log *log = NULL;
    int code = cli_read_options(args, "log", &reading);
    if (!code) code = cli_read_options(args, "split", &options);
    if (!code) code = cli_read_own(args, &cli_split_table, &own);
    if (!code && !own.output) code = cli_missing(args, "-o DIR");
    cli_parts parts = {.command = "split", .directory = own.output, .start = "user_id,item_id",
                       .name = {"train.csv", "validation.csv", "test.csv"}};
    if (!code) code = cli_parts_check(&parts, args, "--output");
    if (!code) code = cli_read_log(args->operand, args->operands, &reading, &log);
    if (!code) code = split(log, &options, &parts);
    tamis_log_free(log);
    return code;
}
