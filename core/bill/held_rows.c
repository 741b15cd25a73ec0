/* held_rows.c - rows of commitments.csv and the deals of a case, as commitments that can be
 * metered. A row that is sold or exchanged in part becomes pieces, whose upfront sums add up
 * to that of the row. */
#include "bill/held_parts.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MICRO = 1000000, DAY_S = 86400 };

/* An id that no word has: covers nothing. */
#define NOTHING UINT32_MAX

uint32_t tt_held_word(tt_held *h, const char *text, bool fold)
{
	char low[128];
	size_t n = strlen(text);

	if (!n)
		return 0;
	for (size_t i = 0; fold && i < n && n < sizeof low; i++)
		low[i] = (char)tolower((unsigned char)text[i]);
	const int64_t at = tt_names_add(h->words, fold && n < sizeof low ? low : text, n);
	return at < 0 ? UINT32_MAX : (uint32_t)at + 1;
}

/* v x part / whole for 0 <= part <= 2^50, half-even. */
static tt_decimal part_of(tt_decimal v, int64_t part, int64_t whole)
{
	return v / whole * part + tt_div_half_even(v % whole * part, whole);
}

/* --- What a row says ------------------------------------------------------------------ */

static const tt_commitment_row *row_at(const tt_snapshot *s, size_t i)
{
	return TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, i);
}

static bool in_window(const tt_snapshot *s, const tt_commitment_row *r)
{
	return (r->starts_at == TT_TIME_MISSING || r->starts_at < s->end_s) &&
	       (r->ends_at == TT_TIME_MISSING || r->ends_at > s->start_s);
}

static bool is_money(const tt_commitment_row *r)
{
	return strcmp(r->kind, "savings_plan") == 0 ||
	       (!(r->units > 0) && r->commitment_per_hour != TT_DECIMAL_MISSING);
}

static bool is_price(tt_decimal v)
{
	return v != TT_DECIMAL_MISSING && v >= 0 && v < TT_HELD_PRICE_LIMIT;
}

/* Why a row can't be metered, whatever the fleet is; NULL: it can. */
static const char *fault_of(const tt_commitment_row *r)
{
	const bool open = r->starts_at == TT_TIME_MISSING || r->ends_at == TT_TIME_MISSING;

	if (!open && r->ends_at <= r->starts_at)
		return "its term ends before it starts";
	if (is_money(r) && !is_price(r->commitment_per_hour))
		return "it says no commitment_per_hour";
	if (is_money(r))
		return open ? "its term is not known, which tells its rates" : NULL;
	if (!(r->units > 0) || r->units > 1e9)
		return "it says no units";
	if (!*r->instance_type && !*r->gpu_model)
		return "it says neither instance_type nor gpu_model";
	if (!is_price(tt_price_committed(r)) ||
	    (r->upfront != TT_DECIMAL_MISSING && r->upfront < 0))
		return "what it costs is not known";
	return NULL;
}

static void words_of_rates(const tt_commitment_row *r, tt_held_commitment *to)
{
	/* there are two lengths of term: the nearer one */
	to->pricing = r->ends_at - r->starts_at < (int64_t)2 * 365 * DAY_S ? "commit_1y" :
									      "commit_3y";
	to->payment = r->payment;
}

tt_decimal tt_held_rate(const tt_snapshot *s, const tt_held_commitment *c,
			const tt_node_row *like)
{
	const tt_price_row *p = tt_price_offered(s, like, c->pricing, c->payment);

	return p && is_price(p->price_per_hour) ? p->price_per_hour : TT_DECIMAL_MISSING;
}

static bool any_or_equal(const char *wanted, const char *is)
{
	return !*wanted || strcmp(wanted, is) == 0;
}

/* By its words alone. */
static bool says(const tt_commitment_row *r, const tt_node_row *n)
{
	return any_or_equal(r->provider, n->provider) && any_or_equal(r->region, n->region) &&
	       any_or_equal(r->instance_type, n->instance_type) &&
	       (!*r->gpu_model || strcasecmp(r->gpu_model, n->gpu_model) == 0);
}

