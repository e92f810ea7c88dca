/* CRC32 as zlib makes it, block by block, so that all threads can. */
#ifndef TAMIS_BASE_CHECKSUM_H
#define TAMIS_BASE_CHECKSUM_H

#include <stdint.h>


enum { CHECKSUM_BLOCK = 1 << 16 };

uint64_t checksum_blocks(uint64_t size); /* how many, the last one perhaps not whole */
/* That of each block of CHECKSUM_BLOCK bytes, of the last one up to `size`, into checksum_blocks(size) numbers. */
void checksum_each(const void *bytes, uint64_t size, uint32_t *sums);
/* That of all `size` bytes, from those of their blocks. */
uint32_t checksum_join(const uint32_t *sums, uint64_t size);
/* That of bytes of CRC32 before, followed by size bytes of CRC32 sum. */
uint32_t checksum_append(uint32_t before, uint32_t sum, uint64_t size);
/* That of all bytes. */
uint32_t checksum(const void *bytes, uint64_t size);

#endif
