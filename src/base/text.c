/* Numbers as people write them in options, from and to text; lists of names. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
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

const char *base_bytes_text(double bytes, char *buffer)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    const size_t last = sizeof units / sizeof *units - 1;
    size_t k = 0;
    if (bytes < 999.5) {
        base_format(buffer, 32, "%.0f byte%s", bytes, bytes >= 0.5 && bytes < 1.5 ? "" : "s");
        return buffer;
    }
    bytes /= 1e3;
    while (bytes >= 999.5 && k < last) {
        bytes /= 1e3;
        k++;
    }
    base_format(buffer, 32, bytes < 999.5 ? "%.3g %s" : "%.0f %s", bytes < 0x1p63 ? bytes : 0x1p63, units[k]);
    return buffer;
}

void base_list_add(base_list *list, const char *name, const char *suffix)
{
    static const char more[] = ", ...";
    const size_t used = list->used, length = (used ? 2 : 0) + strlen(name) + strlen(suffix);
    if (used == sizeof list->text) return; /* it is full */
    if (used + length + sizeof more > sizeof list->text) {
        memcpy(list->text + used, used ? more : more + 2, sizeof more - (used ? 0 : 2));
        list->used = sizeof list->text;
        return;
    }
    snprintf(list->text + used, sizeof list->text - used, "%s%s%s", used ? ", " : "", name, suffix);
    list->used += length;
}
