/* The clock. */
#ifndef TAMIS_BASE_CLOCK_H
#define TAMIS_BASE_CLOCK_H

double base_seconds(void); /* monotonic clock */

#endif
