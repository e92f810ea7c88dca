/* A log under construction: the ids and rows of one or more files. */
#ifndef TAMIS_DATA_BUILDER_H
#define TAMIS_DATA_BUILDER_H

#include "data/index.h"
#include "data/log.h"
#include "data/notes.h"
#include "data/rows.h"

typedef struct log_builder {
    id_index users, items;
    log_rows rows;
    bool weighted;          /* rows have weights of the caller's */
    bool have[2];           /* a source has ratings, times */
    int64_t without[2];     /* rows that have none */
    tamis_error lacking[2]; /* where the first such row is, or why its file has none */
    tamis_log_summary summary;
    log_findings findings;
} log_builder;

/* An interaction. rating, time: NAN: missing. weight: where rows have weights, 0: a dislike. */
typedef struct log_entry {
    const char *user, *item;
    size_t user_length, item_length;
    double rating, time, weight;
} log_entry;

/* Adds an interaction. TAMIS_FAILURE: out of memory; TAMIS_DATA: more than 2^31 - 1 users or items. */
tamis_status log_builder_add(log_builder *builder, const log_entry *entry, tamis_error *error);
/* Adds interactions whose ids are numbered already. */
tamis_status log_builder_append(log_builder *builder, int64_t count, const int32_t *user, const int32_t *item,
                                const row_values *values, tamis_error *error);
/* The sentence for an id that could not be added: there are too many, or memory has ended. */
tamis_status log_ids_full(const id_index *index, const char *what, tamis_error *error);
/* Sorts the rows into a matrix, merges duplicates, applies the k-core, moves everything into *log. The builder is
 * empty afterwards, whatever happens. TAMIS_DATA: nothing left. */
tamis_status log_builder_finish(log_builder *builder, const tamis_log_options *options, tamis_log **log,
                                tamis_error *error);
void log_builder_clear(log_builder *builder);

#endif
