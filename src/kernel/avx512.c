/* The AVX-512 tier (F, DQ, BW, VL). */
#define KERNEL_NAME "avx512"
#define KERNEL_TIER kernel_avx512
#define KERNEL_AVX512
#include "kernel/body.h"
