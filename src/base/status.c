/* Status and error text. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/locale.h"
#include "base/status.h"
#include "base/text.h"

#ifndef TAMIS_VERSION
#define TAMIS_VERSION "0.0.0"
#endif

static const char no_memory[] = "not enough memory";

const char *tamis_version(void)
{
    return TAMIS_VERSION;
}

/* C0, DEL, and C1 as UTF-8 has them: what a terminal obeys instead of showing it. */
static bool is_control(const char *bytes, size_t k, size_t count)
{
    const unsigned char c = (unsigned char)bytes[k];
    const bool high = (c & 0xE0) == 0x80, next_high = k + 1 < count && ((unsigned char)bytes[k + 1] & 0xE0) == 0x80;
    return c < 0x20 || c == 0x7F || (c == 0xC2 && next_high) || (high && k > 0 && (unsigned char)bytes[k - 1] == 0xC2);
}

size_t base_clean(char *buffer, size_t size, const char *bytes, size_t count)
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

tamis_status base_fail(tamis_error *error, tamis_status status, const char *format, ...)
{
    if (error) {
        char text[sizeof error->text];
        va_list arguments;
        va_start(arguments, format);
        base_vformat(text, sizeof text, format, arguments);
        va_end(arguments);
        base_clean(error->text, sizeof error->text, text, strlen(text));
    }
    return status;
}

tamis_status base_null(tamis_error *error, const char *what)
{
    return base_fail(error, TAMIS_USAGE, "%s is NULL; expected one that an earlier call has given", what);
}

tamis_status base_no_memory(tamis_error *error, const char *what, size_t count, size_t size)
{
    char bytes[32];
    return base_fail(error, TAMIS_FAILURE, "%s for %s (%s wanted)", no_memory, what, base_bytes_text((double)count * (double)size, bytes));
}

bool base_is_no_memory(const tamis_error *error)
{
    return error && strncmp(error->text, no_memory, sizeof no_memory - 1) == 0;
}

void base_clear(tamis_error *error)
{
    if (error) error->text[0] = '\0';
}

const char *base_quote(char *buffer, size_t size, const char *bytes, size_t count)
{
    size_t shown = count < 60 ? count : 60;
    while (shown < count && shown > 56 && ((unsigned char)bytes[shown] & 0xC0) == 0x80) shown--; /* not within a letter */
    const size_t used = base_clean(buffer, size, bytes, shown);
    if (shown < count && used + 4 < size) memcpy(buffer + used, "...", 4);
    return buffer;
}
