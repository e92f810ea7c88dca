/* SHA-256 of a file, as sha256sum prints it. Source: FIPS 180-4, sections 5 and 6.2. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"
#include "base/status.h"

enum { BLOCK = 64, WINDOW = 1 << 16 };

static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
/* the first 32 bits of the fractional parts of the cube roots of the first 64 primes */
static const uint32_t constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

static void take_block(uint32_t state[8], const unsigned char *bytes)
{
    uint32_t w[64], v[8];
    for (size_t t = 0; t < 16; t++)
        w[t] = (uint32_t)bytes[4 * t] << 24 | (uint32_t)bytes[4 * t + 1] << 16 | (uint32_t)bytes[4 * t + 2] << 8 |
               bytes[4 * t + 3];
    for (int t = 16; t < 64; t++)
        w[t] = (turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ w[t - 2] >> 10) + w[t - 7] +
               (turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ w[t - 15] >> 3) + w[t - 16];
    memcpy(v, state, sizeof v);
    for (int t = 0; t < 64; t++) {
        uint32_t one = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
                       constant[t] + w[t];
        uint32_t two = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) +
                       ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (int k = 0; k < 8; k++) state[k] += v[k];
}

/* What is left, a one bit, zeros, the length in bits. */
static void finish(uint32_t state[8], const unsigned char *bytes, size_t left, uint64_t total)
{
    unsigned char last[2 * BLOCK] = {0};
    size_t size = left < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    if (left) memcpy(last, bytes, left);
    last[left] = 0x80;
    for (size_t k = 0; k < 8; k++) last[size - 1 - k] = (unsigned char)(total * 8 >> 8 * k);
    for (size_t k = 0; k < size; k += BLOCK) take_block(state, last + k);
}
/* A window's bytes; fewer: the end. -1: errno says why. */
static ssize_t fill(int file, unsigned char *window)
{
    size_t used = 0;
    while (used < WINDOW) {
        const ssize_t got = read(file, window + used, WINDOW - used);
        if (got == 0) break;
        if (got < 0 && errno != EINTR) return -1;
        if (got > 0) used += (size_t)got;
    }
    return (ssize_t)used;
}

tamis_status base_sha256(const char *path, char text[65], tamis_error *error)
{
    unsigned char window[WINDOW];
    uint32_t state[8];
    uint64_t total = 0;
    base_clear(error);
    text[0] = '\0';
    const int file = open(path, O_RDONLY | O_CLOEXEC); /* without a stream, whose buffer may fail to be had */
    if (file < 0) return base_fail(error, TAMIS_FAILURE, "cannot read %s: %s", path, strerror(errno));
    memcpy(state, start, sizeof state);
    ssize_t count;
    do {
        count = fill(file, window);
        for (ssize_t k = 0; k + BLOCK <= count; k += BLOCK) take_block(state, window + k);
        total += count > 0 ? (uint64_t)count : 0;
    } while (count == WINDOW);
    const int reason = errno;
    close(file);
    if (count < 0) return base_fail(error, TAMIS_FAILURE, "cannot read %s: %s", path, strerror(reason));
    finish(state, window + count / BLOCK * BLOCK, (size_t)count % BLOCK, total);
    for (size_t k = 0; k < 8; k++) snprintf(text + 8 * k, 9, "%08x", (unsigned)state[k]);
    return TAMIS_OK;
}
