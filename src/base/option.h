/* Options as rows: the same row parses, checks, prints and documents a value. */
#ifndef TAMIS_BASE_OPTION_H
#define TAMIS_BASE_OPTION_H

#include "tamis.h"

struct tamis_option_table {
    const char *name;
    const tamis_option *rows;
    size_t count;
    size_t size; /* of the struct */
    tamis_status (*check)(const void *options, tamis_error *error); /* what no single row can say; NULL: nothing */
};

/* After the help other members may follow: "...", .file = TAMIS_FILE_INPUT */
#define BASE_OPTION(in, field, option, kind, values, usual, of, ...) \
    {.name = option, .type = kind, .offset = offsetof(in, field), .range = values, .fallback = usual, .unit = of, .help = __VA_ARGS__}
/* One that tuning searches. */
#define BASE_TUNED(in, field, option, kind, values, usual, of, text, ...) \
    BASE_OPTION(in, field, option, kind, values, usual, of, text, .search = __VA_ARGS__)

/* As the public functions of these names, of structs whose size need not be asked: those of this library, and others that
 * rows describe. */
void base_option_defaults(const tamis_option_table *table, void *options);
tamis_status base_option_set(const tamis_option *row, void *options, const char *text, tamis_error *error);
tamis_status base_option_check(const tamis_option_table *table, const void *options, tamis_error *error);
/* TAMIS_USAGE: an option is not at its default whose row names another one in .only, which is not set. */
tamis_status base_option_check_idle(const tamis_option_table *table, const void *options, tamis_error *error);
const char *base_option_text(const tamis_option *row, const void *options, char *buffer, size_t size);
/* The index-th word of "a|b|c"; NULL past the last. */
const char *base_option_word(const char *words, size_t index, size_t *length);
/* NULL: there is none of the name. */
const tamis_option *base_option_find(const tamis_option_table *table, const char *name);

/* A caller's options (NULL: none), which may be of an older or newer header, over the library's own, which hold defaults.
 * TAMIS_USAGE: they were never filled in, or set what this library does not have. */
tamis_status base_option_adopt(const void *given, void *ours, size_t size, tamis_error *error);
/* The same, and checks the outcome. */
tamis_status base_option_take(const tamis_option_table *table, const void *given, void *ours, tamis_error *error);
/* The library's own options into the caller's struct of `size` bytes: as much as there is room for, zeros behind it. */
void base_option_give(const void *ours, size_t full, void *options, size_t size);

#endif
