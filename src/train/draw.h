/* Samples as the trainers ask for them: what samplers see of a run, an epoch's choices, a batch. */
#ifndef TAMIS_TRAIN_DRAW_H
#define TAMIS_TRAIN_DRAW_H

#include "train/team.h"
#include "train/trainer.h"

sampler_view draw_view(const train_run *run);
/* Fill run->user_of, and run->slot where the sampler weighs items. False: memory. */
bool draw_list_users(train_run *run);
bool draw_fill_slots(train_run *run);

/* What these arrays take. */
void draw_takes(const train_plan *plan, bool lists_users, estimate *e);

/* Where 0 <= k < n stands in a random order of 0..n-1. */
int64_t draw_permuted(int64_t k, int64_t n, uint64_t key);

/* Whether positives are chosen by their sampler in this epoch. */
bool draw_chooses(const train_run *run);
/* How often each interaction is trained on in this epoch, all of it chosen by the parameters as they are now: into times[],
 * beside the log's matrix. Stopped: not all of it. False: memory. */
bool draw_choose(train_run *run, int threads, uint16_t *times);

/* Whether the first negative is the one that the positive was chosen with. */
bool draw_keeps_negative(const train_run *run);

/* Samples in an epoch, edges per sample; whether drawing an epoch's pairs also fills their scores. */
int64_t draw_samples(const train_run *run);
int64_t draw_edges_each(const train_run *run);
bool draw_scores(const train_run *run);
/* Edges of a batch: (user, item), with what the label is and how much the edge weighs. */
typedef struct draw_edges {
    int32_t *user, *item;
    float *target, *weight, *score;
} draw_edges;
/* Fills the member's part of the edges of samples first .. first + count - 1 of the epoch. Needs run->user_of. */
void draw_batch(train_run *run, const member *me, int64_t first, int64_t count, const draw_edges *into);

#endif
