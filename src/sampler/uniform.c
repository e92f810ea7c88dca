/* Negatives: every item is drawn alike. Without weights, sampler_negative() in sampler.c draws them. */
#include "sampler/sampler.h"

const sampler sampler_uniform = {.name = "uniform", .help = "every item alike", .options = {.name = "uniform"}};
