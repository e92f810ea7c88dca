/* Numbers from and to text.
 *
 * A decimal number is an integer m times a power of ten. When m < 2^53 and the power is within 10^22, both are exact in
 * double, so that one multiplication or division rounds correctly (Clinger 1990); nearly all ratings and times are so.
 * Others go to base_strtod(). */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/locale.h"
#include "base/number.h"

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits into the mantissa, as long as it stays below 10^19. */
static const char *read_digits(const char *s, uint64_t *mantissa, int *used, int64_t *count)
{
    for (; digit(*s); s++, (*count)++) {
        if (*used < 19) *mantissa = *mantissa * 10 + (uint64_t)(*s - '0');
        *used += *used || *s != '0';
    }
    return s;
}

bool number_parse_real(const char *text, size_t count, double *value)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *s = text, *end = text + count;
    while (s < end && *s == ' ')
        s++;
    while (end > s && end[-1] == ' ')
        end--;
    const char *begin = s;
    bool negative = *s == '-';
    if (*s == '-' || *s == '+') s++;
    uint64_t mantissa = 0;
    int64_t whole = 0, fraction = 0, exponent = 0, none = 0;
    int used = 0;
    s = read_digits(s, &mantissa, &used, &whole);
    if (*s == '.') s = read_digits(s + 1, &mantissa, &used, &fraction);
    if (whole + fraction == 0) return false;
    if (*s == 'e' || *s == 'E') {
        uint64_t size = 0;
        int digits = 0;
        bool down = s[1] == '-';
        s += 1 + (s[1] == '-' || s[1] == '+');
        s = read_digits(s, &size, &digits, &none);
        if (none == 0) return false;
        exponent = digits > 6 ? 1000000 : (int64_t)size;
        if (down) exponent = -exponent;
    }
    if (s != end) return false;
    exponent -= fraction;
    if (used > 19 || mantissa > UINT64_C(1) << 53 || exponent < -22 || exponent > 22) {
        char *stop;
        *value = base_strtod(begin, &stop);
        return stop == end && isfinite(*value);
    }
    double result = (double)mantissa;
    result = exponent < 0 ? result / power[-exponent] : result * power[exponent];
    *value = negative ? -result : result;
    return true;
}

/* ---- to text */

static const char *shortest(double value, int digits, int most, bool single, char *buffer)
{
    double back;
    if (value == floor(value) && fabs(value) < 1e15) {
        snprintf(buffer, 40, "%" PRId64, (int64_t)value);
        return buffer;
    }
    for (; digits <= most; digits++) {
        base_format(buffer, 40, "%.*g", digits, value);
        if (number_parse_real(buffer, strlen(buffer), &back) && (single ? (float)back == (float)value : back == value))
            break;
    }
    return buffer;
}

const char *number_real_text(double value, char *buffer)
{
    return shortest(value, 15, DBL_DECIMAL_DIG, false, buffer);
}

const char *number_float_text(double value, char *buffer)
{
    return shortest(value, 6, FLT_DECIMAL_DIG, true, buffer);
}
