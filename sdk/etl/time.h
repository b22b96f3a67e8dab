/* SPDX-License-Identifier: MIT
 * time: timestamps from text and to text. */
#ifndef ETL_TIME_H
#define ETL_TIME_H

#include "decimal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `count` digits at `at`, as a number; -1: not all are digits. */
static inline int etl_digits_at_(const char *at, unsigned count)
{
    int number = 0;
    for (; count; count--, at++) {
        if (*at < '0' || *at > '9') return -1;
        number = number * 10 + (*at - '0');
    }
    return number;
}

/* Days from 1970-01-01 to the first of March of a year, in the calendar that counts
 * years from March. */
static inline int64_t etl_days_to_march_(int64_t year)
{
    return year * 365 + year / 4 - year / 100 + year / 400 - 719468;
}

/* Days from 1970-01-01 to this date (years 0 to 9999); false: there is no such day. */
static inline bool etl_days_to_date_(int year, int month, int day, int64_t *days)
{
    static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] + (leap && month == 2)) return false;
    int from_march = (month + 9) % 12; /* makes the leap day the last of a year */
    *days = etl_days_to_march_(year - (month < 3)) + (153 * from_march + 2) / 5 + day - 1;
    return true;
}

/* The offset of a zone in minutes. All of the text must be Z, z, or +hh:mm. */
static inline bool etl_zone_parse_(const char *at, size_t size, int *minutes)
{
    if (size == 1 && (*at == 'Z' || *at == 'z')) {
        *minutes = 0;
        return true;
    }
    if (size != 6 || (*at != '+' && *at != '-') || at[3] != ':') return false;
    int hour = etl_digits_at_(at + 1, 2), minute = etl_digits_at_(at + 4, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
    *minutes = (*at == '-' ? -1 : 1) * (hour * 60 + minute);
    return true;
}

/* [any] Reads RFC 3339: 2024-01-02T03:04:05.123456789+01:00, T or a space between date
 * and time, Z or an offset, up to nine fraction digits. A leap second (23:59:60 UTC)
 * counts as the second that follows it. Returns false and leaves *time alone if the
 * text is anything else, is not a day of the calendar, or is out of the range of
 * etl_timestamp. */
static inline bool etl_timestamp_parse(etl_string text, etl_timestamp *time)
{
    const char *at = text.data;
    if (text.size < 20 || at[4] != '-' || at[7] != '-' || (at[10] != 'T' && at[10] != 't' && at[10] != ' ') || at[13] != ':' ||
        at[16] != ':')
        return false;
    int hour = etl_digits_at_(at + 11, 2), minute = etl_digits_at_(at + 14, 2), second = etl_digits_at_(at + 17, 2), zone;
    int64_t days, fraction = 0;
    if (!etl_days_to_date_(etl_digits_at_(at, 4), etl_digits_at_(at + 5, 2), etl_digits_at_(at + 8, 2), &days)) return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
    size_t used = 19;
    if (at[used] == '.') {
        size_t count = etl_count_digits_(at + 20, text.size - 20);
        if (!count || count > 9) return false;
        fraction = etl_digits_at_(at + 20, (unsigned)count) * (int64_t)etl_power_(9 - (unsigned)count);
        used += 1 + count;
    }
    if (!etl_zone_parse_(at + used, text.size - used, &zone)) return false;
    int64_t minutes = days * 1440 + hour * 60 + minute - zone;
    if (second == 60 && (minutes + 1) % 1440 != 0) return false;
    etl_int128_ ns = (etl_int128_)(minutes * 60 + second) * ETL_SECONDS + fraction;
    if (ns < INT64_MIN || ns > INT64_MAX) return false;
    time->ns = (int64_t)ns;
    return true;
}

struct etl_timestamp_text {
    char text[40];
};

static inline void etl_put_digits_(char *to, int64_t number, unsigned count)
{
    while (count--) to[count] = (char)('0' + (int)(number % 10)), number /= 10;
}

/* [any] RFC 3339 in UTC, the fraction without trailing zeros: 2024-01-02T03:04:05.5Z.
 * Terminated; use it like etl_decimal_text(). */
static inline struct etl_timestamp_text etl_timestamp_text(etl_timestamp time)
{
    struct etl_timestamp_text t = {"0000-00-00T00:00:00.000000000"};
    int64_t fraction = time.ns % ETL_SECONDS, seconds = time.ns / ETL_SECONDS;
    if (fraction < 0) fraction += ETL_SECONDS, seconds--;
    int64_t days = seconds / 86400 - (seconds % 86400 < 0), second = seconds - days * 86400;
    /* years from March; an estimate from below, then stepped up */
    int64_t year = days < 0 ? 1968 + days / 365 : 1969 + days / 366;
    while (etl_days_to_march_(year + 1) <= days) year++;
    int64_t day = days - etl_days_to_march_(year), month = (5 * day + 2) / 153;
    day -= (153 * month + 2) / 5 - 1;
    month = month < 10 ? month + 3 : month - 9;
    etl_put_digits_(t.text, year + (month < 3), 4);
    etl_put_digits_(t.text + 5, month, 2);
    etl_put_digits_(t.text + 8, day, 2);
    etl_put_digits_(t.text + 11, second / 3600, 2);
    etl_put_digits_(t.text + 14, second / 60 % 60, 2);
    etl_put_digits_(t.text + 17, second % 60, 2);
    etl_put_digits_(t.text + 20, fraction, 9);
    unsigned end = 29;
    while (fraction && t.text[end - 1] == '0') end--;
    if (!fraction) end = 19;
    t.text[end] = 'Z', t.text[end + 1] = '\0';
    return t;
}

#ifdef __cplusplus
}
#endif

#endif
