/* WARP: negatives are drawn until one scores above the positive less the margin; how many draws that took says how badly
 * the positive is ranked, and weighs the sample: ln(max(1, floor((N - 1) / draws))).
 * Source: Weston, Bengio, Usunier, "WSABIE", IJCAI 2011. */
#include "sampler/sampler.h"

const sampler sampler_warp = {
    .name = "warp",
    .help = "the first of max-sampled that outscores the positive less 1, weighed by how soon it came",
    .search = true,
};
