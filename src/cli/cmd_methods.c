/* tamis methods: the methods, samplers and metrics there are. */
#include <stddef.h>

#include "cli/cli.h"

typedef struct methods_options {
    int json;
} methods_options;

static const tamis_option rows[] = {
    CLI_OPTION(methods_options, json, "json", TAMIS_OPTION_FLAG, NULL, "0", "", "print one JSON object"),
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
        const tamis_option_table *table = tamis_option_find_table(name);
        cli_json_open(&json, "options", '[');
        for (size_t r = 0; table && r < table->count; r++) cli_json_text(&json, NULL, table->rows[r].name);
        cli_json_close(&json, ']');
        cli_json_close(&json, '}');
    }
    cli_json_close(&json, ']');
    for (int kind = 0; kind < 2; kind++) {
        cli_json_open(&json, kind ? "metrics" : "negative_sampling", '[');
        for (size_t k = 0; (name = (kind ? tamis_metric_list : tamis_sampler_list)(k, &help)); k++) {
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

int cmd_methods(const cli_args *args)
{
    methods_options options;
    cli_out out = {0};
    int code = cli_read_own(args, &cli_methods_table, &options);
    if (code) return code;
    if (options.json) {
        print_json(&out);
        return 0;
    }
    print_list(&out, "Methods (--method):\n", method);
    print_list(&out, "\nNegative samplers (--negative-sampling):\n", tamis_sampler_list);
    print_list(&out, "\nMetrics:\n", tamis_metric_list);
    return 0;
}
