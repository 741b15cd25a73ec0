#include "commit/plan_cash.h"
#include "maths/payments.h"
#include "report/layout.h"
#include "report/net.h"
#include "report/plans.h"
#include "report/plans_blocks.h"
#include "report/plans_demand.h"
#include "report/plans_money.h"
#include "report/plans_pool.h"
#include "report/stretches.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POOL = 34, OFFER = 20, UNITS = 7, MONEY = 13, DAY = 13, WIDE = 16, CASE = 20 };

/* --- In short -------------------------------------------------------------------------------- */

/* What the demand was read from. */
static void put_history(tt_page *p, const tt_plans_report *r)
{
	tt_buf line = { 0 };

	tt_buf_puts(&line, r->eligible->of_nodes ?
	            "Demand is forecast from the lives of nodes that are on demand or reserved." :
	            "Demand is forecast from demand.csv.");
	tt_net_text(r->net, r->eligible->of_nodes, &line);
	tt_stretches_text(r->eligible, (tt_stretches_use){ *r->gaps == 'k', true }, &line);
	tt_page_paragraph(p, TT_TONE_PLAIN, 0, &line);
}

/* What was asked for that a plan is not made with otherwise, and what it costs. */
static void put_asked(tt_page *p, const tt_plans_report *r)
{
	const tt_caution *c = &r->asked->caution;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];
	tt_buf line = { 0 };

	if (c->weight_millionths)
		tt_buf_printf(&line, "The mean of the worst %s of losses weighs %s of what the "
		              "plan is chosen by. ",
		              tt_cell_ratio(1 - (double)c->level_millionths / TT_CAUTION_ALL, 0, a),
		              tt_cell_ratio((double)c->weight_millionths / TT_CAUTION_ALL, 0, b));
	if (c->weight_millionths)
		tt_buf_printf(&line, "That caution costs %s: the cheapest plan would be expected "
		              "to cost so much less. ", tt_cell_amount(r->plans->caution_micro, a));
	if (c->moves_millionths)
		tt_buf_printf(&line, "Each quarter %s of the work is taken to move to where no "
		              "offer can follow. ",
		              tt_cell_ratio((double)c->moves_millionths / TT_CAUTION_ALL, 1, a));
	if (r->asked->discount_millionths)
		tt_buf_printf(&line, "To pay early costs %s a year. ", tt_cell_ratio(
		              (double)r->asked->discount_millionths / TT_CAUTION_ALL, 1, a));
	if (line.n)
		tt_page_paragraph(p, TT_TONE_PLAIN, 0, &line);
	tt_buf_free(&line);
}

static bool buys_money_now(const tt_money_plan *m)
{
	return m && m->n_purchases && !m->purchases[0].quarter;
}

/* After words on what is planned: sums over pools are of units alone. */
static const char *units_alone(const tt_plans *x)
{
	return (x->money && x->money->n_purchases) || (x->blocks && x->blocks->n) ?
		" (units alone)" : "";
}

static void put_head(tt_page *p, const tt_plans_report *r)
{
	const tt_plans *x = r->plans;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "%s · what to commit to from %s on · %zu quarters · by %s · in %s",
	              r->snapshot->name, tt_plans_day(x->start_s, a), x->quarters, r->pool_by,
	              tt_unit_text(r->snapshot->currency));
	tt_page_paragraph(p, TT_TONE_STRONG, 0, &line);
	if (x->now.cost_micro) {
		tt_buf_printf(&line, "What is to be bought now%s saves %s", units_alone(x),
		              tt_cell_amount(x->now.saving.p50.value, a));
		tt_buf_printf(&line, " (P10 %s, P90 %s). ",
		              tt_cell_amount(x->now.saving.p10.value, a),
		              tt_cell_amount(x->now.saving.p90.value, b));
	} else {
		tt_buf_printf(&line, "No%s to be bought now. ", buys_money_now(x->money) ?
		              " units are" : "thing is");
	}
	if (x->by_quarter[0].sales_micro)
		tt_buf_printf(&line, "To sell what is held frees %s in the first quarter. ",
		              tt_cell_amount(x->by_quarter[0].sales_micro, a));
	if (x->none_micro)
		tt_buf_printf(&line, "With what is planned for later, %s on demand become %s%s.",
		              tt_cell_amount(x->none_micro, a), tt_cell_amount(x->cost_micro, b),
		              units_alone(x));
	tt_page_paragraph(p, TT_TONE_PLAIN, 0, &line);
	put_asked(p, r);
	put_history(p, r);
}

