/* The reference tier: plain C. */
#define KERNEL_NAME "portable"
#define KERNEL_TIER kernel_portable
#define KERNEL_PLAIN
#include "kernel/body.h"