/* Whenever it is in force. */
static bool is_for(const tt_snapshot *s, const tt_commitment_row *r, const tt_node_row *n)
{
	tt_held_commitment c = { 0 };

	if (fault_of(r) || tt_billed_holds(s, r->commitment) || !says(r, n))
		return false;
	if (!is_money(r))
		return *r->instance_type || n->gpus > 0;
	words_of_rates(r, &c);
	return tt_held_rate(s, &c, n) > 0;
}

tt_decimal tt_held_money_rate(const tt_snapshot *s, const tt_commitment_row *r,
			      const tt_node_row *like)
{
	tt_held_commitment c = { 0 };

	if (fault_of(r) || !is_money(r) || !says(r, like))
		return TT_DECIMAL_MISSING;
	words_of_rates(r, &c);
	return tt_held_rate(s, &c, like);
}

bool tt_held_row_is_for(const tt_snapshot *s, const tt_commitment_row *r, const tt_node_row *n)
{
	return in_window(s, r) && is_for(s, r, n);
}

/* Whether a plan has no rate for anything that it would apply to. */
static bool lacks_rates(const tt_snapshot *s, const tt_commitment_row *r)
{
	bool applies = false;

	for (size_t i = 0; i < s->table[TT_NODES].n; i++) {
		const tt_node_row *n = tt_node_at(s, i);

		if (strcmp(n->pricing, "spot") == 0 || strcmp(n->pricing, "owned") == 0 ||
		    !says(r, n))
			continue;
		if (is_for(s, r, n))
			return false;
		applies = true;
	}
	return applies;
}

const char *tt_held_unmetered(const tt_snapshot *s, size_t row)
{
	const tt_commitment_row *r = row_at(s, row);
	const char *fault = fault_of(r);

	if (tt_billed_holds(s, r->commitment))
		return "charges.csv has what it costs, used or not";
	if (!fault && is_money(r) && lacks_rates(s, r))
		fault = "prices.csv has no rate of its term and payment for what it applies to";
	return fault;
}

/* --- As a commitment -------------------------------------------------------------------- */

enum tt_metering_kind tt_held_applies_as(const tt_commitment_row *r)
{
	if (tt_held_is_block(r))
		return TT_METERING_CAPACITY_BLOCK;
	if (strcmp(r->kind, "committed_use") == 0)
		return TT_METERING_COMMITTED_USE;
	if (!is_money(r))
		return TT_METERING_RESERVED;
	return *r->instance_type ? TT_METERING_INSTANCE_PLAN : TT_METERING_COMPUTE_PLAN;
}

static int key_of(tt_held *h, const char *provider, const char *region,
		  const char *instance_type, const char *gpu_model, tt_metering_key *ret,
		  tt_err *err)
{
	*ret = (tt_metering_key){ .provider = tt_held_word(h, provider, false),
				  .region = tt_held_word(h, region, false),
				  .instance_type = tt_held_word(h, instance_type, false),
				  .gpu_model = tt_held_word(h, gpu_model, true) };
	if (ret->provider == NOTHING || ret->region == NOTHING ||
	    ret->instance_type == NOTHING || ret->gpu_model == NOTHING)
		return tt_no_memory(err);
	return TT_OK;
}

static int commitment_of_row(tt_held *h, const tt_commitment_row *r, tt_held_commitment *ret,
			     tt_err *err)
{
	tt_metering_commitment *m = &ret->m;

	*ret = (tt_held_commitment){ .commitment = r->commitment, .gpu_model = r->gpu_model };
	*m = (tt_metering_commitment){ .id = r->commitment, .kind = tt_held_applies_as(r),
				       .starts_s = r->starts_at, .ends_s = r->ends_at,
				       .commitment_per_hour = TT_DECIMAL_MISSING };
	TT_TRY(key_of(h, r->provider, r->region, r->instance_type, r->gpu_model, &m->key, err));
	if (is_money(r)) {
		m->commitment_per_hour = r->commitment_per_hour;
		words_of_rates(r, ret);
		return TT_OK;
	}
	m->units_micro = llround(r->units * MICRO);
	m->unit = *r->instance_type ? TT_METERING_INSTANCES : TT_METERING_CARDS;
	m->price_per_hour = r->price_per_hour == TT_DECIMAL_MISSING ? 0 : r->price_per_hour;
	m->upfront = r->upfront == TT_DECIMAL_MISSING ? 0 : r->upfront;
	return TT_OK;
}

