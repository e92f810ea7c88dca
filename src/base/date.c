/* Times from and to text. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/date.h"
#include "base/locale.h"
#include "base/number.h"

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

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

/* Z, UTC, GMT, +hh:mm, +hhmm, +hh or nothing (taken for UTC). */
static bool read_zone(const char **s, double *seconds)
{
    int hour, minute = 0;
    double sign = **s == '-' ? -1 : 1;
    if (**s == 'Z' || **s == 'z') {
        (*s)++;
    } else if (strncmp(*s, "UTC", 3) == 0 || strncmp(*s, "GMT", 3) == 0) {
        *s += 3;
    } else if (**s == '+' || **s == '-') {
        (*s)++;
        if (!read_part(s, 2, 0, 23, &hour)) return false;
        if (**s == ':') (*s)++;
        if (digit(**s) && !read_part(s, 2, 0, 59, &minute)) return false;
        *seconds -= sign * (3600.0 * hour + 60.0 * minute);
    }
    return true;
}

static bool is_date(int year, int month, int day)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month >= 1 && month <= 12 && day >= 1 && day <= month_days[month - 1] + (month == 2 && leap);
}

/* From 5138 on, seconds would be taken for milliseconds (times_unit() in data/rows.h); such dates stand for "never". */
static bool is_never(double seconds)
{
    return seconds >= 1e11;
}

/* 2019-10-01 or 2019/10/01, with a time of day or without. */
static bool parse_date(const char *s, const char *end, double *value)
{
    int year, month, day;
    double seconds = 0;
    const char mark = s[4] == '/' ? '/' : '-';
    if (!read_part(&s, 4, 0, 9999, &year) || *s++ != mark || !read_part(&s, 2, 1, 12, &month) || *s++ != mark ||
        !read_part(&s, 2, 1, 31, &day) || !is_date(year, month, day))
        return false;
    if (s < end && (*s == 'T' || *s == 't' || *s == ' ')) {
        s++;
        if (!read_clock(&s, &seconds)) return false;
        if (s < end && *s == ' ') s++;
        if (!read_zone(&s, &seconds)) return false;
    }
    if (s != end) return false;
    *value = 86400.0 * (double)days(year, month, day) + seconds;
    return !is_never(*value);
}

bool date_parse(const char *text, size_t count, double *value)
{
    if (number_parse_real(text, count, value)) return true;
    const char *end = text + count;
    while (text < end && *text == ' ')
        text++;
    while (end > text && end[-1] == ' ')
        end--;
    return end - text >= 10 && (text[4] == '-' || text[4] == '/') && parse_date(text, end, value);
}

/* ---- by a format */

typedef struct parts {
    int year, month, day, hour, minute, second, of_year; /* of_year: %j, 0: not given */
    int afternoon; /* -1: not given */
    double fraction, zone;
    double unix_time; /* %s; NAN: not given */
} parts;

