/* Every item is drawn alike. */
#include "sampler/sampler.h"

const sampler sampler_uniform = {.name = "uniform", .help = "every item alike"};
