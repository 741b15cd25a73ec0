#include "simulate/deals.h"
#include "base/clock.h"
#include "base/text.h"
#include "bill/held.h"
#include <math.h>
#include <string.h>

int tt_deals_date(const tt_bound_scenario *sc, const tt_change *of, uint64_t address, tt_case *c,
		  tt_err *err)
{
	const bool dated = of->from_s != TT_TIME_MISSING && of->from_s > sc->from_s;
	const tt_held_ahead at = { .from_s = sc->from_s, .until_s = sc->until_s,
				   .at_s = dated ? of->from_s : sc->from_s,
				   .renew = !sc->scenario->horizon.not_renewed };

	for (size_t i = 0; i < c->n_deals; i++) {
		tt_deal *d = &c->deals[i];

		if (d->address != address || d->kind == TT_DEAL_LAPSE)
			continue;
		if (d->kind != TT_DEAL_BUY && !tt_held_in_force(c->snapshot, &at, d->row))
			return tt_fail(err, TT_EINVAL, "commitment \"%s\" is not in force when "
				       "it is given up", d->id);
		d->to_s += at.at_s - d->from_s;
		d->from_s = at.at_s;
	}
	return TT_OK;
}

int64_t tt_deals_first_lapse(const tt_case *c)
{
	int64_t first_s = TT_TIME_MISSING;

	for (size_t i = 0; i < c->n_deals; i++) {
		const tt_deal *d = &c->deals[i];

		if (d->kind != TT_DEAL_LAPSE || d->from_s < c->snapshot->end_s || c->n_releases)
			return TT_TIME_MISSING;
		if (first_s == TT_TIME_MISSING || d->from_s < first_s)
			first_s = d->from_s;
	}
	return first_s;
}

/* --- What a reader has to know -------------------------------------------------------- */

/* What is bought binds beyond the horizon: its price for the whole term, and for the part of
 * it that lies behind. */
static void say_bought(const tt_bound_scenario *sc, const tt_case *c, tt_buf *to)
{
	double all = 0, behind = 0;
	char of_all[64], of_behind[64];

	for (size_t i = 0; i < c->n_deals; i++) {
		const tt_deal *d = &c->deals[i];
		double per_s;

		if (d->kind != TT_DEAL_BUY)
			continue;
		const tt_price_row *p = TT_ROW(&c->snapshot->table[TT_PRICES], tt_price_row,
					       d->row);
		per_s = d->commitment_per_hour != TT_DECIMAL_MISSING ?
			tt_decimal_f64(d->commitment_per_hour) / 3600 :
			tt_decimal_f64(p->price_per_hour) * (double)d->units_micro / 1e6 / 3600;
		all += per_s * (double)(d->to_s - d->from_s);
		behind += d->to_s > sc->until_s ? per_s * (double)(d->to_s - sc->until_s) : 0;
	}
	if (all > 0)
		tt_buf_printf(to, "binds to %s over its term, %s of it after the horizon",
			      tt_money_text(llround(all * 1e6), 0, of_all, sizeof of_all),
			      tt_money_text(llround(behind * 1e6), 0, of_behind,
					    sizeof of_behind));
}

/* A sale is paid at once; what is sold would have been held for longer. */
static void say_sold(const tt_bound_scenario *sc, const tt_case *c, tt_buf *to)
{
	int64_t brings = 0, last_s = TT_TIME_MISSING;
	char text[64], at[TT_TIME_TEXT];

	for (size_t i = 0; i < c->n_charges; i++)
		brings -= c->charges[i].due_micro;
	for (size_t i = 0; i < c->n_deals; i++) {
		const tt_commitment_row *r;

		if (c->deals[i].kind != TT_DEAL_SELL)
			continue; /* the row of another table */
		r = TT_ROW(&c->snapshot->table[TT_COMMITMENTS], tt_commitment_row,
		           c->deals[i].row);
		if (r->ends_at != TT_TIME_MISSING &&
		    r->ends_at > last_s)
			last_s = r->ends_at;
	}
	if (!brings || last_s <= sc->until_s)
		return;
	tt_buf_printf(to, "%s%s of it falls due at its start, though what is sold would have "
		      "been held until %.10s, after the horizon", to->n ? "; " : "",
		      tt_money_text(brings, 0, text, sizeof text), tt_time_format(last_s, at));
}

static bool any_lapses(const tt_case *c)
{
	for (size_t i = 0; i < c->n_deals; i++) {
		if (c->deals[i].kind == TT_DEAL_LAPSE)
			return true;
	}
	return false;
}

int tt_deals_note(const tt_bound_scenario *sc, const tt_case *c, tt_arena *arena,
		  const char **ret, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };

	say_bought(sc, c, &text);
	say_sold(sc, c, &text);
	if (any_lapses(c) && sc->scenario->horizon.not_renewed)
		tt_buf_printf(&text, "%swhat ends is not renewed in this scenario anyway "
			      "(renew: false)", text.n ? "; " : "");
	*ret = tt_arena_text(arena, tt_buf_text(&text), text.n);
	return *ret && !text.failed ? TT_OK : tt_no_memory(err);
}
