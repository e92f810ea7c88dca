/* The arm64 tier. */
#define KERNEL_NAME "neon"
#define KERNEL_TIER kernel_neon
#define KERNEL_NEON
#include "kernel/body.h"
