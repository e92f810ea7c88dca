/* Logs, models and directories, with the line about what was found; and what is checked about files before that. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "base/files.h"
#include "base/manifest.h"
#include "base/status.h"
#include "base/text.h"
#include "base/writer.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/mapped.h"
#include "cli/message.h"
#include "cli/shards.h"
#include "cli/text.h"

#define MODEL_MAGIC "\x89TAMIS"

enum { USER, ITEM, RATING, TIME }; /* tamis_log_summary.column */

/* "; 3 without a rating (column rating)": where there is a column for it. Returns what parts the next one of this. */
static const char *say_lacking(const char *mark, int64_t rows, const char *what, const char *column, char *text, size_t size)
{
    char count[32];
    *text = '\0';
    if (!rows) return mark;
    snprintf(text, size, "%s %s without a %s%s%s%s", mark, cli_count(rows, count), what, *column ? " (column " : "", column,
             *column ? ")" : "");
    return ",";
}

/* " (columns user_id, item_id)", " (no header: user = column 1, item = column 2)": all that was taken by its place is told. */
static void say_columns(const tamis_log_summary *s, bool relevance, char *text, size_t size)
{
    static const char *const roles[] = {"user", "item", "rating", "time"};
    if (s->taken) {
        snprintf(text, size, " (%s)", s->taken);
        return;
    }
    if (s->header) {
        snprintf(text, size, " (columns %s, %s%s%s)", s->column[USER], s->column[ITEM], relevance ? ", " : "",
                 relevance ? s->column[RATING] : "");
        return;
    }
    size_t used = (size_t)snprintf(text, size, " (no header: ");
    for (size_t k = 0; k < BASE_COUNT(roles); k++)
        if (s->column[k][0])
            used += (size_t)snprintf(text + used, size - used, "%s%s = column %s", k ? ", " : "",
                                     k == RATING && relevance ? "relevance" : roles[k], s->column[k]);
    snprintf(text + used, size - used, ")");
}

/* "; weights 0.2 to 8.1, mean 1 (column plays)" */
static void say_weights(const tamis_log_summary *s, const tamis_log_options *options, char *text, size_t size)
{
    *text = '\0';
    if (!s->weighted) return;
    const size_t used = (size_t)snprintf(text, size, "; weights %.4g to %.4g, mean %.4g", s->least_weight, s->largest_weight, s->mean_weight);
    if (*s->weight_column) snprintf(text + used, size - used, " (column %s)", s->weight_column);
    else if (options->repeats != TAMIS_REPEATS_MERGE) snprintf(text + used, size - used, " (rows of a pair)");
    else snprintf(text + used, size - used, " (by age)");
}

/* A note that is of no use beside another log's of the same kind is told once. */
static void say_notes(const tamis_log_summary *s, unsigned silent)
{
    static unsigned told; /* kinds */
    const unsigned once = CLI_SILENT_RATING | CLI_SILENT_WEIGHT;
    for (int k = 0; k < s->notes; k++) {
        const tamis_note *note = &s->note[k];
        const unsigned kind = 1u << note->kind;
        if (kind & (silent | (told & once))) continue;
        told |= kind;
        cli_note("%s%s", note->warning ? "warning: " : "", note->text);
    }
}

