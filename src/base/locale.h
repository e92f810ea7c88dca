/* Text, whatever the caller's locale is: outside src/base/locale.c nobody writes a real number by printf, reads
 * one by strtod, or asks ctype.h (tests/test_rooms.sh looks) */
#ifndef TAMIS_BASE_LOCALE_H
#define TAMIS_BASE_LOCALE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

int base_vformat(char *buffer, size_t size, const char *format, va_list arguments) BASE_PRINTF(3, 0); /* vsnprintf */
int base_format(char *buffer, size_t size, const char *format, ...) BASE_PRINTF(3, 4);                /* snprintf */
double base_strtod(const char *text, char **end);
/* Of ASCII alone. */
char base_lower(char c);
bool base_same_word(const char *a, const char *b); /* but for case */

#endif