/* --- To buy now ------------------------------------------------------------------------------ */

typedef struct cash {
	int64_t upfront_micro, monthly_micro; /* UNKNOWN: one of them is */
} cash;

static void add_cash(cash *to, int64_t upfront, int64_t monthly)
{
	tt_err err = { 0 };

	if (upfront == TT_MONEY_UNKNOWN || to->upfront_micro == TT_MONEY_UNKNOWN ||
	    tt_money_add(&to->upfront_micro, upfront, "all upfront sums", &err) < 0 ||
	    tt_money_add(&to->monthly_micro, monthly, "all fees", &err) < 0)
		*to = (cash){ TT_MONEY_UNKNOWN, TT_MONEY_UNKNOWN };
}

/* What a pool saves stands beside its first purchase. */
static void put_now_pool(tt_page *p, const tt_plans_pool *pool, cash *all)
{
	char text[TT_CELL_TEXT];

	for (size_t i = 0; i < pool->n_purchases && !pool->purchases[i].quarter; i++) {
		const tt_purchase *b = &pool->purchases[i];
		int64_t upfront, monthly;

		tt_purchase_cash(b, &upfront, &monthly);
		add_cash(all, upfront, monthly);
		tt_page_left(p, TT_TONE_STRONG, i ? "" : pool->pool->name, POOL - 1);
		tt_page_left(p, TT_TONE_PLAIN, "", 1);
		tt_page_left(p, TT_TONE_PLAIN, b->offer->name, OFFER);
		tt_page_right(p, TT_TONE_STRONG, tt_cell_count(b->units, text), UNITS);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_amount(upfront, text), MONEY);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_amount(monthly, text), MONEY);
		tt_page_right(p, TT_TONE_GOOD, i ? "" :
		              tt_cell_amount(pool->now.saving.p50.value, text), MONEY);
		tt_page_line(p);
	}
}

/* What they save is told together, in the section of theirs. */
static void put_now_money(tt_page *p, const tt_money_plan *m, cash *all)
{
	char text[TT_CELL_TEXT];

	for (size_t i = 0; m && i < m->n_purchases && !m->purchases[i].quarter; i++) {
		const tt_money_purchase *b = &m->purchases[i];
		const bool early = strcmp(b->offer->payment, "all") == 0;
		const tt_i128 sum = (tt_i128)b->per_hour_micro *
			(early ? b->offer->term_h : TT_PAYMENTS_MONTH_H);
		const int64_t paid = sum > INT64_MAX ? TT_MONEY_UNKNOWN : (int64_t)sum;

		add_cash(all, early ? paid : 0, early ? 0 : paid);
		tt_page_left(p, TT_TONE_STRONG, "commitment of money", POOL);
		tt_page_left(p, TT_TONE_PLAIN, b->offer->id, OFFER);
		tt_page_right(p, TT_TONE_STRONG, "", UNITS);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_amount(early ? paid : 0, text), MONEY);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_amount(early ? 0 : paid, text), MONEY);
		tt_page_right(p, TT_TONE_DIM, "below", MONEY);
		tt_page_line(p);
	}
}

/* What saves most comes first. */
static int by_saving(const void *a, const void *b)
{
	const tt_plans_pool *x = *(const tt_plans_pool *const *)a;
	const tt_plans_pool *y = *(const tt_plans_pool *const *)b;
	const int64_t p = x->now.saving.p50.value, q = y->now.saving.p50.value;

	return p != q ? (p < q) - (p > q) : (x > y) - (x < y);
}

