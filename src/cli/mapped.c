/* A model file is used where it lies, so it must not be written over meanwhile (a new one takes its place by rename). If it
 * is, the program says so and fails, whether it met the hole that the file's new end left or read something else than it
 * had checked. */
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "base/files.h"
#include "base/place.h"
#include "cli/mapped.h"
#include "cli/message.h"

#ifdef __APPLE__
#define st_mtim st_mtimespec
#endif

static const int numbers[] = {SIGBUS, SIGSEGV};
static struct sigaction before[BASE_COUNT(numbers)];
static char kept[BASE_PATH]; /* the name, which may be gone before the program ends */
static const char *volatile path;
static struct stat at_first;
static atomic_flag said = ATOMIC_FLAG_INIT;

/* Of the same file: another under its name is no harm. */
static bool changed(void)
{
    struct stat now;
    return path && stat(path, &now) == 0 && now.st_dev == at_first.st_dev && now.st_ino == at_first.st_ino &&
           (now.st_size != at_first.st_size || now.st_mtim.tv_sec != at_first.st_mtim.tv_sec ||
            now.st_mtim.tv_nsec != at_first.st_mtim.tv_nsec);
}

static const char advice[] = "changed while it was read; a model file is replaced by renaming another (mv), not written over";

/* Also of an address that a damaged index led to; several threads may come. What else it may be is left to whoever was asked
 * before: the fault comes again. */
static void handler(int number)
{
    if (!changed()) {
        for (size_t k = 0; k < BASE_COUNT(numbers); k++)
            if (numbers[k] == number) sigaction(number, &before[k], NULL);
        return;
    }
    while (atomic_flag_test_and_set(&said)) pause();
    const char *const words[] = {"tamis: ", path, " ", advice, "\n"};
    for (size_t k = 0; k < BASE_COUNT(words); k++)
        if (write(STDERR_FILENO, words[k], strlen(words[k])) < 0) break;
    (void)base_place_sweep(true);
    _exit(TAMIS_FAILURE);
}

void cli_mapped(const char *file)
{
    static bool ready;
    path = NULL;
    if (stat(file, &at_first) != 0 || strlen(file) >= sizeof kept) return;
    strcpy(kept, file);
    path = kept;
    for (size_t k = 0; !ready && k < BASE_COUNT(numbers); k++) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        sigemptyset(&action.sa_mask);
        action.sa_handler = handler;
        sigaction(numbers[k], &action, &before[k]);
    }
    ready = true;
}

int cli_mapped_check(int code)
{
    return !code && changed() ? cli_fail(TAMIS_FAILURE, "%s %s", path, advice) : code;
}
