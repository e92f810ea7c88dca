/* Text and numbers that do not depend on the caller's locale: a host that chose decimal commas reads and writes the same
 * bytes as any other. The locale is put aside for the calling thread alone and for one call. */
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#include "base/locale.h"

/* "C" takes no memory and no lock where it counts (glibc, musl), so that none needs to be kept. */
typedef struct plain_locale {
    locale_t plain, caller;
} plain_locale;

static plain_locale enter(void)
{
    plain_locale l = {.plain = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
    if (l.plain) l.caller = uselocale(l.plain);
    return l;
}

static void leave(plain_locale l)
{
    if (!l.plain) return;
    uselocale(l.caller);
    freelocale(l.plain);
}

int base_vformat(char *buffer, size_t size, const char *format, va_list arguments)
{
    const plain_locale l = enter();
    const int length = vsnprintf(buffer, size, format, arguments);
    leave(l);
    return length;
}

int base_format(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = base_vformat(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}

double base_strtod(const char *text, char **end)
{
    const plain_locale l = enter();
    const double value = strtod(text, end);
    leave(l);
    return value;
}

char base_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool base_same_word(const char *a, const char *b)
{
    while (*a && base_lower(*a) == base_lower(*b)) a++, b++;
    return base_lower(*a) == base_lower(*b);
}
