/* The parts of the random streams that are not inline. */
#include "base/random.h"

double base_normal(base_stream *s)
{
    /* a sum of 12 uniforms on 0..65535 has mean 12 * 32767.5 and variance 12 (65536^2 - 1) / 12 = 65536^2 - 1 */
    int64_t sum = 0;
    for (int k = 0; k < 3; k++) {
        uint64_t word = base_next(s);
        sum += (int64_t)(word & 0xFFFF) + (int64_t)(word >> 16 & 0xFFFF) + (int64_t)(word >> 32 & 0xFFFF) +
               (int64_t)(word >> 48);
    }
    return ((double)sum - 393210.0) / 65536.0;
}

void base_shuffle(base_stream *s, int32_t *order, int64_t n)
{
    for (int64_t k = 0; k < n; k++) order[k] = (int32_t)k;
    for (int64_t k = n - 1; k > 0; k--) {
        uint32_t other = base_below(s, (uint32_t)(k + 1));
        int32_t swap = order[k];
        order[k] = order[other];
        order[other] = swap;
    }
}
