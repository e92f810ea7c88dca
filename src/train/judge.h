/* Models that judge a log, whatever method is to be trained on it: alternating least squares by its rules, which is quick and
 * needs no tuning. */
#ifndef TAMIS_TRAIN_JUDGE_H
#define TAMIS_TRAIN_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "data/log.h"
#include "tamis.h"

enum { JUDGE_FOLDS = 5, JUDGE_USERS = 2000 /* at most, of judge_share() */ };

/* What judging takes of the run that asks for it. */
typedef struct judge_request {
    int64_t folds;
    uint64_t seed;
    int64_t threads;
    const tamis_stop *stop;
} judge_request;

/* The option for which a rule of the method asks judge_share(); NULL: none does. */
const tamis_option *judge_option(const tamis_train_options *options);
/* How it trains; small: for judge_share(). */
void judge_options(bool small, tamis_train_options *options);
/* r per interaction, as in crossfit.h; NAN: no model knows it. */
tamis_status judge_ranks(const judge_request *how, const tamis_log *log, double *r, tamis_error *error);

/* distrust_share() of a fifth of the interactions of at most 2,000 users, by one small model: an upper bound for the share of
 * noise, rougher than that of judge_ranks(), at a small part of its cost. The same for every seed. 1: none could be judged. */
tamis_status judge_share(const judge_request *how, const tamis_log *log, double *share, tamis_error *error);

#endif
