#include "report/layout.h"
#include "report/replay.h"
#include <math.h>
#include <stdio.h>

enum { NAME_END = 44, MONEY = 20, SAVED = 12, SHARE = 18 };

static const char *const names[TT_REPLAY_RULES] = {
	[TT_REPLAY_PLANNER] = "this planner: forecast and ladder",
	[TT_REPLAY_AWS_7D] = "as AWS: best of the last 7 days",
	[TT_REPLAY_AWS_30D] = "as AWS: best of the last 30 days",
	[TT_REPLAY_AWS_60D] = "as AWS: best of the last 60 days",
	[TT_REPLAY_AZURE] = "as Azure: lower of 30 days and 3",
	[TT_REPLAY_GCP] = "as GCP: always in use for 30 days",
	[TT_REPLAY_FIFTH] = "in use for 95 % of 30 days",
	[TT_REPLAY_ONLINE] = "online: when it would have paid before",
	[TT_REPLAY_NOTHING] = "nothing bought",
	[TT_REPLAY_CLAIRVOYANT] = "had it all been known",
};

static double saved(const int64_t *cost, int rule)
{
	const double nothing = (double)cost[TT_REPLAY_NOTHING];

	return nothing > 0 ? 1 - (double)cost[rule] / nothing : (double)NAN;
}

static void put_columns(tt_page *p, const char *first)
{
	tt_page_left(p, TT_TONE_DIM, first, NAME_END);
	tt_page_right(p, TT_TONE_DIM, "cost", MONEY);
	tt_page_right(p, TT_TONE_DIM, "saving", SAVED);
	tt_page_right(p, TT_TONE_DIM, "of what could be", SHARE);
	tt_page_line(p);
}

static void put_row(tt_page *p, enum tt_tone tone, const char *name, const int64_t *cost, int rule)
{
	char text[TT_CELL_TEXT];

	tt_page_left(p, tone, "  ", 2);
	tt_page_left(p, tone, name, NAME_END - 2);
	tt_page_right(p, tone, tt_cell_money(cost[rule], text), MONEY);
	tt_page_right(p, tone, tt_cell_ratio(saved(cost, rule), 2, text), SAVED);
	tt_page_right(p, tone, tt_cell_ratio(tt_replays_share(cost, (enum tt_replay_rule)rule), 2,
	                                     text), SHARE);
	tt_page_line(p);
}

static void put_offer(tt_page *p, const tt_replays_offer *o)
{
	tt_buf line = { 0 };

	tt_buf_printf(&line, "%s, for %zu quarters, in %zu %s", o->name, o->term, o->n,
	              o->n == 1 ? "pool" : "pools");
	tt_page_heading(p, tt_buf_text(&line));
	tt_buf_free(&line);
	tt_page_line(p);
	put_columns(p, "  rule");
	for (int k = 0; k < TT_REPLAY_RULES; k++)
		put_row(p, k == TT_REPLAY_PLANNER ? TT_TONE_STRONG : TT_TONE_PLAIN, names[k],
		        o->cost_micro, k);
	if (o->n < 2)
		return;
	tt_page_line(p);
	put_columns(p, "  this planner, by pool");
	for (size_t i = 0; i < o->n; i++)
		put_row(p, TT_TONE_PLAIN, o->v[i].pool->name, o->v[i].replay.cost_micro,
		        TT_REPLAY_PLANNER);
}

void tt_replay_table(const tt_replay_report *r, int color, tt_buf *out)
{
	tt_page p = { .out = out, .color = color };
	char from[TT_CELL_TEXT], to[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "%s · replay of %zu quarters, %s to %s · by %s", r->snapshot->name,
	              r->replays->quarters, tt_cell_time(r->replays->start_s, from),
	              tt_cell_time(r->replays->end_s, to), r->pool_by);
	tt_page_paragraph(&p, TT_TONE_STRONG, 0, &line);
	tt_buf_puts(&line, "What each rule would have bought at the start of every quarter, "
	            "knowing only what was before, from nothing held; terms that run on are "
	            "paid pro rata.");
	if (r->replays->n_left_out)
		tt_buf_printf(&line, " %zu pools without a price on demand or an offer are left "
		              "out.", r->replays->n_left_out);
	tt_page_paragraph(&p, TT_TONE_PLAIN, 0, &line);
	for (size_t i = 0; i < r->replays->n; i++)
		put_offer(&p, &r->replays->v[i]);
}
