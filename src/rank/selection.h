/* Which items the lists of one call are made of: candidates, exclusions, what users have interacted with. */
#ifndef TAMIS_RANK_SELECTION_H
#define TAMIS_RANK_SELECTION_H

#include <stdint.h>

#include "model/model.h"
#include "tamis.h"

typedef struct rank_selection {
    const tamis_model *model;
    const tamis_recommend_options *options;
    const int32_t *item; /* the items of all lists, ascending; NULL: all of the model's */
    int64_t items;       /* how many */
    int32_t *own;        /* item, where it is neither NULL nor the caller's array */
    /* What is left out for some of the call's users, as places in item[]: of the n-th mask[start[n] .. start[n+1]-1], ascending. */
    int64_t *start;
    int32_t *mask;
    size_t start_room, room;
} rank_selection;

/* Of options that have been checked; to be cleared whatever happens. users: how many the call has. TAMIS_USAGE: a list is out of
 * order or of range. */
tamis_status rank_selection_open(rank_selection *selection, const tamis_model *model, const tamis_recommend_options *options,
                                 int64_t users, tamis_error *error);
/* Fills in what is left out for the call's users place[0 .. count-1], whose rows are user[place[n]]. */
tamis_status rank_selection_mask(rank_selection *selection, const int64_t *user, const int64_t *place, int64_t count,
                                 tamis_error *error);
void rank_selection_clear(rank_selection *selection);

#endif
