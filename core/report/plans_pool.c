#include "report/plans_pool.h"
#include "commit/plan_risk.h"
#include "report/plan_chart.h"
#include "report/plans_demand.h"
#include <math.h>
#include <stdio.h>

enum { MONTH_H = 730, HOUR_S = 3600 };
#define ROUND (TT_DECIMAL_ONE / 10000) /* of a rate that is shown */

const char *tt_plans_day(int64_t t, char *buf)
{
	tt_cell_time(t, buf);
	buf[10] = '\0';
	return buf;
}

static void put_line(tt_page *p, enum tt_tone tone, tt_buf *line)
{
	tt_page_to(p, 2);
	tt_page_paragraph(p, tone, 2, line);
}

const char *tt_plans_nothing(const tt_plans_pool *pool)
{
	if (pool->why || pool->n_purchases || pool->n_sales)
		return pool->why;
	return pool->none_micro ? "no offer pays" : "all that is expected is covered by what is "
	                                            "held";
}

/* The first that has a chart explains its signs. */
static bool is_first(const tt_plans *x, const tt_plans_pool *pool)
{
	size_t i = 0;

	while (i < x->n && tt_plans_nothing(&x->v[i]))
		i++;
	return i < x->n && &x->v[i] == pool;
}

static void put_chart(tt_page *p, const tt_plans_report *r, const tt_plans_pool *pool)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_plan_step *v = NULL;
	size_t n = 0;

	if (arena)
		v = tt_plan_steps(pool, r->plans->start_s, arena, &n);
	if (!v)
		p->out->failed = 1;
	else
		tt_plan_chart(v, n, is_first(r->plans, pool), p);
}

/* --- Now ------------------------------------------------------------------------------------- */

static void say_back(const tt_plans_pool *pool, int64_t start_s, tt_buf *line)
{
	char a[TT_CELL_TEXT];

	if (pool->back_months > 0)
		tt_buf_printf(line, "; it has paid by %s", tt_plans_day(start_s +
		              (int64_t)pool->back_months * MONTH_H * HOUR_S, a));
	else
		tt_buf_puts(line, pool->back_months ? "; when it has paid is not known (the price "
		            "book has no upfront sum)" : "; it does not pay back within the plan");
}

static void put_now(tt_page *p, const tt_plans_report *r, const tt_plans_pool *pool)
{
	const tt_plans_now *now = &pool->now;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];
	tt_buf line = { 0 };

	if (!now->cost_micro) {
		tt_buf_puts(&line, "Nothing is to be bought now.");
		put_line(p, TT_TONE_STRONG, &line);
		return;
	}
	tt_buf_puts(&line, "Now");
	for (size_t i = 0; i < pool->n_purchases && !pool->purchases[i].quarter; i++) {
		const tt_purchase *v = &pool->purchases[i];

		tt_buf_printf(&line, "%s %s of %s", i ? "," : "", tt_cell_count(v->units, a),
		              v->offer->name);
		if (v->starts_s != r->plans->start_s)
			tt_buf_printf(&line, " from %s", tt_plans_day(v->starts_s, b));
		tt_buf_printf(&line, " at %s an hour until %s",
		              tt_decimal_format(tt_div_half_even(v->offer->rate_per_hour, ROUND) *
		                                ROUND, a, sizeof a),
		              tt_plans_day(v->ends_s, b));
	}
	say_back(pool, r->plans->start_s, &line);
	tt_buf_printf(&line, ". Saves %s (P10 %s,", tt_cell_amount(now->saving.p50.value, a),
	              tt_cell_amount(now->saving.p10.value, b));
	tt_buf_printf(&line, " P90 %s) and is used for %s; in the worst tenth of worlds it ",
	              tt_cell_amount(now->saving.p90.value, a),
	              tt_cell_ratio(now->utilization_ratio, 1, b));
	tt_buf_printf(&line, "%s %s.", now->tail_micro < 0 ? "loses" : "saves",
	              tt_cell_amount(now->tail_micro < 0 ? -now->tail_micro : now->tail_micro, a));
	for (size_t k = 0; k < TT_PLAN_FALLS; k++) {
		const int64_t saving = pool->falls[k].saving_micro;

		tt_buf_printf(&line, k ? ", by %.0f %% it %s %s" :
		              " Should demand fall by %.0f %% at once it %s %s",
		              100 * pool->falls[k].fall_ratio, saving < 0 ? "loses" : "saves",
		              tt_cell_amount(saving < 0 ? -saving : saving, a));
	}
	tt_buf_putc(&line, '.');
	put_line(p, TT_TONE_PLAIN, &line);
}

/* --- Later ----------------------------------------------------------------------------------- */

