/* Numbers and dates from and to text.
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

/* ---- dates */

/* `digits` digits at *s, within [low, high]. */
static bool read_part(const char **s, int digits, int low, int high, int *part)
{
    *part = 0;
    for (int k = 0; k < digits; k++, (*s)++) {
        if (!digit(**s)) return false;
        *part = *part * 10 + (**s - '0');
    }
    return *part >= low && *part <= high;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar: the year is counted from March, so that the leap day is
 * its last; 153 days are five months from March on. */
static int64_t days(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t leap = y >= 0 ? y / 4 - y / 100 + y / 400 : -1;
    return 365 * y + leap + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool read_clock(const char **s, double *seconds)
{
    int hour, minute, second = 0;
    if (!read_part(s, 2, 0, 24, &hour) || *(*s)++ != ':' || !read_part(s, 2, 0, 59, &minute)) return false;
    if (**s == ':') {
        (*s)++;
        if (!read_part(s, 2, 0, 60, &second)) return false;
    }
    *seconds = 3600.0 * hour + 60.0 * minute + second;
    if (**s == '.' && digit((*s)[1])) {
        double unit = 1;
        for ((*s)++; digit(**s); (*s)++)
            *seconds += (**s - '0') * (unit /= 10);
    }
    return true;
}

/* Z, +hh:mm, +hhmm, +hh or nothing (taken for UTC). */
static bool read_zone(const char **s, double *seconds)
{
    int hour, minute = 0;
    double sign = **s == '-' ? -1 : 1;
    if (**s == 'Z' || **s == 'z') {
        (*s)++;
    } else if (**s == '+' || **s == '-') {
        (*s)++;
        if (!read_part(s, 2, 0, 23, &hour)) return false;
        if (**s == ':') (*s)++;
        if (digit(**s) && !read_part(s, 2, 0, 59, &minute)) return false;
        *seconds -= sign * (3600.0 * hour + 60.0 * minute);
    }
    return true;
}

static bool parse_date(const char *s, const char *end, double *value)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    double seconds = 0;
    if (!read_part(&s, 4, 0, 9999, &year) || *s++ != '-' || !read_part(&s, 2, 1, 12, &month) || *s++ != '-' ||
        !read_part(&s, 2, 1, 31, &day))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > month_days[month - 1] + (month == 2 && leap)) return false;
    if (s < end && (*s == 'T' || *s == 't' || *s == ' ')) {
        s++;
        if (!read_clock(&s, &seconds)) return false;
        if (s < end && *s == ' ') s++;
        if (!read_zone(&s, &seconds)) return false;
    }
    if (s != end) return false;
    *value = 86400.0 * (double)days(year, month, day) + seconds;
    return true;
}

bool number_parse_time(const char *text, size_t count, double *value)
{
    if (number_parse_real(text, count, value)) return true;
    const char *end = text + count;
    while (text < end && *text == ' ')
        text++;
    while (end > text && end[-1] == ' ')
        end--;
    return end - text >= 10 && text[4] == '-' && parse_date(text, end, value);
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