static int add(tt_held *h, const tt_held_commitment *c, tt_err *err)
{
	if (!TT_GROW(h->commitments, h->n_commitments, h->cap_commitments))
		return tt_no_memory(err);
	h->commitments[h->n_commitments++] = *c;
	return TT_OK;
}

static int note(tt_held *h, const char *commitment, const char *why, tt_err *err)
{
	const size_t n = strlen(commitment) + strlen(why) + 64;
	char *text = tt_arena_alloc(h->arena, n);

	if (!text || !TT_GROW(h->notes, h->n_notes, h->cap_notes))
		return tt_no_memory(err);
	snprintf(text, n, "commitment %s is held, but its cost is unknown and in no sum: %s",
		 commitment, why);
	h->notes[h->n_notes++] = text;
	return TT_OK;
}

/* --- Deals ------------------------------------------------------------------------------ */

static int by_time(const void *pa, const void *pb)
{
	const tt_deal *a = pa, *b = pb;

	if (a->from_s != b->from_s)
		return a->from_s < b->from_s ? -1 : 1;
	return tt_deal_compare(a, b);
}

/* A piece needs a name of its own to be told apart, in the order in which it is cut. */
static int piece(tt_held *h, tt_held_commitment *c, size_t n, tt_err *err)
{
	const size_t size = strlen(c->commitment) + 24;
	char *id = tt_arena_alloc(h->arena, size);

	if (!id)
		return tt_no_memory(err);
	snprintf(id, size, "%s@%zu", c->commitment, n);
	c->m.id = id;
	return add(h, c, err);
}

/* So much of `all` leaves at `at_s`, with its part of the upfront sum: what it was until
 * then, and what of a sum that is paid already nothing gives back. */
static int cut(tt_held *h, const tt_held_commitment *all, const tt_deal *d, tt_decimal upfront,
	       const tt_held_commitment *part, size_t n, tt_err *err)
{
	const tt_metering_commitment *m = &all->m;
	tt_held_commitment before = *part, sunk = *part;
	tt_decimal paid = 0;

	before.m.ends_s = d->from_s;
	if (m->starts_s == TT_TIME_MISSING || d->from_s > m->starts_s) {
		if (upfront)
			paid = part_of(upfront, d->from_s - m->starts_s, m->ends_s - m->starts_s);
		before.m.upfront = paid;
		TT_TRY(piece(h, &before, 2 * n, err));
		sunk.m.starts_s = d->from_s;
	}
	if (d->kind != TT_DEAL_SELL || upfront == paid)
		return TT_OK;
	sunk.m.key = (tt_metering_key){ .instance_type = NOTHING };
	sunk.m.price_per_hour = 0;
	sunk.m.upfront = upfront - paid;
	return piece(h, &sunk, 2 * n + 1, err);
}

static tt_decimal least(tt_decimal a, tt_decimal b)
{
	return a < b ? a : b;
}

static int add_row(tt_held *h, const tt_held_commitment *all, const tt_deal *d, size_t n,
		   tt_err *err)
{
	const bool money = all->m.commitment_per_hour != TT_DECIMAL_MISSING;
	tt_held_commitment left = *all;

	for (size_t i = 0; i < n; i++) {
		tt_held_commitment part = *all;
		tt_decimal upfront = left.m.upfront;

		if (all->m.ends_s != TT_TIME_MISSING && d[i].from_s >= all->m.ends_s)
			continue;
		if (money) {
			part.m.commitment_per_hour = left.m.commitment_per_hour;
			if (d[i].commitment_per_hour != TT_DECIMAL_MISSING)
				part.m.commitment_per_hour = least(d[i].commitment_per_hour,
								   left.m.commitment_per_hour);
			left.m.commitment_per_hour -= part.m.commitment_per_hour;
		} else {
			if (d[i].units_micro < left.m.units_micro)
				upfront = part_of(left.m.upfront, d[i].units_micro,
						  left.m.units_micro);
			part.m.units_micro = d[i].units_micro < left.m.units_micro ?
				d[i].units_micro : left.m.units_micro;
			left.m.units_micro -= part.m.units_micro;
			left.m.upfront -= upfront;
		}
		if (part.m.units_micro || money)
			TT_TRY(cut(h, all, &d[i], money ? 0 : upfront, &part, i, err));
	}
	return (money ? left.m.commitment_per_hour > 0 || all->m.commitment_per_hour == 0 :
			left.m.units_micro > 0) ? add(h, &left, err) : TT_OK;
}

