/* Where models that have not seen an interaction rank it, whatever method is to be trained on the log: cross-fitted alternating least
 * squares by its rules, which is quick and needs no tuning. */
#ifndef TAMIS_TRAIN_CROSS_RANKS_H
#define TAMIS_TRAIN_CROSS_RANKS_H

#include <stdbool.h>
#include <stdint.h>

#include "data/log.h"
#include "tamis.h"

enum { CROSS_FOLDS = 5, CROSS_USERS = 2000 /* at most, of cross_share() */ };

/* What cross-fitting takes of the run that asks for it. */
typedef struct cross_request {
    int64_t folds;
    uint64_t seed;
    int64_t threads;
    const tamis_stop *stop;
} cross_request;

/* The option for which a rule of the method asks cross_share(); NULL: none does. */
const tamis_option *cross_option(const tamis_train_options *options);
/* How it trains; small: for cross_share(). */
void cross_options(bool small, tamis_train_options *options);
/* r per interaction, as in crossfit.h; NAN: no model knows it. */
tamis_status cross_ranks(const cross_request *how, const tamis_log *log, double *r, tamis_error *error);

/* distrust_share() of a fifth of the interactions of at most 2,000 users, by one small model: an upper bound for the share of
 * noise, rougher than that of cross_ranks(), at a small part of its cost. The same for every seed. 1: none could be ranked. */
tamis_status cross_share(const cross_request *how, const tamis_log *log, double *share, tamis_error *error);

#endif
