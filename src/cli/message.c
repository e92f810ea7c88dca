/* Messages on stderr, and numbers as text. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

bool cli_quiet;

/* C0, DEL, and C1 as UTF-8 has them: what a terminal obeys instead of showing it. */
static bool is_control(const char *bytes, size_t k, size_t count)
{
    const unsigned char c = (unsigned char)bytes[k];
    const bool high = (c & 0xE0) == 0x80, next_high = k + 1 < count && ((unsigned char)bytes[k + 1] & 0xE0) == 0x80;
    return c < 0x20 || c == 0x7F || (c == 0xC2 && next_high) || (high && k > 0 && (unsigned char)bytes[k - 1] == 0xC2);
}

size_t cli_clean(const char *bytes, size_t count, char *buffer, size_t size)
{
    size_t used = 0;
    for (size_t k = 0; k < count && used + 8 < size; k++)
        if (is_control(bytes, k, count))
            used += (size_t)snprintf(buffer + used, size - used, "\\x%02X", (unsigned)(unsigned char)bytes[k]);
        else
            buffer[used++] = bytes[k];
    buffer[used] = '\0';
    return used;
}

char *cli_clean_copy(const char *bytes, size_t count)
{
    const size_t size = 4 * count + 9;
    char *copy = malloc(size);
    if (copy) cli_clean(bytes, count, copy, size);
    return copy;
}

/* A line; what stands in it may come from anywhere. */
static void say(const char *before, const char *format, va_list arguments)
{
    char text[4096], plain[4096];
    vsnprintf(text, sizeof text, format, arguments);
    cli_clean(text, strlen(text), plain, sizeof plain);
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
    size_t shown = length < 60 ? length : 60;
    while (shown < length && shown > 56 && ((unsigned char)bytes[shown] & 0xC0) == 0x80) shown--; /* not within a letter */
    const size_t used = cli_clean(bytes, shown, buffer, size);
    if (shown < length && used + 4 < size) memcpy(buffer + used, "...", 4);
    return buffer;
}
