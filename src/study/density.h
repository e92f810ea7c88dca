/* How positions are spread, and what that says of the share of noise. */
#ifndef TAMIS_STUDY_DENSITY_H
#define TAMIS_STUDY_DENSITY_H

#include <stdint.h>

enum { DENSITY_BINS = 1024 };

typedef struct density {
    int64_t n, unknown;       /* positions; interactions of which nothing is known */
    double bin[DENSITY_BINS]; /* of positions in [0,1] */
} density;

/* A position in the middle of a range so wide, over which it is spread: of k items i stands at (i + 1/2) / k, i = 0 to k - 1.
 * NAN: unknown. */
void density_add(density *d, double position, double width);
/* A bar at this position, rounded down to where a bin begins. */
int density_bar(double position);
/* At most this share of all is spread evenly over [0,1] or unknown, two standard errors included; counted from *above on. */
double density_most(const density *d, double *above);
/* At least this share of all is spread evenly, two standard errors left out, under DENSITY_ASSUMPTION. */
double density_least(const density *d);
#define DENSITY_ASSUMPTION                                                                                               \
    "true interactions thin out towards the end at least as fast as the power law that they follow from 0.15 to 0.6"
/* Where density_least() looks for noise. */
#define DENSITY_TAIL 0.8
/* Where alone it can be deleted: noise that is not quite even has gone farther astray before. */
#define DENSITY_DELETED 0.5

/* position[0..n-1] descends. The largest count, such that at most this share of the first `count` is good, if a share
 * `least` of all n is noise and even: two standard errors are left out. Positions that are alike go together. *good: the
 * share estimated. */
int64_t density_removable(const double *position, int64_t n, double least, double at_most_good, double *good);

#endif
