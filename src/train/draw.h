/* Samples as the trainers ask for them: what samplers see of a run, and an epoch's choices. */
#ifndef TAMIS_TRAIN_DRAW_H
#define TAMIS_TRAIN_DRAW_H

#include <stdbool.h>

#include "tamis.h"
#include "train/train.h"

static inline sampler_view train_view(const train_run *run)
{
    const tamis_model *m = run->model;
    return (sampler_view){.log = run->log, .users = m->users, .items = m->items, .kernel = run->kernel,
                          .user_factors = m->user_factors, .item_factors = m->item_factors, .item_bias = m->item_bias,
                          .stride = m->stride, .method = run->method, .context = run->context,
                          .options = &run->options, .slot = run->slot, .any_negative = run->any_negative};
}

/* Whether positives are chosen by their sampler in this epoch. */
static inline bool train_chooses(const train_run *run)
{
    return run->positives->active && run->positives->active(&run->options, run->epoch);
}

/* How often each interaction is trained on in this epoch, all of it chosen by the parameters as they are now: into times[],
 * beside the log's matrix. Stopped: not all of it. False: memory. */
bool train_choose(train_run *run, int threads, uint16_t *times);

#endif
