/* Preloaded into a program (LD_PRELOAD), this makes its n-th call on a file go wrong.
 *
 * FAULT: faults with blanks between them, each CALL:N:HOW, such as "write:3:ENOSPC", "write:3:half write:4+:ENOSPC".
 *   CALL  open, read, write, sync, truncate, rename, link, unlink, map; or "call", which counts them all; or "cpu"
 *   N     the N-th of them, from 1; with + all from there on; of cpu: after so many microseconds of work, for kill alone
 *   HOW   an error (ENOSPC, EIO, EROFS, EACCES, EBUSY, EINTR, ENOENT, ENOMEM: the call does nothing and fails with it); half (a
 *         read or write moves half of its bytes and says so); kill (SIGKILL instead of the call); tear (half is written, then
 *         SIGKILL); term, int, hup (that signal before the call, which is made)
 * FAULT_PATH: only files with this in their path are counted, a link by its new name.
 * FAULT_COUNT: a file that gets the number of counted calls at exit, a line per CALL. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum call { CALL, OPEN, READ, WRITE, SYNC, TRUNCATE, RENAME, LINK, UNLINK, MAP, CPU, CALLS };
static const char *const names[CALLS] = {"call", "open", "read", "write", "sync", "truncate", "rename", "link", "unlink", "map", "cpu"};
enum how { NOTHING, FAIL, HALF, KILL, TEAR, TERM, INT, HUP };

static const struct failure {
    const char *name;
    int code;
} failures[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO},     {"EROFS", EROFS},  {"EACCES", EACCES},
                {"EBUSY", EBUSY},   {"EINTR", EINTR}, {"ENOENT", ENOENT}, {"ENOMEM", ENOMEM}};

static long counted[CALLS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The function that this one stands in front of. */
static void real(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(function, &symbol, sizeof symbol);
}
#define REAL(function, name) \
    static __typeof__(&name) function; \
    if (!function) real(#name, &function)

static void refuse(void)
{
    fputs("FAULT is not as tests/fault.c has it\n", stderr);
    _exit(99);
}

static enum how how_of(const char *word, size_t length)
{
    static const char *const others[] = {"half", "kill", "tear", "term", "int", "hup"};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (strlen(others[k]) == length && memcmp(others[k], word, length) == 0) return HALF + (enum how)k;
    for (size_t k = 0; k < sizeof failures / sizeof *failures; k++)
        if (strlen(failures[k].name) == length && memcmp(failures[k].name, word, length) == 0) {
            errno = failures[k].code;
            return FAIL;
        }
    refuse();
    return NOTHING;
}

/* What is to become of a call; FAIL sets errno. */
static enum how meet(enum call call, const char *path)
{
    const char *part = getenv("FAULT_PATH"), *fault = getenv("FAULT");
    const int before = errno;
    enum how how = NOTHING;
    if ((!fault && !getenv("FAULT_COUNT")) || (part && !strstr(path, part))) return NOTHING;
    pthread_mutex_lock(&lock);
    counted[CALL]++;
    counted[call]++;
    for (const char *at = fault; at && *at && how == NOTHING; at += strspn(at, " ")) { /* CALL:N:HOW */
        const size_t name = strcspn(at, ":");
        char *end;
        const long n = strtol(at + name + (at[name] == ':'), &end, 10);
        const int on = *end == '+';
        const char *word = end + on + (end[on] == ':');
        const size_t length = strcspn(word, " ");
        enum call wanted = CALL;
        while (wanted < CALLS && (strlen(names[wanted]) != name || memcmp(names[wanted], at, name) != 0)) wanted++;
        if (wanted == CALLS || n < 1) refuse();
        if ((wanted == CALL || wanted == call) && (counted[wanted] == n || (on && counted[wanted] > n)))
            how = how_of(word, length);
        at = word + length;
    }
    pthread_mutex_unlock(&lock);
    if (how == KILL || (how == TEAR && call != WRITE)) kill(getpid(), SIGKILL);
    if (how >= TERM) kill(getpid(), how == TERM ? SIGTERM : how == INT ? SIGINT : SIGHUP);
    if (how != FAIL) errno = before;
    return how >= TERM ? NOTHING : how;
}

static enum how meet_file(enum call call, int file)
{
    char link[64], path[4096];
    const int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    errno = before;
    return meet(call, path);
}

static void die(int number)
{
    (void)number;
    kill(getpid(), SIGKILL);
}

/* "cpu:N:kill": a clock that goes only while the program works. */
__attribute__((constructor)) static void wind(void)
{
    const char *fault = getenv("FAULT"), *cpu = fault ? strstr(fault, "cpu:") : NULL;
    if (!cpu) return;
    const long n = atol(cpu + 4);
    signal(SIGPROF, die);
    if (setitimer(ITIMER_PROF, &(struct itimerval){.it_value = {n / 1000000, n % 1000000}}, NULL) != 0) refuse();
}

__attribute__((destructor)) static void tell(void)
{
    struct timespec worked;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &worked) == 0) counted[CPU] = (long)worked.tv_sec * 1000000 + worked.tv_nsec / 1000;
    const char *path = getenv("FAULT_COUNT");
    FILE *file = path && counted[CALL] ? fopen(path, "w") : NULL;
    if (!file) return;
    for (enum call k = CALL; k < CALLS; k++) fprintf(file, "%s %ld\n", names[k], counted[k]);
    fclose(file);
}

