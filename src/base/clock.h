/* The clock. */
#ifndef TAMIS_BASE_CLOCK_H
#define TAMIS_BASE_CLOCK_H

#include <stddef.h>

double base_seconds(void); /* monotonic clock */
/* The day, by universal time: "2025-01-31". Returns buffer. */
const char *base_today(char *buffer, size_t size);

#endif
