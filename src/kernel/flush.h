/* Denormal numbers as zeros, for a while and for one thread. Rows that L2 alone moves end as such numbers, at
 * which some processors are slow: a thread that trains does without them, whatever kernel or loss it calls. */
#ifndef TAMIS_KERNEL_FLUSH_H
#define TAMIS_KERNEL_FLUSH_H

#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

/* Gives what kernel_flush_end() puts back. */
static inline uint64_t kernel_flush_begin(void)
{
#if defined(__x86_64__)
    const unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040); /* flush to zero, denormals are zeros */
    return before;
#elif defined(__aarch64__)
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | UINT64_C(1) << 24));
    return before;
#else
    return 0;
#endif
}

static inline void kernel_flush_end(uint64_t before)
{
#if defined(__x86_64__)
    _mm_setcsr((unsigned)before);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
    (void)before;
#endif
}

#endif
