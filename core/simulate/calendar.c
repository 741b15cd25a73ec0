#include "simulate/calendar.h"
#include "base/clock.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_S = 3600, WEEK_H = 168 };

size_t tt_calendar_hour(const tt_calendar *c, size_t block, size_t h)
{
	return block * c->block_hours + (h + c->shift_h) % c->block_hours;
}

void tt_calendar_month_text(const tt_calendar *c, size_t month, char *buf, size_t size)
{
	char text[TT_TIME_TEXT];

	snprintf(buf, size, "%.7s", tt_time_format(c->month_starts[month], text));
}

static void find_blocks(const tt_snapshot *s, tt_calendar *c)
{
	const size_t hours = (size_t)((s->end_s - s->start_s) / HOUR_S);

	c->whole_weeks = hours / WEEK_H;
	c->block_hours = c->whole_weeks ? WEEK_H : hours ? hours : 1;
	c->n_blocks = c->whole_weeks ? c->whole_weeks : 1;
	if (c->whole_weeks) {
		const int64_t apart_h = (c->from_s - s->start_s) / HOUR_S;

		c->shift_h = (size_t)((apart_h % WEEK_H + WEEK_H) % WEEK_H);
	}
}

/* The first second of the month after the one that t lies in, by its text. */
static int64_t next_month(int64_t t)
{
	char text[TT_TIME_TEXT];
	int64_t at = t;
	int year, month;

	tt_time_format(t, text);
	year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 +
	       (text[3] - '0');
	month = (text[5] - '0') * 10 + (text[6] - '0');
	if (++month > 12) {
		month = 1;
		year++;
	}
	snprintf(text, sizeof text, "%04d-%02d-01T00:00:00Z", year, month);
	tt_time_parse(text, strlen(text), &at);
	return at > t ? at : INT64_MAX;
}

static int64_t month_of(int64_t t)
{
	char text[TT_TIME_TEXT];
	int64_t at = t;

	memcpy(tt_time_format(t, text) + 8, "01T00:00:00Z", 13);
	tt_time_parse(text, strlen(text), &at);
	return at;
}

/* The month that the hour which starts at t belongs to. */
static int find_months(tt_calendar *c, tt_arena *arena, tt_err *err)
{
	size_t n = 0;

	for (int64_t t = month_of(c->from_s); t < c->until_s; t = next_month(t))
		n++;
	c->month_starts = tt_arena_alloc(arena, (n + 1) * sizeof *c->month_starts);
	if (!c->month_starts)
		return tt_no_memory(err);
	for (int64_t t = month_of(c->from_s); t < c->until_s; t = next_month(t))
		c->month_starts[c->n_months++] = t;
	return TT_OK;
}

static int ascending(const void *pa, const void *pb)
{
	const int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return (a > b) - (a < b);
}

/* A date as the hour of the horizon that it cuts before: the first that starts at it or
 * later. */
static int64_t cut_at(const tt_calendar *c, int64_t at_s)
{
	if (at_s <= c->from_s)
		return c->from_s;
	if (at_s >= c->until_s)
		return c->until_s;
	return c->from_s + (at_s - c->from_s + HOUR_S - 1) / HOUR_S * HOUR_S;
}

static size_t find_range(tt_calendar *c, size_t from_h, size_t to_h)
{
	for (size_t i = 0; i < c->n_ranges; i++) {
		if (c->ranges[i].from_h == from_h && c->ranges[i].to_h == to_h)
			return i;
	}
	c->ranges[c->n_ranges] = (tt_range){ from_h, to_h };
	return c->n_ranges++;
}

static void add_piece(tt_calendar *c, int64_t from_s, int64_t to_s)
{
	const size_t from_h = (size_t)((from_s - c->from_s) / HOUR_S);
	const size_t to_h = (size_t)((to_s - c->from_s) / HOUR_S);
	const size_t week = from_h / WEEK_H;
	tt_piece *p = &c->pieces[c->n_pieces++];

	*p = (tt_piece){ .week = week, .from_s = from_s, .to_s = to_s };
	p->range = find_range(c, from_h - week * WEEK_H, to_h - week * WEEK_H);
	while (p->month + 1 < c->n_months && c->month_starts[p->month + 1] <= from_s)
		p->month++;
}

int tt_calendar_make(const tt_snapshot *s, int64_t from_s, int64_t until_s,
		     const int64_t *dates, size_t n, tt_arena *arena, tt_calendar *ret,
		     tt_err *err)
{
	tt_calendar c = { .from_s = from_s };
	const int64_t hours = (until_s - from_s) / HOUR_S;
	char from[TT_TIME_TEXT], until[TT_TIME_TEXT];
	int64_t *cuts;
	size_t n_cuts = 0, most;

	if (hours < 1)
		return tt_fail(err, TT_EDATA, "the horizon from %s to %s holds no whole hour",
			       tt_time_format(from_s, from), tt_time_format(until_s, until));
	c.until_s = from_s + hours * HOUR_S;
	if (s->end_s - s->start_s < HOUR_S)
		return tt_fail(err, TT_ENODATA, "the window is shorter than an hour: there is "
			       "nothing to draw from");
	find_blocks(s, &c);
	TT_TRY(find_months(&c, arena, err));
	c.n_weeks = (size_t)((hours + WEEK_H - 1) / WEEK_H);
	most = c.n_weeks + c.n_months + n + 2;
	cuts = tt_arena_alloc(arena, most * sizeof *cuts);
	c.pieces = tt_arena_alloc(arena, most * sizeof *c.pieces);
	c.ranges = tt_arena_alloc(arena, most * sizeof *c.ranges);
	if (!cuts || !c.pieces || !c.ranges)
		return tt_no_memory(err);
	for (size_t i = 0; i < c.n_weeks; i++)
		cuts[n_cuts++] = from_s + (int64_t)i * WEEK_H * HOUR_S;
	for (size_t i = 0; i < c.n_months; i++)
		cuts[n_cuts++] = cut_at(&c, c.month_starts[i]);
	for (size_t i = 0; i < n; i++)
		cuts[n_cuts++] = cut_at(&c, dates[i]);
	cuts[n_cuts++] = c.until_s;
	qsort(cuts, n_cuts, sizeof *cuts, ascending);
	for (size_t i = 0; i + 1 < n_cuts; i++) {
		if (cuts[i] < cuts[i + 1])
			add_piece(&c, cuts[i], cuts[i + 1]);
	}
	*ret = c;
	return TT_OK;
}
