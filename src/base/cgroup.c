/* /proc/self/cgroup has a line "0::PATH" of version 2, and one "NUMBER:memory:PATH" where version 1 keeps memory. A group's files are below
 * /sys/fs/cgroup, under PATH or, seen from within a container, under a part of it or none: what is not there bounds nothing. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cgroup.h"
#include "base/files.h"
#include "base/text.h"

enum { ROOM = 1 << 14 };

static double limit_of(const char *path)
{
    char text[64];
    double bytes;
    if (!base_read_text(path, text, sizeof text)) return (double)INFINITY;
    text[strcspn(text, "\n")] = '\0';
    return base_parse_real(text, &bytes) && bytes > 0 ? bytes : (double)INFINITY; /* "max" is none */
}

/* Of a group and all above it; group is cut on the way. */
static double least_limit(const char *top, char *group, const char *name)
{
    char path[BASE_PATH];
    double least = (double)INFINITY;
    for (;;) {
        const int length = snprintf(path, sizeof path, "%s%s/%s", top, group, name);
        if (length > 0 && (size_t)length < sizeof path) least = fmin(least, limit_of(path));
        char *slash = strrchr(group, '/');
        if (!slash) return least;
        *slash = '\0';
    }
}

/* Whether "cpu,memory" has memory. */
static bool has_memory(const char *list)
{
    for (; *list; list += strcspn(list, ",") + (list[strcspn(list, ",")] == ','))
        if (strcspn(list, ",") == strlen("memory") && strncmp(list, "memory", strlen("memory")) == 0) return true;
    return false;
}

double base_cgroup_limit(const char *root)
{
    char groups[ROOM], top[BASE_PATH], path[BASE_PATH], *rest = groups;
    double least = (double)INFINITY;
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    if (!base_read_text(path, groups, sizeof groups)) return least;
    for (char *line; (line = strsep(&rest, "\n"));) {
        char *group = line;
        const char *number = strsep(&group, ":"), *list = group ? strsep(&group, ":") : NULL;
        if (!list || !group) continue;
        const bool second = strcmp(number, "0") == 0 && !*list;
        if (!second && !has_memory(list)) continue;
        snprintf(path, sizeof path, "%s", group); /* each walk cuts it */
        snprintf(top, sizeof top, "%s/sys/fs/cgroup%s", root, second ? "" : "/memory");
        least = fmin(least, least_limit(top, path, second ? "memory.max" : "memory.limit_in_bytes"));
        if (!second) continue;
        snprintf(path, sizeof path, "%s", group);
        snprintf(top, sizeof top, "%s/sys/fs/cgroup/unified", root); /* where version 1 stands beside it */
        least = fmin(least, least_limit(top, path, "memory.max"));
    }
    return least;
}
