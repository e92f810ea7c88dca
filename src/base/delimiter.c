/* What parts the columns of a CSV file: guessed by its first row, or given. */
#include <stdbool.h>
#include <string.h>

#include "base/delimiter.h"
#include "tamis.h"

static const char candidates[] = ",\t;|";
enum { COMMA, SEMICOLON = 2, CANDIDATES = sizeof candidates - 1 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Counts what may part the columns, outside of quoted fields. False: the last one does not close. */
static bool count_marks(const char *bytes, size_t count, bool quotes, size_t held[CANDIDATES], delimiter_marks *marks)
{
    bool quoted = false;
    memset(held, 0, CANDIDATES * sizeof *held);
    *marks = (delimiter_marks){.colons = 0};
    for (size_t k = 0; k < count; k++) {
        const char c = bytes[k];
        if (quotes && c == '"') quoted = !quoted && (k == 0 || bytes[k - 1] == '"' || strchr(candidates, bytes[k - 1]));
        if (quoted) continue;
        if (c == '\n' || c == '\r') break;
        const char *which = memchr(candidates, c, CANDIDATES);
        if (which) held[which - candidates]++;
        marks->spaces += c == ' ';
        marks->colons += c == ':' && k && bytes[k - 1] == ':';
    }
    return !quoted;
}

/* 1,0;2,5: separated by semicolons, each field with one comma at most, and that between digits. */
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

char delimiter_guess(const char *bytes, size_t count, int quotes, delimiter_marks *marks)
{
    size_t held[CANDIDATES], best = 0, length = 0;
    while (length < count && (quotes == TAMIS_QUOTES_CSV || (bytes[length] != '\n' && bytes[length] != '\r'))) length++;
    if (!count_marks(bytes, length, quotes != TAMIS_QUOTES_NONE, held, marks)) (void)count_marks(bytes, length, false, held, marks);
    for (size_t k = 1; k < CANDIDATES; k++)
        if (held[k] > held[best]) best = k;
    if (best == COMMA && has_decimal_commas(bytes, length)) best = SEMICOLON;
    marks->guessed = held[best];
    return candidates[best];
}

char delimiter_parse(const char *text)
{
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0) return '\t';
    const bool one = strlen(text) == 1 && !strchr("\"\r\n", *text) && (unsigned char)*text < 0x80;
    return one ? *text : '\0';
}
