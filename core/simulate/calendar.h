/* calendar.h - the horizon of a simulation, cut into pieces: by measured weeks, by calendar
 * months, and wherever a date of the scenario says that something changes.
 *
 * The horizon repeats the window in blocks: whole weeks, aligned so that a Tuesday stands for
 * a Tuesday, or the window itself where it is shorter than a week. Each week of the horizon
 * draws one block for the whole fleet, so what moved together stays together. A piece lies in
 * one week, one month and between two dates; its hours within the week are its range. */
#ifndef TT_SIMULATE_CALENDAR_H
#define TT_SIMULATE_CALENDAR_H
#include "snapshot/snapshot.h"

typedef struct tt_piece {
	size_t week, month, range;
	int64_t from_s, to_s;
} tt_piece;

typedef struct tt_range {       /* hours of a week of the horizon */
	size_t from_h, to_h;
} tt_range;

typedef struct tt_calendar {
	int64_t from_s, until_s;    /* whole hours */
	size_t block_hours, n_blocks; /* of the window: block b starts at hour b * block_hours */
	size_t whole_weeks;         /* of the window; 0: it is shorter than a week */
	size_t shift_h;             /* hour h of a week is hour (h + shift_h) of its block */
	size_t n_weeks;             /* of the horizon; the last may be cut */
	int64_t *month_starts; size_t n_months; /* the first may be before from_s */
	tt_range *ranges; size_t n_ranges;
	tt_piece *pieces; size_t n_pieces; /* by time */
} tt_calendar;

/* `dates` are n times that cut, in any order. In `arena`. Errors: TT_EDATA (a horizon
 * without an hour), TT_ENOMEM. */
int tt_calendar_make(const tt_snapshot *s, int64_t from_s, int64_t until_s,
                     const int64_t *dates, size_t n, tt_arena *arena, tt_calendar *ret,
                     tt_err *err);

/* Hour of the window that hour `h` of a week stands for, in block `block`. */
size_t tt_calendar_hour(const tt_calendar *c, size_t block, size_t h);
/* "2026-02" */
void tt_calendar_month_text(const tt_calendar *c, size_t month, char *buf, size_t size);
#endif
