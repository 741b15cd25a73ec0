/* clock.c - proleptic Gregorian calendar, UTC, no time zones, no leap seconds. The
 * C library's calendar is not used: it follows TZ and is slow for a field that
 * every row of a table has. */
#include "clock.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>

enum { DAY_S = 86400 };

/* Days since 1970-01-01. Years begin in March here, so that the leap day is the
 * last of a year and 400 years are one cycle of 146097 days. */
static int64_t days_of(int y, int m, int d)
{
	int64_t year = m > 2 ? y : y - 1;
	int64_t cycle = year / 400, in_cycle = year % 400;
	int64_t day = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;

	return cycle * 146097 + in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + day - 719468;
}

static void date_of(int64_t days, int *ret_y, int *ret_m, int *ret_d)
{
	int64_t n = days + 719468; /* from 0000-03-01 */
	int64_t cycle = n / 146097, day = n % 146097;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t in_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * in_year + 2) / 153;

	*ret_d = (int)(in_year - (153 * month + 2) / 5 + 1);
	*ret_m = (int)(month < 10 ? month + 3 : month - 9);
	*ret_y = (int)(cycle * 400 + year) + (*ret_m <= 2);
}

static int days_in_month(int y, int m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return m == 2 && leap ? 29 : days[m - 1];
}

/* `n` digits at s as a number; -1 when one of them is none. */
static int digits(const char *s, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v;
}

bool tt_time_parse(const char *s, size_t n, int64_t *ret)
{
	if (n != 20 || s[4] != '-') {
		int64_t t;

		if (n == 0 || s[0] == '-' || !tt_parse_i64(s, n, &t) || t > TT_TIME_LAST)
			return false;
		*ret = t;
		return true;
	}
	if (s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != 'Z')
		return false;

	int y = digits(s, 4), m = digits(s + 5, 2), d = digits(s + 8, 2);
	int hour = digits(s + 11, 2), minute = digits(s + 14, 2), second = digits(s + 17, 2);
	if (y < 1970 || m < 1 || m > 12 || d < 1 || d > days_in_month(y, m))
		return false;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	*ret = days_of(y, m, d) * DAY_S + hour * 3600 + minute * 60 + second;
	return true;
}

char *tt_time_format(int64_t t, char buf[TT_TIME_TEXT])
{
	int y, m, d;

	if (t < 0 || t > TT_TIME_LAST) { /* no calendar for it here; the number is still true */
		snprintf(buf, TT_TIME_TEXT, "%" PRId64, t);
		return buf;
	}
	date_of(t / DAY_S, &y, &m, &d);

	int s = (int)(t % DAY_S);
	snprintf(buf, TT_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", y, m, d, s / 3600,
		 s / 60 % 60, s % 60);
	return buf;
}

bool tt_duration_parse(const char *s, size_t n, int64_t *ret)
{
	static const struct {
		char letter;
		int64_t unit_s;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', DAY_S } };

	int64_t v, duration_s;
	if (n < 2 || s[0] == '-' || !tt_parse_i64(s, n - 1, &v))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (s[n - 1] != units[i].letter)
			continue;
		if (__builtin_mul_overflow(v, units[i].unit_s, &duration_s))
			return false;
		*ret = duration_s;
		return true;
	}
	return false;
}
