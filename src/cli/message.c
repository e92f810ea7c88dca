/* Messages on stderr. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/commands.h"
#include "cli/line.h"
#include "cli/message.h"
#include "cli/signal.h"
#include "cli/text.h"

/* A line; what stands in it may come from anywhere. */
static void say(const char *before, const char *format, va_list arguments)
{
    char text[4096], plain[4096];
    vsnprintf(text, sizeof text, format, arguments);
    base_clean(plain, sizeof plain, text, strlen(text));
    cli_line_clear();
    fprintf(stderr, "%s%s\n", before, plain);
}

int cli_fail(int code, const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    va_start(arguments, format);
    say("tamis: ", format, arguments);
    va_end(arguments);
    return code;
}

int cli_status(tamis_status status, const tamis_error *error)
{
    if (status == TAMIS_OK) return 0;
    int code = status < TAMIS_STOPPED ? (int)status : TAMIS_FAILURE;
    if (status == TAMIS_STOPPED && cli_interrupted()) code = cli_interrupted();
    return cli_fail(code, "%s", error->text);
}

void cli_note(const char *format, ...)
{
    va_list arguments;
    if (cli_quiet) return;
    va_start(arguments, format);
    say("", format, arguments);
    va_end(arguments);
}

void cli_warn_share(int64_t part, int64_t all, const char *noun, const char *what)
{
    char a[32], b[64];
    cli_note("warning: %s of %s %s", cli_count(part, a), cli_plural(all, noun, b), what);
}

static const char *usage_at; /* in a file of options; NULL: the command line */

void cli_usage_at(const char *where)
{
    usage_at = where;
}

int cli_usage(const cli_command *command, const char *format, ...)
{
    char text[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const int code = cli_fail(usage_at ? TAMIS_DATA : TAMIS_USAGE, "%s%s%s", usage_at ? usage_at : "", usage_at ? ": " : "", text);
    fprintf(stderr, "see: tamis%s%s --help\n", command ? " " : "", command ? command->name : "");
    return code;
}

int cli_missing(const cli_command *command, const char *what)
{
    return cli_usage(command, "%s needs %s: tamis %s %s", command->name, what, command->name, command->operands);
}
