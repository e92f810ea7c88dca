/* Status and error text. */
#ifndef TAMIS_BASE_STATUS_H
#define TAMIS_BASE_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "tamis.h"

/* Writes the sentence (error may be NULL) and returns status, so that `return base_fail(...)` is the whole branch. */
tamis_status base_fail(tamis_error *error, tamis_status status, const char *format, ...) BASE_PRINTF(3, 4);
/* TAMIS_USAGE: "WHAT is NULL", an argument that a public function needs. */
tamis_status base_null(tamis_error *error, const char *what);
/* "cannot allocate N bytes for WHAT". */
tamis_status base_no_memory(tamis_error *error, const char *what, size_t count, size_t size);
/* Whether that is what the sentence says. */
bool base_is_no_memory(const tamis_error *error);
void base_clear(tamis_error *error);
/* Control characters, which a terminal obeys, as \xNN, as far as there is room. Returns the length. */
size_t base_clean(char *buffer, size_t size, const char *bytes, size_t count);
/* Makes bytes that come from outside fit to stand in a message: control characters as \xNN, cut after about 60.
 * Returns buffer. */
const char *base_quote(char *buffer, size_t size, const char *bytes, size_t count);

#endif
