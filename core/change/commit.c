#include "change/commit.h"
#include "base/clock.h"
#include "base/memory.h"
#include "bill/held.h"
#include "bill/price.h"
#include "change/targets.h"
#include <math.h>
#include <string.h>

enum { MICRO = 1000000, DAY_S = 86400, YEAR_DAYS = 365 };

void tt_offer_name(const tt_price_row *p, tt_buf *out)
{
	tt_buf_printf(out, "%s/%s/%s %s%s%s", p->provider, p->region,
		      *p->instance_type ? p->instance_type : p->gpu_model, p->pricing,
		      *p->payment ? " " : "", p->payment);
}

const char *tt_commit_unpriced(const tt_change *c)
{
	const tt_change_arg *action = tt_change_get(c, "action");

	if (c->until_s != TT_TIME_MISSING)
		return "commit with until";
	if (action && strcmp(action->text, "sell") == 0 && !tt_change_get(c, "proceeds"))
		return "a sale without its proceeds";
	return NULL;
}

/* --- What is bought ------------------------------------------------------------------- */

/* The row of an offer that counts, of several dates. */
static int find_offer(const tt_snapshot *s, const char *id, const tt_price_row **ret,
		      size_t *ret_row, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf name = { 0 };
	const tt_rows *t = &s->table[TT_PRICES];
	const tt_price_row *found = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const tt_price_row *p = TT_ROW(t, tt_price_row, i);

		if (strncmp(p->pricing, "commit_", 7) != 0)
			continue;
		name.n = 0;
		tt_offer_name(p, &name);
		if (name.failed)
			return tt_no_memory(err);
		if (!found && strcmp(tt_buf_text(&name), id) == 0)
			found = p;
	}
	if (!found)
		return tt_fail(err, TT_EDATA, "commit: offer \"%s\" is not in prices.csv", id);
	if (!*found->instance_type)
		return tt_fail(err, TT_ENODATA, "commit: offer \"%s\" has no instance_type, and a "
			       "price is of one instance", id);

	const tt_node_row like = { .provider = found->provider, .region = found->region,
				   .instance_type = found->instance_type,
				   .gpu_model = found->gpu_model, .pricing = found->pricing };
	const tt_price_row *p = tt_price_offered(s, &like, found->pricing, found->payment);

	if (!p)
		return tt_fail(err, TT_ENODATA, "commit: prices.csv has several prices of offer "
			       "\"%s\" that do not agree", id);
	*ret = p;
	*ret_row = (size_t)((const char *)p - (const char *)TT_ROW(t, tt_price_row, 0)) / sizeof *p;
	return TT_OK;
}

/* A year has 365 days, as those who sell one count it. */
static int64_t term_of(const tt_price_row *p)
{
	return (int64_t)(strcmp(p->pricing, "commit_3y") == 0 ? 3 : 1) * YEAR_DAYS * DAY_S;
}

static int check_offer(const tt_change *c, const tt_price_row *p, const char *id, tt_err *err)
{
	const tt_change_arg *months = tt_change_get(c, "term_months");
	const tt_change_arg *payment = tt_change_get(c, "payment");
	const int has = strcmp(p->pricing, "commit_3y") == 0 ? 36 : 12;

	if (months && llround(months->number) != has)
		return tt_fail(err, TT_EDATA, "commit: offer \"%s\" is for %d months, not %s", id,
			       has, months->text);
	if (payment && strcmp(*p->payment ? p->payment : "none", payment->text) != 0)
		return tt_fail(err, TT_EDATA, "commit: offer \"%s\" is paid \"%s\", not \"%s\"", id,
			       *p->payment ? p->payment : "none", payment->text);
	return TT_OK;
}

static int64_t start_of(const tt_change *c, const tt_snapshot *s)
{
	return c->from_s == TT_TIME_MISSING ? s->start_s : c->from_s;
}

/* `units` or `commitment_per_hour` of the change. */
static int amount_of(const tt_change *c, tt_deal *to, tt_err *err)
{
	const tt_change_arg *units = tt_change_get(c, "units");
	const tt_change_arg *money = tt_change_get(c, "commitment_per_hour");

	to->commitment_per_hour = TT_DECIMAL_MISSING;
	if (money && (tt_decimal_parse(money->text, strlen(money->text),
				       &to->commitment_per_hour) || to->commitment_per_hour < 0))
		return tt_fail(err, TT_EINVAL, "commit: commitment_per_hour=%s is no amount",
			       money->text);
	if (!units)
		return TT_OK;
	if (units->number > 1e9 || units->number * MICRO < 1)
		return tt_fail(err, TT_EDATA, "commit: units=%s, expected 0.000001 to 1000000000",
			       units->text);
	to->units_micro = llround(units->number * MICRO);
	return TT_OK;
}

