/* What a request asks for, in rows of the model that answers it. */
#ifndef TAMIS_CLI_WANTED_H
#define TAMIS_CLI_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/selection.h"
#include "tamis.h"

/* A model in use, by all requests that came while it was the newest. */
typedef struct cli_served {
    tamis_model *model;
    cli_choice choice;
    int holders;
} cli_served;

typedef struct wanted_rows {
    int32_t *item;
    float *weight; /* of a history */
    int64_t count, room;
} wanted_rows;

typedef struct wanted {
    void *json;      /* a json_t, its object */
    const cli_served *served;
    char number[24]; /* a user's id that is a number */
    const char *user;
    size_t length;
    int64_t row, k;  /* row -1: unknown, or none */
    wanted_rows history, dislikes, candidates, exclude;
    bool chosen;     /* candidates are given */
    int64_t unknown; /* items that the model does not know */
    tamis_error error; /* "": it can be answered */
} wanted;

/* Reads the members of a request's object. Items that the model does not know are passed over, and counted. */
tamis_status wanted_read(wanted *w, int64_t usual_k, tamis_error *error);
/* False: out of memory. */
bool wanted_add(wanted_rows *list, int32_t item, float weight);
tamis_status wanted_no_memory(tamis_error *error);
void wanted_clear(wanted *w);

#endif
