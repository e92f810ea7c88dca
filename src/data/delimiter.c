/* What parts the columns of a CSV file: what was given, or what the first line holds most. */
#include <inttypes.h>
#include <string.h>

#include "base/status.h"
#include "data/beside.h"
#include "data/delimiter.h"

static tamis_status given_delimiter(const char *given, char *delimiter, tamis_error *error)
{
    char shown[280];
    if (strcmp(given, "tab") == 0 || strcmp(given, "\\t") == 0) given = "\t";
    if (strlen(given) != 1 || strchr("\"\r\n", *given) || (unsigned char)*given >= 0x80)
        return base_fail(error, TAMIS_USAGE, "--delimiter: \"%s\" is not one character; expected such as , ; | or tab",
                         base_quote(shown, sizeof shown, given, strlen(given)));
    *delimiter = *given;
    return TAMIS_OK;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char candidates[] = ",\t;|";
enum { COMMA, SEMICOLON = 2 };

typedef struct marks {
    size_t held[sizeof candidates], colons, spaces;
} marks;

/* What may part the columns of the first row, outside of quoted fields. False: the last one does not close. */
static bool count_marks(const char *bytes, size_t count, bool quotes, marks *m)
{
    bool quoted = false;
    *m = (marks){.colons = 0};
    for (size_t k = 0; k < count; k++) {
        const char c = bytes[k];
        if (quotes && c == '"') quoted = !quoted && (k == 0 || bytes[k - 1] == '"' || strchr(candidates, bytes[k - 1]));
        if (quoted) continue;
        if (c == '\n' || c == '\r') break;
        const char *which = strchr(candidates, c);
        if (which) m->held[which - candidates]++;
        m->spaces += c == ' ';
        m->colons += c == ':' && k && bytes[k - 1] == ':';
    }
    return !quoted;
}

/* 1,0;2,5: parted by semicolons, each field with one comma at most, and that between digits. */
static bool has_decimal_commas(const char *bytes, size_t count)
{
    size_t commas = 0, all = 0, semicolons = 0;
    for (size_t k = 0; k < count; k++) {
        if (bytes[k] == ';') {
            semicolons++;
            commas = 0;
        } else if (bytes[k] == ',') {
            const bool between = k && k + 1 < count && is_digit(bytes[k - 1]) && is_digit(bytes[k + 1]);
            if (!between || commas++) return false;
            all++;
        }
    }
    return semicolons && all;
}

tamis_status log_delimiter(const log_reader *reader, const char *bytes, size_t count, int64_t line, char *delimiter)
{
    const int quotes = reader->options->quotes;
    size_t best = 0, length = 0;
    marks m;
    const char *given = log_fit_delimiter(reader, bytes, count);
    if (given) return given_delimiter(given, delimiter, reader->error);
    while (length < count && (quotes == TAMIS_QUOTES_CSV || (bytes[length] != '\n' && bytes[length] != '\r'))) length++;
    if (!count_marks(bytes, length, quotes != TAMIS_QUOTES_NONE, &m)) (void)count_marks(bytes, length, false, &m);
    for (size_t k = 1; candidates[k]; k++)
        if (m.held[k] > m.held[best]) best = k;
    if (best == COMMA && has_decimal_commas(bytes, length)) best = SEMICOLON;
    *delimiter = candidates[best];
    if (m.held[best]) return TAMIS_OK;
    if (m.colons)
        return base_fail(reader->error, TAMIS_DATA,
                         "%s:%" PRId64 ": columns are parted by \"::\", but a delimiter is one "
                         "character; replace it, as in: sed 's/::/,/g' FILE | tamis ... -",
                         reader->source.name, line);
    if (m.spaces)
        return base_fail(
            reader->error, TAMIS_DATA,
            "%s:%" PRId64 ": no comma, tab, semicolon or bar parts the columns, but there are spaces; %s",
            reader->source.name, line,
            log_has_options(reader)
                ? "say --delimiter ' ' if they do, or --format adjacency if each line is a user and all of their items"
                : "replace them if they do, as in: tr -s ' ' ',' <FILE | tamis ... -");
    return TAMIS_OK;
}
