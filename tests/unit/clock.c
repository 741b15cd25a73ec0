/* clock.c - times and durations, there and back. */
#include "base/clock.h"
#include "t.h"
#include <time.h>

static int64_t parsed(const char *s)
{
	int64_t t = -1;

	return tt_time_parse(s, strlen(s), &t) ? t : -1;
}

static int64_t duration(const char *s)
{
	int64_t v = -1;

	return tt_duration_parse(s, strlen(s), &v) ? v : -1;
}

static void times(void)
{
	char text[TT_TIME_TEXT];
	const char *bad[] = { "", "-1", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z",
			      "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z",
			      "2024-01-00T00:00:00Z", "2024-01-01T24:00:00Z",
			      "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z",
			      "2024-01-01T00:00:00", "2024-01-01T00:00:00+00:00",
			      "2024-01-01 00:00:00Z", "2024-01-01T00:00:00z", "2024-01-01",
			      "1969-12-31T23:59:59Z", "2024-1-01T00:00:00Z ", "1.5",
			      "2024-01-01T00:00:00.5Z", "1704067200000", "253402300800",
			      "2024-01-01T-1:00:00Z", "2024-01-01T0a:00:00Z" };

	T_INT(0, parsed("1970-01-01T00:00:00Z"));
	T_INT(951782400, parsed("2000-02-29T00:00:00Z"));
	T_INT(1662858720, parsed("2022-09-11T01:12:00Z"));
	T_INT(4107542400, parsed("2100-03-01T00:00:00Z"));
	T_INT(253402300799, parsed("9999-12-31T23:59:59Z"));
	T_INT(1704067200, parsed("1704067200"));
	T_INT(0, parsed("0"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		T_(parsed(bad[i]) == -1, "\"%s\" was taken for a time", bad[i]);
	T_STR("2022-09-11T01:12:00Z", tt_time_format(1662858720, text));
	T_STR("1970-01-01T00:00:00Z", tt_time_format(0, text));
	T_STR("9999-12-31T23:59:59Z", tt_time_format(253402300799, text));
	T_STR("-1", tt_time_format(-1, text));
	T_STR("-9223372036854775808", tt_time_format(INT64_MIN, text));
}

/* Every day of the calendar's first whole cycle of 400 years, and many a day after
 * it: as the C library has it, and back again. */
static void every_day(void)
{
	int wrong = 0;

	for (int64_t t = 86399; t < 253402300800; t += t < 13569465600 ? 86400 : 86400 * 29) {
		char text[TT_TIME_TEXT], want[TT_TIME_TEXT];
		time_t c = (time_t)t;
		struct tm tm;
		int64_t back = -1;

		tt_time_format(t, text);
		wrong += !tt_time_parse(text, strlen(text), &back) || back != t;
		gmtime_r(&c, &tm);
		strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm);
		wrong += strcmp(want, text) != 0;
	}
	T_INT(0, wrong);
}

static void durations(void)
{
	T_INT(90, duration("90s"));
	T_INT(300, duration("5m"));
	T_INT(86400, duration("24h"));
	T_INT(604800, duration("7d"));
	T_INT(0, duration("0s"));
	T_INT(-1, duration("60"));
	T_INT(-1, duration("s"));
	T_INT(-1, duration(""));
	T_INT(-1, duration("-5m"));
	T_INT(-1, duration("1.5h"));
	T_INT(-1, duration("5 m"));
	T_INT(-1, duration("5w"));
	T_INT(-1, duration("5ms"));
	T_INT(-1, duration("9223372036854775807d"));
}

int main(void)
{
	times();
	every_day();
	durations();
	return T_END();
}
