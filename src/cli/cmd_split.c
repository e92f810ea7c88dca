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
    double hold_out_users;
} split_output;

static const tamis_option rows[] = {
    BASE_OPTION(split_output, output, "output", TAMIS_OPTION_TEXT, "DIR", NULL, "",
               "the directory to write into, made if missing", .file = TAMIS_FILE_DIRECTORY),
    BASE_OPTION(split_output, hold_out_users, "hold-out-users", TAMIS_OPTION_REAL, "[0,1)", "0", "",
               "hold out this share of the users altogether: history.csv and test.csv are of these alone, to be folded into a model of "
               "train.csv, which with validation.csv has all rows of the others"),
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

typedef struct split_parts {
    tamis_log *train, *validation, *history, *test; /* NULL: there is no such part */
} split_parts;

static int write_parts(const char *directory, const split_parts *p)
{
    const struct {
        const char *name;
        const tamis_log *part;
    } files[] = {{"train.csv", p->train}, {"validation.csv", p->validation}, {"history.csv", p->history}, {"test.csv", p->test}};
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

static bool cuts_otherwise(const tamis_split_options *o)
{
    return o->last || o->test_from || o->folds;
}

static tamis_status cut(const tamis_log *log, const tamis_split_options *options, split_parts *p, tamis_error *error)
{
    const bool validated = options->validation_ratio > 0 || options->validation_last || options->validation_from || options->validation_fold;
    return tamis_log_split(log, options, &p->train, validated ? &p->validation : NULL,
                           cuts_otherwise(options) || options->test_ratio > 0 ? &p->test : NULL, error);
}

/* Test and history are cut from the held-out users, validation from the others. */
static tamis_status cut_users(const tamis_log *log, const tamis_split_options *options, double ratio, split_parts *p, tamis_error *error)
{
    tamis_log *rest, *held;
    tamis_split_options of_rest = *options, of_held = *options;
    split_parts others = {0}, theirs = {0};
    of_rest.test_ratio = of_held.validation_ratio = 0;
    tamis_status status = tamis_log_hold_out(log, ratio, options->seed, &rest, &held, error);
    if (!status) status = cut(rest, &of_rest, &others, error);
    if (!status) status = cut(held, &of_held, &theirs, error);
    *p = (split_parts){others.train, others.validation, theirs.train, theirs.test};
    tamis_log_free(rest);
    tamis_log_free(held);
    return status;
}

static int split(const tamis_log *log, const tamis_split_options *options, double hold_out_users, const cli_parts *parts)
{
    split_parts p = {0};
    tamis_error error;
    int code = cli_status(hold_out_users > 0 ? cut_users(log, options, hold_out_users, &p, &error) : cut(log, options, &p, &error), &error);
    if (!code) code = check_part(options, false, p.test);
    if (!code) code = check_part(options, true, p.validation);
    if (!code) code = write_parts(parts->directory, &p);
    if (!code && cuts_otherwise(options)) {
        tell_unknown(p.train, p.validation, "validation.csv");
        tell_unknown(p.train, p.test, "test.csv");
    }
    if (!code) cli_parts_tell(parts);
    tamis_log_free(p.train);
    tamis_log_free(p.validation);
    tamis_log_free(p.history);
    tamis_log_free(p.test);
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
    const bool otherwise = !code && cuts_otherwise(&options);
    for (size_t k = 0; k < BASE_COUNT(shares) && !code; k++)
        if (otherwise && cli_text(args, shares[k]))
            code = cli_usage(args->command, "--%s is a share, and --%s cuts otherwise; leave one of them out", shares[k],
                             options.last ? "last" : options.folds ? "folds" : "test-from");
    if (!code) code = cli_read_command(args, &cli_split_table, &command);
    if (!code && command.hold_out_users > 0 && otherwise)
        code = cli_usage(args->command, "--hold-out-users cuts test by shares of the held-out users' rows, and --%s cuts otherwise; leave one "
                         "of them out", options.last ? "last" : options.folds ? "folds" : "test-from");
    /* cppcheck-suppress uninitvar ; a table of options fills it in */
    if (!code && !command.output) code = cli_missing(args->command, "-o DIR");
    cli_parts parts = {.command = "split", .directory = command.output,
                       .name = {"train.csv", "validation.csv", "history.csv", "test.csv"}};
    if (!code) code = cli_parts_check(&parts, args, "--output");
    if (!code) code = cli_read_log(args->operand, args->operands, &reading, &log);
    if (!code) code = split(log, &options, command.hold_out_users, &parts);
    tamis_log_free(log);
    return code;
}