/* clicks.csv: 100,000 rows read (columns user_id, item_id); 44,625 below rating 4 (column rating); 0 bad; ... */
static void summarize(const char *const *paths, size_t count, const tamis_log_options *options, const tamis_log *log,
                      unsigned silent)
{
    const tamis_log_summary *s = tamis_log_summarize(log);
    char name[280], columns[320], below[240] = "", core[240] = "", unrated[120], untimed[120], further[80] = "", weights[400], a[64], b[64], c[64], d[64], e[64], f[32];
    if (strcmp(paths[0], "-") == 0)
        snprintf(name, sizeof name, "standard input");
    else
        snprintf(name, sizeof name, "%.200s", paths[0]);
    if (count > 1) snprintf(name + strlen(name), sizeof name - strlen(name), " and %zu more", count - 1);
    say_columns(s, options->relevance != NULL, columns, sizeof columns);
    const char *rating = s->column[RATING];
    const double least = options->beside ? options->beside->min_rating : options->min_rating;
    if (least > -(double)INFINITY && (*rating || !options->beside))
        snprintf(below, sizeof below, "; %s below rating %s%s%s%s", cli_count(s->below_rating, a), base_real_text(least, b),
                 *rating ? " (column " : "", rating, *rating ? ")" : "");
    if (s->left_out || options->where || options->where_not)
        snprintf(below + strlen(below), sizeof below - strlen(below), "; %s left out by %s", cli_count(s->left_out, a),
                 options->where_name ? options->where_name : !options->where ? "--where-not" : !options->where_not ? "--where"
                 : "--where and --where-not");
    if (s->core_interactions || s->core_users || s->core_items)
        snprintf(core, sizeof core, "; k-core removed %s, %s, %s%s%s", cli_plural(s->core_users, "user", a),
                 cli_plural(s->core_items, "item", b), cli_plural(s->core_interactions, "interaction", c), s->core_dislikes ? ", " : "",
                 s->core_dislikes ? cli_plural(s->core_dislikes, "dislike", d) : "");
    say_weights(s, options, weights, sizeof weights);
    if (s->disliked || options->dislike || !isnan(options->dislike_below))
        snprintf(weights + strlen(weights), sizeof weights - strlen(weights), "; %s%s%s%s%s%s", cli_plural(s->dislikes, "dislike", a),
                 *s->dislike_column ? " (column " : "", s->dislike_column, *s->dislike_column ? ")" : "", s->both ? ", without those of pairs that are positives, too: " : "", s->both ? cli_count(s->both, b) : "");
    const char *mark = say_lacking(";", s->without_rating, "rating", s->column[RATING], unrated, sizeof unrated);
    say_lacking(mark, s->without_time, "time", s->column[TIME], untimed, sizeof untimed);
    if (s->continued) snprintf(further, sizeof further, "; %s inside quoted fields", cli_plural(s->continued, "line end", a));
    double cells = (double)s->users * (double)s->items;
    cli_note("%s: %s read%s%s%s%s%s; %s bad; %s%s%s; %s x %s, %s, density %.3g%%", name, cli_plural(s->rows, "row", a),
             columns, further, below, unrated, untimed, cli_count(s->bad, f), cli_plural(s->duplicates, "duplicate", b), core, weights,
             cli_plural(s->users, "user", c), cli_plural(s->items, "item", d),
             cli_plural(s->interactions, "interaction", e),
             cells > 0 ? 100 * (double)s->interactions / cells : 0);
    if (s->bad) cli_note("first bad row: %s", s->first_bad.text);
    say_notes(s, silent);
}

static bool starts_with(const char *path, const char *start)
{
    char bytes[32];
    size_t length = strlen(start);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, bytes, length < sizeof bytes ? length : sizeof bytes);
    if (file >= 0) close(file);
    return got == (ssize_t)length && memcmp(bytes, start, length) == 0;
}

bool cli_begins_as_model(const char *path)
{
    struct stat status;
    if (stat(path, &status) || !S_ISREG(status.st_mode) || status.st_size == 0) return false;
    char start[sizeof MODEL_MAGIC] = MODEL_MAGIC;
    if (status.st_size < (off_t)strlen(start)) start[status.st_size] = '\0';
    return starts_with(path, start);
}

bool cli_is_model(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && starts_with(path, MODEL_MAGIC);
}

static int read_log(const char *const *paths, size_t count, const tamis_log_options *options, unsigned silent, tamis_log **log)
{
    tamis_error error;
    cli_found found;
    *log = NULL;
    int code = cli_shards_find(paths, count, &found);
    if (!code) code = cli_status(tamis_log_read(found.path, found.count, options, log, &error), &error);
    for (size_t k = 0; !code && k < found.count; k++)
        if (base_manifest_check(found.path[k], &error)) cli_note("warning: %s", error.text);
    if (!code) summarize(found.path, found.count, options, *log, silent);
    cli_found_clear(&found);
    return code;
}

int cli_read_log(const char *const *paths, size_t count, const tamis_log_options *options, tamis_log **log)
{
    return read_log(paths, count, options, 0, log);
}