static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                     "july",    "august",   "september", "october", "november", "december"};
static const char *const weekdays[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

/* A name in full or by its first three letters: its number from 0; -1: none. */
static int read_name(const char **s, const char *const *names, int count)
{
    for (int k = 0; k < count; k++) {
        size_t same = 0;
        while (names[k][same] && base_lower((*s)[same]) == names[k][same]) same++;
        if (same < 3) continue;
        *s += names[k][same] ? 3 : same;
        return k;
    }
    return -1;
}

/* Up to `most` digits, one at least. */
static bool read_number(const char **s, int most, int low, int high, int *value)
{
    int digits = 0;
    while (digits < most && digit((*s)[digits])) digits++;
    return digits && read_part(s, digits, low, high, value);
}

static bool read_fraction(const char **s, double *fraction)
{
    double unit = 1;
    if (!digit(**s)) return false;
    for (*fraction = 0; digit(**s); (*s)++) *fraction += (**s - '0') * (unit /= 10);
    return true;
}

static bool read_unix(const char **s, double *value)
{
    const size_t length = strspn(*s, "0123456789");
    char text[32];
    if (length == 0 || length >= sizeof text) return false;
    snprintf(text, sizeof text, "%.*s", (int)length, *s);
    *s += length;
    return number_parse_real(text, length, value);
}

static bool read_noon(const char **s, int *afternoon)
{
    const char a = base_lower(**s);
    if ((a != 'a' && a != 'p') || base_lower((*s)[1]) != 'm') return false;
    *afternoon = a == 'p';
    *s += 2;
    return true;
}

static bool read_format(const char *format, const char **s, parts *p);

static bool read_year_of_two(const char **s, int *year)
{
    if (!read_number(s, 2, 0, 99, year)) return false;
    *year += *year < 69 ? 2000 : 1900; /* as POSIX has it */
    return true;
}

/* One conversion. */
static bool read_conversion(char letter, const char **s, parts *p)
{
    int name;
    switch (letter) {
    case 'Y': return read_number(s, 4, 0, 9999, &p->year);
    case 'y': return read_year_of_two(s, &p->year);
    case 'm': return read_number(s, 2, 1, 12, &p->month);
    case 'd': case 'e': return read_number(s, 2, 1, 31, &p->day);
    case 'j': return read_number(s, 3, 1, 366, &p->of_year);
    case 'H': case 'k': return read_number(s, 2, 0, 24, &p->hour);
    case 'I': case 'l': return read_number(s, 2, 1, 12, &p->hour);
    case 'M': return read_number(s, 2, 0, 59, &p->minute);
    case 'S': return read_number(s, 2, 0, 60, &p->second);
    case 'f': return read_fraction(s, &p->fraction);
    case 'p': return read_noon(s, &p->afternoon);
    case 's': return read_unix(s, &p->unix_time);
    case 'z': case 'Z': return read_zone(s, &p->zone);
    case 'b': case 'B': case 'h':
        name = read_name(s, months, 12);
        p->month = name + 1;
        return name >= 0;
    case 'a': case 'A': return read_name(s, weekdays, 7) >= 0;
    case 'D': return read_format("%m/%d/%y", s, p);
    case 'F': return read_format("%Y-%m-%d", s, p);
    case 'T': return read_format("%H:%M:%S", s, p);
    case 'R': return read_format("%H:%M", s, p);
    case 'n': case 't': return true;
    default: return *(*s)++ == '%';
    }
}

static void skip_blanks(const char **s)
{
    while (**s == ' ' || **s == '\t') ++*s;
}

static bool read_format(const char *format, const char **s, parts *p)
{
    for (const char *f = format; *f; f++) {
        if (*f == ' ' || *f == '\t') {
            skip_blanks(s);
        } else if (*f != '%') {
            if (*(*s)++ != *f) return false;
        } else if (!read_conversion(*++f, s, p)) {
            return false;
        }
    }
    return true;
}

bool date_parse_as(const char *format, const char *text, size_t count, double *value)
{
    parts p = {.year = 1970, .month = 1, .day = 1, .afternoon = -1, .unix_time = (double)NAN};
    const char *s = text;
    skip_blanks(&s);
    if (!read_format(format, &s, &p)) return false;
    skip_blanks(&s);
    if (s != text + count) return false;
    if (!isnan(p.unix_time)) {
        *value = p.unix_time + p.fraction;
        return true;
    }
    if (p.afternoon >= 0) p.hour = p.hour % 12 + 12 * p.afternoon;
    if (p.of_year) p.month = p.day = 1;
    if (!is_date(p.year, p.month, p.day)) return false;
    *value = 86400.0 * (double)(days(p.year, p.month, p.day) + (p.of_year ? p.of_year - 1 : 0)) + 3600.0 * p.hour + 60.0 * p.minute +
             p.second + p.fraction + p.zone;
    return !is_never(*value);
}

const char *date_check_format(const char *format)
{
    bool year = false, day = false;
    for (const char *f = format; *f; f++) {
        if (*f != '%') continue;
        if (!f[1] || !strchr("YymdejHIklMSfpszZbBhaADFTRnt%", f[1])) return f;
        year |= strchr("YyDFs", f[1]) != NULL;
        day |= strchr("dejDFs", f[1]) != NULL;
        f++;
    }
    return year && day ? NULL : "";
}

/* ---- to text */

const char *date_text(double time, char *buffer)
{
    if (!(time >= -62167219200.0) || time >= 253402300800.0) return number_real_text(time, buffer); /* before the year 0, from 10000 on */
    const int64_t second = (int64_t)floor(time), day = (int64_t)floor(time / 86400);
    int year = day < 0 ? 0 : 1970 + (int)(day / 366), month = 1;
    while (days(year + 1, 1, 1) <= day) year++;
    while (month < 12 && days(year, month + 1, 1) <= day) month++;
    const int rest = (int)((second - 86400 * day) % 86400);
    snprintf(buffer, 40, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, (int)(day - days(year, month, 1)) + 1, rest / 3600,
             rest / 60 % 60, rest % 60);
    return buffer;
}
