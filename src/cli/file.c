/* Logs, models and directories, with the line about what was found. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

/* clicks.csv: 100,000 rows read; 44,625 below rating 4; 0 bad; 0 duplicates; 942 users x 1,447 items, ... */
static void summarize(const char *const *paths, size_t count, const tamis_log_options *options, const tamis_log *log)
{
    const tamis_log_summary *s = tamis_log_summarize(log);
    char name[280], below[120] = "", core[200] = "", a[32], b[32], c[32], d[32], e[32], f[32];
    if (strcmp(paths[0], "-") == 0)
        snprintf(name, sizeof name, "standard input");
    else
        snprintf(name, sizeof name, "%.200s", paths[0]);
    if (count > 1) snprintf(name + strlen(name), sizeof name - strlen(name), " and %zu more", count - 1);
    if (s->below_rating)
        snprintf(below, sizeof below, "; %s below rating %s", cli_count(s->below_rating, a),
                 cli_real(options->min_rating, b));
    if (s->core_interactions || s->core_users || s->core_items)
        snprintf(core, sizeof core, "; k-core removed %s users, %s items, %s interactions", cli_count(s->core_users, a),
                 cli_count(s->core_items, b), cli_count(s->core_interactions, c));
    double cells = (double)s->users * (double)s->items;
    cli_note("%s: %s rows read%s; %s bad; %s duplicates%s; %s users x %s items, %s interactions, density %.3g%%", name,
             cli_count(s->rows, a), below, cli_count(s->bad, b), cli_count(s->duplicates, c), core,
             cli_count(s->users, d), cli_count(s->items, e), cli_count(s->interactions, f),
             cells > 0 ? 100 * (double)s->interactions / cells : 0);
    if (s->bad) cli_note("first bad row: %s", s->first_bad.text);
}

int cli_read_log(const char *const *paths, size_t count, const tamis_log_options *options, tamis_log **log)
{
    tamis_error error;
    tamis_status status = tamis_log_read(paths, count, options, log, &error);
    if (status) return cli_status(status, &error);
    summarize(paths, count, options, *log);
    return 0;
}

int cli_load(const char *path, tamis_model **model)
{
    tamis_error error;
    return cli_status(tamis_model_load(path, model, &error), &error);
}

int cli_check_writable(const char *path)
{
    tamis_writer *writer;
    tamis_error error;
    if (strcmp(path, "-") == 0) return cli_fail(TAMIS_USAGE, "this cannot go to standard output; give a file name");
    tamis_status status = tamis_writer_open(path, &writer, &error);
    if (status) return cli_status(status, &error);
    tamis_writer_discard(writer);
    return 0;
}

int cli_directory(const char *path)
{
    struct stat status;
    if (mkdir(path, 0777) == 0) return 0;
    int code = errno;
    if (code == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) return 0;
    if (code == EEXIST) code = ENOTDIR;
    return cli_fail(TAMIS_FAILURE, "cannot make directory %s: %s", path, strerror(code));
}
