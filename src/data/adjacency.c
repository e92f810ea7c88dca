/* Adjacency lists, as in LightGCN's data: a line is a user and all of their items, separated by spaces or tabs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/source.h"
#include "base/status.h"
#include "data/format.h"

/* The user's id outlives the words that follow it. */
static bool keep(char **text, size_t *capacity, size_t *length, const log_words *words)
{
    if (words->length > *capacity && !base_grow(text, capacity, words->length, 1)) return false;
    memcpy(*text, words->word, words->length); /* analyzer: null-argument, a word has bytes */
    *length = words->length;
    return true;
}

static tamis_status read_adjacency(log_reader *reader)
{
    log_words words = {.source = &reader->source};
    tamis_status status = log_without_ratings(reader, "an adjacency list");
    if (!status && reader->weighing->by_column)
        status = base_fail(reader->error, TAMIS_DATA, "%s: --dislike looks at a column, of which this format has none; expected a CSV file",
                           reader->source.name);
    if (!status && !isnan(reader->options->half_life))
        status = base_fail(reader->error, TAMIS_DATA, "%s: --half-life needs times, but an adjacency list has none", reader->source.name);
    char *user = NULL;
    size_t capacity = 0, length = 0;
    word_kind kind;
    log_note_lacking(reader, ROLE_TIME, "%s: an adjacency list has no times", reader->source.name);
    while (!status && (kind = words_next(&words, reader->error)) != WORD_END) {
        if (kind == WORD_FAILED)
            status = words.status;
        else if (kind == WORD_LINE_END)
            reader->builder->summary.empty += words.field < 2; /* a user without items is no row */
        else if (kind == WORD && words.field > 1)
            status = log_builder_add(reader->builder,
                                     &(log_entry){.user = user, .item = words.word, .user_length = length, .item_length = words.length,
                                                  .rating = (double)NAN, .time = (double)NAN, .weight = 1},
                                     reader->error);
        else if (kind == WORD && !keep(&user, &capacity, &length, &words))
            status = base_no_memory(reader->error, "an id", words.length, 1);
    }
    if (!status && words.field == 1) reader->builder->summary.empty++; /* the last line, without its end */
    free(user);
    words_clear(&words);
    return status;
}

/* There are blanks in its first line, or that says nothing. */
static bool has_blanks(const char *line, size_t count)
{
    const char *end = memchr(line, '\n', count);
    const size_t length = end ? (size_t)(end - line) : count;
    return memchr(line, ' ', length) || memchr(line, '\t', length);
}

const log_format log_format_adjacency = {
    .name = "adjacency",
    .recognise_beside = has_blanks,
    .read = read_adjacency,
    .taken = "lines of a user and items",
    .if_empty = "expected lines of a user and their items, separated by spaces, or no --format adjacency if it is CSV",
};
