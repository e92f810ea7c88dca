/* Logs that come in many files: a folder or a pattern as an operand. What writes such folders (Spark, Hadoop) leaves files there that
 * are no logs: markers, checksums. Their names begin with _ or a dot. */
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/manifest.h"
#include "base/status.h"
#include "base/text.h"
#include "cli/message.h"
#include "cli/shards.h"
#include "cli/text.h"

typedef struct shards {
    const char **operand; /* what takes the place of the operands */
    size_t count, room;
    char **own; /* texts among these that are ours */
    size_t owned;
    base_list passed; /* names that are no logs */
} shards;

static int no_memory(void)
{
    return cli_fail(TAMIS_FAILURE, "not enough memory for the names of logs");
}

static int add(shards *s, const char *path)
{
    if (s->count == s->room) {
        const size_t room = 2 * s->room + 16;
        const char **operand = realloc(s->operand, room * sizeof *operand);
        if (!operand) return no_memory();
        s->operand = operand;
        s->room = room;
    }
    s->operand[s->count++] = path;
    return 0;
}

/* The same of a text of our own. */
static int add_own(shards *s, char *path)
{
    char **own = path ? realloc(s->own, (s->owned + 1) * sizeof *own) : NULL;
    if (own) s->own = own;
    if (!own) {
        free(path);
        return no_memory();
    }
    own[s->owned++] = path;
    return add(s, path);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files found for an operand, from `first` on, in one order for all locales and file systems. */
static int finish(shards *s, const char *operand, size_t first, const char *what)
{
    char shown[280], files[64];
    const bool passed = s->passed.used > 0;
    base_quote(shown, sizeof shown, operand, strlen(operand));
    if (s->count == first)
        return cli_fail(TAMIS_DATA, "%s: no %s%s%s; expected logs", shown, what, passed ? "; passed over: " : "", s->passed.text);
    qsort(s->operand + first, s->count - first, sizeof *s->operand, by_bytes);
    cli_note("%s: %s, by name%s%s", shown, cli_plural((int64_t)(s->count - first), "file", files), passed ? "; passed over: " : "",
             s->passed.text);
    s->passed = (base_list){.used = 0};
    return 0;
}

/* Whether a name in a folder can be that of a log. */
static bool is_log(const char *name, const struct stat *about)
{
    return S_ISREG(about->st_mode) && *name != '.' && *name != '_' && strcmp(name, MANIFEST_NAME) != 0;
}

static int add_folder(shards *s, const char *folder)
{
    const size_t first = s->count, length = strlen(folder);
    const char *slash = folder[length - 1] == '/' ? "" : "/";
    const struct dirent *entry;
    int code = 0;
    DIR *open = opendir(folder);
    if (!open) return cli_fail(TAMIS_FAILURE, "cannot open the folder %s: %s", folder, strerror(errno));
    while (!code && (errno = 0, entry = readdir(open))) {
        char *path = NULL;
        struct stat about;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (asprintf(&path, "%s%s%s", folder, slash, entry->d_name) < 0) {
            code = no_memory();
        } else if (stat(path, &about)) {
            code = cli_fail(TAMIS_FAILURE, "cannot open %s: %s", path, strerror(errno));
            free(path);
        } else if (is_log(entry->d_name, &about)) {
            code = add_own(s, path);
        } else {
            base_list_add(&s->passed, entry->d_name, S_ISDIR(about.st_mode) ? "/" : "");
            free(path);
        }
    }
    if (!code && errno) code = cli_fail(TAMIS_FAILURE, "cannot read the folder %s: %s", folder, strerror(errno));
    closedir(open);
    return code ? code : finish(s, folder, first, "log in this folder");
}

static int add_matches(shards *s, const char *pattern)
{
    const size_t first = s->count;
    glob_t found;
    const int failed = glob(pattern, GLOB_NOSORT, NULL, &found);
    int code = failed == GLOB_NOSPACE ? no_memory() : 0;
    for (size_t k = 0; !failed && !code && k < found.gl_pathc; k++) {
        struct stat about;
        const char *path = found.gl_pathv[k];
        if (stat(path, &about) == 0 && !S_ISDIR(about.st_mode)) code = add_own(s, strdup(path));
        else base_list_add(&s->passed, path, "");
    }
    if (!failed) globfree(&found);
    return code ? code : finish(s, pattern, first, "file matches");
}

/* The first operand that is a log: the word before "..." in "MODEL TEST... -o FILE", or [MODEL] before it, which may be left out. The
 * number of operands: none is. */
static size_t first_log(const cli_args *args)
{
    const char *words = args->command->operands, *log = strstr(words, "LOG...");
    size_t before = 0;
    if (!log) log = strstr(words, "TEST...");
    if (!log) return args->operands;
    for (const char *at = words; at < log; at++) before += *at == ' ';
    return *words == '[' ? 0 : before;
}

static int add_log(shards *s, const char *path)
{
    struct stat about;
    const bool there = stat(path, &about) == 0;
    if (there && S_ISDIR(about.st_mode)) return add_folder(s, path);
    return !there && strpbrk(path, "*?[") ? add_matches(s, path) : add(s, path);
}

int cli_shards(cli_args *args)
{
    shards s = {.operand = NULL};
    const size_t first = first_log(args);
    int code = 0;
    for (size_t k = 0; k < args->operands && !code; k++) code = k < first ? add(&s, args->operand[k]) : add_log(&s, args->operand[k]);
    char **kept = code || !s.owned ? NULL : realloc(args->kept, (args->kept_count + s.owned) * sizeof *kept);
    if (!code && s.owned && !kept) code = no_memory();
    if (code || !s.operand) {
        cli_found_clear(&(cli_found){s.operand, s.count, s.own, s.owned});
        return code;
    }
    if (kept) args->kept = kept;
    for (size_t k = 0; k < s.owned; k++) args->kept[args->kept_count++] = s.own[k];
    free(s.own);
    free(args->operand);
    args->operand = s.operand;
    args->operands = s.count;
    return 0;
}

/* Rows of a file that is named twice, as by a folder and by its own name, are there twice. */
static int tell_twice(const shards *s)
{
    const char **path = calloc(s->count + 1, sizeof *path);
    size_t twice = 0;
    char shown[280], files[64];
    if (!path) return no_memory();
    if (s->count) memcpy(path, s->operand, s->count * sizeof *path);
    qsort(path, s->count, sizeof *path, by_bytes);
    for (size_t k = 1; k < s->count; k++)
        if (strcmp(path[k - 1], path[k]) == 0 && twice++ == 0)
            base_quote(shown, sizeof shown, path[k], strlen(path[k]));
    if (twice) cli_note("warning: %s named more than once, and read as often, such as %s", cli_plural((int64_t)twice, "file", files), shown);
    free(path);
    return 0;
}

int cli_shards_find(const char *const *paths, size_t count, cli_found *found)
{
    shards s = {.operand = NULL};
    int code = 0;
    for (size_t k = 0; k < count && !code; k++) code = add_log(&s, paths[k]);
    if (!code) code = tell_twice(&s);
    *found = (cli_found){s.operand, s.count, s.own, s.owned};
    return code;
}

void cli_found_clear(cli_found *found)
{
    for (size_t k = 0; k < found->owned; k++) free(found->own[k]);
    free(found->own);
    free(found->path);
    *found = (cli_found){0};
}
