/* What a column of a file can hold, by its name. */
#ifndef TAMIS_BASE_COLUMN_H
#define TAMIS_BASE_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* tamis_log_summary.column is in the order of the first four. */
enum { ROLE_USER, ROLE_ITEM, ROLE_RATING, ROLE_TIME, ROLES, ROLE_EVENT = ROLES, ROLE_COUNT /* are recognised, to be told */ };

/* The place of a column's name among those known for the role, the usual ones first; -1: it is none of them. Case, blanks, _ and -
 * do not matter, nor what follows a colon. */
int64_t base_column_place(int role, const char *name, size_t length);
/* Whether two names differ in nothing else; one that is very long is like no other. */
bool base_column_same(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
