/* Sums of what will be allocated; see estimate.h. */
#include <assert.h>
#include <string.h>

#include "base/base.h"
#include "train/estimate.h"

void estimate_keep(estimate *e, const char *name, double bytes)
{
    int k = 0;
    while (k < e->parts && strcmp(e->part[k].name, name) != 0) k++;
    if (k == e->parts) {
        assert(k < ESTIMATE_PARTS); /* how many there are is fixed by the code */
        e->part[e->parts++] = (estimate_part){name, 0};
    }
    e->part[k].bytes += bytes;
}

void estimate_first(estimate *e, const char *name, double bytes)
{
    e->first = (estimate_part){name, bytes};
    estimate_keep(e, name, bytes);
}

void estimate_remember(estimate *e, const char *name, double bytes)
{
    e->remembered += bytes;
    estimate_keep(e, name, bytes);
}

void estimate_work(estimate *e, const char *name, double bytes)
{
    if (bytes > e->work.bytes) e->work = (estimate_part){name, bytes};
}

void estimate_before(estimate *e, const char *name, double bytes)
{
    if (bytes > e->before.bytes) e->before = (estimate_part){name, bytes};
}

static double sum_of_parts(const estimate *e)
{
    double sum = e->work.bytes;
    for (int k = 0; k < e->parts; k++) sum += e->part[k].bytes;
    return sum;
}

double estimate_bytes(const estimate *e)
{
    const double sum = sum_of_parts(e), before = e->before.bytes + e->first.bytes;
    return sum > before ? sum : before;
}

static int64_t whole(double bytes)
{
    return bytes < 0x1p62 ? (int64_t)bytes : INT64_C(1) << 62;
}

static void put(tamis_memory *memory, const estimate_part *part)
{
    const int64_t bytes = whole(part->bytes), most = (int64_t)BASE_COUNT(memory->part);
    int64_t k = memory->parts < most ? memory->parts : most - 1;
    if (bytes == 0 || (memory->parts == most && memory->part[k].bytes >= bytes)) return;
    memory->parts = k + 1;
    for (; k > 0 && memory->part[k - 1].bytes < bytes; k--) memory->part[k] = memory->part[k - 1];
    memory->part[k] = (tamis_memory_part){part->name, bytes};
}

void estimate_tell(const estimate *e, tamis_memory *memory)
{
    memory->bytes = whole(estimate_bytes(e));
    memory->parts = 0;
    if (e->before.bytes + e->first.bytes > sum_of_parts(e)) {
        put(memory, &e->before);
        put(memory, &e->first);
        return;
    }
    for (int k = 0; k < e->parts; k++) put(memory, &e->part[k]);
    put(memory, &e->work);
}
