/* What libFuzzer calls: FUZZ_TARGET says for which reader. make fuzz runs it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const fuzz_target *chosen(void)
{
    const char *name = getenv("FUZZ_TARGET");
    for (const fuzz_target *t = fuzz_targets; t->name && name; t++)
        if (strcmp(t->name, name) == 0) return t;
    fputs("FUZZ_TARGET is one of:", stderr);
    for (const fuzz_target *t = fuzz_targets; t->name; t++) fprintf(stderr, " %s", t->name);
    fputs("\n", stderr);
    exit(99);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const fuzz_target *target;
    if (!target) target = chosen();
    target->take(bytes, size);
    return 0;
}
