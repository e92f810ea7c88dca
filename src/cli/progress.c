/* How training goes: the line of progress, and the JSON lines of --log. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/line.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/signal.h"

static void draw(const cli_progress *progress, const tamis_epoch *epoch)
{
    char loss[40], best[100] = "", rate[40] = "", left[40];
    const double each = (base_seconds() - progress->start) / (double)(epoch->epoch - progress->first + 1);
    snprintf(loss, sizeof loss, "loss %.4f", epoch->loss);
    if (progress->metric && epoch->best_epoch)
        snprintf(best, sizeof best, "best %.60s %.4f", progress->metric, epoch->best_validation);
    if (epoch->seconds > 0) snprintf(rate, sizeof rate, "%.1f M/s", (double)epoch->samples / epoch->seconds / 1e6);
    const char *parts[] = {cli_eta(each * (double)(epoch->epochs - epoch->epoch), left, sizeof left), loss, best, rate};
    cli_line_show("epoch", epoch->epoch, epoch->epochs, parts, BASE_COUNT(parts));
}

/* Leaves the lines of the epochs before the first one of this process, as far as they are there. */
static void cut_log(cli_progress *progress)
{
    long end = 0;
    int64_t lines = 0;
    for (int c; lines < progress->first - 1 && (c = getc(progress->log)) != EOF;)
        if (c == '\n') {
            lines++;
            end = ftell(progress->log);
        }
    if (fseek(progress->log, end, SEEK_SET) != 0 || ftruncate(fileno(progress->log), end) != 0) clearerr(progress->log); /* a pipe */
}

static void log_line(cli_progress *progress, const tamis_epoch *epoch)
{
    char loss[32], rate[32], seconds[32], speed[32], value[32];
    double per_second = epoch->seconds > 0 ? (double)epoch->samples / epoch->seconds : 0;
    if (progress->log_error) return; /* the rest would stand behind a piece of a line */
    errno = 0;
    fprintf(progress->log,
            "{\"epoch\":%" PRId64 ",\"loss\":%s,\"learning_rate\":%s,\"seconds\":%s,\"samples\":%" PRId64
            ",\"samples_per_second\":%s",
            epoch->epoch, isfinite(epoch->loss) ? base_real_text(epoch->loss, loss) : "null",
            base_real_text(epoch->learning_rate, rate), base_real_text(epoch->seconds, seconds), epoch->samples,
            base_real_text(per_second, speed));
    if (progress->metric)
        fprintf(progress->log, ",\"%s\":%s", progress->metric,
                isfinite(epoch->validation) ? base_real_text(epoch->validation, value) : "null");
    fputs("}\n", progress->log);
    if (fflush(progress->log) != 0) progress->log_error = errno ? errno : EIO;
}

static int after_epoch(void *context, const tamis_epoch *epoch)
{
    cli_progress *progress = context;
    progress->trained += epoch->seconds;
    if (!progress->first) {
        progress->first = epoch->epoch;
        if (progress->log && progress->resumes) cut_log(progress);
    }
    if (progress->log) log_line(progress, epoch);
    if (isfinite(epoch->validation)) progress->last = epoch->validation;
    draw(progress, epoch);
    return cli_interrupted() != 0;
}

int cli_progress_open(cli_progress *progress, const char *log_path, const char *metric, const tamis_train_options *options)
{
    *progress = (cli_progress){.metric = metric, .log_path = log_path, .resumes = options->resume, .start = base_seconds()};
    progress->progress = (tamis_progress){progress, after_epoch};
    if (log_path && options->resume) progress->log = fopen(log_path, "r+");
    if (log_path && !progress->log && !(progress->log = fopen(log_path, "w")))
        return cli_fail(TAMIS_FAILURE, "cannot write %s: %s", log_path, strerror(errno));
    cli_line_show("epoch", 0, options->epochs, NULL, 0);
    return 0;
}

int cli_progress_close(cli_progress *progress)
{
    progress->seconds = base_seconds() - progress->start;
    cli_line_clear();
    if (progress->log && fclose(progress->log) != 0 && !progress->log_error) progress->log_error = errno ? errno : EIO;
    progress->log = NULL;
    if (progress->log_error)
        return cli_fail(TAMIS_FAILURE, "cannot write %s: %s", progress->log_path, strerror(progress->log_error));
    return 0;
}
