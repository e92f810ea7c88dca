/* A world fitted to a log: who would like what, and who sees what; logs are drawn from it. */
#ifndef TAMIS_STUDY_SEMI_H
#define TAMIS_STUDY_SEMI_H

#include "tamis.h"

typedef struct semi_world {
    const tamis_log *log;
    int64_t users, items, factors;
    double mean;         /* of ratings */
    float *user, *item;  /* rating factors, a bias first: factors + 1 each */
    tamis_model *exposure;
    double epsilon, power;
    uint64_t seed;       /* of what is drawn */
} semi_world;

/* TAMIS_DATA: the log has no ratings. */
tamis_status semi_fit(const tamis_log *log, int64_t factors, double epsilon, uint64_t seed, int64_t threads,
                      semi_world *world, tamis_error *error);
void semi_clear(semi_world *world);
/* A user's chances of relevance γ and exposure θ for every item, and what was drawn: bit 1 relevant, bit 2 seen. */
enum { SEMI_RELEVANT = 1, SEMI_SEEN = 2 };
void semi_user(const semi_world *world, int64_t user, float *relevance, float *exposure, uint8_t *drawn);
/* Logs: the clicks (relevant and seen), what is relevant, what is relevant and not clicked. Any may be NULL. */
tamis_status semi_draw(const semi_world *world, tamis_log **clicks, tamis_log **relevant, tamis_log **missed,
                       tamis_error *error);

extern const tamis_option_table semi_option_table, mnar_option_table;

#endif
