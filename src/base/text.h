/* Numbers as people write them in options, and lists of names in messages. */
#ifndef TAMIS_BASE_TEXT_H
#define TAMIS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole of text as a number; false: not one, NaN, or trailing bytes. "inf" is taken. */
bool base_parse_real(const char *text, double *value);
bool base_parse_integer(const char *text, int64_t *value);
/* Shortest of %.15g, %.16g, %.17g that reads back to the same double. Returns buffer (at least 32 bytes). */
const char *base_real_text(double value, char *buffer);

/* A size with three digits: "812 bytes", "1.5 kB", "12.3 MB", "1.05 GB". Returns buffer (at least 32 bytes). */
const char *base_bytes_text(double bytes, char *buffer);

/* "a, b, c" in a sentence: all zero to begin with; for the names that it has no room for there is "..." at its end. */
typedef struct base_list {
    char text[640];
    size_t used;
} base_list;
/* suffix: what stands right behind the name. */
void base_list_add(base_list *list, const char *name, const char *suffix);

#endif
