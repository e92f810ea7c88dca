/* zlib's CRC32 makes 1 to 2 GB/s; a model is some GB. */
#include <zlib.h>

#include "base/checksum.h"
#include "base/threads.h"

enum { FEW = 32 /* blocks that one thread is done with before others have started */, BATCH = 1024 };

uint64_t checksum_blocks(uint64_t size)
{
    return (size + CHECKSUM_BLOCK - 1) / CHECKSUM_BLOCK;
}

static uint64_t block_size(uint64_t block, uint64_t size)
{
    const uint64_t rest = size - block * CHECKSUM_BLOCK;
    return rest < CHECKSUM_BLOCK ? rest : CHECKSUM_BLOCK;
}

void checksum_each(const void *bytes, uint64_t size, uint32_t *sums)
{
    const uint64_t blocks = checksum_blocks(size);
#pragma omp parallel for num_threads(base_team(blocks > FEW ? base_threads(0) : 1)) schedule(dynamic, 8)
    for (uint64_t b = 0; b < blocks; b++)
        sums[b] = (uint32_t)crc32_z(0, (const Bytef *)bytes + b * CHECKSUM_BLOCK, (z_size_t)block_size(b, size));
}

uint32_t checksum_join(const uint32_t *sums, uint64_t size)
{
    uLong sum = 0;
    for (uint64_t b = 0; b < checksum_blocks(size); b++) sum = crc32_combine(sum, sums[b], (z_off_t)block_size(b, size));
    return (uint32_t)sum;
}

uint32_t checksum_append(uint32_t before, uint32_t sum, uint64_t size)
{
    return (uint32_t)crc32_combine(before, sum, (z_off_t)size);
}

uint32_t checksum(const void *bytes, uint64_t size)
{
    enum { BYTES = BATCH * CHECKSUM_BLOCK };
    uint32_t sums[BATCH];
    uLong sum = 0;
    for (uint64_t at = 0; at < size; at += BYTES) {
        const uint64_t part = size - at < BYTES ? size - at : BYTES;
        checksum_each((const Bytef *)bytes + at, part, sums);
        sum = crc32_combine(sum, checksum_join(sums, part), (z_off_t)part);
    }
    return (uint32_t)sum;
}
