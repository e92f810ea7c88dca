/* Times from and to text: seconds since 1970-01-01T00:00:00Z. Text is closed by NUL at text[count]. */
#ifndef TAMIS_BASE_DATE_H
#define TAMIS_BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>

/* A number, or a date of the form 2019-10-01 or 2019/10/01, with a time of day (13:45, 13:45:07.25) and a zone (Z, UTC, +02:00) or
 * without. */
bool date_parse(const char *text, size_t count, double *value);
/* By a format in the words of strptime: %Y %y %m %d %b %B %H %I %M %S %f %p %z %Z %s %j %D %F %T %R %a %A %n %t %%; names are
 * English, whatever the locale; a blank stands for any number of blanks. */
bool date_parse_as(const char *format, const char *text, size_t count, double *value);
/* Where in a format stands what date_parse_as() does not know: "%Q..."; "": the format says no year and day; NULL: all is well. */
const char *date_check_format(const char *format);
/* "2019-10-01T13:45:07Z", to the second; where that is none that dates can say, a number. Returns buffer (at least 40 bytes). */
const char *date_text(double time, char *buffer);

#endif
