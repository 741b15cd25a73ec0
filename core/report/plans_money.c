#include "report/plans_money.h"
#include "base/clock.h"
#include "maths/payments.h"
#include "report/csv_field.h"
#include "report/json_fields.h"
#include "report/plans_pool.h"

enum { DAY = 13, OFFER = 28, NUMBER = 16, MONEY = 18, SHARE = 14 };

/* --- Table --------------------------------------------------------------------------------- */

static void put_purchases(const tt_money_plan *m, tt_page *p)
{
	char text[TT_CELL_TEXT];

	tt_page_left(p, TT_TONE_DIM, "  buy on", DAY + 2);
	tt_page_left(p, TT_TONE_DIM, "offer", OFFER);
	tt_page_right(p, TT_TONE_DIM, "money an hour", NUMBER);
	tt_page_right(p, TT_TONE_DIM, "until", DAY);
	tt_page_right(p, TT_TONE_DIM, "cost in the plan", MONEY);
	tt_page_line(p);
	for (size_t i = 0; i < m->n_purchases; i++) {
		const tt_money_purchase *b = &m->purchases[i];
		const enum tt_tone tone = b->quarter ? TT_TONE_PLAIN : TT_TONE_STRONG;

		tt_page_left(p, tone, "  ", 2);
		tt_page_left(p, tone, tt_plans_day(b->starts_s, text), DAY);
		tt_page_left(p, tone, b->offer->id, OFFER);
		tt_decimal_format((tt_decimal)b->per_hour_micro * 1000000, text, sizeof text);
		tt_page_right(p, tone, text, NUMBER);
		tt_page_right(p, tone, tt_plans_day(b->ends_s, text), DAY);
		tt_page_right(p, tone, tt_cell_money(b->cost_micro, text), MONEY);
		tt_page_line(p);
	}
}

static void put_uses(const tt_money_plan *m, tt_page *p)
{
	char text[TT_CELL_TEXT];

	tt_page_left(p, TT_TONE_DIM, "  offer", OFFER);
	tt_page_right(p, TT_TONE_DIM, "committed", MONEY);
	tt_page_right(p, TT_TONE_DIM, "nothing uses", MONEY);
	tt_page_right(p, TT_TONE_DIM, "used for", SHARE);
	tt_page_right(p, TT_TONE_DIM, "breaks even", SHARE);
	tt_page_line(p);
	for (size_t i = 0; i < m->n_uses; i++) {
		const tt_money_offer_use *u = &m->uses[i];

		if (!u->committed_micro)
			continue;
		tt_page_left(p, TT_TONE_PLAIN, "  ", 2);
		tt_page_left(p, TT_TONE_PLAIN, u->offer->id, OFFER - 2);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(u->committed_micro, text), MONEY);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(u->unused_micro, text), MONEY);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_ratio(u->utilization_ratio, 1, text),
		              SHARE);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_ratio(u->break_even_ratio, 1, text), SHARE);
		tt_page_line(p);
	}
}

static void put_worth(const tt_money_plan *m, tt_page *p)
{
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT], c[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "On demand beside units and what is held %s, with these %s: they "
	              "save %s", tt_cell_money(m->none_micro, a), tt_cell_money(m->cost_micro, b),
	              tt_cell_money(m->none_micro - m->cost_micro, c));
	tt_buf_printf(&line, " and cover %s of it.", tt_cell_ratio(m->coverage_ratio, 1, a));
	for (size_t k = 0; k < TT_PLAN_FALLS && !m->purchases[0].quarter; k++) {
		const int64_t saving = m->falls[k].saving_micro;

		tt_buf_printf(&line, k ? ", by %.0f %% it %s %s." : " What is bought in the first "
		              "quarter: should demand fall by %.0f %% at once it %s %s",
		              100 * m->falls[k].fall_ratio, saving < 0 ? "loses" : "saves",
		              tt_cell_money(saving < 0 ? -saving : saving, a));
	}
	tt_buf_puts(&line, " Billed hour by hour in the published order; ");
	tt_buf_puts(&line, m->exact ? "no other purchases of the offer cost less." : m->cut_short
	            ? "the search for cheaper purchases was ended before it was through." :
	            "cheaper than all purchases that differ a little, and not proven to be the "
	            "cheapest.");
	tt_page_to(p, 2);
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &line);
}

