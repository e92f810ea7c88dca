/* One request of tamis recommend --requests: a JSON object, answered by a line of JSON. */
#ifndef TAMIS_CLI_REQUEST_H
#define TAMIS_CLI_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "cli/wanted.h"
#include "tamis.h"

/* What holds for all requests. */
typedef struct cli_serving {
    tamis_recommend_options which;
    int64_t k;
} cli_serving;

typedef struct cli_request {
    int64_t number;     /* of its line, from 1 */
    void *json;         /* a json_t; NULL: it is answered already */
    char *model;        /* the file that is to be served from here on; NULL: it asks for a list */
    cli_served *served;
    char *answer;       /* a line, in malloc'ed memory; NULL: out of memory */
    size_t length;
} cli_request;

enum { CLI_REQUESTS = 32 /* answered at once */ };

/* Whether this program can read JSON; else the sentence and the exit code. */
int cli_request_able(void);
/* Reads a line; one that is no request has an answer at once. */
void cli_request_read(cli_request *request, const char *line, size_t length);
/* A request that cannot be served, and why; one for a model that is served from here on. */
void cli_request_refuse(cli_request *request, const char *sentence);
void cli_request_accept(cli_request *request);
/* Answers up to CLI_REQUESTS lists of one model. */
void cli_request_answer(const cli_serving *serving, cli_request *const *request, size_t count);
void cli_request_clear(cli_request *request);

#endif
