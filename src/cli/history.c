/* Logs of users that are folded into a model. */
#include <inttypes.h>

#include "cli/file.h"
#include "cli/history.h"
#include "cli/message.h"
#include "cli/signal.h"
#include "cli/text.h"

int cli_history_read(const cli_history *h, tamis_log **log)
{
    tamis_log_options reading;
    cli_beside(h->args, h->prefix, h->first, &reading);
    reading.on_error = h->on_error;
    return cli_read_log_silent(&h->path, 1, &reading, CLI_SILENT_RATING, log);
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
    cli_note("%s: %s folded in, %" PRId64 " of them new, from %s", h->path, cli_plural(report.users, "user", a), report.new_users,
             cli_plural(report.rows, "row", b));
    if (report.unknown_rows)
        cli_note("warning: %s: %s left out, of %s that the model does not know", h->path, cli_plural(report.unknown_rows, "row", a),
                 cli_plural(report.unknown_items, "item", b));
    if (report.left_users) cli_note("%s: no row is left of %s", h->path, cli_plural(report.left_users, "user", c));
    return 0;
}
