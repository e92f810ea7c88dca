/* Logs of users that are folded into a model. */
#include <inttypes.h>
#include <string.h>

#include "cli/file.h"
#include "cli/history.h"
#include "cli/message.h"
#include "cli/signal.h"
#include "cli/text.h"

int cli_history_read(const cli_history *h, tamis_log **log)
{
    return cli_read_log(&h->path, 1, &h->reading, log);
}

static const char *name_of(const cli_history *h)
{
    return strcmp(h->path, "-") == 0 ? "standard input" : h->path;
}

int cli_history_fold(const cli_history *h, const tamis_log *log, tamis_model **model)
{
    tamis_fold_options options;
    tamis_fold_report report;
    tamis_model *folded;
    tamis_error error;
    char a[64], b[64], c[64];
    tamis_fold_options_default(&options);
    options.threads = h->threads;
    options.stop = &cli_stop;
    const tamis_status status = tamis_model_fold_in_log(*model, log, &options, &folded, &report, &error);
    if (status == TAMIS_STOPPED && cli_interrupted()) return cli_interrupted();
    if (status) return cli_status(status, &error);
    tamis_model_free(*model);
    *model = folded;
    cli_note("%s: %s folded in, %" PRId64 " of them new, from %s", name_of(h), cli_plural(report.users, "user", a), report.new_users,
             cli_plural(report.rows, "row", b));
    if (report.unknown_rows)
        cli_note("warning: %s: %s left out, of %s that the model does not know", name_of(h), cli_plural(report.unknown_rows, "row", a),
                 cli_plural(report.unknown_items, "item", b));
    if (report.left_users) cli_note("%s: no row is left of %s", name_of(h), cli_plural(report.left_users, "user", c));
    return 0;
}

bool cli_history_known(const cli_history *h, const tamis_log *log, const tamis_model *model)
{
    const int64_t items = tamis_log_items(log);
    size_t length;
    char a[64];
    for (int64_t i = 0; i < items; i++) {
        const char *id = tamis_log_item_id(log, i, &length);
        if (tamis_model_find_item(model, id, length) >= 0) return true;
    }
    cli_note("warning: %s: the model knows none of the history's %s; are these ids as in the log that it was trained on?", name_of(h),
             cli_plural(items, "item", a));
    return false;
}
