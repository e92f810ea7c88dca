/* Numbers and bytes from outside as text for people. */
#ifndef TAMIS_CLI_TEXT_H
#define TAMIS_CLI_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* 1,234,567. Returns buffer (at least 32 bytes). */
const char *cli_count(int64_t number, char *buffer);
/* "1 epoch", "1,234 epochs". Returns buffer (at least 64 bytes); the noun is cut where it does not fit. */
const char *cli_plural(int64_t number, const char *noun, char *buffer);
/* The shortest text that reads back to the same number; float or double. Returns buffer (at least 32 bytes). */
const char *cli_float(float value, char *buffer);
char *cli_clean_copy(const char *bytes, size_t count); /* all of it, in malloc'ed memory */

#endif
