#include "report/layout.h"
#include "report/once.h"
#include "report/stretches.h"
#include <math.h>
#include <stdio.h>

enum { NAME_END = 23, RATE = 11, UNITS = 9, RATIO = 10, MONEY = 18, SAVED = 9, HOURS = 10 };

const tt_once_answer *tt_once_cheapest(const tt_once_pool *p)
{
	const tt_once_answer *best = NULL;

	for (size_t i = 0; p->on_demand_micro != TT_MONEY_UNKNOWN && i < p->offers.n; i++)
		if (!best || p->answers[i].best.cost_micro < best->best.cost_micro)
			best = &p->answers[i];
	return best;
}

const char *tt_once_unit(const tt_once_pool *p, char *buf, size_t size)
{
	if (p->offers.unit > TT_ELIGIBLE_ONE)
		snprintf(buf, size, "%lld-card instance", (long long)p->offers.unit_cards);
	else
		snprintf(buf, size, "%s", p->pool->cards ? "card" : "instance");
	return buf;
}

static void put_columns(tt_page *p)
{
	tt_page_left(p, TT_TONE_DIM, "  offer", NAME_END);
	tt_page_right(p, TT_TONE_DIM, "an hour", RATE);
	tt_page_right(p, TT_TONE_DIM, "units", UNITS);
	tt_page_right(p, TT_TONE_DIM, "used", RATIO);
	tt_page_right(p, TT_TONE_DIM, "covers", RATIO);
	tt_page_right(p, TT_TONE_DIM, "cost", MONEY);
	tt_page_right(p, TT_TONE_DIM, "saving", SAVED);
	tt_page_right(p, TT_TONE_DIM, "pays from", HOURS);
	tt_page_line(p);
}

static void put_level(tt_page *p, enum tt_tone tone, const char *name, const char *rate,
                      const tt_once_level *l, int64_t on_demand_micro, const char *pays)
{
	const double saved = on_demand_micro > 0 ?
		1 - (double)l->cost_micro / (double)on_demand_micro : (double)NAN;
	char text[TT_CELL_TEXT];

	tt_page_left(p, tone, name, NAME_END);
	tt_page_right(p, tone, rate, RATE);
	tt_page_right(p, tone, tt_cell_count(l->units, text), UNITS);
	tt_page_right(p, tone, tt_cell_ratio(l->utilization_ratio, 1, text), RATIO);
	tt_page_right(p, tone, tt_cell_ratio(l->coverage_ratio, 1, text), RATIO);
	tt_page_right(p, tone, tt_cell_money(l->cost_micro, text), MONEY);
	tt_page_right(p, tone, tt_cell_ratio(saved, 1, text), SAVED);
	tt_page_right(p, tone, pays, HOURS);
	tt_page_line(p);
}

static void put_answer(tt_page *p, const tt_once_pool *pool, const tt_once_answer *a)
{
	char name[TT_CELL_TEXT], rate[TT_CELL_TEXT], pays[TT_CELL_TEXT];
	const enum tt_tone tone = a == tt_once_cheapest(pool) ? TT_TONE_STRONG : TT_TONE_PLAIN;

	snprintf(name, sizeof name, "  %s", a->offer->name);
	snprintf(pays, sizeof pays, "%zu h", a->pays_from_h);
	put_level(p, tone, name, tt_decimal_format(a->offer->rate_per_hour, rate, sizeof rate),
	          &a->best, pool->on_demand_micro, pays);
	if (a->has_utilization)
		put_level(p, TT_TONE_DIM, "    at the utilization", "", &a->at_utilization,
		          pool->on_demand_micro, "");
	if (a->has_coverage)
		put_level(p, TT_TONE_DIM, "    at the coverage", "", &a->at_coverage,
		          pool->on_demand_micro, "");
}

static void put_pool(tt_page *p, const tt_once_pool *pool)
{
	char unit[TT_CELL_TEXT], hours[TT_CELL_TEXT], money[TT_CELL_TEXT], price[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_page_heading(p, pool->pool->name);
	tt_page_line(p);
	tt_buf_printf(&line, "%s hours of %ss used",
	              tt_cell_count(llround(pool->used_unit_hours), hours),
	              tt_once_unit(pool, unit, sizeof unit));
	if (pool->held_unit_hours > 0)
		tt_buf_printf(&line, ", %s of them covered by commitments that are held",
		              tt_cell_count(llround(pool->held_unit_hours), hours));
	if (pool->on_demand_micro == 0)
		tt_buf_puts(&line, ", so there is nothing to commit to");
	else if (pool->on_demand_micro != TT_MONEY_UNKNOWN)
		tt_buf_printf(&line, "; on demand, at %s an hour, %s %s",
		              tt_decimal_format(pool->offers.price_per_hour, price, sizeof price),
		              pool->held_unit_hours > 0 ? "the rest costs" : "they cost",
		              tt_cell_money(pool->on_demand_micro, money));
	if (pool->offers.why)
		tt_buf_printf(&line, ". No commitment is priced: %s", pool->offers.why);
	tt_page_to(p, 2);
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &line);
	if (!pool->offers.n || pool->on_demand_micro == TT_MONEY_UNKNOWN || !pool->on_demand_micro)
		return;
	put_columns(p);
	for (size_t i = 0; i < pool->offers.n; i++)
		put_answer(p, pool, &pool->answers[i]);
}

static void put_head(tt_page *p, const tt_once_report *r)
{
	const tt_eligible *e = r->eligible;
	char from[TT_CELL_TEXT], hours[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "%s · bought once at %s, for %s hours · by %s", r->snapshot->name,
	              tt_cell_time(e->start_s, from), tt_cell_count((int64_t)r->once->hours, hours),
	              r->pool_by);
	tt_page_paragraph(p, TT_TONE_STRONG, 0, &line);
	tt_buf_printf(&line, "%s, as it was.", e->of_nodes ?
	              "Usage is the life of nodes that are on demand or reserved" :
	              "Usage is demand.csv");
	tt_stretches_text(e, (tt_stretches_use){ .keep = r->keep_gaps }, &line);
	tt_page_paragraph(p, TT_TONE_PLAIN, 0, &line);
}

void tt_once_table(const tt_once_report *r, int color, tt_buf *out)
{
	tt_page p = { .out = out, .color = color };

	put_head(&p, r);
	for (size_t i = 0; i < r->once->n; i++)
		put_pool(&p, &r->once->v[i]);
	for (size_t i = 0; i < r->once->n_notes; i++) {
		if (!i)
			tt_page_heading(&p, "Notes");
		tt_page_text(&p, TT_TONE_DIM, "  - ");
		tt_page_wrap(&p, TT_TONE_PLAIN, r->once->notes[i], 4, TT_PAGE_COLUMNS);
		tt_page_line(&p);
	}
}
