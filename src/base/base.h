/* Two macros that every file may need. */
#ifndef TAMIS_BASE_H
#define TAMIS_BASE_H

#if defined(__GNUC__)
#define BASE_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define BASE_PRINTF(f, a)
#endif

#define BASE_COUNT(array) (sizeof(array) / sizeof *(array))

#endif
