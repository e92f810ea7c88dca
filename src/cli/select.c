/* tamis train --select OPTION=VALUE,VALUE...: which options are tried with which values. Every combination is a run; the
 * last option's values change fastest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/select.h"

static const tamis_option *find_option(const char *method, const char *name)
{
    const tamis_option_table *table;
    const tamis_option *row = NULL;
    for (size_t k = 0; !row && (table = tamis_train_option_table(method, k)); k++) row = base_option_find(table, name);
    return row;
}

/* Cuts "name=a,b,c" up in place and checks each value. */
static int read_one(const cli_args *args, const tamis_train_options *training, cli_select *select, char *text)
{
    cli_selected *one = &select->option[select->options++];
    char *equals = strchr(text, '=');
    tamis_train_options scratch = *training;
    tamis_error error;
    if (!equals || !equals[1]) return cli_usage(args->command, "--select \"%.60s\": expected OPTION=VALUE,VALUE...", text);
    *equals = '\0';
    one->row = find_option(training->method, text);
    if (one->row && (one->row->neutral || one->row->role == TAMIS_ROLE_JUDGE))
        return cli_usage(args->command, "--select: values of %.60s cannot be compared by their validation", text);
    if (!one->row || strcmp(text, "method") == 0)
        return cli_usage(args->command, "--select: \"%.60s\" is no option of training with %s", text, training->method);
    one->values = equals + 1;
    for (char *value = equals + 1; value; one->count++) {
        char *comma = strchr(value, ',');
        if (comma) *comma = '\0';
        if (base_option_set(one->row, &scratch, value, &error)) return cli_usage(args->command, "--select: %s", error.text);
        value = comma ? comma + 1 : NULL;
    }
    select->runs *= one->count;
    return select->runs <= 10000 ? 0 : cli_usage(args->command, "--select: more than 10,000 runs; give fewer values");
}

int cli_select_read(const cli_args *args, const tamis_train_options *training, cli_select *select)
{
    *select = (cli_select){.runs = 1};
    for (size_t k = 0; k < args->given_count; k++) {
        if (strcmp(args->given[k].row->name, "select") != 0) continue;
        if (select->options == CLI_SELECT) return cli_usage(args->command, "--select: %d options at most", CLI_SELECT);
        char *text = select->text[select->options] = strdup(args->given[k].text);
        if (!text) return cli_fail(TAMIS_FAILURE, "not enough memory for the options");
        int code = read_one(args, training, select, text);
        if (code) return code;
    }
    for (int64_t run = 0; select->options && run < select->runs; run++) { /* now, rather than after hours */
        tamis_train_options options = *training;
        char said[400];
        int code = cli_select_apply(select, run, &options, said, sizeof said);
        if (!code) code = cli_check(args, tamis_option_find_table("train"), &options);
        if (code) return code;
    }
    return 0;
}

int cli_select_apply(const cli_select *select, int64_t run, tamis_train_options *training, char *said, size_t size)
{
    tamis_error error;
    if (size) said[0] = '\0';
    int64_t each = select->runs;
    for (size_t k = 0; k < select->options; k++) {
        const cli_selected *one = &select->option[k];
        const char *value = one->values;
        each /= one->count;
        for (int64_t n = run / each % one->count; n > 0; n--) value += strlen(value) + 1;
        tamis_status status = base_option_set(one->row, training, value, &error);
        if (status) return cli_status(status, &error);
        size_t used = strlen(said);
        snprintf(said + used, size - used, "%s--%s %s", k ? " " : "", one->row->name, value);
    }
    return 0;
}

void cli_select_clear(cli_select *select)
{
    for (size_t k = 0; k < CLI_SELECT; k++) free(select->text[k]);
    *select = (cli_select){0};
}
