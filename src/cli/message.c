/* Messages on stderr, and numbers as text. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "cli/cli.h"

bool cli_quiet;

int cli_fail(int code, const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    cli_line_clear();
    fputs("tamis: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return code;
}

int cli_status(tamis_status status, const tamis_error *error)
{
    if (status == TAMIS_OK) return 0;
    const int code = status == TAMIS_STOPPED ? CLI_INTERRUPTED : status == TAMIS_ELSEWHERE ? TAMIS_FAILURE : (int)status;
    return cli_fail(code, "%s", error->text);
}

void cli_note(const char *format, ...)
{
    va_list arguments;
    if (cli_quiet) return;
    cli_line_clear();
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

const char *cli_count(int64_t number, char *buffer)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRId64, number), used = 0;
    for (int k = 0; k < count; k++) {
        buffer[used++] = digits[k];
        if (digits[k] != '-' && k + 1 < count && (count - k - 1) % 3 == 0) buffer[used++] = ',';
    }
    buffer[used] = '\0';
    return buffer;
}

const char *cli_plural(int64_t number, const char *noun, char *buffer)
{
    char count[32];
    snprintf(buffer, 64, "%s %.20s%s", cli_count(number, count), noun, number == 1 ? "" : "s");
    return buffer;
}

void cli_warn_share(int64_t part, int64_t all, const char *noun, const char *what)
{
    char a[32], b[64];
    cli_note("warning: %s of %s %s", cli_count(part, a), cli_plural(all, noun, b), what);
}

const char *cli_float(float value, char *buffer)
{
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(buffer, 32, "%.*g", digits, (double)value);
        if (strtof(buffer, NULL) == value) break;
    }
    return buffer;
}

const char *cli_real(double value, char *buffer)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, 32, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value) break;
    }
    return buffer;
}

const char *cli_quote(const char *bytes, size_t length, char *buffer, size_t size)
{
    size_t used = 0, shown = length < 60 ? length : 60;
    for (size_t k = 0; k < shown && used + 8 < size; k++) {
        unsigned char c = (unsigned char)bytes[k];
        if (c < 0x20 || c == 0x7f)
            used += (size_t)snprintf(buffer + used, size - used, "\\x%02X", (unsigned)c);
        else
            buffer[used++] = (char)c;
    }
    snprintf(buffer + used, size - used, "%s", shown < length ? "..." : "");
    return buffer;
}
