#include "report/portfolio_terms.h"
#include "report/json_fields.h"
#include <stdio.h>

enum { DAY = 12, NAMES = 26, MONEY = 16, BAR = 12, MOST = 24, NAMED = 2, ID = 26, DAY_S = 86400 };

static const char *day(int64_t t, char *buf)
{
	tt_cell_time(t, buf);
	buf[10] = '\0';
	return buf;
}

/* --- Ends ---------------------------------------------------------------------------------- */

static void put_names(const tt_expiry *e, tt_buf *out)
{
	for (size_t i = 0; i < e->n && i < NAMED; i++)
		tt_buf_printf(out, "%s%s", i ? ", " : "", e->rows[i]->commitment);
	if (e->n > NAMED)
		tt_buf_printf(out, " and %zu more", e->n - NAMED);
}

/* The bar is of the time from the end of the window to the last date. */
static void put_expiry(const tt_portfolio_report *r, const tt_expiry *e, tt_page *p)
{
	const tt_expiries *x = r->expiries;
	const int64_t now_s = r->snapshot->end_s;
	char text[TT_CELL_TEXT];
	tt_buf names = { 0 };

	tt_page_left(p, TT_TONE_PLAIN, "  ", 2);
	tt_page_left(p, TT_TONE_PLAIN, day(e->at_s, text), DAY);
	tt_page_bar(p, TT_TONE_COOL, e->at_s - now_s, x->v[x->n - 1].at_s - now_s, BAR);
	tt_page_left(p, TT_TONE_PLAIN, "", 1);
	put_names(e, &names);
	tt_page_left(p, TT_TONE_PLAIN, tt_buf_text(&names), NAMES);
	p->out->failed |= names.failed;
	tt_buf_free(&names);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(e->ends_micro, text), MONEY);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(e->on_demand_micro, text), MONEY);
	tt_page_right(p, e->more_micro > 0 ? TT_TONE_WARN : TT_TONE_GOOD,
	              tt_cell_money(e->more_micro, text), MONEY - 1);
	tt_page_line(p);
}

static void put_expiries(const tt_portfolio_report *r, tt_page *p)
{
	const tt_expiries *x = r->expiries;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];
	tt_buf line = { 0 };

	if (!x->n && !x->n_open)
		return;
	tt_page_heading(p, "When it ends, and what is on demand then (a month of 730 hours)");
	tt_page_line(p);
	for (size_t i = 0; i < x->n && i < MOST; i++) {
		if (!i) {
			tt_page_left(p, TT_TONE_DIM, "  ends", 2 + DAY + BAR + 1);
			tt_page_left(p, TT_TONE_DIM, "commitments", NAMES);
			tt_page_right(p, TT_TONE_DIM, "no longer paid", MONEY);
			tt_page_right(p, TT_TONE_DIM, "on demand then", MONEY);
			tt_page_right(p, TT_TONE_DIM, "bill changes", MONEY - 1);
			tt_page_line(p);
		}
		put_expiry(r, &x->v[i], p);
	}
	if (x->n > MOST)
		tt_buf_printf(&line, "And %zu more dates. ", x->n - MOST);
	if (x->n)
		tt_buf_printf(&line, "What is held, and on demand beside it where it could be "
		              "covered, costs %s a month now, and %s once all of it has ended, if "
		              "nothing is renewed and usage stays as in the window.",
		              tt_cell_money(x->month_micro, a), tt_cell_money(x->after_micro, b));
	if (x->n_open)
		tt_buf_printf(&line, "%s%zu %s no end.", line.n ? " " : "", x->n_open,
		              x->n_open == 1 ? "commitment has" : "commitments have");
	tt_page_to(p, 2);
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &line);
}

/* --- Contracts ------------------------------------------------------------------------------ */

static void put_how(const tt_contract *c, tt_buf *out)
{
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];

	if (c->by_hour) {
		tt_buf_printf(out, "paid by the hour, used or not: %s of it was used in the window",
		              tt_cell_ratio(c->used_ratio, 1, a));
		tt_buf_printf(out, "; at that pace %s of what is left will be paid for nothing.",
		              tt_cell_money(c->lost_micro, a));
		return;
	}
	tt_buf_printf(out, "drawn at %s a month in the window", tt_cell_money(c->pace_micro, a));
	if (c->so_far_micro >= c->total_micro)
		tt_buf_printf(out, "; it was used up on %s.", day(c->used_up_s, a));
	else if (c->used_up_s != TT_TIME_MISSING)
		tt_buf_printf(out, "; at that pace it is used up on %s, %lld days before its end "
		              "(%s a month would last).", day(c->used_up_s, a),
		              (long long)((c->row->ends_at - c->used_up_s) / DAY_S),
		              tt_cell_money(c->needed_micro, b));
	else
		tt_buf_printf(out, "; at that pace %s are left at its end (%s a month would use "
		              "them).", tt_cell_money(c->lost_micro, a),
		              tt_cell_money(c->needed_micro, b));
	if (c->assumed)
		tt_buf_puts(out, " What was drawn before the window is in no table: the window's "
		            "pace is taken for it.");
}

