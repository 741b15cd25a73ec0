/* hours.h - the hours of a week, as `mon-fri 08:00-18:00; sat 10:00-14:00` in UTC.
 *
 * The value of `hours=` in a change: its text to a set of minutes, the set to its
 * one canonical text, and whether a point in time is inside. Not for time zones: a
 * fleet runs in several, and a week that shifts in summer is two changes with dates. */
#ifndef TT_CHANGE_HOURS_H
#define TT_CHANGE_HOURS_H
#include "base/text.h"

#define TT_HOURS_MINUTES (7 * 24 * 60)

typedef struct tt_hours {
	uint64_t bits[(TT_HOURS_MINUTES + 63) / 64]; /* minute 0: Monday 00:00 UTC */
} tt_hours;

/* Parse the n bytes at `s`. On a fault returns false and gives the byte it stands
 * at and what was expected there. A range past midnight goes on into the next day. */
bool tt_hours_parse(const char *s, size_t n, tt_hours *ret, size_t *ret_at,
                    const char **ret_expected);

/* Canonical text, appended to out: days from Monday, equal days together, ranges
 * in order and as long as they go. */
void tt_hours_text(const tt_hours *h, tt_buf *out);

/* Whether the second `time_s` (since 1970) is inside. */
bool tt_hours_at(const tt_hours *h, int64_t time_s);
#endif
