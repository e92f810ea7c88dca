/* Status and error text. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"

#ifndef TAMIS_VERSION
#define TAMIS_VERSION "0.0.0"
#endif

const char *tamis_version(void)
{
    return TAMIS_VERSION;
}

tamis_status base_fail(tamis_error *error, tamis_status status, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        base_vformat(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
    }
    return status;
}

tamis_status base_no_memory(tamis_error *error, const char *what, size_t count, size_t size)
{
    return base_fail(error, TAMIS_FAILURE, "not enough memory for %s (%.1f MB wanted)", what,
                     (double)count * (double)size / 1e6);
}

void base_clear(tamis_error *error)
{
    if (error) error->text[0] = '\0';
}

const char *base_quote(char *buffer, size_t size, const char *bytes, size_t count)
{
    size_t used = 0, shown = count < 60 ? count : 60;
    for (size_t k = 0; k < shown && used + 8 < size; k++) {
        unsigned char c = (unsigned char)bytes[k];
        if (c < 0x20 || c == 0x7f)
            used += (size_t)snprintf(buffer + used, size - used, "\\x%02X", (unsigned)c);
        else
            buffer[used++] = (char)c;
    }
    buffer[used] = '\0';
    if (shown < count && used + 4 < size) memcpy(buffer + used, "...", 4);
    return buffer;
}
