/* What a reader of a log should know, though nothing is wrong with the file: tamis_log_summary.note. */
#ifndef TAMIS_DATA_NOTES_H
#define TAMIS_DATA_NOTES_H

#include <stdbool.h>

#include "base/base.h"
#include "data/reader.h"
#include "data/sample.h"
#include "tamis.h"

/* Adds a note, unless one of the same words or as many as there is room for are there. rows: that it is about, or 0. */
void log_note(tamis_log_summary *summary, tamis_note_kind kind, bool warning, int64_t rows, const char *format, ...)
    BASE_PRINTF(5, 6);

/* ---- judge.c: the columns of a CSV file, by their names and by a sample of what they hold; first: its first row */
void log_judge_columns(log_reader *reader, const log_columns *columns, const log_row *first, char delimiter,
                       const log_sample *sample);

/* ---- notes.c: a log whose rows are grouped by user, but duplicates not yet merged */
tamis_status log_judge_ids(log_builder *builder, const log_draft *draft, tamis_error *error);
/* Once they are: ratings that nobody asked for. */
void log_judge_ratings(tamis_log *log, const tamis_log_options *options, bool doubtful);

#endif