static void put_later(tt_page *p, const tt_plans_pool *pool)
{
	const tt_offer *last = NULL;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];
	tt_buf line = { 0 };

	for (size_t i = 0; i < pool->n_purchases; i++) {
		const tt_purchase *v = &pool->purchases[i];

		if (!v->quarter)
			continue;
		tt_buf_printf(&line, "%s %s", line.n ? "," : "Later, should demand go as expected:",
		              tt_cell_count(v->units, a));
		if (v->offer != last)
			tt_buf_printf(&line, " of %s", v->offer->name);
		tt_buf_printf(&line, " on %s", tt_plans_day(v->starts_s, b));
		last = v->offer;
	}
	if (!line.n)
		return;
	tt_buf_putc(&line, '.');
	put_line(p, TT_TONE_PLAIN, &line);
}

static void put_sales(tt_page *p, const tt_plans_pool *pool)
{
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT], c[TT_CELL_TEXT];
	tt_buf line = { 0 };

	for (size_t i = 0; i < pool->n_sales; i++) {
		const tt_sale *v = &pool->sales[i];

		tt_buf_printf(&line, "%s %s of %s on %s, which frees %s", line.n ? "," : "Sell",
		              tt_cell_count(v->units, a), v->commitment, tt_plans_day(v->at_s, b),
		              tt_cell_amount(v->proceeds_micro, c));
	}
	if (!line.n)
		return;
	tt_buf_putc(&line, '.');
	put_line(p, TT_TONE_STRONG, &line);
}

static void put_all(tt_page *p, const tt_plans_pool *pool)
{
	const bool later = pool->purchases[pool->n_purchases - 1].quarter > 0;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT], c[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "%s: %s on demand become ", later ? "All of it" : "With that",
	              tt_cell_amount(pool->none_micro, a));
	tt_buf_puts(&line, tt_cell_amount(pool->cost_micro, a));
	if (later) { /* else it has been said */
		tt_buf_printf(&line, "; saves %s (P10 %s, P90 %s), and ",
		              tt_cell_amount(pool->saving.p50.value, a),
		              tt_cell_amount(pool->saving.p10.value, b),
		              tt_cell_amount(pool->saving.p90.value, c));
		tt_buf_printf(&line, "%s %s in the worst tenth; %s of it is used",
		              pool->tail_micro < 0 ? "loses" : "saves",
		              tt_cell_amount(pool->tail_micro < 0 ? -pool->tail_micro
		                                                  : pool->tail_micro, a),
		              tt_cell_ratio(pool->utilization_ratio, 1, b));
	}
	tt_buf_printf(&line, "; with what is held it covers %s of the use.",
	              tt_cell_ratio(pool->coverage_ratio, 1, a));
	put_line(p, TT_TONE_PLAIN, &line);
}

/* What sizes that can't be had cost. */
static void put_conditions(tt_page *p, const tt_plans_pool *pool)
{
	char a[TT_CELL_TEXT];
	tt_buf line = { 0 };

	if (!pool->conditions.n)
		return;
	tt_buf_printf(&line, "Not every number of units can be bought at once: could it be, the "
	              "plan would cost %s less.",
	              tt_cell_amount(pool->cost_micro - pool->caution_micro -
	                             pool->conditions.bound_micro, a));
	put_line(p, TT_TONE_PLAIN, &line);
}

/* --- What else it is worth ------------------------------------------------------------------- */

static void put_risk(tt_page *p, const tt_plan_risk *r)
{
	const tt_waiting *w = &r->waiting;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT], c[TT_CELL_TEXT];
	tt_buf line = { 0 };

	if (r->today)
		tt_buf_printf(&line, "Buying by quarters instead of fixing all today is worth "
		              "up to %s: %s of %s now and the rest once it is known how demand "
		              "goes (no other offer today is looked at). ",
		              tt_cell_amount(w->of_waiting_micro, a), tt_cell_count(w->units, b),
		              r->today->name);
	tt_buf_printf(&line, "Who had known %zu worlds would have saved %s on average, %s more "
	              "than this plan as it stands.", r->worlds,
	              tt_cell_amount(r->foresight_micro, a),
	              tt_cell_amount(r->regret_micro, b));
	if (!isnan(r->freedom_ratio))
		tt_buf_printf(&line, " That offers can't follow work that moves costs %s: one that "
		              "can is as good up to %s of the price on demand.",
		              tt_cell_amount(r->freedom_micro, a),
		              tt_cell_ratio(r->freedom_ratio, 1, c));
	put_line(p, TT_TONE_PLAIN, &line);
}

static void put_plan(tt_page *p, const tt_plans_report *r, const tt_plans_pool *pool)
{
	put_sales(p, pool);
	if (!pool->n_purchases)
		return;
	put_now(p, r, pool);
	put_later(p, pool);
	put_all(p, pool);
	put_conditions(p, pool);
	if (pool->risk)
		put_risk(p, pool->risk);
}

void tt_plans_pool_table(tt_page *p, const tt_plans_report *r, const tt_plans_pool *pool)
{
	tt_buf line = { 0 };

	if (tt_plans_nothing(pool))
		return;
	tt_page_heading(p, pool->pool->name);
	tt_page_line(p);
	put_chart(p, r, pool);
	put_plan(p, r, pool);
	tt_plans_demand_text(r->eligible, pool, &line);
	if (line.n)
		put_line(p, TT_TONE_DIM, &line);
}
