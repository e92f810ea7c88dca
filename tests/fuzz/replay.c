/* Feeds every reader with the inputs that fuzzing has kept, tests/fuzz/corpus/NAME: those that reach new code, and those that once
 * made a fault. Each is also fed cut in half, and with its middle byte changed. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets.h"

static long fed;

static void feed(const fuzz_target *target, const char *path)
{
    FILE *file = fopen(path, "rb");
    static uint8_t bytes[1 << 20];
    if (!file) exit(99);
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    target->take(bytes, size);
    target->take(bytes, size / 2);
    if (size) bytes[size / 2] ^= 0x41;
    target->take(bytes, size);
    fed += 3;
}

int main(void)
{
    const char *top = getenv("abs_top_srcdir");
    for (const fuzz_target *t = fuzz_targets; t->name; t++) {
        char folder[2000], path[4096];
        snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", top ? top : ".", t->name);
        DIR *directory = opendir(folder);
        if (!directory) {
            fprintf(stderr, "there is no %s\n", folder);
            return 1;
        }
        for (const struct dirent *entry; (entry = readdir(directory));) {
            if (entry->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            feed(t, path);
        }
        closedir(directory);
    }
    fprintf(stderr, "%ld inputs fed\n", fed);
    return fed ? 0 : 1;
}
