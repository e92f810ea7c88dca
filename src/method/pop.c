/* Popularity: the same list for everyone, the most popular items first.
 *
 *   s_ui = Σ_v c_vi, the sum of the weights of item i's interactions, which are 1 where the log has none
 * What a personal model must beat. */
#include "base/base.h"
#include "method/items.h"

static const method_items popularity = {.neighbours = NULL};
static const method_preset presets[] = {{"epochs", "1"}};

const method method_pop = {
    .name = "pop",
    .help = "popularity: the same list for everyone",
    .source = "the customary baseline",
    .noise = "None: noise that is spread over all items hardly moves the most popular ones.",
    .use = "To see what a personal model adds. It needs no training and has no options.",
    .cost = "One pass over the log, which is all of it.",
    .presets = presets,
    .preset_count = BASE_COUNT(presets),
    .options = {"pop", NULL, 0, sizeof(tamis_train_options), NULL},
    .trainer = METHOD_BY_ITEMS,
    .family = &popularity,
};
