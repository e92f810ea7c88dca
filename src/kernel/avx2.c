/* The AVX2 + FMA tier. */
#define KERNEL_NAME "avx2"
#define KERNEL_TIER kernel_avx2
#define KERNEL_AVX2
#include "kernel/body.h"
