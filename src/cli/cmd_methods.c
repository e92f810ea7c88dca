/* tamis methods: the methods, samplers and metrics there are; one method with its page of the manual. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/json.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/table.h"

typedef struct methods_options {
    int json;
} methods_options;

static const tamis_option rows[] = {
    BASE_OPTION(methods_options, json, "json", TAMIS_OPTION_FLAG, NULL, "0", "", "print one JSON object"),
};
CLI_TABLE(cli_methods_table, "methods", rows, methods_options);

static void print_json(cli_out *out)
{
    cli_json json = {.out = out};
    const char *name, *help = "", *source = "";
    cli_json_open(&json, NULL, '{');
    cli_json_open(&json, "methods", '[');
    for (size_t k = 0; (name = tamis_method_list(k, &help, &source)); k++) {
        cli_json_open(&json, NULL, '{');
        cli_json_text(&json, "name", name);
        cli_json_text(&json, "help", help);
        cli_json_text(&json, "source", source);
        tamis_method_page page;
        if (!tamis_method_describe(name, &page, NULL)) {
            cli_json_text(&json, "noise", page.noise);
            cli_json_text(&json, "use", page.use);
            cli_json_text(&json, "cost", page.cost);
        }
        const tamis_option_table *table = tamis_option_find_table(name);
        const char *option, *rule;
        cli_json_open(&json, "rules", '{');
        for (size_t r = 0; (option = tamis_method_rule(name, r, &rule)); r++) cli_json_text(&json, option, rule);
        cli_json_close(&json, '}');
        cli_json_open(&json, "options", '[');
        for (size_t r = 0; table && r < table->count; r++) cli_json_text(&json, NULL, table->rows[r].name);
        cli_json_close(&json, ']');
        cli_json_close(&json, '}');
    }
    cli_json_close(&json, ']');
    static const struct {
        const char *name;
        const char *(*list)(size_t, const char **);
    } lists[] = {{"negative_sampling", tamis_sampler_list}, {"positive_sampling", tamis_positive_sampler_list},
                 {"metrics", tamis_metric_list}};
    for (size_t l = 0; l < BASE_COUNT(lists); l++) {
        cli_json_open(&json, lists[l].name, '[');
        for (size_t k = 0; (name = lists[l].list(k, &help)); k++) {
            cli_json_open(&json, NULL, '{');
            cli_json_text(&json, "name", name);
            cli_json_text(&json, "help", help);
            cli_json_close(&json, '}');
        }
        cli_json_close(&json, ']');
    }
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

static void print_list(cli_out *out, const char *title, const char *(*list)(size_t, const char **))
{
    cli_table table = {.columns = 2, .left = true};
    const char *name, *help = "";
    cli_out_text(out, title);
    for (size_t k = 0; (name = list(k, &help)); k++) {
        cli_table_cell(&table, "  %s", name);
        cli_table_cell(&table, "%s", help);
    }
    cli_table_print(&table, out);
}

static const char *method(size_t index, const char **help)
{
    return tamis_method_list(index, help, NULL);
}

/* A method's page of the manual. */
static int print_page(const cli_args *args, const char *name)
{
    tamis_method_page page;
    tamis_error error;
    char presets[400];
    if (tamis_method_describe(name, &page, &error)) return cli_usage(args->command, "%s", error.text);
    printf("%s: ", name);
    cli_wrap(page.help, strlen(name) + 2, 0);
    const char *const parts[][2] = {{"Noise", page.noise}, {"Use", page.use}, {"Cost of an epoch", page.cost},
                                    {"Defaults", cli_presets(name, presets, sizeof presets)}, {"Source", page.source}};
    for (size_t k = 0; k < BASE_COUNT(parts); k++) {
        if (!*parts[k][1]) continue;
        printf("\n%s:\n  ", parts[k][0]);
        cli_wrap(parts[k][1], 2, 2);
    }
    const char *option, *rule;
    for (size_t k = 0; (option = tamis_method_rule(name, k, &rule)); k++) {
        printf("%s  --%s auto: ", k ? "" : "\nBy the log:\n", option);
        cli_wrap(rule, strlen(option) + 10, 4);
    }
    const tamis_option_table *table = tamis_option_find_table(name);
    if (table && table->count) puts("\nOptions:");
    for (size_t k = 0; table && k < table->count; k++) cli_help_option(&table->rows[k]);
    return 0;
}

int cmd_methods(const cli_args *args)
{
    methods_options options;
    cli_out out = {0};
    int code = cli_read_command(args, &cli_methods_table, &options);
    if (code) return code;
    if (args->operands && options.json) return cli_usage(args->command, "--json lists all methods; leave \"%.60s\" out", args->operand[0]);
    if (args->operands) return print_page(args, args->operand[0]);
    if (options.json) {
        print_json(&out);
        return 0;
    }
    print_list(&out, "Methods (tamis train --method):\n", method);
    print_list(&out, "\nNegative samplers (tamis train --negative-sampling):\n", tamis_sampler_list);
    print_list(&out, "\nPositive samplers (tamis train --positive-sampling):\n", tamis_positive_sampler_list);
    print_list(&out, "\nMetrics:\n", tamis_metric_list);
    return 0;
}
