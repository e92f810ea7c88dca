/* A log to validate on, beside the one that is trained on. */
#ifndef TAMIS_CLI_VALIDATION_H
#define TAMIS_CLI_VALIDATION_H

#include "cli/args.h"
#include "cli/file.h"
#include "tamis.h"

typedef struct cli_validation {
    const char *path, *relevance, *column[2]; /* path NULL: none */
} cli_validation;

/* Its rows; field: a cli_validation. */
#define CLI_VALIDATION(type, field)                                                                                            \
    BASE_OPTION(type, field.path, "validation", TAMIS_OPTION_TEXT, "FILE", NULL, "",                                           \
                "a log to validate on; what does best on it is kept; rows of users and items that the model does not know "   \
                "are left out, as with evaluate --drop-unknown", .file = TAMIS_FILE_INPUT),                                                                   \
    BASE_OPTION(type, field.relevance, "validation-relevance", TAMIS_OPTION_TEXT, "COLUMN", NULL, "",                          \
                "the --validation log's column that says how relevant a row is: those above 0 are its positives"),             \
    CLI_COLUMNS(type, field.column, "validation")

/* Usage errors, before anything is read. ratio: there is a part for it from the log itself. */
int cli_validation_check(const cli_args *args, const cli_validation *validation, bool ratio);
/* Reads it as far as the options of log hold for it, too, and says where it is no fair judge. */
int cli_validation_read(const cli_args *args, const cli_validation *validation, const tamis_log_options *reading, const tamis_log *log,
                        tamis_log **out);

#endif
