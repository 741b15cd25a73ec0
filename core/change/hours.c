/* hours.c - a week as a set of minutes: whatever way it was written, one set has
 * one text, so two changes that mean the same hours are the same change. */
#include "change/hours.h"
#include <string.h>

enum { DAY_MINUTES = 24 * 60, DAYS = 7 };

static const char days[DAYS][4] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

static bool has(const tt_hours *h, int minute)
{
	return h->bits[minute / 64] >> (minute % 64) & 1;
}

/* --- From text ----------------------------------------------------------------- */

typedef struct cursor {
	const char *s;
	size_t n, at;
	const char *expected; /* of the first fault; NULL: none */
} cursor;

static bool fault(cursor *c, const char *expected)
{
	if (!c->expected)
		c->expected = expected;
	return false;
}

static bool take(cursor *c, char wanted)
{
	if (c->at == c->n || c->s[c->at] != wanted)
		return false;
	c->at++;
	return true;
}

static void skip_blanks(cursor *c)
{
	while (take(c, ' '))
		;
}

static bool take_day(cursor *c, int *ret)
{
	for (int d = 0; d < DAYS; d++)
		if (c->n - c->at >= 3 && memcmp(c->s + c->at, days[d], 3) == 0) {
			c->at += 3;
			*ret = d;
			return true;
		}
	return fault(c, "a day: mon, tue, wed, thu, fri, sat or sun");
}

/* "mon-fri,sun" into a bit for each day; "sat-mon" goes over the week's end. */
static bool take_days(cursor *c, unsigned *ret)
{
	unsigned set = 0;

	do {
		int first = 0, last;

		if (!take_day(c, &first))
			return false;
		last = first;
		if (take(c, '-') && !take_day(c, &last))
			return false;
		for (int d = first;; d = (d + 1) % DAYS) {
			set |= 1u << d;
			if (d == last)
				break;
		}
	} while (take(c, ','));
	*ret = set;
	return true;
}

static bool take_two(cursor *c, int *ret)
{
	if (c->n - c->at < 2)
		return false;

	unsigned tens = (unsigned)(c->s[c->at] - '0'), ones = (unsigned)(c->s[c->at + 1] - '0');
	if (tens > 9 || ones > 9)
		return false;
	c->at += 2;
	*ret = (int)(tens * 10 + ones);
	return true;
}

static bool take_clock(cursor *c, int *ret)
{
	size_t start = c->at;
	int h = 0, m = 0;

	if (!take_two(c, &h) || !take(c, ':') || !take_two(c, &m) || m > 59 ||
	    h * 60 + m > DAY_MINUTES) {
		c->at = start;
		return fault(c, "a time of day like 08:00, at most 24:00");
	}
	*ret = h * 60 + m;
	return true;
}

static bool take_ranges(cursor *c, unsigned set, tt_hours *h)
{
	do {
		size_t start = c->at;
		int from = 0, to = 0;

		if (!take_clock(c, &from))
			return false;
		if (!take(c, '-'))
			return fault(c, "'-' and the end of the range");
		if (!take_clock(c, &to))
			return false;
		if (from == to || from == DAY_MINUTES) {
			c->at = start;
			return fault(c, "a range that holds at least a minute");
		}
		if (to < from)
			to += DAY_MINUTES;
		for (int d = 0; d < DAYS; d++)
			for (int m = from; set >> d & 1 && m < to; m++) {
				int minute = (d * DAY_MINUTES + m) % TT_HOURS_MINUTES;

				h->bits[minute / 64] |= UINT64_C(1) << (minute % 64);
			}
	} while (take(c, ','));
	return true;
}

bool tt_hours_parse(const char *s, size_t n, tt_hours *ret, size_t *ret_at,
                    const char **ret_expected)
{
	cursor c = { .s = s, .n = n };
	tt_hours h = { { 0 } };
	bool ok = true;

	do {
		unsigned set = (1u << DAYS) - 1;

		skip_blanks(&c);
		if (c.at == n || s[c.at] < '0' || s[c.at] > '9') {
			ok = take_days(&c, &set);
			if (ok && !take(&c, ' '))
				ok = fault(&c, "a blank and a range like 08:00-18:00");
			skip_blanks(&c);
		}
		ok = ok && take_ranges(&c, set, &h);
		skip_blanks(&c);
	} while (ok && take(&c, ';'));
	if (ok && c.at != n)
		ok = fault(&c, "',', ';' or the end");
	if (ok) {
		*ret = h;
	} else {
		*ret_at = c.at;
		*ret_expected = c.expected;
	}
	return ok;
}

/* --- To text ------------------------------------------------------------------- */

static bool day_equal(const tt_hours *h, int a, int b)
{
	for (int m = 0; m < DAY_MINUTES; m++)
		if (has(h, a * DAY_MINUTES + m) != has(h, b * DAY_MINUTES + m))
			return false;
	return true;
}

static bool day_empty(const tt_hours *h, int d)
{
	for (int m = 0; m < DAY_MINUTES; m++)
		if (has(h, d * DAY_MINUTES + m))
			return false;
	return true;
}

static void put_days(unsigned set, tt_buf *out)
{
	const char *comma = "";

	for (int d = 0; d < DAYS; d++) {
		int last = d;

		if (!(set >> d & 1))
			continue;
		while (last + 1 < DAYS && set >> (last + 1) & 1)
			last++;
		tt_buf_printf(out, "%s%s", comma, days[d]);
		if (last > d)
			tt_buf_printf(out, "-%s", days[last]);
		comma = ",";
		d = last;
	}
}

static void put_ranges(const tt_hours *h, int day, tt_buf *out)
{
	char before = ' ';

	for (int m = 0; m < DAY_MINUTES; m++) {
		int end = m;

		while (end < DAY_MINUTES && has(h, day * DAY_MINUTES + end))
			end++;
		if (end == m)
			continue;
		tt_buf_printf(out, "%c%02d:%02d-%02d:%02d", before, m / 60, m % 60, end / 60,
		              end % 60);
		before = ',';
		m = end;
	}
}

void tt_hours_text(const tt_hours *h, tt_buf *out)
{
	unsigned done = 0;
	const char *before = "";

	for (int d = 0; d < DAYS; d++) {
		unsigned set = 0;

		if (done >> d & 1 || day_empty(h, d))
			continue;
		for (int e = d; e < DAYS; e++)
			if (day_equal(h, d, e))
				set |= 1u << e;
		done |= set;
		tt_buf_puts(out, before);
		put_days(set, out);
		put_ranges(h, d, out);
		before = "; ";
	}
}

bool tt_hours_at(const tt_hours *h, int64_t time_s)
{
	const int64_t week_s = (int64_t)TT_HOURS_MINUTES * 60;
	/* 1970-01-01 was a Thursday */
	int64_t s = (time_s % week_s + 3 * INT64_C(86400) + week_s) % week_s;

	return has(h, (int)(s / 60));
}