static void put_contract(const tt_contract *c, tt_page *p)
{
	char text[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_page_left(p, TT_TONE_PLAIN, "  ", 2);
	tt_page_left(p, TT_TONE_PLAIN, c->row->commitment, ID);
	if (c->missing) {
		tt_buf_printf(&line, "not known: %s", c->missing);
		tt_page_paragraph(p, TT_TONE_DIM, 2 + ID, &line);
		return;
	}
	tt_page_left(p, TT_TONE_PLAIN, day(c->row->ends_at, text), DAY);
	tt_page_bar(p, TT_TONE_COOL, c->so_far_micro, c->total_micro, BAR);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(c->so_far_micro, text), MONEY);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(c->total_micro, text), MONEY);
	tt_page_line(p);
	put_how(c, &line);
	tt_page_to(p, 4);
	tt_page_paragraph(p, TT_TONE_DIM, 4, &line);
}

static void put_contracts(const tt_portfolio_report *r, tt_page *p)
{
	const tt_contracts *x = r->contracts;

	for (size_t i = 0; i < x->n; i++) {
		if (!i) {
			tt_page_heading(p, "Commitments of money over their terms");
			tt_page_line(p);
			tt_page_left(p, TT_TONE_DIM, "  commitment", ID + 2);
			tt_page_left(p, TT_TONE_DIM, "until", DAY + BAR);
			tt_page_right(p, TT_TONE_DIM, "so far", MONEY);
			tt_page_right(p, TT_TONE_DIM, "of", MONEY);
			tt_page_line(p);
		}
		put_contract(&x->v[i], p);
	}
}

void tt_portfolio_terms_table(const tt_portfolio_report *r, tt_page *p)
{
	put_expiries(r, p);
	put_contracts(r, p);
}

/* --- For machines -------------------------------------------------------------------------- */

static void put_json_expiry(const tt_expiry *e, tt_json *j)
{
	tt_json_object(j);
	tt_put_time(j, "ends_at", e->at_s);
	tt_put_money(j, "no_longer_paid_per_month", e->ends_micro);
	tt_put_money(j, "on_demand_per_month", e->on_demand_micro);
	tt_put_money(j, "bill_changes_per_month", e->more_micro);
	tt_json_key(j, "commitments");
	tt_json_array_line(j);
	for (size_t i = 0; i < e->n; i++)
		tt_json_string(j, e->rows[i]->commitment);
	tt_json_end_array(j);
	tt_json_end_object(j);
}

static void put_json_contract(const tt_contract *c, tt_json *j)
{
	const bool known = !c->missing;

	tt_json_object(j);
	tt_put_text(j, "commitment", c->row->commitment);
	tt_put_time(j, "starts_at", c->row->starts_at);
	tt_put_time(j, "ends_at", c->row->ends_at);
	tt_put_text(j, "missing", c->missing);
	tt_put_text(j, "paid", c->missing ? NULL : c->by_hour ? "by_hour" : "as_a_sum");
	tt_put_money(j, "total", known ? c->total_micro : TT_MONEY_UNKNOWN);
	tt_put_money(j, "so_far", known ? c->so_far_micro : TT_MONEY_UNKNOWN);
	tt_json_key(j, "so_far_assumed");
	tt_json_bool(j, c->assumed);
	tt_put_f64(j, "used_ratio", c->used_ratio);
	tt_put_money(j, "pace_per_month", known ? c->pace_micro : TT_MONEY_UNKNOWN);
	tt_put_money(j, "needed_per_month", known ? c->needed_micro : TT_MONEY_UNKNOWN);
	tt_put_money(j, "lost_at_this_pace", known ? c->lost_micro : TT_MONEY_UNKNOWN);
	tt_put_time(j, "used_up_at", c->used_up_s);
	tt_json_end_object(j);
}

void tt_portfolio_terms_json(const tt_portfolio_report *r, tt_json *j)
{
	const tt_expiries *x = r->expiries;

	tt_put_money(j, "metered_per_month", x->month_micro);
	tt_put_money(j, "metered_per_month_after_all", x->after_micro);
	tt_json_key(j, "expiries");
	tt_json_array(j);
	for (size_t i = 0; i < x->n; i++)
		put_json_expiry(&x->v[i], j);
	tt_json_end_array(j);
	tt_put_i64(j, "without_end", (int64_t)x->n_open);
	tt_json_key(j, "contracts");
	tt_json_array(j);
	for (size_t i = 0; i < r->contracts->n; i++)
		put_json_contract(&r->contracts->v[i], j);
	tt_json_end_array(j);
}
