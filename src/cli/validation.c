/* The log of --validation. */
#include <math.h>
#include <stddef.h>

#include "cli/message.h"
#include "cli/validation.h"

int cli_validation_check(const cli_args *args, const cli_validation *v, bool ratio)
{
    if (v->path && ratio)
        return cli_usage(args->command, "--validation and --validation-ratio are two ways to say one thing; give one");
    if (v->relevance && !v->path)
        return cli_usage(args->command, "--validation-relevance needs --validation, the log that has the column");
    return cli_check_beside(args, "validation-");
}

static int warn(const cli_validation *v, const tamis_log *log, const tamis_log *validation)
{
    tamis_leakage leak;
    tamis_error error;
    int code = cli_status(tamis_log_leakage(log, validation, &leak, &error), &error);
    if (code) return code;
    if (leak.shared_rows == leak.test_rows)
        return cli_fail(TAMIS_DATA, "every row of --validation %s is in the training log and could only be a miss; expected rows "
                        "that are held out, or --validation-ratio", v->path);
    if (leak.shared_rows)
        cli_warn_share(leak.shared_rows, leak.test_rows, "validation row",
                       v->relevance ? "are in the training log too" : "are in the training log too, and can only be misses");
    if (leak.unknown_users * 100 > leak.test_users)
        cli_warn_share(leak.unknown_users, leak.test_users, "validation user", "have no row in the training log");
    if (leak.unknown_items * 100 > leak.test_items)
        cli_warn_share(leak.unknown_items, leak.test_items, "validation item", "are not in the training log");
    return 0;
}

int cli_validation_read(const cli_args *args, const cli_validation *v, const tamis_log_options *reading, const tamis_log *log,
                        tamis_log **out)
{
    /* the k-core is a property of the training log: a user's few held-out rows must not be dropped by it */
    tamis_log_options first = *reading, second;
    if (v->relevance) first.min_rating = -(double)INFINITY;
    cli_beside(args, "validation-", &first, &second);
    second.relevance = v->relevance;
    int code = cli_read_log_silent(&v->path, 1, &second, 0, out);
    return code ? code : warn(v, log, *out);
}