int cli_read_log_silent(const char *const *paths, size_t count, const tamis_log_options *options, unsigned silent, tamis_log **log)
{
    return read_log(paths, count, options, silent | CLI_SILENT_WEIGHT, log);
}

static const char *column_option(const char *prefix, const char *role, char name[80])
{
    snprintf(name, 80, "%s%s", prefix, role);
    return name;
}

void cli_beside(const cli_args *args, const char *prefix, const tamis_log_options *first, tamis_log_options *reading)
{
    char name[80];
    tamis_log_options_default(reading);
    reading->beside = first;
    reading->prefix = prefix;
    reading->user = cli_text(args, column_option(prefix, "user", name));
    reading->item = cli_text(args, column_option(prefix, "item", name));
}

int cli_check_beside(const cli_args *args, const char *prefix)
{
    static const char *const roles[] = {"user", "item"};
    char log[80], name[80];
    snprintf(log, sizeof log, "--%.*s", (int)strlen(prefix) - 1, prefix);
    int code = 0;
    for (size_t k = 0; k < BASE_COUNT(roles) && !code; k++)
        code = cli_check_idle(args, column_option(prefix, roles[k], name), cli_text(args, log + 2) != NULL, log);
    return code;
}

int cli_load(const char *path, tamis_model **model)
{
    tamis_error error;
    const int code = cli_mapped_check(0); /* the one before */
    cli_mapped(path);
    return code ? code : cli_status(tamis_model_load(path, model, &error), &error);
}

/* ---- inputs and outputs, before anything is read */

/* The index-th file that a call reads, operands first; NULL past the last. An item's id or a directory among the
 * operands does no harm: no regular file is the same. */
static const char *input(const cli_args *args, size_t index)
{
    if (index < args->operands) return args->operand[index];
    index -= args->operands;
    for (size_t k = 0; k < args->given_count; k++)
        if (args->given[k].row->file == TAMIS_FILE_INPUT && index-- == 0) return args->given[k].text;
    return NULL;
}

int cli_check_inputs(const cli_args *args)
{
    size_t standard = 0;
    const char *name;
    for (size_t k = 0; (name = input(args, k)); k++) standard += strcmp(name, "-") == 0;
    if (standard < 2) return 0;
    return cli_usage(args->command, "standard input (-) is named %zu times, but can be read once only", standard);
}

/* A regular file that exists; - is standard input, which may be one. */
static bool regular(const char *path, struct stat *status)
{
    return (strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, status) : stat(path, status)) == 0 && S_ISREG(status->st_mode);
}

/* The folder in which a file that is not there yet would be made, and its name there; links are followed. */
static bool place_of(const char *path, struct stat *folder, char name[PATH_MAX])
{
    enum { MOST_LINKS = 40 };
    char at[PATH_MAX], link[PATH_MAX];
    snprintf(at, sizeof at, "%s", path);
    for (int hop = 0; hop < MOST_LINKS; hop++) {
        char *slash = strrchr(at, '/');
        const ssize_t length = readlink(at, link, sizeof link - 1);
        if (length < 0) {
            snprintf(name, PATH_MAX, "%s", slash ? slash + 1 : at);
            if (slash) slash[slash == at] = '\0';
            return stat(slash ? at : ".", folder) == 0;
        }
        link[length] = '\0';
        const size_t before = *link == '/' || !slash ? 0 : (size_t)(slash + 1 - at);
        snprintf(at + before, sizeof at - before, "%s", link);
    }
    return false;
}

bool cli_same_file(const char *a, const char *b)
{
    struct stat one, two;
    char name[2][PATH_MAX];
    if (regular(a, &one) && regular(b, &two)) return one.st_dev == two.st_dev && one.st_ino == two.st_ino;
    if (strcmp(a, b) == 0) return true;
    return strcmp(a, "-") != 0 && strcmp(b, "-") != 0 && place_of(a, &one, name[0]) && place_of(b, &two, name[1]) &&
           one.st_dev == two.st_dev && one.st_ino == two.st_ino && strcmp(name[0], name[1]) == 0;
}

