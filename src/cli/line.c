/* The line of progress: on a terminal it rewrites itself; on one that cannot (TERM=dumb) a new one is printed now and then;
 * elsewhere there is none. Whoever else writes to stderr clears it first. */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"
#include "cli/line.h"

enum { BAR = 10, LINE = 512, PAUSE = 5 /* seconds between lines that stay */ };

bool cli_quiet;

static volatile sig_atomic_t shown, leavings;

static size_t terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static bool rewrites(void)
{
    const char *kind = getenv("TERM");
    return kind && *kind && strcmp(kind, "dumb") != 0;
}

/* Characters of UTF-8, a column each. */
static size_t columns(const char *text)
{
    size_t count = 0;
    for (; *text; text++) count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void cut(char *text, size_t width)
{
    while (columns(text) > width) text[strlen(text) - 1] = '\0';
}

const char *cli_eta(double seconds, char *buffer, size_t size)
{
    const long left = seconds > 0 && seconds < 1e8 ? lround(seconds) : 0;
    if (!(seconds < 1e8)) /* years, or not known */
        buffer[0] = '\0';
    else if (left >= 3600)
        snprintf(buffer, size, "ETA %ld:%02ld:%02ld", left / 3600, left / 60 % 60, left % 60);
    else
        snprintf(buffer, size, "ETA %ld:%02ld", left / 60, left % 60);
    return buffer;
}

/* Where it fits. */
static void add(char *line, const char *part, size_t width)
{
    const size_t used = strlen(line);
    if (columns(line) + columns(part) <= width) snprintf(line + used, LINE - used, "%s", part);
}

void cli_line_show(const char *what, int64_t done, int64_t all, const char *const *parts, size_t count)
{
    static double last = -PAUSE;
    char line[LINE] = "", head[100], bar[BAR + 4] = "[..........] ", part[LINE] = "  ";
    const bool rewriting = rewrites();
    const size_t width = terminal_width() - 1; /* a full line would go on in the next */
    if (cli_quiet || !isatty(STDERR_FILENO) || (!rewriting && base_seconds() - last < PAUSE)) return;
    last = base_seconds();
    snprintf(head, sizeof head, "%s%s%" PRId64 "/%" PRId64, what, *what ? " " : "", done, all);
    if (all > 0) memset(bar + 1, '#', (size_t)(BAR * done / all));
    if (BAR + 5 + columns(head) + (count ? columns(parts[0]) : 0) <= width) add(line, bar, width);
    cut(head, width);
    add(line, head, width);
    for (size_t k = 0; k < count; k++)
        if (base_clean(part + 2, sizeof part - 2, parts[k], strlen(parts[k]))) add(line, part, width);
    const sig_atomic_t before = leavings;
    shown = rewriting;
    fprintf(stderr, rewriting ? "\r%s\033[K" : "%s\n", line);
    fflush(stderr);
    if (!rewriting || leavings == before) return;
    shown = true; /* a signal's message came amid the line: what stands behind it goes */
    cli_line_clear();
}

void cli_line_clear(void)
{
    if (!shown) return;
    shown = false;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}

void cli_line_leave(void)
{
    leavings++;
    if (shown && write(STDERR_FILENO, "\n", 1) < 0) return;
    shown = false;
}
