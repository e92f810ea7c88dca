/* The trainers there are. What a method asks of its trainer is known here alone; others look at the facts of its row. */
#include "method/items.h"
#include "train/als.h"
#include "train/items.h"
#include "train/minibatch.h"
#include "train/sgd.h"
#include "train/softmax.h"
#include "train/trainer_table.h"

const trainer *trainer_pick(const method *chosen, const tamis_train_options *options)
{
    if (chosen->trainer == METHOD_BY_ALS) return &trainer_als;
    if (chosen->trainer == METHOD_BY_SOFTMAX) return &trainer_softmax;
    if (chosen->trainer == METHOD_BY_ITEMS) return ((const method_items *)chosen->family)->inverse ? &trainer_linear : &trainer_items;
    return options->batch_size > 0 ? &trainer_minibatch : &trainer_sgd;
}