/* --- At a moment ahead ------------------------------------------------------------------ */

/* It costs in the window what it costs for as long then, whenever its term is. */
static void put_in_window(const tt_snapshot *s, tt_metering_commitment *m)
{
	const int64_t window_s = s->end_s - s->start_s, term_s = m->ends_s - m->starts_s;

	if (m->starts_s == TT_TIME_MISSING || m->ends_s == TT_TIME_MISSING) {
		m->starts_s = m->ends_s = TT_TIME_MISSING; /* there is no sum to spread */
		return;
	}
	m->starts_s = s->start_s;
	m->ends_s = s->start_s + (term_s > window_s ? term_s : window_s);
	if (term_s < window_s && m->upfront > 0)
		m->upfront = m->upfront / term_s * window_s +
			     tt_div_half_even(m->upfront % term_s * window_s, term_s);
}

/* So much of it and no more. */
static int add_of(tt_held *h, tt_held_commitment c, int64_t units_micro, tt_decimal money,
		  tt_err *err)
{
	if (c.m.commitment_per_hour != TT_DECIMAL_MISSING)
		c.m.commitment_per_hour = money;
	else if (units_micro != c.m.units_micro)
		c.m.upfront = part_of(c.m.upfront, units_micro, c.m.units_micro);
	c.m.units_micro = units_micro;
	return add(h, &c, err);
}

bool tt_held_is_block(const tt_commitment_row *r)
{
	return strcmp(r->kind, "capacity_block") == 0;
}

static bool has_ended(const tt_commitment_row *r, int64_t at_s)
{
	return r->ends_at != TT_TIME_MISSING && r->ends_at <= at_s;
}

bool tt_held_in_force(const tt_snapshot *s, const tt_held_ahead *ahead, size_t row)
{
	const tt_commitment_row *r = row_at(s, row);

	if (r->starts_at != TT_TIME_MISSING && r->starts_at > ahead->at_s)
		return false;
	return !has_ended(r, ahead->at_s) ||
	       (ahead->renew && r->ends_at >= s->end_s && !tt_held_is_block(r));
}

/* What was paid for what is sold is paid until the end of the term that it was for. */
static int add_sunk(tt_held *h, const tt_held_commitment *all, int64_t units_micro, tt_err *err)
{
	const size_t size = strlen(all->commitment) + 24;
	char *id = tt_arena_alloc(h->arena, size);
	tt_held_commitment sunk = *all;

	if (!id)
		return tt_no_memory(err);
	snprintf(id, size, "%s@sold", all->commitment);
	sunk.m.id = id;
	sunk.m.key = (tt_metering_key){ .instance_type = NOTHING };
	sunk.m.price_per_hour = 0;
	return add_of(h, sunk, units_micro, 0, err);
}

/* A row less what the deals give up of it by then. */
static int add_row_ahead(tt_held *h, size_t row, const tt_held_commitment *all, const tt_deal *d,
			 size_t n, tt_err *err)
{
	const tt_commitment_row *r = row_at(h->s, row);
	const bool money = all->m.commitment_per_hour != TT_DECIMAL_MISSING;
	tt_held_commitment c = *all;
	int64_t units = all->m.units_micro, sold = 0;
	tt_decimal left = all->m.commitment_per_hour;

	put_in_window(h->s, &c.m);
	if (!tt_held_in_force(h->s, &h->ahead, row))
		return add_of(h, c, 0, 0, err);
	for (size_t i = 0; i < n; i++) {
		const int64_t part = d[i].units_micro < units ? d[i].units_micro : units;

		if (d[i].kind == TT_DEAL_LAPSE && r->ends_at != TT_TIME_MISSING &&
		    !has_ended(r, h->ahead.at_s))
			continue;
		units -= part;
		if (d[i].kind == TT_DEAL_SELL && !has_ended(r, h->ahead.at_s))
			sold += part;
		if (money)
			left -= d[i].commitment_per_hour == TT_DECIMAL_MISSING ? left :
				least(d[i].commitment_per_hour, left);
	}
	if (sold && c.m.upfront > 0)
		TT_TRY(add_sunk(h, &c, sold, err));
	return add_of(h, c, units, left, err);
}

