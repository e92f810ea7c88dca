/* Lists of ids: lines, or a column of a CSV file. */
#ifndef TAMIS_CLI_IDS_H
#define TAMIS_CLI_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cli_id {
    size_t at, length; /* in text */
} cli_id;

typedef struct cli_ids {
    const char *name; /* for messages: the path, or "standard input" */
    char *text;
    cli_id *id;
    cli_id *user;     /* beside id: of a file of users and items; NULL: there is no such column */
    int64_t *line;    /* where id stands in the file */
    size_t count;
    bool header;      /* id[0] is alone on its line and may be the name of the column: see cli_ids_begin() */
    size_t used, text_room, id_room, user_room, line_room;
} cli_ids;

/* Reads a file (- for standard input): where the first line has a column whose name is known for the role, as CSV with
 * quotes; else one id a line, taken as it stands. role: ROLE_USER, ROLE_ITEM. pairs: of items, the users in their column are read
 * as well. 0, or the exit code after the sentence is printed. */
int cli_ids_read(const char *path, int role, bool pairs, cli_ids *ids);
const char *cli_ids_get(const cli_ids *ids, size_t k, size_t *length);
const char *cli_ids_user(const cli_ids *ids, size_t k, size_t *length);
/* The first id. first_known: whether what stands first is an id that is known, and no header. */
size_t cli_ids_begin(const cli_ids *ids, bool first_known);
void cli_ids_clear(cli_ids *ids);

#endif
