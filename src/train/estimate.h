/* What a training will take of memory, summed up before it takes any.
 *
 * Each part of a training adds what it allocates, in the file that does so: arrays that stay to the end, and work that is there for
 * a while, one piece of it at a time. The peak is the sum of the arrays and the largest piece of work; or what is done before the
 * arrays are there, if that takes more. */
#ifndef TAMIS_TRAIN_ESTIMATE_H
#define TAMIS_TRAIN_ESTIMATE_H

#include "train/trainer.h"
#include "tamis.h"

enum { ESTIMATE_PARTS = 24 };

typedef struct estimate_part {
    const char *name;
    double bytes;
} estimate_part;

struct estimate {
    estimate_part part[ESTIMATE_PARTS]; /* arrays, by name */
    int parts;
    estimate_part work, before; /* the largest piece while the arrays are there; before they are */
    estimate_part first;        /* one of the arrays, that is there before the others are, too */
    double remembered;          /* of the arrays: what a checkpoint holds */
};

/* A training that is yet to begin, as far as that depends on it. */
struct train_plan {
    const tamis_train_options *options;
    const method *method;
    const trainer *trainer;
    const sampler *sampler;
    const positive_sampler *positives;
    const tamis_log *log;       /* the whole one */
    int64_t users, items;
    int64_t interactions;       /* that are trained on */
    int64_t dislikes;           /* that training learns from */
    int64_t held_users, held_rows; /* of validation; 0: none */
    size_t stride[METHOD_FACTORISATIONS];
    int factorisations;         /* 0: an item-item model */
    bool bias;
    bool all_pairs;             /* see train_run */
    bool row_ends, row_weights; /* these arrays are there */
    int threads;
};

/* Arrays that stay. Those of one name are one part. */
void estimate_keep(estimate *e, const char *name, double bytes);
/* The same of one that is there before the others are. */
void estimate_first(estimate *e, const char *name, double bytes);
/* The same, of which a checkpoint holds a copy, too. */
void estimate_remember(estimate *e, const char *name, double bytes);
/* Work while they are there. */
void estimate_work(estimate *e, const char *name, double bytes);
/* Work before they are. */
void estimate_before(estimate *e, const char *name, double bytes);
/* The most that is there at a time. */
double estimate_bytes(const estimate *e);
/* The same, part by part. */
void estimate_tell(const estimate *e, tamis_memory *memory);

#endif
