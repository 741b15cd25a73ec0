#include "report/layout.h"
#include "report/plans.h"
#include "report/plans_demand.h"
#include "report/stretches.h"
#include <math.h>
#include <stdio.h>

enum { DAY = 13, OFFER = 20, NUMBER = 10, MONEY = 18, BAR = 24, HOUR_S = 3600 };

#define ROUND (TT_DECIMAL_ONE / 10000) /* of a rate that is shown */

static const char *day(int64_t t, char *buf)
{
	tt_cell_time(t, buf);
	buf[10] = '\0';
	return buf;
}

/* --- Purchases ----------------------------------------------------------------------------- */

static void put_purchases(tt_page *p, const tt_plans_pool *pool)
{
	char text[TT_CELL_TEXT];

	tt_page_left(p, TT_TONE_DIM, "  buy on", DAY + 2);
	tt_page_left(p, TT_TONE_DIM, "offer", OFFER);
	tt_page_right(p, TT_TONE_DIM, "units", NUMBER);
	tt_page_right(p, TT_TONE_DIM, "an hour", NUMBER + 2);
	tt_page_right(p, TT_TONE_DIM, "until", DAY);
	tt_page_right(p, TT_TONE_DIM, "cost in the plan", MONEY);
	tt_page_line(p);
	for (size_t i = 0; i < pool->n_purchases; i++) {
		const tt_purchase *b = &pool->purchases[i];
		const enum tt_tone tone = b->quarter ? TT_TONE_PLAIN : TT_TONE_STRONG;

		tt_page_left(p, tone, "  ", 2);
		tt_page_left(p, tone, day(b->starts_s, text), DAY);
		tt_page_left(p, tone, b->offer->name, OFFER);
		tt_page_right(p, tone, tt_cell_count(b->units, text), NUMBER);
		tt_decimal_format(tt_div_half_even(b->offer->rate_per_hour, ROUND) * ROUND, text,
		                  sizeof text);
		tt_page_right(p, tone, text, NUMBER + 2);
		tt_page_right(p, tone, day(b->ends_s, text), DAY);
		tt_page_right(p, tone, tt_cell_money(b->cost_micro, text), MONEY);
		tt_page_line(p);
	}
}

/* --- Course -------------------------------------------------------------------------------- */

static double busiest(const tt_plans_pool *pool)
{
	double most = 0;

	for (size_t i = 0; i < pool->rolling.n_segments; i++) {
		const tt_rolling_segment *s = &pool->rolling.segments[i];

		most = fmax(most, tt_level_at(&pool->plan.level, s->quarter, 0));
		most = fmax(most, (double)(s->held + pool->plan.plan.committed[i]));
	}
	return most;
}

/* Quarter by quarter: the expected use, what is held and what is planned; the bar is of what
 * is committed, the mark where the mean of the use lies. */
static void put_course(tt_page *p, const tt_plans_pool *pool, int64_t start_s)
{
	const double most = busiest(pool);
	char text[TT_CELL_TEXT];
	int64_t at_s = start_s;

	tt_page_left(p, TT_TONE_DIM, "  from", DAY + 2);
	tt_page_right(p, TT_TONE_DIM, "mean use", NUMBER);
	tt_page_right(p, TT_TONE_DIM, "held", NUMBER);
	tt_page_right(p, TT_TONE_DIM, "planned", NUMBER);
	tt_page_left(p, TT_TONE_DIM, "   committed, and mean use", BAR + 8);
	tt_page_line(p);
	for (size_t i = 0; i < pool->rolling.n_segments; i++) {
		const tt_rolling_segment *s = &pool->rolling.segments[i];
		const double use = tt_level_at(&pool->plan.level, s->quarter, 0);
		const int64_t planned = pool->plan.plan.committed[i];
		const size_t mark = most > 0 ? (size_t)(use / most * BAR) : 0;

		tt_page_left(p, TT_TONE_PLAIN, "  ", 2);
		tt_page_left(p, TT_TONE_PLAIN, day(at_s, text), DAY);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_value(use, text), NUMBER);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_count(s->held, text), NUMBER);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_count(planned, text), NUMBER);
		tt_page_left(p, TT_TONE_PLAIN, "", 3);
		for (size_t k = 0; k <= BAR && most > 0; k++)
			tt_page_text(p, k == mark ? TT_TONE_STRONG : TT_TONE_COOL, k == mark ? "|" :
			             (double)(s->held + planned) / most * BAR >= (double)k + .5
			             ? "█" : "·");
		tt_page_line(p);
		at_s += s->hours * HOUR_S;
	}
}

/* --- Sentences ----------------------------------------------------------------------------- */

static void put_worth(tt_page *p, const tt_plans_pool *pool)
{
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT], c[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "Expected on demand %s, with the plan %s. It saves %s",
	              tt_cell_money(pool->none_micro, a), tt_cell_money(pool->cost_micro, b),
	              tt_cell_money(pool->saving.p50.value, c));
	tt_buf_printf(&line, " (P10 %s, P90 %s)", tt_cell_money(pool->saving.p10.value, a),
	              tt_cell_money(pool->saving.p90.value, b));
	tt_buf_printf(&line, ", and in the worst tenth of worlds %s on average.",
	              tt_cell_money(pool->tail_micro, a));
	tt_buf_printf(&line, " What is bought is used for %s; with what is held it covers %s of "
	              "the use. %s are paid for what nothing uses.",
	              tt_cell_ratio(pool->utilization_ratio, 1, a),
	              tt_cell_ratio(pool->coverage_ratio, 1, b),
	              tt_cell_money(pool->unused_micro, c));
	tt_page_to(p, 2);
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &line);
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
	              tt_cell_money(pool->cost_micro - pool->caution_micro -
	                            pool->conditions.bound_micro, a));
	tt_page_to(p, 2);
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &line);
}

