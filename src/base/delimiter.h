/* What parts the columns of a CSV file. */
#ifndef TAMIS_BASE_DELIMITER_H
#define TAMIS_BASE_DELIMITER_H

#include <stddef.h>

/* What a first row holds outside of quoted fields. */
typedef struct delimiter_marks {
    size_t guessed;        /* of the delimiter that was guessed */
    size_t colons, spaces; /* pairs of colons, blanks: what else may be meant to part columns */
} delimiter_marks;

/* The one of , tab ; | that the first row holds most; a comma, too, where it holds none. quotes: tamis_quotes. */
char delimiter_guess(const char *bytes, size_t count, int quotes, delimiter_marks *marks);
/* One character, or "tab". '\0': it is no delimiter. */
char delimiter_parse(const char *text);

#endif
