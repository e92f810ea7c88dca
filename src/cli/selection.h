/* Which items are recommended: --candidates, --exclude, --max-per. Files are read once, and their ids become rows of a model each time
 * that one is loaded. */
#ifndef TAMIS_CLI_SELECTION_H
#define TAMIS_CLI_SELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/args.h"
#include "cli/ids.h"
#include "tamis.h"

typedef struct cli_selection_options {
    const char *candidates, *exclude, *max_per;
} cli_selection_options;
extern const tamis_option_table cli_selection_table;

typedef struct cli_group_table {
    tamis_table *table;
    size_t column;
    int64_t most;
} cli_group_table;

/* What the files say. */
typedef struct cli_selection {
    cli_ids candidates, *exclude;
    cli_group_table *group;
    bool chosen; /* there are candidates */
    size_t excludes, groups;
} cli_selection;

/* An item that one user does not get, by the user's id. */
typedef struct cli_exclusion {
    const char *user;
    size_t length;
    int32_t item;
} cli_exclusion;

/* The same in rows of a model. */
typedef struct cli_choice {
    int32_t *candidates, *excluded, **group;
    int64_t candidate_count, excluded_count;
    cli_exclusion *exclusion; /* by user, then item */
    size_t exclusions, groups;
    bool chosen;
    tamis_group_limit *limit;
    int64_t *start; /* of the users of a call, see cli_choice_users() */
    int32_t *item;
    size_t start_room, item_room;
} cli_choice;

/* Each: 0, or the exit code after the sentence is printed. */
int cli_selection_read(const cli_args *args, cli_selection *selection);
void cli_selection_clear(cli_selection *selection);
/* told: what the model does not know is told on stderr, and candidates that are all unknown are an error. */
int cli_choice_make(const cli_selection *selection, const tamis_model *model, bool told, cli_choice *choice);
/* What of it is the same for all users. */
void cli_choice_apply(const cli_choice *choice, tamis_recommend_options *options);
/* What is left out for one user, by item: how many. */
size_t cli_choice_of_user(const cli_choice *choice, const char *id, size_t length, const cli_exclusion **first);
/* What is left out for the users of a call, by their ids; the options point into the choice. False: out of memory. */
bool cli_choice_users(cli_choice *choice, const tamis_user_list *users, tamis_recommend_options *options);
void cli_choice_clear(cli_choice *choice);

#endif
