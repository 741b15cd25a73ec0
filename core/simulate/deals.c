#include "simulate/deals.h"
#include "bill/held.h"

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