static void put_now(tt_page *p, const tt_plans *x)
{
	char text[TT_CELL_TEXT];
	cash all = { 0, 0 };

	if (!x->now.cost_micro && !buys_money_now(x->money))
		return;
	const tt_plans_pool **v = tt_alloc(x->n * sizeof *v);

	if (!v) {
		p->out->failed = 1;
		return;
	}
	for (size_t i = 0; i < x->n; i++)
		v[i] = &x->v[i];
	qsort(v, x->n, sizeof *v, by_saving);
	tt_page_heading(p, "To buy now");
	tt_page_line(p);
	tt_page_left(p, TT_TONE_DIM, "pool", POOL);
	tt_page_left(p, TT_TONE_DIM, "offer", OFFER);
	tt_page_right(p, TT_TONE_DIM, "units", UNITS);
	tt_page_right(p, TT_TONE_DIM, "upfront", MONEY);
	tt_page_right(p, TT_TONE_DIM, "a month", MONEY);
	tt_page_right(p, TT_TONE_DIM, "saves (P50)", MONEY);
	tt_page_line(p);
	for (size_t i = 0; i < x->n; i++)
		put_now_pool(p, v[i], &all);
	tt_free(v);
	put_now_money(p, x->money, &all);
	tt_page_left(p, TT_TONE_DIM, buys_money_now(x->money) && x->now.cost_micro ?
	             "all together (saves: units alone)" : "all together",
	             POOL + OFFER + UNITS);
	tt_page_right(p, TT_TONE_STRONG, tt_cell_amount(all.upfront_micro, text), MONEY);
	tt_page_right(p, TT_TONE_STRONG, tt_cell_amount(all.monthly_micro, text), MONEY);
	tt_page_right(p, TT_TONE_GOOD, !x->now.cost_micro ? "" :
	              tt_cell_amount(x->now.saving.p50.value, text), MONEY);
	tt_page_line(p);
}

/* --- What may come of it --------------------------------------------------------------------- */

static void put_row(tt_page *p, const char *what, int64_t first, const tt_plans_fall *falls,
                    bool unused)
{
	char text[TT_CELL_TEXT];

	tt_page_left(p, TT_TONE_PLAIN, what, POOL);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_amount(first, text), CASE);
	for (size_t k = 0; k < TT_PLAN_FALLS; k++) {
		const int64_t v = unused ? falls[k].unused_micro : falls[k].saving_micro;

		tt_page_right(p, !unused && v < 0 ? TT_TONE_BAD : TT_TONE_PLAIN,
		              tt_cell_amount(v, text), CASE);
	}
	tt_page_line(p);
}

static void put_worlds(tt_page *p, const tt_plans_now *now)
{
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "It loses money in %s of %zu worlds; in the worst tenth it %s %s on "
	              "average.", tt_cell_ratio((double)now->saving.n_below_0 /
	              (double)now->saving.n, 1, a), now->saving.n,
	              now->tail_micro < 0 ? "loses" : "saves",
	              tt_cell_amount(now->tail_micro < 0 ? -now->tail_micro : now->tail_micro, b));
	tt_buf_printf(&line, " That more than %s is paid for what nothing uses comes true in %s.",
	              tt_cell_amount(now->over_micro, a), tt_cell_ratio(now->over_ratio, 1, b));
	tt_page_paragraph(p, TT_TONE_PLAIN, 0, &line);
}

static void put_falls(tt_page *p, const tt_plans *x)
{
	char head[TT_CELL_TEXT];

	if (!x->now.cost_micro)
		return;
	snprintf(head, sizeof head, "What may come of what is bought now%s", units_alone(x));
	tt_page_heading(p, head);
	tt_page_line(p);
	tt_page_left(p, TT_TONE_DIM, "demand", POOL);
	tt_page_right(p, TT_TONE_DIM, "as in the worlds", CASE);
	for (size_t k = 0; k < TT_PLAN_FALLS; k++) {
		snprintf(head, sizeof head, "falls %.0f %% at once", 100 * x->falls[k].fall_ratio);
		tt_page_right(p, TT_TONE_DIM, head, CASE);
	}
	tt_page_line(p);
	put_row(p, "saves (P50); below 0: loses", x->now.saving.p50.value, x->falls, false);
	put_row(p, "paid for what nothing uses (mean)", x->now.unused_micro, x->falls, true);
	put_worlds(p, &x->now);
}

