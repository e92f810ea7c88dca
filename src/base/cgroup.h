/* What control groups, such as those of containers, leave a process of memory. */
#ifndef TAMIS_BASE_CGROUP_H
#define TAMIS_BASE_CGROUP_H

/* The least bound, in bytes, of the groups that the process is in and those above them, version 2 (memory.max) and 1
 * (memory.limit_in_bytes); INFINITY: there is none. root: what stands before /proc/self/cgroup and /sys/fs/cgroup; "" but in tests. */
double base_cgroup_limit(const char *root);

#endif
