/* Samples as the trainers ask for them: what samplers see of a run, and an epoch's choices. */
#ifndef TAMIS_TRAIN_DRAW_H
#define TAMIS_TRAIN_DRAW_H

#include "train/train.h"

static inline sampler_view train_view(const train_state *state)
{
    const tamis_model *m = state->model;
    return (sampler_view){.log = state->log, .users = m->users, .items = m->items, .kernel = state->kernel,
                          .user_factors = m->user_factors, .item_factors = m->item_factors, .item_bias = m->item_bias,
                          .stride = m->stride, .method = state->method, .context = state->context,
                          .options = &state->options, .slot = state->slot, .any_negative = state->any_negative};
}

/* Whether positives are chosen by their sampler in this epoch. */
static inline bool train_chooses(const train_state *state)
{
    return state->positives->active && state->positives->active(&state->options, state->epoch);
}

/* How often each interaction is trained on in this epoch, all of it chosen by the parameters as they are now: into times[],
 * beside the log's matrix. Stopped: not all of it. False: memory. */
bool train_choose(train_state *state, int threads, uint16_t *times);

#endif
