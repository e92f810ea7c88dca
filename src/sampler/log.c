/* Each interaction of the log once per epoch. */
#include "sampler/sampler.h"

const positive_sampler positive_log = {.name = "log", .help = "each interaction once per epoch", .options = {.name = "log"}};
