/* Ctrl-C and SIGTERM. The handler only counts and, on the second, leaves; the work looks at the count when it can stop.
 * A signal that was ignored when the program started (nohup) stays ignored. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static volatile sig_atomic_t count, current_mode;
static const char *volatile first_text; /* written by write(2), which a handler may call */

static void handler(int number)
{
    int code = errno;
    const char *text = first_text;
    (void)number;
    if (count < 2) count++;
    if (current_mode == CLI_SIGNAL_STOP) {
        if (count > 1) _exit(CLI_INTERRUPTED);
        cli_line_leave();
        if (text && write(STDERR_FILENO, text, strlen(text)) < 0) text = NULL; /* nobody listens: no matter */
    }
    errno = code;
}

void cli_signal_say(const char *text)
{
    first_text = text;
}

void cli_signal(cli_signal_mode mode)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    current_mode = (sig_atomic_t)mode;
    for (size_t k = 0; k < CLI_COUNT(numbers); k++) {
        struct sigaction action, old;
        memset(&action, 0, sizeof action);
        sigemptyset(&action.sa_mask);
        action.sa_flags = SA_RESTART;
        action.sa_handler = mode == CLI_SIGNAL_DIE ? SIG_DFL : handler;
        if (sigaction(numbers[k], NULL, &old) == 0 && old.sa_handler != SIG_IGN) sigaction(numbers[k], &action, NULL);
    }
}

bool cli_interrupted(void)
{
    return count > 0;
}
