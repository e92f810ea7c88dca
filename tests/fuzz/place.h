/* Where inputs become files. */
#ifndef TAMIS_TEST_FUZZ_PLACE_H
#define TAMIS_TEST_FUZZ_PLACE_H

#include <stddef.h>
#include <stdint.h>

/* A folder of this process, in memory where there is one; it goes at the end. */
const char *fuzz_folder(void);
/* A file in it with these bytes; the path lives until the next call. */
const char *fuzz_file(const char *name, const uint8_t *bytes, size_t size);

#endif
