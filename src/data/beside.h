/* A log that is read beside another, such as a mask: what of the other's options holds for it becomes part of
 * reader->options; see tamis_log_options.beside. */
#ifndef TAMIS_DATA_BESIDE_H
#define TAMIS_DATA_BESIDE_H

#include "data/names.h"
#include "data/reader.h"

/* What no file can contradict. Returns the format of the options (tamis_format). */
int log_fit_format(log_reader *reader, const char *bytes, size_t count);
/* True: the fields are quoted as CSV has it, and quotes that open nothing are characters like others. */
bool log_fit_quotes(log_reader *reader, const char *bytes, size_t count);
const char *log_fit_delimiter(const log_reader *reader, const char *bytes, size_t count);
void log_fit_columns(log_reader *reader, const log_row *first);
void log_fit_rating(log_reader *reader, bool rated); /* rated: the file has ratings */

#endif
