/* Ctrl-C and SIGTERM. The handler only counts and, on the second, leaves; the work looks at the count when it can stop.
 * A signal that was ignored when the program started (nohup) stays ignored. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static volatile sig_atomic_t count, current_mode;

static void handler(int number)
{
    (void)number;
    if (count < 2) count++;
    if (count > 1 && current_mode == CLI_SIGNAL_STOP) _exit(CLI_INTERRUPTED);
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
