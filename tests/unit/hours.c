/* Hours of a week: what is read, what is said about what is not, and the one text. */
#include "change/hours.h"
#include "base/clock.h"
#include "t.h"

static const char *canonical(const char *s)
{
	static char text[4096];
	tt_buf out = { 0 };
	tt_hours h;
	size_t at = 0;
	const char *expected = "";

	if (tt_hours_parse(s, strlen(s), &h, &at, &expected))
		tt_hours_text(&h, &out);
	else
		tt_buf_printf(&out, "%zu: %s", at, expected);
	snprintf(text, sizeof text, "%s", tt_buf_text(&out));
	tt_buf_free(&out);
	return text;
}

static bool inside(const char *hours, const char *time)
{
	tt_hours h = { { 0 } };
	size_t at;
	const char *expected;
	int64_t t = 0;

	T_OK(tt_hours_parse(hours, strlen(hours), &h, &at, &expected));
	T_OK(tt_time_parse(time, strlen(time), &t));
	return tt_hours_at(&h, t);
}

static void test_text(void)
{
	static const char *const pairs[][2] = {
		{ "mon-fri 08:00-18:00", "mon-fri 08:00-18:00" },
		{ "08:00-18:00", "mon-sun 08:00-18:00" },
		{ "00:00-24:00", "mon-sun 00:00-24:00" },
		{ "  sat , sun 10:00-12:00", "6: a time of day like 08:00, at most 24:00" },
		{ "sun,sat 10:00-12:00 ;mon 09:00-10:00", "mon 09:00-10:00; sat-sun 10:00-12:00" },
		{ "mon 13:00-18:00,08:00-12:00,12:00-12:30", "mon 08:00-12:30,13:00-18:00" },
		{ "mon 08:00-09:00;tue 08:00-09:00;wed 07:00-09:00;thu 08:00-09:00",
		  "mon-tue,thu 08:00-09:00; wed 07:00-09:00" },
		{ "sat-mon 06:00-07:00", "mon,sat-sun 06:00-07:00" },
		{ "mon-fri 22:00-06:00", "mon 22:00-24:00; tue-fri 00:00-06:00,22:00-24:00; "
		                         "sat 00:00-06:00" },
		{ "sun 23:00-01:00", "mon 00:00-01:00; sun 23:00-24:00" },
		{ "", "0: a day: mon, tue, wed, thu, fri, sat or sun" },
		{ "mo 08:00-09:00", "0: a day: mon, tue, wed, thu, fri, sat or sun" },
		{ "mon-", "4: a day: mon, tue, wed, thu, fri, sat or sun" },
		{ "mon", "3: a blank and a range like 08:00-18:00" },
		{ "mon 8:00-09:00", "4: a time of day like 08:00, at most 24:00" },
		{ "mon 08:00-24:01", "10: a time of day like 08:00, at most 24:00" },
		{ "mon 08:60-09:00", "4: a time of day like 08:00, at most 24:00" },
		{ "mon 08:00", "9: '-' and the end of the range" },
		{ "mon 08:00-08:00", "4: a range that holds at least a minute" },
		{ "mon 24:00-08:00", "4: a range that holds at least a minute" },
		{ "mon 08:00-09:00 x", "16: ',', ';' or the end" },
		{ "mon 08:00-09:00;", "16: a day: mon, tue, wed, thu, fri, sat or sun" },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		T_STR(pairs[i][1], canonical(pairs[i][0]));
}

static void test_time(void)
{
	T_OK(inside("mon 00:00-00:01", "2026-01-05T00:00:00Z"));
	T_OK(inside("mon 00:00-00:01", "2026-01-05T00:00:59Z"));
	T_OK(!inside("mon 00:00-00:01", "2026-01-05T00:01:00Z"));
	T_OK(!inside("mon 00:00-00:01", "2026-01-04T23:59:59Z"));
	T_OK(inside("sun 23:59-24:00", "2026-01-04T23:59:59Z"));
	T_OK(inside("thu 00:00-01:00", "1970-01-01T00:00:00Z"));
	T_OK(inside("wed 12:00-13:00", "2024-02-28T12:30:00Z"));
}

/* Reading canonical text gives the same set and the same text again. */
static void test_stable(void)
{
	uint64_t x = 88172645463325252;

	for (int round = 0; round < 300; round++) {
		tt_hours h = { { 0 } }, again;
		tt_buf a = { 0 }, b = { 0 };
		size_t at = 0;
		const char *expected = "";

		for (int k = 0; k < 1 + round % 9; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			size_t from = x % TT_HOURS_MINUTES, n = 1 + (x >> 32) % 3000;
			for (size_t m = from; m < from + n && m < TT_HOURS_MINUTES; m++)
				h.bits[m / 64] |= UINT64_C(1) << (m % 64);
		}
		tt_hours_text(&h, &a);
		bool read = tt_hours_parse(tt_buf_text(&a), a.n, &again, &at, &expected);
		T_(read, "\"%s\" is not read at %zu", tt_buf_text(&a), at);
		if (read) {
			tt_hours_text(&again, &b);
			T_STR(tt_buf_text(&a), tt_buf_text(&b));
			T_INT(0, memcmp(&h, &again, sizeof h));
		}
		tt_buf_free(&a);
		tt_buf_free(&b);
	}
}

int main(void)
{
	test_text();
	test_time();
	test_stable();
	return T_END();
}