static int add_bought(tt_held *h, const tt_deal *d, tt_err *err)
{
	const tt_price_row *p = TT_ROW(&h->s->table[TT_PRICES], tt_price_row, d->row);
	const bool money = d->commitment_per_hour != TT_DECIMAL_MISSING;
	tt_held_commitment c = { .commitment = d->id, .gpu_model = p->gpu_model,
				 .pricing = p->pricing, .payment = p->payment };

	c.m = (tt_metering_commitment){
		.id = d->id, .kind = money ? TT_METERING_INSTANCE_PLAN : TT_METERING_RESERVED,
		.starts_s = d->from_s, .ends_s = d->to_s, .units_micro = d->units_micro,
		.price_per_hour = p->price_per_hour, .commitment_per_hour = d->commitment_per_hour
	};
	TT_TRY(key_of(h, p->provider, p->region, p->instance_type, p->gpu_model, &c.m.key, err));
	if (!money && p->upfront != TT_DECIMAL_MISSING && p->upfront > 0) {
		const tt_decimal an_hour = tt_div_half_even(p->upfront * TT_HELD_HOUR_S,
							    d->to_s - d->from_s);

		c.m.upfront = part_of(p->upfront, d->units_micro, MICRO);
		c.m.price_per_hour = strcmp(p->payment, "all") == 0 ||
				     p->price_per_hour < an_hour ? 0 :
				     p->price_per_hour - an_hour;
	}
	if (!h->is_ahead)
		return add(h, &c, err);
	put_in_window(h->s, &c.m);
	return h->ahead.renew || d->to_s > h->ahead.at_s ? add(h, &c, err) :
	       add_of(h, c, 0, 0, err);
}

/* --- All ------------------------------------------------------------------------------------ */

static int collect_row(tt_held *h, size_t row, const tt_deal *deals, size_t n_deals,
		       tt_deal *of, tt_err *err)
{
	const tt_commitment_row *r = row_at(h->s, row);
	const char *fault = tt_held_unmetered(h->s, row);
	tt_held_commitment c;
	size_t n = 0;

	if (!in_window(h->s, r) && !(h->is_ahead && r->starts_at < h->ahead.until_s &&
				     !has_ended(r, h->ahead.from_s)))
		return TT_OK;
	if (fault)
		return note(h, r->commitment, fault, err);
	for (size_t i = 0; i < n_deals; i++) {
		if (deals[i].kind != TT_DEAL_BUY && deals[i].row == row)
			of[n++] = deals[i];
	}
	if (n > 1)
		qsort(of, n, sizeof *of, by_time);
	TT_TRY(commitment_of_row(h, r, &c, err));
	return h->is_ahead ? add_row_ahead(h, row, &c, of, n, err) : add_row(h, &c, of, n, err);
}

int tt_held_collect(tt_held *h, const tt_case *c, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_deal *of = tt_zalloc(c->n_deals + 1, sizeof *of);

	if (!of)
		return tt_no_memory(err);
	for (size_t i = 0; i < h->s->table[TT_COMMITMENTS].n; i++)
		TT_TRY(collect_row(h, i, c->deals, c->n_deals, of, err));
	for (size_t i = 0; i < c->n_deals; i++) {
		if (c->deals[i].kind != TT_DEAL_BUY)
			continue;
		if (h->is_ahead || (c->deals[i].from_s < h->s->end_s &&
				    c->deals[i].to_s > h->s->start_s))
			TT_TRY(add_bought(h, &c->deals[i], err));
	}
	return TT_OK;
}
