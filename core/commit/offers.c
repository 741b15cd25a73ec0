#include "commit/offers.h"
#include "base/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct { const char *pricing; int64_t term_h; } terms[] = {
	{ "commit_1y", 8760 }, { "commit_3y", 26280 },
};
static const char *const payments[] = { "none", "partial", "all" };

/* Cards of one instance; 0: not known, or not whole. */
static int64_t cards_of(const tt_price_row *row, const tt_node_row *like)
{
	const double gpus = row && row->gpus > 0 ? row->gpus : like->gpus;

	return gpus >= 1 && gpus < 1e6 && gpus == floor(gpus) ? (int64_t)gpus : 0;
}

/* What one instance costs on these terms, for one unit; MISSING: not known. */
static tt_decimal unit_price(const tt_snapshot *s, const tt_eligible_pool *p, size_t i, bool whole,
                             const char *pricing, const char *payment,
                             const tt_price_row **ret_row)
{
	const tt_node_row *like = &p->likes[i];
	const bool on_demand = strcmp(pricing, "on_demand") == 0;
	const tt_price_row *row = on_demand ? tt_price_listed(s, like)
	                                    : tt_price_offered(s, like, pricing, payment);
	tt_decimal price = row ? row->price_per_hour
	                       : on_demand ? like->price_per_hour : TT_DECIMAL_MISSING;

	*ret_row = row;
	if (price == TT_DECIMAL_MISSING || !p->cards || whole)
		return price;

	const int64_t cards = cards_of(row, like);

	return cards ? tt_div_half_even(price, cards) : TT_DECIMAL_MISSING;
}

/* The price that all that is in the pool has; MISSING: one has none, or they differ. */
static tt_decimal common_price(const tt_snapshot *s, const tt_eligible_pool *p, bool whole,
                               const char *pricing, const char *payment,
                               const tt_price_row **ret_row, bool *ret_differ)
{
	tt_decimal price = unit_price(s, p, 0, whole, pricing, payment, ret_row);

	*ret_differ = false;
	for (size_t i = 1; i < p->n_likes && price != TT_DECIMAL_MISSING; i++) {
		const tt_price_row *row;
		const tt_decimal other = unit_price(s, p, i, whole, pricing, payment, &row);

		*ret_differ = other != TT_DECIMAL_MISSING && other != price;
		if (other != price)
			price = TT_DECIMAL_MISSING;
	}
	return price;
}

int64_t tt_offers_cards(const tt_snapshot *s, const tt_eligible_pool *p)
{
	int64_t cards = 0;

	for (size_t i = 0; i < p->n_likes; i++) {
		const int64_t n = cards_of(tt_price_listed(s, &p->likes[i]), &p->likes[i]);

		if (!n || (cards && cards != n))
			return 0;
		cards = n;
	}
	return cards;
}

int tt_offers_add(tt_offers *o, tt_arena *arena, const tt_offer *offer, tt_err *err)
{
	tt_offer *v = tt_arena_alloc(arena, (o->n + 1) * sizeof *v);

	if (!v)
		return tt_no_memory(err);
	if (o->n)
		memcpy(v, o->v, o->n * sizeof *v);
	v[o->n++] = *offer;
	o->v = v;
	return TT_OK;
}

static int add_listed(const tt_snapshot *s, const tt_eligible_pool *p, bool whole, size_t term,
                      const char *payment, tt_arena *arena, tt_offers *o, tt_err *err)
{
	const char *pricing = terms[term].pricing;
	const tt_price_row *row;
	bool differ;
	const tt_decimal rate = common_price(s, p, whole, pricing, payment, &row, &differ);
	char name[64];

	if (rate == TT_DECIMAL_MISSING || rate <= 0)
		return TT_OK;

	const int n = snprintf(name, sizeof name, "%s %s", pricing, payment);
	tt_offer offer = { tt_arena_text(arena, name, (size_t)n), pricing, payment,
		terms[term].term_h, rate, 0, row->as_of, NULL, 0, 0, 0 };

	if (strcmp(payment, "all") == 0)
		offer.upfront = rate * terms[term].term_h;
	else if (strcmp(payment, "partial") == 0) /* the price book has it of an instance */
		offer.upfront = row->upfront == TT_DECIMAL_MISSING || (p->cards && !whole) ?
			TT_DECIMAL_MISSING : row->upfront;
	return offer.name ? tt_offers_add(o, arena, &offer, err) : tt_no_memory(err);
}

