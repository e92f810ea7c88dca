/* The program's own readers. */
#ifndef TAMIS_TEST_FUZZ_PROGRAM_H
#define TAMIS_TEST_FUZZ_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

void take_options(const uint8_t *bytes, size_t size);
void take_requests(const uint8_t *bytes, size_t size);
void take_lists(const uint8_t *bytes, size_t size);

#endif
