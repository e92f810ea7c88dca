/* What is fed with bytes from anywhere. */
#ifndef TAMIS_TEST_FUZZ_TARGETS_H
#define TAMIS_TEST_FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

typedef struct fuzz_target {
    const char *name; /* of its folder in tests/fuzz/corpus, too; NULL: past the last */
    void (*take)(const uint8_t *bytes, size_t size);
} fuzz_target;

extern const fuzz_target fuzz_targets[];

#endif