/* --- By quarter ------------------------------------------------------------------------------ */

static void put_quarters(tt_page *p, const tt_plans *x)
{
	static const char *const heads[] = { "without plan", "on demand", "committed", "saved",
		"cash upfront", "cash fees" };
	char text[TT_CELL_TEXT], high[TT_CELL_TEXT], head[2 * TT_CELL_TEXT];
	tt_buf line = { 0 };
	bool any = false;

	for (size_t i = 0; i < x->n; i++)
		any = any || x->v[i].n_purchases;
	if (!any)
		return;
	snprintf(head, sizeof head, "By quarter, should all go as expected and as planned%s",
	         units_alone(x));
	tt_page_heading(p, head);
	tt_page_line(p);
	tt_page_left(p, TT_TONE_DIM, "from", DAY);
	for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
		tt_page_right(p, TT_TONE_DIM, heads[k], k ? 14 : 15);
	tt_page_line(p);
	for (size_t q = 0; q < x->quarters; q++) {
		const tt_plan_quarter *v = &x->by_quarter[q];
		const int64_t cells[] = { v->none_micro, v->on_demand_micro, v->amortised_micro,
			v->none_micro - v->on_demand_micro - v->amortised_micro +
				v->sales_micro, v->upfront_micro,
			v->fees_micro };

		tt_page_left(p, TT_TONE_PLAIN, tt_plans_day(v->starts_s, text), DAY);
		for (size_t k = 0; k < sizeof cells / sizeof *cells; k++)
			tt_page_right(p, TT_TONE_PLAIN, tt_cell_amount(cells[k], text),
			              k ? 14 : 15);
		tt_page_line(p);
	}
	tt_buf_printf(&line, "Were later purchases made as planned in every world, all of it%s "
	              "would save %s", units_alone(x),
	              tt_cell_amount(x->saving.p50.value, text));
	tt_buf_printf(&line, " (P10 %s, P90 %s).", tt_cell_amount(x->saving.p10.value, text),
	              tt_cell_amount(x->saving.p90.value, high));
	tt_page_paragraph(p, TT_TONE_PLAIN, 0, &line);
	tt_page_text(p, TT_TONE_DIM, "committed is what is bought by the hour; cash is the same "
	             "when it is paid: never add the two up");
	tt_page_line(p);
}

/* Pools of which there is no more to say than why. */
static void put_nothing(tt_page *p, const tt_plans *x)
{
	tt_buf line = { 0 };
	bool head = false;

	for (size_t i = 0; i < x->n; i++) {
		const char *why = tt_plans_nothing(&x->v[i]);

		if (!why)
			continue;
		if (!head) {
			tt_page_heading(p, "Nothing is to be bought for");
			tt_page_line(p);
		}
		head = true;
		tt_buf_printf(&line, "%s: %s%s", x->v[i].pool->name, why,
		              x->v[i].pool->changed ? ". " : "");
		tt_plans_net_text(x->v[i].pool, &line);
		tt_page_to(p, 2);
		tt_page_paragraph(p, TT_TONE_DIM, 4, &line);
	}
}

void tt_plans_table(const tt_plans_report *r, int color, tt_buf *out)
{
	tt_page p = { .out = out, .color = color };

	put_head(&p, r);
	put_now(&p, r->plans);
	put_falls(&p, r->plans);
	put_quarters(&p, r->plans);
	for (size_t i = 0; i < r->plans->n; i++)
		tt_plans_pool_table(&p, r, &r->plans->v[i]);
	put_nothing(&p, r->plans);
	tt_plans_money_table(r->plans->money, &p);
	tt_plans_blocks_table(r->plans->blocks, &p);
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
