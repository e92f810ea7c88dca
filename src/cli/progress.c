/* One line that rewrites itself on a terminal, and the JSON lines of --log. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

enum { BAR = 10, LINE = 256 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* The parts stand in order of worth, and those that do not fit the terminal are left out. */
static void draw(const cli_progress *progress, const tamis_epoch *epoch)
{
    char line[LINE], part[LINE], bar[BAR + 1];
    size_t width = terminal_width() - 1, used;
    int filled = (int)(BAR * epoch->epoch / epoch->epochs);
    if (width >= LINE) width = LINE - 1;
    memset(bar, '.', BAR);
    memset(bar, '#', (size_t)filled);
    bar[BAR] = '\0';
    used = (size_t)snprintf(line, sizeof line, "[%s] epoch %" PRId64 "/%" PRId64, bar, epoch->epoch, epoch->epochs);
    for (int k = 0; k < 4; k++) {
        long left = lround((now() - progress->start) / (double)epoch->epoch * (double)(epoch->epochs - epoch->epoch));
        part[0] = '\0';
        if (k == 0) snprintf(part, sizeof part, "  loss %.4f", epoch->loss);
        if (k == 1 && progress->metric && epoch->best_epoch)
            snprintf(part, sizeof part, "  best %.60s %.4f", progress->metric, epoch->best_validation);
        if (k == 2 && epoch->seconds > 0)
            snprintf(part, sizeof part, "  %.1f M/s", (double)epoch->samples / epoch->seconds / 1e6);
        if (k == 3 && left >= 3600)
            snprintf(part, sizeof part, "  ETA %ld:%02ld:%02ld", left / 3600, left / 60 % 60, left % 60);
        else if (k == 3)
            snprintf(part, sizeof part, "  ETA %ld:%02ld", left / 60, left % 60);
        if (used + strlen(part) <= width) used += (size_t)snprintf(line + used, sizeof line - used, "%s", part);
    }
    fprintf(stderr, "\r%.*s\033[K", (int)width, line);
    fflush(stderr);
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
            epoch->epoch, isfinite(epoch->loss) ? cli_real(epoch->loss, loss) : "null",
            cli_real(epoch->learning_rate, rate), cli_real(epoch->seconds, seconds), epoch->samples,
            cli_real(per_second, speed));
    if (progress->metric)
        fprintf(progress->log, ",\"%s\":%s", progress->metric,
                isfinite(epoch->validation) ? cli_real(epoch->validation, value) : "null");
    fputs("}\n", progress->log);
    if (fflush(progress->log) != 0) progress->log_error = errno ? errno : EIO;
}

static int after_epoch(void *context, const tamis_epoch *epoch)
{
    cli_progress *progress = context;
    if (progress->log) log_line(progress, epoch);
    if (isfinite(epoch->validation)) progress->last = epoch->validation;
    if (progress->terminal) draw(progress, epoch);
    return cli_interrupted();
}

int cli_progress_open(cli_progress *progress, const char *log_path, const char *metric, int64_t epochs)
{
    *progress = (cli_progress){.metric = metric, .log_path = log_path, .start = now()};
    progress->progress = (tamis_progress){progress, after_epoch};
    progress->terminal = !cli_quiet && isatty(STDERR_FILENO);
    if (log_path && !(progress->log = fopen(log_path, "w")))
        return cli_fail(TAMIS_FAILURE, "cannot write %s: %s", log_path, strerror(errno));
    if (progress->terminal) {
        fprintf(stderr, "[%.*s] epoch 0/%" PRId64, BAR, "..........", epochs);
        fflush(stderr);
    }
    return 0;
}

int cli_progress_close(cli_progress *progress)
{
    progress->seconds = now() - progress->start;
    if (progress->terminal) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    if (progress->log && fclose(progress->log) != 0 && !progress->log_error) progress->log_error = errno ? errno : EIO;
    progress->log = NULL;
    if (progress->log_error)
        return cli_fail(TAMIS_FAILURE, "cannot write %s: %s", progress->log_path, strerror(progress->log_error));
    return 0;
}
