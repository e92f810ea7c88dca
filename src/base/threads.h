/* How many threads. */
#ifndef TAMIS_BASE_THREADS_H
#define TAMIS_BASE_THREADS_H

#include <stdbool.h>
#include <stdint.h>

/* 0 (as many as OpenMP offers) or more -> how many threads to use. */
int base_threads(int64_t threads);
/* Of so many threads as many as a team that starts now can have, at least 1: for every num_threads(). */
int base_team(int64_t threads);
/* Whether so many threads can be made beside those that there are. */
bool base_room_for_threads(int count);

#endif
