/* Numbers and bytes from outside as text for people. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/text.h"

char *cli_clean_copy(const char *bytes, size_t count)
{
    const size_t size = 4 * count + 9;
    char *copy = malloc(size);
    if (copy) base_clean(copy, size, bytes, count);
    return copy;
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

const char *cli_float(float value, char *buffer)
{
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(buffer, 32, "%.*g", digits, (double)value);
        if (strtof(buffer, NULL) == value) break;
    }
    return buffer;
}
