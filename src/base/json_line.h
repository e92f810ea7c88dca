/* A line of JSON that is an object, where configure has found jansson. */
#ifndef TAMIS_BASE_JSON_LINE_H
#define TAMIS_BASE_JSON_LINE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum json_kind { JSON_LINE_TEXT, JSON_LINE_NULL, JSON_LINE_OBJECT, JSON_LINE_ARRAY } json_kind;

typedef struct json_member {
    const char *name;
    json_kind kind;
    const char *text; /* of strings, numbers, true and false; else "" */
    size_t length;
    char number[40]; /* where the text of a number lies */
} json_member;

typedef struct json_line {
    void *object, *next;
    char wrong[200]; /* why a line is no object */
    int column;      /* where, in characters from 1 */
} json_line;

/* Whether a file's first line begins and ends as an object does, and can be read here: false without jansson. */
bool json_line_begins(const char *bytes, size_t count);
/* Of zeros, or of a line that was closed. False: the line is no object, or memory ends. */
bool json_line_open(json_line *line, const char *bytes, size_t count);
/* The members in their order. False: there are no more. */
bool json_line_next(json_line *line, json_member *member);
void json_line_close(json_line *line);

#endif
