/* A shop's events: a user's pairs become views, carts and purchases with times. */
#ifndef TAMIS_DATA_SYNTH_EVENTS_H
#define TAMIS_DATA_SYNTH_EVENTS_H

#include "data/synth_world.h"

typedef struct synth_row {
    int32_t item;
    bool noise;
} synth_row;

typedef struct synth_text { /* rows that wait to be written */
    char *bytes;
    size_t used, capacity;
} synth_text;

/* "u00017,i00042": returns its end. */
char *synth_write_pair(const synth_world *world, int32_t user, int32_t item, char *at);
/* Adds the events of a user's pairs to the text, by time; false: memory. */
bool synth_events_draw(const synth_world *world, int32_t user, const synth_row *row, int32_t count, synth_text *text);

#endif
