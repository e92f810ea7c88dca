/* tamis split: logs cut into train, validation and test. */
#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "base/option.h"
#include "base/set.h"
#include "base/writer.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/text.h"

typedef struct split_output {
    const char *output;
} split_output;

static const tamis_option rows[] = {
    BASE_OPTION(split_output, output, "output", TAMIS_OPTION_TEXT, "DIR", NULL, "",
               "the directory to write into, made if missing", .file = TAMIS_FILE_DIRECTORY),
};
CLI_TABLE(cli_split_table, "split-output", rows, split_output);

/* A part that the split does not have, as well. */
static int add_part(base_set *set, const char *name, const tamis_log *part)
{
    base_writer *writer;
    tamis_error error;
    int code = cli_status(base_set_add(set, name, part ? &writer : NULL, &error), &error);
    if (!code && part) cli_put_log(writer, part);
    return code;
}

/* A part that was asked for holds something. */
static int check_part(const tamis_split_options *options, bool validation, const tamis_log *part)
{
    if (!part || tamis_log_interactions(part) > 0) return 0;
    if (options->last || options->folds)
        return cli_fail(TAMIS_USAGE, "--%s%s holds nothing out: %s", validation ? "validation-" : "", options->last ? "last" : "fold",
                        options->last ? "one interaction of each user stays for training; expected users with more of them"
                                      : "there are too few interactions; expected fewer --folds");
    return cli_fail(TAMIS_USAGE, "--%s-ratio %g holds nothing out: each user's share is rounded, and one interaction stays for training; "
                    "expected a higher ratio, or users with more interactions", validation ? "validation" : "test",
                    validation ? options->validation_ratio : options->test_ratio);
}

/* By a time for all, or in folds, what is met in a part alone. */
static void tell_unknown(const tamis_log *train, const tamis_log *part, const char *name)
{
    tamis_leakage met;
    char a[64], b[64];
    if (!part || tamis_log_leakage(train, part, &met, NULL) || (!met.unknown_users && !met.unknown_items)) return;
    cli_note("%s: %s and %s are not in train", name, cli_plural(met.unknown_users, "user", a), cli_plural(met.unknown_items, "item", b));
}

static int write_parts(const char *directory, const tamis_log *train, const tamis_log *validation, const tamis_log *test)
{
    const struct {
        const char *name;
        const tamis_log *part;
    } files[] = {{"train.csv", train}, {"validation.csv", validation}, {"test.csv", test}};
    char count[64];
    base_set *set;
    tamis_error error;
    int code = cli_status(base_set_new(directory, "tamis split", "user_id,item_id", &set, &error), &error);
    for (size_t k = 0; k < BASE_COUNT(files) && !code; k++) code = add_part(set, files[k].name, files[k].part);
    if (code) {
        base_set_discard(set);
        return code;
    }
    code = cli_status(base_set_commit(set, &error), &error);
    for (size_t k = 0; k < BASE_COUNT(files) && !code; k++)
        if (files[k].part)
            cli_note("%s/%s: %s", directory, files[k].name,
                     cli_plural(tamis_log_interactions(files[k].part), "interaction", count));
    return code;
}

static int split(const tamis_log *log, const tamis_split_options *options, const cli_parts *parts)
{
    tamis_log *train = NULL, *validation = NULL, *test = NULL;
    tamis_error error;
    const bool otherwise = options->last || options->test_from || options->folds;
    const bool validated = options->validation_ratio > 0 || options->validation_last || options->validation_from || options->validation_fold;
    tamis_status status = tamis_log_split(log, options, &train, validated ? &validation : NULL,
                                          otherwise || options->test_ratio > 0 ? &test : NULL, &error);
    int code = cli_status(status, &error);
    if (!code) code = check_part(options, false, test);
    if (!code) code = check_part(options, true, validation);
    if (!code) code = write_parts(parts->directory, train, validation, test);
    if (!code && otherwise) {
        tell_unknown(train, validation, "validation.csv");
        tell_unknown(train, test, "test.csv");
    }
    if (!code) cli_parts_tell(parts);
    tamis_log_free(train);
    tamis_log_free(validation);
    tamis_log_free(test);
    return code;
}

int cmd_split(const cli_args *args)
{
    tamis_log_options reading;
    tamis_split_options options;
    split_output command;
    tamis_log *log = NULL;
    int code = cli_read_reading(args, &reading);
    if (!code) code = cli_read_options(args, "split", &options);
    static const char *const shares[] = {"test-ratio", "validation-ratio"};
    const bool otherwise = !code && (options.last || options.test_from || options.folds);
    for (size_t k = 0; k < BASE_COUNT(shares) && !code; k++)
        if (otherwise && cli_text(args, shares[k]))
            code = cli_usage(args->command, "--%s is a share, and --%s cuts otherwise; leave one of them out", shares[k],
                             options.last ? "last" : options.folds ? "folds" : "test-from");
    if (!code) code = cli_read_command(args, &cli_split_table, &command);
    if (!code && !command.output) code = cli_missing(args->command, "-o DIR");
    cli_parts parts = {.command = "split", .directory = command.output,
                       .name = {"train.csv", "validation.csv", "test.csv"}};
    if (!code) code = cli_parts_check(&parts, args, "--output");
    if (!code) code = cli_read_log(args->operand, args->operands, &reading, &log);
    if (!code) code = split(log, &options, &parts);
    tamis_log_free(log);
    return code;
}
