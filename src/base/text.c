/* Numbers as people write them in options, from and to text. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/locale.h"
#include "base/text.h"

bool base_parse_real(const char *text, double *value)
{
    char *end;
    if ((unsigned char)*text <= ' ' || strpbrk(text, "xX")) return false;
    double parsed = base_strtod(text, &end);
    if (*end != '\0' || isnan(parsed)) return false;
    *value = parsed;
    return true;
}

bool base_parse_integer(const char *text, int64_t *value)
{
    char *end;
    if ((unsigned char)*text <= ' ') return false;
    errno = 0;
    intmax_t parsed = strtoimax(text, &end, 10);
    if (*end != '\0' || errno == ERANGE || parsed > INT64_MAX || parsed < INT64_MIN) return false;
    *value = (int64_t)parsed;
    return true;
}

const char *base_real_text(double value, char *buffer)
{
    for (int digits = 15; digits <= 17; digits++) {
        base_format(buffer, 32, "%.*g", digits, value);
        if (base_strtod(buffer, NULL) == value) break;
    }
    return buffer;
}