static int buy(const tt_change *c, tt_case *cs, const char *id, tt_deal *deal,
	       const tt_price_row **ret, tt_err *err)
{
	size_t row = 0;

	TT_TRY(find_offer(cs->snapshot, id, ret, &row, err));
	TT_TRY(check_offer(c, *ret, id, err));
	deal->kind = TT_DEAL_BUY;
	deal->row = (uint32_t)row;
	deal->id = id;
	deal->to_s = deal->from_s + term_of(*ret);
	return tt_case_deal(cs, deal, err);
}

/* --- What is given up --------------------------------------------------------------------- */

static int find_held(const tt_snapshot *s, const char *id, size_t *ret, tt_err *err)
{
	for (*ret = 0; *ret < s->table[TT_COMMITMENTS].n; ++*ret) {
		if (strcmp(TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, *ret)->commitment,
			   id) == 0)
			return TT_OK;
	}
	return tt_fail(err, TT_EDATA, "commit: commitment \"%s\" is not in the fleet", id);
}

static int check_held(const tt_change *c, const tt_snapshot *s, size_t row, const tt_deal *deal,
		      tt_err *err)
{
	const tt_commitment_row *r = TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, row);
	const char *fault = tt_held_unmetered(s, row);
	const bool money = !(r->units > 0);
	char at[TT_TIME_TEXT];

	if (fault)
		return tt_fail(err, TT_ENODATA, "commit: commitment \"%s\": %s", r->commitment,
			       fault);
	if (tt_change_get(c, "units") && money)
		return tt_fail(err, TT_EDATA, "commit: commitment \"%s\" is of money, not of units",
			       r->commitment);
	if (tt_change_get(c, "commitment_per_hour") && !money)
		return tt_fail(err, TT_EDATA, "commit: commitment \"%s\" is of units, not of money",
			       r->commitment);
	if (money && *r->payment && strcmp(r->payment, "none") != 0)
		return tt_fail(err, TT_ENODATA, "commit: commitment \"%s\" is of money that was "
			       "paid before: what of it is left is not known", r->commitment);
	if (r->ends_at != TT_TIME_MISSING && deal->from_s >= r->ends_at)
		return tt_fail(err, TT_EDATA, "commit: commitment \"%s\" has ended on %s",
			       r->commitment, tt_time_format(r->ends_at, at));
	return TT_OK;
}

/* What a sale brings is spread over the rest of the term, as what was paid for it is. */
static int take_proceeds(const tt_change *c, tt_case *cs, const tt_commitment_row *r,
			 const tt_deal *deal, tt_err *err)
{
	const tt_change_arg *arg = tt_change_get(c, "proceeds");
	const tt_snapshot *s = cs->snapshot;
	tt_charge charge = { .address = deal->address, .what = "proceeds",
			     .from_s = deal->from_s > s->start_s ? deal->from_s : s->start_s,
			     .to_s = s->end_s };
	tt_decimal all;

	if (tt_decimal_parse(arg->text, strlen(arg->text), &all) || all < 0)
		return tt_fail(err, TT_EINVAL, "commit: proceeds=%s is no amount", arg->text);
	if (c->n_subjects > 1)
		return tt_fail(err, TT_EDATA, "commit: proceeds are of one commitment, and the "
			       "change sells %zu", c->n_subjects);
	if (r->ends_at == TT_TIME_MISSING)
		return tt_fail(err, TT_ENODATA, "commit: commitment \"%s\" has no end, so what a "
			       "sale brings has no time to be spread over", r->commitment);
	if (r->ends_at < charge.to_s)
		charge.to_s = r->ends_at;
	if (charge.from_s >= charge.to_s)
		return TT_OK;
	const tt_i128 per = (tt_i128)MICRO * (r->ends_at - deal->from_s);
	tt_i128 part;
	if (__builtin_mul_overflow(all, (tt_i128)(charge.to_s - charge.from_s), &part) ||
	    (part = tt_div_half_even(part, per)) > INT64_MAX)
		return tt_fail(err, TT_EDATA, "commit: proceeds=%s does not fit", arg->text);
	charge.micro = -(int64_t)part;
	part = tt_div_half_even(all, MICRO);
	if (part > INT64_MAX)
		return tt_fail(err, TT_EDATA, "commit: proceeds=%s does not fit", arg->text);
	charge.due_micro = -(int64_t)part;
	return tt_case_charge(cs, &charge, err);
}

