/* The delimiter of a log: what was given, or what its first line holds most. */
#include <inttypes.h>
#include <string.h>

#include "base/delimiter.h"
#include "base/status.h"
#include "data/beside.h"
#include "data/delimiter.h"

static tamis_status fail_unparted(const log_reader *reader, const delimiter_marks *marks, int64_t line)
{
    const char *name = reader->source.name;
    if (marks->colons)
        return base_fail(reader->error, TAMIS_DATA,
                         "%s:%" PRId64 ": columns are separated by \"::\", but a delimiter is one "
                         "character; replace it, as in: sed 's/::/,/g' FILE | tamis ... -",
                         name, line);
    return base_fail(reader->error, TAMIS_DATA,
                     "%s:%" PRId64 ": no comma, tab, semicolon or bar parts the columns, but there are spaces; %s", name, line,
                     log_has_options(reader)
                         ? "say --delimiter ' ' if they do, or --format adjacency if each line is a user and all of their items"
                         : "replace them if they do, as in: tr -s ' ' ',' <FILE | tamis ... -");
}

tamis_status log_delimiter(const log_reader *reader, const char *bytes, size_t count, int64_t line, char *delimiter)
{
    const char *given = log_fit_delimiter(reader, bytes, count);
    delimiter_marks marks;
    char shown[280];
    if (!given) {
        *delimiter = delimiter_guess(bytes, count, reader->options->quotes, &marks);
        return marks.guessed || !(marks.colons || marks.spaces) ? TAMIS_OK : fail_unparted(reader, &marks, line);
    }
    *delimiter = delimiter_parse(given);
    if (*delimiter) return TAMIS_OK;
    return base_fail(reader->error, TAMIS_USAGE, "--delimiter: \"%s\" is not one character; expected such as , ; | or tab",
                     base_quote(shown, sizeof shown, given, strlen(given)));
}
