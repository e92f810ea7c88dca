/* tamis noise: a log with noise put in, and the truth about its rows. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/save.h"
#include "cli/text.h"

typedef struct noise_output {
    const char *output, *truth, *held_out, *column[2];
} noise_output;

static const tamis_option rows[] = {
    BASE_OPTION(noise_output, held_out, "held-out", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "a log of positives that are no noise, such as test.csv; may be given several times", .file = TAMIS_FILE_INPUT),
    CLI_COLUMNS(noise_output, column, "held-out"),
    BASE_OPTION(noise_output, output, "output", TAMIS_OPTION_TEXT, "FILE", NULL, "", "the noisy log to write", .file = TAMIS_FILE_OUTPUT),
    BASE_OPTION(noise_output, truth, "truth", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write user_id,item_id,noise,kind for each row of the noisy log: noise is 1 or 0, and -1 for what "
               "--drop has hidden", .file = TAMIS_FILE_OUTPUT),
};
CLI_TABLE(cli_noise_table, "noise-output", rows, noise_output);

typedef struct run {
    tamis_log_options reading;
    tamis_noise_options options;
    noise_output command;
    tamis_log *log, *noisy, *dropped, **held;
    size_t helds;
    uint8_t *kind;
} run;

static int read_logs(const cli_args *args, run *r)
{
    int code = cli_read_log(args->operand, args->operands, &r->reading, &r->log);
    r->held = calloc(args->given_count + 1, sizeof *r->held);
    if (!code && !r->held) code = cli_fail(TAMIS_FAILURE, "not enough memory for the held-out logs");
    tamis_log_options reading;
    cli_beside(args, "held-out-", &r->reading, &reading);
    for (size_t k = 0; k < args->given_count && !code; k++)
        if (strcmp(args->given[k].row->name, "held-out") == 0)
            code = cli_read_log_silent(&args->given[k].text, 1, &reading, CLI_SILENT_RATING, &r->held[r->helds++]);
    return code;
}

static void write_pair(cli_out *out, const tamis_log *log, int64_t user, int32_t item, const char *rest)
{
    size_t length;
    const char *id = tamis_log_user_id(log, user, &length);
    cli_out_field(out, id, length);
    cli_out_text(out, ",");
    id = tamis_log_item_id(log, item, &length);
    cli_out_field(out, id, length);
    cli_out_text(out, rest);
}

static void write_noisy(const void *context, cli_out *out)
{
    const run *r = context;
    cli_put_log(out->writer, r->noisy);
}

static void write_truth(const void *context, cli_out *out)
{
    const run *r = context;
    char rest[64];
    int64_t n;
    size_t at = 0;
    cli_out_text(out, "user_id,item_id,noise,kind\n");
    for (int64_t u = 0; u < tamis_log_users(r->noisy); u++) {
        const int32_t *item = tamis_log_row(r->noisy, u, &n);
        for (int64_t k = 0; k < n; k++, at++) {
            snprintf(rest, sizeof rest, ",%d,%s\n", r->kind[at] != 0, tamis_noise_kind(r->kind[at], NULL));
            write_pair(out, r->noisy, u, item[k], rest);
        }
    }
    for (int64_t u = 0; r->dropped && u < tamis_log_users(r->dropped); u++) {
        const int32_t *item = tamis_log_row(r->dropped, u, &n);
        for (int64_t k = 0; k < n; k++) write_pair(out, r->dropped, u, item[k], ",-1,drop\n");
    }
}

/* A share of a few rows is less than a row, and not every user has so many other items. */
static void tell_shares(const char *done, int64_t came, double asked, int64_t all)
{
    const double share = all ? (double)came / (double)all : 0;
    if (share >= 0.95 * asked) return;
    cli_note("%s%.4g %s, where %g was asked for: each user's share is rounded down, and no user gets an item twice "
             "or loses the last one", came ? "" : "warning: ", share, done, asked);
}

/* The users who make noise: only those with a row of it are known, so that of their rows it is what was asked for, or less. */
static void tell_users(const run *r)
{
    int64_t of_users = 0, clean = 0, n;
    size_t at = 0;
    for (int64_t u = 0; u < tamis_log_users(r->noisy); u++) {
        int64_t made = 0, own = 0;
        (void)tamis_log_row(r->noisy, u, &n);
        for (int64_t k = 0; k < n; k++, at++) {
            const char *name = tamis_noise_kind(r->kind[at], NULL);
            made += strcmp(name, "users") == 0;
            own += r->kind[at] == 0;
        }
        of_users += made;
        clean += made ? own : 0;
    }
    if (of_users)
        tell_shares("injected per clean row of a noisy user", of_users, r->options.users_ratio, clean);
    else
        cli_note("warning: --noisy-users %g comes to no row; ask for more", r->options.users);
}

static void say(const run *r)
{
    int64_t n = tamis_log_interactions(r->noisy), all = tamis_log_interactions(r->log), injected = 0, of_all = 0, count[16] = {0};
    const char *name;
    char a[64], b[64], c[64];
    for (int64_t k = 0; k < n; k++) count[r->kind[k] & 15]++;
    for (size_t k = 1; k < BASE_COUNT(count) && (name = tamis_noise_kind(k, NULL)); k++) {
        injected += count[k];
        of_all += strcmp(name, "users") != 0 ? count[k] : 0;
    }
    int64_t hidden = r->dropped ? tamis_log_interactions(r->dropped) : 0;
    cli_note("%s: %s, of which %s injected (%.2f%% of the file); %s hidden", r->command.output,
             cli_plural(n, "interaction", a), cli_count(injected, b), n ? 100.0 * (double)injected / (double)n : 0,
             cli_count(hidden, c));
    if (r->options.users > 0) tell_users(r);
    tell_shares("injected per clean row", of_all, r->options.uniform + r->options.popular, all);
    tell_shares("hidden per clean row", hidden, r->options.drop, all);
}

static int write_all(run *r)
{
    tamis_error error;
    r->options.held_out = (const tamis_log *const *)r->held;
    r->options.held_outs = r->helds;
    int code = cli_status(tamis_log_noise(r->log, &r->options, &r->noisy, &r->kind, &r->dropped, &error), &error);
    if (code) return code;
    const cli_file files[] = {{r->command.output, "the noisy log", write_noisy},
                              {r->command.truth, "the truth about it", r->command.truth ? write_truth : NULL}};
    code = cli_write_files(files, BASE_COUNT(files), r);
    if (!code) say(r);
    return code;
}

int cmd_noise(const cli_args *args)
{
    run r = {0};
    int code = cli_read_reading(args, &r.reading);
    if (!code) code = cli_read_options(args, "noise", &r.options);
    if (!code) code = cli_read_command(args, &cli_noise_table, &r.command);
    if (!code) code = cli_check_beside(args, "held-out-");
    if (!code) code = cli_check_idle(args, "noisy-user-ratio", r.options.users > 0, "--noisy-users");
    if (!code && !r.command.output) code = cli_missing(args->command, "-o FILE");
    if (!code && !(r.options.uniform > 0 || r.options.popular > 0 || r.options.users > 0 || r.options.drop > 0))
        code = cli_usage(args->command, "noise needs an amount: --uniform, --popular, --noisy-users or --drop");
    if (!code) code = cli_check_files(args);
    if (!code) code = read_logs(args, &r);
    if (!code) code = write_all(&r);
    for (size_t k = 0; r.held && k < r.helds; k++) tamis_log_free(r.held[k]);
    free(r.held);
    tamis_free(r.kind);
    tamis_log_free(r.dropped);
    tamis_log_free(r.noisy);
    tamis_log_free(r.log);
    return code;
}