void tt_plans_money_table(const tt_money_plan *m, tt_page *p)
{
	tt_buf line = { 0 };

	if (!m)
		return;
	tt_page_heading(p, "Commitments of money");
	tt_page_line(p);
	if (m->n_purchases) {
		put_purchases(m, p);
		put_uses(m, p);
		put_worth(m, p);
	} else {
		tt_buf_puts(&line, m->n_uses ? "No offer of money pays on what units leave." :
		            "No offer of money is for what this fleet uses.");
		tt_page_to(p, 2);
		tt_page_paragraph(p, TT_TONE_PLAIN, 2, &line);
	}
	for (size_t i = 0; i < m->n_notes; i++) {
		tt_page_text(p, TT_TONE_DIM, "  - ");
		tt_page_wrap(p, TT_TONE_PLAIN, m->notes[i], 4, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
}

/* --- JSON ---------------------------------------------------------------------------------- */

static void put_purchases_json(const tt_money_plan *m, tt_json *j)
{
	tt_json_key(j, "purchases");
	tt_json_array(j);
	for (size_t i = 0; i < m->n_purchases; i++) {
		const tt_money_purchase *b = &m->purchases[i];

		tt_json_object_line(j);
		tt_put_text(j, "offer", b->offer->id);
		tt_put_i64(j, "quarter", (int64_t)b->quarter + 1);
		tt_put_time(j, "starts_at", b->starts_s);
		tt_put_time(j, "ends_at", b->ends_s);
		tt_put_money(j, "commitment_per_hour", b->per_hour_micro);
		tt_put_money(j, "cost", b->cost_micro);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_uses_json(const tt_money_plan *m, tt_json *j)
{
	tt_json_key(j, "offers");
	tt_json_array(j);
	for (size_t i = 0; i < m->n_uses; i++) {
		const tt_money_offer_use *u = &m->uses[i];

		tt_json_object_line(j);
		tt_put_text(j, "offer", u->offer->id);
		tt_put_money(j, "committed_cost", u->committed_micro);
		tt_put_money(j, "unused_cost", u->unused_micro);
		tt_put_f64(j, "utilization_ratio", u->utilization_ratio);
		tt_put_f64(j, "break_even_ratio", u->break_even_ratio);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

void tt_plans_money_json(const tt_money_plan *m, tt_json *j)
{
	if (!m) {
		tt_put_text(j, "money", NULL);
		return;
	}
	tt_json_key(j, "money");
	tt_json_object(j);
	tt_put_money(j, "on_demand_cost", m->none_micro);
	tt_put_money(j, "cost", m->cost_micro);
	tt_put_money(j, "saving", m->none_micro - m->cost_micro);
	tt_put_money(j, "committed_cost", m->committed_micro);
	tt_put_money(j, "unused_cost", m->unused_micro);
	tt_put_f64(j, "coverage_ratio", m->coverage_ratio);
	tt_json_key(j, "exact");
	tt_json_bool(j, m->exact);
	put_purchases_json(m, j);
	put_uses_json(m, j);
	tt_json_key(j, "demand_falls");
	tt_json_array(j);
	for (size_t k = 0; k < TT_PLAN_FALLS; k++) {
		tt_json_object_line(j);
		tt_put_f64(j, "fall_ratio", m->falls[k].fall_ratio);
		tt_put_money(j, "saving", m->falls[k].saving_micro);
		tt_put_money(j, "unused_cost", m->falls[k].unused_micro);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_key(j, "notes");
	tt_json_array(j);
	for (size_t i = 0; i < m->n_notes; i++)
		tt_json_string(j, m->notes[i]);
	tt_json_end_array(j);
	tt_json_end_object(j);
}

/* --- CSV ----------------------------------------------------------------------------------- */

static void put_money(tt_buf *out, tt_decimal v)
{
	char text[64];

	tt_buf_printf(out, ",%s", tt_money_json((int64_t)tt_div_half_even(v, 1000000), text,
	                                        sizeof text));
}

static void put_text(tt_buf *out, const char *s)
{
	tt_buf_putc(out, ',');
	tt_csv_field(out, s, true);
}

void tt_plans_money_csv(const tt_money_plan *m, const char *currency, tt_buf *out)
{
	char starts[TT_TIME_TEXT], ends[TT_TIME_TEXT];

	for (size_t i = 0; m && i < m->n_purchases; i++) {
		const tt_money_purchase *b = &m->purchases[i];
		const tt_listed_offer *o = b->offer;
		const tt_decimal per_hour = (tt_decimal)b->per_hour_micro * 1000000;
		const bool all = *o->payment == 'a';

		tt_buf_puts(out, "buy,");
		put_text(out, o->scope.provider);
		put_text(out, o->scope.region);
		put_text(out, o->scope.instance_type);
		put_text(out, o->scope.gpu_model);
		tt_buf_puts(out, ",money,0");
		put_text(out, o->id);
		put_text(out, o->kind);
		put_text(out, o->payment);
		tt_buf_printf(out, ",%zu,%s,%s,%lld,1", b->quarter + 1,
		              tt_time_format(b->starts_s, starts), tt_time_format(b->ends_s, ends),
		              (long long)(o->term_h / TT_PAYMENTS_MONTH_H));
		put_money(out, per_hour);
		put_money(out, all ? per_hour * o->term_h : 0);
		put_money(out, all ? 0 : per_hour * TT_PAYMENTS_MONTH_H);
		put_money(out, (tt_decimal)b->cost_micro * 1000000);
		put_text(out, currency ? currency : "");
		tt_buf_putc(out, '\n');
	}
}
