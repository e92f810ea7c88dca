/* Signals that ask the program to end: Ctrl-C, a lost terminal, a used-up limit of CPU time, a job manager.
 *
 * As a rule the first one ends the program as it would without us, but temporary files are removed first, and files that are
 * just taking their names are let to. While a model is trained the first one is noted, and the work, which looks here every
 * few milliseconds, saves what it has. A second one ends the program then, too. What follows within half a second is the same
 * one: terminals that are closed and job managers send two. A terminal that is gone and a limit of CPU time, which is told
 * once a second, are never a second one.
 * A signal that was ignored when the program started (nohup) stays ignored. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "base/place.h"
#include "cli/line.h"
#include "cli/signal.h"

static const struct ending {
    int number;
    bool repeated; /* by whoever sends it, without meaning more */
} endings[] = {{SIGINT, false}, {SIGTERM, false}, {SIGQUIT, false}, {SIGHUP, true},
#ifdef SIGXCPU
               {SIGXCPU, true},
#endif
};

static volatile sig_atomic_t first, saves; /* first: the signal that was noted; 0: none */
static struct timespec noted;
static const char *volatile first_text; /* written by write(2), which a handler may call */

static bool is_second(int number)
{
    struct timespec now;
    for (size_t k = 0; k < BASE_COUNT(endings); k++)
        if (endings[k].number == number && endings[k].repeated) return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - noted.tv_sec) + 1e-9 * (double)(now.tv_nsec - noted.tv_nsec) > 0.5;
}

static void say(void)
{
    const char *text = first_text;
    cli_line_leave();
    if (text && write(STDERR_FILENO, text, strlen(text)) < 0) return; /* nobody listens: no matter */
}

/* As it would without us: the caller sees which signal it was. */
static void die(int number)
{
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, number);
    signal(number, SIG_DFL);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
}

static void handler(int number)
{
    const int code = errno;
    const bool again = first && is_second(number);
    if (!first) {
        clock_gettime(CLOCK_MONOTONIC, &noted); /* before: another thread's handler looks at it once first is set */
        first = number;
        say();
    }
    if ((!saves || again) && base_place_sweep(again)) die(number);
    errno = code;
}

void cli_signal_listen(void)
{
    struct sigaction action, old;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    for (size_t k = 0; k < BASE_COUNT(endings); k++) sigaddset(&action.sa_mask, endings[k].number);
    action.sa_flags = SA_RESTART;
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    action.sa_handler = handler;
    for (size_t k = 0; k < BASE_COUNT(endings); k++)
        if (sigaction(endings[k].number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(endings[k].number, &action, NULL);
}

void cli_signal_say(const char *text)
{
    first_text = text;
}

void cli_signal_save(bool on)
{
    saves = on;
}

int cli_interrupted(void)
{
    return first ? 128 + first : 0;
}

static int stops(void *context)
{
    (void)context;
    return first != 0;
}

const tamis_stop cli_stop = {NULL, stops};
