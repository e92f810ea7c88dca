/* The loops over a block of scores, in the best version for the processor. */
#ifndef TAMIS_RANK_LOOPS_H
#define TAMIS_RANK_LOOPS_H

#include <stdint.h>

enum { RANK_ITEMS = 512 }; /* of a block of scores */

/* low <= high, no NAN. */
typedef struct rank_loops {
    const char *tier;
    /* how many of n scores are > high, and how many >= low; n < 2^31 */
    void (*count)(const float *scores, int64_t n, float low, float high, int64_t *above, int64_t *reach);
    /* NULL: would be no faster; of RANK_ITEMS scores how many are >= low[j]; bit j of the result is 0: none of these is
     * <= high[j] */
    unsigned (*count_four)(const float *scores, const float low[4], const float high[4], int32_t reach[4]);
    /* the places of those >= low and <= high, ascending, into index[n]; how many there are */
    int64_t (*find)(const float *scores, int64_t n, float low, float high, int32_t *index);
} rank_loops;
const rank_loops *rank_loops_choose(void);

#endif
