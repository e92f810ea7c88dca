/* Lines of JSON. A number that is whole keeps its digits; others are written with as few as read back to the same double. */
#include <stdio.h>
#include <string.h>

#include "base/json_line.h"

#ifdef HAVE_JANSSON
#include <jansson.h>

#include "base/locale.h"
#include "base/status.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool json_line_begins(const char *bytes, size_t count)
{
    size_t at = 0;
    while (at < count && is_blank(bytes[at])) at++;
    const char *end = memchr(bytes + at, '\n', count - at);
    size_t last = end ? (size_t)(end - bytes) : count;
    while (last > at && is_blank(bytes[last - 1])) last--;
    if (last < at + 2 || bytes[at] != '{' || bytes[last - 1] != '}') return false;
    for (at++; is_blank(bytes[at]);) at++;
    return bytes[at] == '"' || at + 1 == last;
}

bool json_line_open(json_line *line, const char *bytes, size_t count)
{
    json_error_t wrong;
    json_t *object = json_loadb(bytes, count, JSON_REJECT_DUPLICATES, &wrong);
    line->object = object;
    line->wrong[0] = '\0';
    line->column = 1;
    if (!object) {
        base_quote(line->wrong, sizeof line->wrong, wrong.text, strlen(wrong.text));
        line->column = wrong.column > 0 ? wrong.column : 1;
        return false;
    }
    line->next = json_object_iter(object);
    if (json_is_object(object)) return true;
    snprintf(line->wrong, sizeof line->wrong, "it is an array");
    return false;
}

static const char *write_real(double value, char *text, size_t size)
{
    for (int digits = 15; digits <= 17; digits++) {
        base_format(text, size, "%.*g", digits, value);
        if (base_strtod(text, NULL) == value) break;
    }
    return text;
}

bool json_line_next(json_line *line, json_member *member)
{
    if (!line->next) return false;
    json_t *value = json_object_iter_value(line->next);
    member->name = json_object_iter_key(line->next);
    member->kind = json_is_object(value) ? JSON_LINE_OBJECT : json_is_array(value) ? JSON_LINE_ARRAY
                   : json_is_null(value) ? JSON_LINE_NULL : JSON_LINE_TEXT;
    member->text = "";
    if (json_is_string(value)) member->text = json_string_value(value);
    else if (json_is_boolean(value)) member->text = json_is_true(value) ? "true" : "false";
    else if (json_is_real(value)) member->text = write_real(json_real_value(value), member->number, sizeof member->number);
    else if (json_is_integer(value)) {
        snprintf(member->number, sizeof member->number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        member->text = member->number;
    }
    member->length = strlen(member->text);
    line->next = json_object_iter_next(line->object, line->next);
    return true;
}

void json_line_close(json_line *line)
{
    json_decref(line->object);
    line->object = line->next = NULL;
}

#else
bool json_line_begins(const char *bytes, size_t count)
{
    (void)bytes;
    (void)count;
    return false;
}

bool json_line_open(json_line *line, const char *bytes, size_t count)
{
    (void)bytes;
    (void)count;
    line->column = 1;
    snprintf(line->wrong, sizeof line->wrong, "this program was built without jansson, which reads JSON");
    return false;
}

bool json_line_next(json_line *line, json_member *member)
{
    (void)line;
    (void)member;
    return false;
}

void json_line_close(json_line *line)
{
    (void)line;
}
#endif
