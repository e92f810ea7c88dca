/* The bytes of a log file, plain, gzip or zstd, a window at a time; and its words, for formats made of words. */
#ifndef TAMIS_BASE_SOURCE_H
#define TAMIS_BASE_SOURCE_H

#include <stdbool.h>
#include <zlib.h>

#include "tamis.h"

enum {
    SOURCE_WINDOW = 1 << 20, /* at most this much is handed out at once, and as much at first */
    SOURCE_CHUNK = 1 << 18,  /* afterwards: small enough to stay in the L2 cache until it is parsed */
    SOURCE_RAW = 1 << 16     /* compressed bytes read at once */
};

typedef struct log_source {
    const char *name; /* for messages: the path, or "standard input" */
    int file;
    double size, taken; /* bytes of the file, 0 where that is not known; of them read */
    bool gzip, between; /* between: a gzip member or zstd frame has ended, another may follow */
    void *zstd;         /* of zstd_stream.h; NULL: the file is not packed by it */
    bool ended;         /* no more bytes after those handed out */
    bool nul;           /* ended because a NUL byte follows, which no text has */
    bool started, held; /* held: the first window is handed out once more */
    z_stream stream;
    char *window; /* SOURCE_WINDOW bytes and one more, so that a word can be closed by NUL */
    size_t count;
    unsigned char *raw;
    size_t raw_at, raw_count;
} log_source;

/* Opens a path ("-": standard input). source must be closed whatever happens. */
tamis_status source_open(log_source *source, const char *path, tamis_error *error);
void source_close(log_source *source);
/* The next window, which the caller may change; *count = 0: the end. A UTF-8 byte-order mark is left out. */
tamis_status source_next(log_source *source, char **bytes, size_t *count, tamis_error *error);
/* The same into memory of the caller's, with room for SOURCE_WINDOW. */
tamis_status source_read(log_source *source, char *into, size_t *count, tamis_error *error);
/* The first window, which source_next() and source_read() give again. */
tamis_status source_peek(log_source *source, char **bytes, size_t *count, tamis_error *error);

/* Line ends among bytes: LF, CR LF or CR. */
int64_t source_line_ends(const char *bytes, size_t count);

typedef enum word_kind { WORD, WORD_LINE_END, WORD_END, WORD_FAILED } word_kind;

/* Words separated by spaces and tabs, one after the other; of a line of any length only one word is in memory. */
typedef struct log_words {
    log_source *source;
    char *at, *end;      /* what is left of the window */
    bool line_ended;     /* the word given last was ended by a line end, not told yet */
    bool line_passed;    /* a line end was told: the next word stands on the next line */
    int64_t line, field; /* of the word or line end given last, from 1 */
    char *word;          /* closed by NUL */
    size_t length;
    char *carry; /* a word that two windows share */
    size_t carry_capacity;
    tamis_status status; /* after WORD_FAILED */
} log_words;

word_kind words_next(log_words *words, tamis_error *error);
void words_clear(log_words *words);

/* The sentence for a NUL byte at a place. */
tamis_status source_fail_nul(const log_source *source, int64_t line, int64_t field, tamis_error *error);

#endif
