/* Two macros that every file may need. */
#ifndef TAMIS_BASE_H
#define TAMIS_BASE_H

#if defined(__GNUC__)
#define BASE_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define BASE_PRINTF(f, a)
#endif

#define BASE_COUNT(array) (sizeof(array) / sizeof *(array))
/* n rounded up to whole vectors of 16 floats, the widest there are. */
#define BASE_PADDED(n) (((n) + 15) / 16 * 16)

#endif
