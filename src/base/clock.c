/* The clock. */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

double base_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const char *base_today(char *buffer, size_t size)
{
    struct tm day;
    const time_t now = time(NULL);
    *buffer = '\0';
    if (gmtime_r(&now, &day)) snprintf(buffer, size, "%d-%02d-%02d", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
    return buffer;
}