static int refuse_input(const cli_args *args, const char *what, const char *path)
{
    char shown[280];
    const char *name;
    for (size_t k = 0; (name = input(args, k)); k++) {
        if (!cli_same_file(path, name)) continue;
        base_quote(shown, sizeof shown, path, strlen(path));
        return cli_usage(args->command, "%s would overwrite %s, which is an input; choose another name", what, shown);
    }
    return 0;
}

static int refuse_name(const cli_args *args, const char *what, const char *path, bool directory)
{
    const char *kind = directory ? "directory" : "file";
    if (!*path) return cli_usage(args->command, "%s: \"\" is no name; expected that of a %s to write", what, kind);
    if (strcmp(path, "-") == 0)
        return cli_usage(args->command, "%s: this cannot go to standard output (-); give the name of a %s", what, kind);
    return 0;
}

static int check_output(const cli_args *args, const char *option, const char *path)
{
    char what[80];
    struct stat status;
    tamis_error error;
    snprintf(what, sizeof what, "--%s", option);
    int code = refuse_name(args, what, path, false);
    if (!code) code = refuse_input(args, what, path);
    if (code || (stat(path, &status) == 0 && S_ISFIFO(status.st_mode))) return code; /* opened once, by who writes */
    if (base_writer_probe(path, &error)) return cli_fail(TAMIS_FAILURE, "%s: %s", what, error.text);
    return 0;
}

/* The index-th file that a call writes, by its option; the last one given counts. NULL past the last. */
static const cli_given *output(const cli_args *args, size_t index)
{
    for (size_t k = 0; k < args->given_count; k++) {
        const cli_given *given = &args->given[k];
        const bool stream = given->row->file == TAMIS_FILE_STREAM && strcmp(given->text, "-") != 0;
        if ((stream || given->row->file == TAMIS_FILE_OUTPUT) && cli_text(args, given->row->name) == given->text && index-- == 0)
            return given;
    }
    return NULL;
}

int cli_check_files(const cli_args *args)
{
    const cli_given *one, *other;
    int code = 0;
    for (size_t a = 0; !code && (one = output(args, a)); a++) {
        for (size_t b = 0; b < a; b++) {
            other = output(args, b);
            const bool turned = strcmp(one->row->name, "output") == 0;
            if (cli_same_file(one->text, other->text))
                return cli_usage(args->command, "--%s and --%s are the same file; give one of them another name",
                                 turned ? one->row->name : other->row->name, turned ? other->row->name : one->row->name);
        }
        code = check_output(args, one->row->name, one->text);
    }
    return code;
}

/* ---- the parts of an output directory */

static bool part_path(const cli_parts *parts, size_t k, char path[BASE_PATH])
{
    if (k == CLI_PARTS || !parts->name[k]) return false;
    size_t end = strlen(parts->directory);
    const char *slash = end && parts->directory[end - 1] == '/' ? "" : "/";
    int length = snprintf(path, BASE_PATH, "%s%s%s", parts->directory, slash, parts->name[k]);
    return length > 0 && length < BASE_PATH; /* a longer one fails when it is written */
}

int cli_parts_check(cli_parts *parts, const cli_args *args, const char *what)
{
    char path[BASE_PATH];
    struct stat status;
    int code = refuse_name(args, what, parts->directory, true);
    for (size_t k = 0; !code && part_path(parts, k, path); k++) {
        parts->there[k] = lstat(path, &status) == 0 && S_ISREG(status.st_mode) ? status.st_ino : 0;
        code = refuse_input(args, what, path);
    }
    return code;
}

/* What is written new is a new file with another inode, for the old one was still there meanwhile. */
void cli_parts_tell(const cli_parts *parts)
{
    char path[BASE_PATH], aside[BASE_PATH + 2];
    struct stat status;
    for (size_t k = 0; part_path(parts, k, path); k++) {
        snprintf(aside, sizeof aside, "%s~", path);
        if (!parts->there[k]) continue;
        if (lstat(path, &status) == 0 && status.st_ino == parts->there[k])
            cli_note("%s was there before and is not of this %s", path, parts->command);
        else if (lstat(aside, &status) == 0 && status.st_ino == parts->there[k])
            cli_note("renamed %s to %s: it looks like an earlier %s's and would pass for this one's", path, aside,
                     parts->command);
    }
}