static int listed(const tt_snapshot *s, const tt_eligible_pool *p, bool whole, tt_arena *arena,
                  tt_offers *ret, tt_err *err)
{
	const int64_t cards = p->cards && whole ? tt_offers_cards(s, p) : 1;
	tt_offers o = { .price_per_hour = TT_DECIMAL_MISSING, .unit = TT_ELIGIBLE_ONE * cards,
		.unit_cards = p->cards ? cards : 0 };
	const tt_price_row *row;
	bool differ = false;

	if (cards)
		o.price_per_hour = common_price(s, p, whole, "on_demand", "", &row, &differ);
	for (size_t t = 0; cards && t < sizeof terms / sizeof *terms; t++)
		for (size_t k = 0; k < sizeof payments / sizeof *payments; k++)
			TT_TRY(add_listed(s, p, whole, t, payments[k], arena, &o, err));
	if (!cards)
		o.why = "its instances have no cards that are known, or different numbers of them";
	else if (differ)
		o.why = "what is in it costs different amounts on demand, so no commitment is "
		        "for all of it";
	else if (o.price_per_hour == TT_DECIMAL_MISSING)
		o.why = "it has no price on demand, in prices.csv or nodes.csv";
	else if (!o.n)
		o.why = "prices.csv has no commit_1y or commit_3y for it";
	*ret = o;
	return TT_OK;
}

static int add_ratio(const char *text, size_t n, tt_arena *arena, tt_offers *o, tt_err *err)
{
	tt_offer offer = { .pricing = "", .payment = "", .as_of_s = TT_TIME_MISSING,
		.name = tt_arena_text(arena, text, n) };

	if (!offer.name)
		return tt_no_memory(err);
	if (tt_decimal_parse(text, n, &offer.rate_per_hour) || offer.rate_per_hour <= 0 ||
	    offer.rate_per_hour >= TT_DECIMAL_ONE)
		return tt_fail(err, TT_EINVAL, "--rate-ratio has \"%.*s\", expected numbers "
		               "between 0 and 1 (what is committed, over on demand) like 0.63,0.35",
		               TT_SHOWN(offer.name));
	return tt_offers_add(o, arena, &offer, err);
}

int tt_offers_at_ratios(const char *text, const tt_eligible_pool *p, tt_arena *arena,
                        tt_offers *ret, tt_err *err)
{
	tt_offers o = { .price_per_hour = TT_DECIMAL_ONE, .unit = TT_ELIGIBLE_ONE,
		.unit_cards = p && p->cards };

	for (const char *at = text;; at++) {
		const size_t n = strcspn(at, ",");

		TT_TRY(add_ratio(at, n, arena, &o, err));
		at += n;
		if (!*at)
			break;
	}
	*ret = o;
	return TT_OK;
}

int tt_offers_make(const tt_snapshot *s, const tt_eligible_pool *p, bool whole,
                   const char *ratios, tt_arena *arena, tt_offers *ret, tt_err *err)
{
	return ratios ? tt_offers_at_ratios(ratios, p, arena, ret, err)
	              : listed(s, p, whole, arena, ret, err);
}

size_t tt_offer_quarters(const tt_offer *o)
{
	enum { YEAR = 4 };

	return o->term_h ? (size_t)((o->term_h + TT_QUARTER_H - 1) / TT_QUARTER_H) : YEAR;
}