/* The new one has to take up what of the old one is paid already. */
static int check_value(const tt_commitment_row *r, const tt_deal *old, const tt_deal *bought,
		       const tt_price_row *p, tt_err *err)
{
	const double units = (double)old->units_micro / 1e6;
	double left, new_cost;

	if (r->upfront == TT_DECIMAL_MISSING || r->upfront <= 0 || !(r->units > 0))
		return TT_OK;
	left = tt_decimal_f64(r->upfront) * fmin(units / r->units, 1) *
	       (double)(r->ends_at - old->from_s) / (double)(r->ends_at - r->starts_at);
	new_cost = tt_decimal_f64(p->price_per_hour) * (double)bought->units_micro / 1e6 *
		   (double)(bought->to_s - bought->from_s) / 3600;
	if (new_cost >= left * (1 - 1e-9))
		return TT_OK;
	return tt_fail(err, TT_EDATA, "commit: \"%s\" has %.2f left of what was paid for it, more "
		       "than \"%s\" costs in all (%.2f)", r->commitment, left, bought->id,
		       new_cost);
}

static int exchange(const tt_change *c, tt_case *cs, const tt_commitment_row *r,
		    const tt_deal *old, tt_err *err)
{
	const tt_price_row *p = NULL;
	tt_deal bought = *old;

	if (!(r->units > 0))
		return tt_fail(err, TT_ENODATA, "commit: commitment \"%s\" is of money, which is "
			       "not exchanged", r->commitment);
	if (bought.units_micro == INT64_MAX)
		bought.units_micro = llround(r->units * MICRO);
	TT_TRY(buy(c, cs, tt_change_get(c, "into_offer")->text, &bought, &p, err));
	return check_value(r, &(tt_deal){ .from_s = old->from_s,
					  .units_micro = bought.units_micro },
			   &bought, p, err);
}

static int give_up(const tt_change *c, tt_case *cs, const char *id, enum tt_deal_kind kind,
		   tt_deal *deal, tt_err *err)
{
	const tt_commitment_row *r;
	size_t row;

	TT_TRY(find_held(cs->snapshot, id, &row, err));
	r = TT_ROW(&cs->snapshot->table[TT_COMMITMENTS], tt_commitment_row, row);
	deal->kind = kind;
	deal->row = (uint32_t)row;
	deal->id = r->commitment;
	if (!tt_change_get(c, "units"))
		deal->units_micro = INT64_MAX;
	/* not renewed: until its end it stays what it is */
	if (kind == TT_DEAL_LAPSE && r->ends_at != TT_TIME_MISSING) {
		deal->from_s = r->ends_at;
		return tt_case_deal(cs, deal, err);
	}
	TT_TRY(check_held(c, cs->snapshot, row, deal, err));
	if (kind == TT_DEAL_SELL)
		TT_TRY(take_proceeds(c, cs, r, deal, err));
	if (kind == TT_DEAL_EXCHANGE)
		TT_TRY(exchange(c, cs, r, deal, err));
	return tt_case_deal(cs, deal, err);
}

int tt_commit_apply(const tt_change *c, tt_case *cs, tt_err *err)
{
	const tt_change_arg *action = tt_change_get(c, "action");
	const char *word = action ? action->text : "";
	const enum tt_deal_kind kind = strcmp(word, "sell") == 0 ? TT_DEAL_SELL :
				       strcmp(word, "exchange") == 0 ? TT_DEAL_EXCHANGE :
				       strcmp(word, "lapse") == 0 ? TT_DEAL_LAPSE : TT_DEAL_BUY;

	for (size_t i = 0; i < c->n_subjects; i++) {
		const tt_change_subject *subject = &c->subjects[i];
		const tt_price_row *p = NULL;
		tt_deal deal = { .address = tt_change_hash(c),
				 .from_s = start_of(c, cs->snapshot) };

		TT_TRY(amount_of(c, &deal, err));
		if (subject->kind == TT_SUBJECT_OFFER)
			TT_TRY(buy(c, cs, subject->id, &deal, &p, err));
		else if (subject->kind == TT_SUBJECT_COMMITMENT)
			TT_TRY(give_up(c, cs, subject->id, kind, &deal, err));
		else
			return tt_targets_refuse(c, subject, err);
	}
	return TT_OK;
}