static void put_now(tt_page *p, const tt_plans_pool *pool)
{
	char a[TT_CELL_TEXT];
	tt_buf line = { 0 };

	if (!pool->now.cost_micro) {
		tt_page_to(p, 2);
		tt_page_wrap(p, TT_TONE_STRONG, "Nothing is to be bought now.", 2, TT_PAGE_COLUMNS);
		tt_page_line(p);
		return;
	}
	tt_buf_puts(&line, "What is bought now ");
	if (pool->back_months > 0)
		tt_buf_printf(&line, "has paid within %d %s", (int)pool->back_months,
		              pool->back_months == 1 ? "month" : "months");
	else
		tt_buf_puts(&line, pool->back_months ? "pays back at a date that is not known (the "
		            "price book has no upfront sum)" : "does not pay back within the plan");
	for (size_t k = 0; k < TT_PLAN_FALLS; k++) {
		const int64_t saving = pool->falls[k].saving_micro;

		tt_buf_printf(&line, k ? ", by %.0f %% it %s %s"
		              : "; should demand fall by %.0f %% at once it %s %s",
		              100 * pool->falls[k].fall_ratio, saving < 0 ? "loses" : "saves",
		              tt_cell_money(saving < 0 ? -saving : saving, a));
	}
	tt_buf_putc(&line, '.');
	tt_page_to(p, 2);
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &line);
}

static void put_pool(tt_page *p, const tt_plans_report *r, const tt_plans_pool *pool)
{
	tt_buf line = { 0 };

	tt_page_heading(p, pool->pool->name);
	tt_page_line(p);
	if (pool->why) {
		tt_buf_printf(&line, "Nothing is planned: %s.", pool->why);
		tt_page_to(p, 2);
		tt_page_paragraph(p, TT_TONE_DIM, 2, &line);
		return;
	}
	tt_plans_demand_text(r->eligible, pool, &line);
	if (line.n) {
		tt_page_to(p, 2);
		tt_page_paragraph(p, TT_TONE_PLAIN, 2, &line);
	}
	if (!pool->none_micro || !pool->n_purchases) {
		tt_buf_puts(&line, pool->none_micro ? "No offer pays." :
		            "All that is expected is covered by what is held.");
		tt_page_to(p, 2);
		tt_page_paragraph(p, TT_TONE_PLAIN, 2, &line);
		return;
	}
	put_purchases(p, pool);
	put_course(p, pool, r->plans->start_s);
	put_worth(p, pool);
	put_conditions(p, pool);
	put_now(p, pool);
}

/* What the demand was read from. */
static void put_history(tt_page *p, const tt_plans_report *r)
{
	tt_buf line = { 0 };

	tt_buf_puts(&line, r->eligible->of_nodes ?
	            "Demand is forecast from the lives of nodes that are on demand or reserved." :
	            "Demand is forecast from demand.csv.");
	tt_stretches_text(r->eligible, (tt_stretches_use){ *r->gaps == 'k', true }, &line);
	tt_page_paragraph(p, TT_TONE_PLAIN, 0, &line);
}

static void put_head(tt_page *p, const tt_plans_report *r)
{
	const tt_plans *x = r->plans;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT], c[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "%s · commitments for %zu quarters from %s · by %s", r->snapshot->name,
	              x->quarters, day(x->start_s, a), r->pool_by);
	tt_page_paragraph(p, TT_TONE_STRONG, 0, &line);
	tt_buf_printf(&line, "Expected on demand %s, with the plan %s: ",
	              tt_cell_money(x->none_micro, a), tt_cell_money(x->cost_micro, b));
	tt_buf_printf(&line, "saves %s", tt_cell_money(x->saving.p50.value, a));
	tt_buf_printf(&line, " (P10 %s, P90 %s), in the worst tenth of %zu worlds %s on average.",
	              tt_cell_money(x->saving.p10.value, a), tt_cell_money(x->saving.p90.value, b),
	              x->saving.n, tt_cell_money(x->tail_micro, c));
	tt_page_paragraph(p, TT_TONE_PLAIN, 0, &line);
	put_history(p, r);
}

void tt_plans_table(const tt_plans_report *r, int color, tt_buf *out)
{
	tt_page p = { .out = out, .color = color };

	put_head(&p, r);
	for (size_t i = 0; i < r->plans->n; i++)
		put_pool(&p, r, &r->plans->v[i]);
	for (size_t i = 0; i < r->plans->n_notes; i++) {
		if (!i) {
			tt_page_heading(&p, "Notes");
			tt_page_line(&p);
		}
		tt_page_text(&p, TT_TONE_DIM, "  - ");
		tt_page_wrap(&p, TT_TONE_PLAIN, r->plans->notes[i], 4, TT_PAGE_COLUMNS);
		tt_page_line(&p);
	}
}