/* ---- the calls, under each name that a C library may give them */

#ifdef O_TMPFILE
#define WITH_MODE (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))
#else
#define WITH_MODE O_CREAT
#endif
#define OPENS(name) \
    int name(const char *path, int flags, ...) \
    { \
        REAL(next, name); \
        va_list arguments; \
        va_start(arguments, flags); \
        const int mode = flags & WITH_MODE ? va_arg(arguments, int) : 0; \
        va_end(arguments); \
        return meet(OPEN, path) == FAIL ? -1 : next(path, flags, mode); \
    }
#define OPENS_AT(name) \
    int name(int directory, const char *path, int flags, ...) \
    { \
        REAL(next, name); \
        va_list arguments; \
        va_start(arguments, flags); \
        const int mode = flags & WITH_MODE ? va_arg(arguments, int) : 0; \
        va_end(arguments); \
        return meet(OPEN, path) == FAIL ? -1 : next(directory, path, flags, mode); \
    }
#define SYNCS(name) \
    int name(int file) \
    { \
        REAL(next, name); \
        return meet_file(SYNC, file) == FAIL ? -1 : next(file); \
    }
#define TRUNCATES(name, type) \
    int name(int file, type size) \
    { \
        REAL(next, name); \
        return meet_file(TRUNCATE, file) == FAIL ? -1 : next(file, size); \
    }

OPENS(open)
OPENS_AT(openat)
SYNCS(fsync)
SYNCS(fdatasync)
TRUNCATES(ftruncate, off_t)
#ifdef __GLIBC__
OPENS(open64)
OPENS_AT(openat64)
TRUNCATES(ftruncate64, off64_t)
#endif

#define MAPS(name, type) \
    void *name(void *where, size_t length, int protection, int flags, int file, type at) \
    { \
        REAL(next, name); \
        return meet_file(MAP, file) == FAIL ? MAP_FAILED : next(where, length, protection, flags, file, at); \
    }
#define READS_AT(name, type) \
    ssize_t name(int file, void *bytes, size_t count, type at) \
    { \
        REAL(next, name); \
        const enum how how = meet_file(READ, file); \
        return how == FAIL ? -1 : next(file, bytes, how == HALF ? (count + 1) / 2 : count, at); \
    }

MAPS(mmap, off_t)
READS_AT(pread, off_t)
#ifdef __GLIBC__
MAPS(mmap64, off64_t)
READS_AT(pread64, off64_t)
#endif

ssize_t read(int file, void *bytes, size_t count)
{
    REAL(next, read);
    const enum how how = meet_file(READ, file);
    return how == FAIL ? -1 : next(file, bytes, how == HALF ? (count + 1) / 2 : count);
}

ssize_t write(int file, const void *bytes, size_t count)
{
    REAL(next, write);
    const enum how how = meet_file(WRITE, file);
    if (how == FAIL) return -1;
    ssize_t put = next(file, bytes, how == NOTHING ? count : (count + 1) / 2);
    if (how == TEAR) kill(getpid(), SIGKILL);
    return put;
}

int rename(const char *from, const char *to)
{
    REAL(next, rename);
    return meet(RENAME, to) == FAIL ? -1 : next(from, to);
}

int link(const char *from, const char *to)
{
    REAL(next, link);
    return meet(LINK, to) == FAIL ? -1 : next(from, to);
}

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags)
{
    REAL(next, linkat);
    return meet(LINK, to) == FAIL ? -1 : next(from_directory, from, to_directory, to, flags);
}

int unlink(const char *path)
{
    REAL(next, unlink);
    return meet(UNLINK, path) == FAIL ? -1 : next(path);
}
