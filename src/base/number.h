/* Numbers from and to text, whatever the locale; text is closed by NUL at text[count]. */
#ifndef TAMIS_BASE_NUMBER_H
#define TAMIS_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>


bool number_parse_real(const char *text, size_t count, double *value);
/* The shortest text that reads back to the same value. Returns buffer (at least 40 bytes). */
const char *number_real_text(double value, char *buffer);
const char *number_float_text(double value, char *buffer); /* as a float */

#endif
