#include "commit/offer_file.h"
#include "base/file.h"
#include "base/text.h"
#include "maths/payments.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { OFFERS_MOST = 1000, RATES_MOST = 1000, BYTES_MOST = 1 << 20, DAY_H = 24 };
enum { MONTHS_MOST = 120, DAYS_MOST = 366 };
#define UNITS_MOST 1e9

bool tt_offer_scope_has(const tt_offer_scope *scope, const tt_node_row *like)
{
	return (!*scope->provider || strcmp(scope->provider, like->provider) == 0) &&
	       (!*scope->region || strcmp(scope->region, like->region) == 0) &&
	       (!*scope->instance_type ||
	        strcmp(scope->instance_type, like->instance_type) == 0) &&
	       (!*scope->gpu_model || strcasecmp(scope->gpu_model, like->gpu_model) == 0);
}

/* --- Values -------------------------------------------------------------------------------- */

static int text(const tt_strict *r, const tt_yaml *map, const char *key, const char **ret)
{
	const tt_yaml *y = tt_yaml_get(map, key);

	*ret = "";
	return y ? tt_strict_text(r, y, key, ret) : TT_OK;
}

static int scope(const tt_strict *r, const tt_yaml *map, tt_offer_scope *ret)
{
	TT_TRY(text(r, map, "provider", &ret->provider));
	TT_TRY(text(r, map, "region", &ret->region));
	TT_TRY(text(r, map, "instance_type", &ret->instance_type));
	TT_TRY(text(r, map, "gpu_model", &ret->gpu_model));
	return text(r, map, "owner", &ret->owner);
}

/* A whole number; `missing` where it is not said. */
static int whole(const tt_strict *r, const tt_yaml *map, const char *key, int64_t least,
                 int64_t most, int64_t missing, int64_t *ret)
{
	const tt_yaml *y = tt_yaml_get(map, key);
	char expected[80];

	*ret = missing;
	if (!y || (y->kind == TT_YAML_SCALAR && tt_parse_i64(y->text, strlen(y->text), ret) &&
	           *ret >= least && *ret <= most))
		return TT_OK;
	snprintf(expected, sizeof expected, "a whole number from %" PRId64 " to %" PRId64, least,
	         most);
	return tt_strict_wrong(r, y, key, expected);
}

static int money(const tt_strict *r, const tt_yaml *map, const char *key, tt_decimal *ret)
{
	const tt_yaml *y = tt_yaml_get(map, key);

	*ret = TT_DECIMAL_MISSING;
	if (!y)
		return TT_OK;
	TT_TRY(tt_strict_money(r, y, key, ret));
	if (*ret >= (tt_decimal)INT64_C(1000000000000) * TT_DECIMAL_ONE)
		return tt_strict_wrong(r, y, key, "an amount below 10^12");
	return TT_OK;
}

static int time_of(const tt_strict *r, const tt_yaml *map, const char *key, int64_t *ret)
{
	const tt_yaml *y = tt_yaml_get(map, key);

	*ret = TT_TIME_MISSING;
	return y ? tt_strict_time(r, y, key, ret) : TT_OK;
}

/* Nothing ends before it starts. */
static int in_order(const tt_strict *r, const tt_yaml *map, const char *id, int64_t from_s,
                    int64_t until_s)
{
	const tt_yaml *y = tt_yaml_get(map, "until");

	if (from_s == TT_TIME_MISSING || until_s == TT_TIME_MISSING || from_s < until_s)
		return TT_OK;
	return tt_strict_fail(r, tt_strict_at(r, y), "\"%s\" ends before it starts: until is "
	                      "\"%.*s\", from \"%.*s\"", id, TT_SHOWN(y->text),
	                      TT_SHOWN(tt_yaml_get(map, "from")->text));
}

/* Letters, digits and - _ . : never the name of an offer of prices.csv, which has a blank. */
static int id_of(const tt_strict *r, const tt_yaml *map, const char *what, const char **ret)
{
	const tt_yaml *y;

	TT_TRY(tt_strict_need(r, map, what, "id", &y));
	TT_TRY(tt_strict_text(r, y, "id", ret));
	for (const char *s = *ret; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		      (*s >= '0' && *s <= '9') || strchr("-_.", *s)) || s - *ret >= 64)
			return tt_strict_wrong(r, y, "id", "letters, digits, - _ and . , at most "
			                       "64 of them");
	return TT_OK;
}

/* --- An offer ------------------------------------------------------------------------------ */

static const char *const kinds[] = { "reserved_instance", "committed_use", "savings_plan",
	"capacity_block", NULL };
static const char *const payments[] = { "none", "all", NULL };

#define SCOPE "provider", "region", "instance_type", "gpu_model"
#define COMMON "id", "kind", "from", "until", "as_of", "note", "owner", SCOPE
static const char *const unit_keys[] = { COMMON, "term_months", "price_per_hour", "payment",
	"upfront", "monthly", "gpus", "least_units", "most_units", "units_per_purchase", NULL };
static const char *const money_keys[] = { COMMON, "term_months", "payment", "rates",
	"least_per_hour", "most_per_hour", NULL };
static const char *const block_keys[] = { COMMON, "starts_at", "days", "price_per_hour", "upfront",
	"gpus", "most_units", "units_per_purchase", NULL };
static const char *const rate_keys[] = { SCOPE, "price_per_hour", "discount_ratio", NULL };
static const char *const need_keys[] = { "id", "owner", "note", SCOPE, "units", "from", "until",
	NULL };

static int payment(const tt_strict *r, const tt_yaml *map, const char **ret)
{
	const tt_yaml *y = tt_yaml_get(map, "payment");
	size_t i = 0;

	*ret = payments[0];
	if (!y)
		return TT_OK;
	TT_TRY(tt_strict_text(r, y, "payment", ret));
	while (payments[i] && strcmp(payments[i], *ret) != 0)
		i++;
	return payments[i] ? TT_OK : tt_strict_wrong(r, y, "payment", "none or all; what is paid "
	                                             "in part at the start has upfront and "
	                                             "monthly");
}

/* What one unit costs: by the hour, or as it is paid. Neither: not known. */
static int price(const tt_strict *r, const tt_yaml *map, tt_listed_offer *o)
{
	const tt_yaml *by_hour = tt_yaml_get(map, "price_per_hour");
	tt_decimal hourly, monthly;

	TT_TRY(money(r, map, "price_per_hour", &hourly));
	TT_TRY(money(r, map, "upfront", &o->upfront));
	TT_TRY(money(r, map, "monthly", &monthly));
	TT_TRY(payment(r, map, &o->payment));
	o->rate_per_hour = hourly;
	if (hourly == TT_DECIMAL_MISSING && o->upfront == TT_DECIMAL_MISSING &&
	    monthly == TT_DECIMAL_MISSING)
		return TT_OK;
	if (hourly != TT_DECIMAL_MISSING &&
	    (o->upfront != TT_DECIMAL_MISSING || monthly != TT_DECIMAL_MISSING))
		return tt_strict_fail(r, tt_strict_at(r, by_hour), "\"%s\" has price_per_hour "
		                      "beside upfront or monthly, expected one or the other",
		                      o->id);
	if (hourly != TT_DECIMAL_MISSING) {
		o->upfront = strcmp(o->payment, "all") == 0 ? hourly * o->term_h : 0;
		return TT_OK;
	}
	if (tt_yaml_get(map, "payment"))
		return tt_strict_fail(r, tt_strict_at(r, tt_yaml_get(map, "payment")), "\"%s\" "
		                      "has payment beside upfront or monthly, which say it",
		                      o->id);
	o->upfront = o->upfront == TT_DECIMAL_MISSING ? 0 : o->upfront;
	monthly = monthly == TT_DECIMAL_MISSING ? 0 : monthly;
	o->payment = !o->upfront ? "none" : monthly ? "partial" : "all";
	return tt_payments_rate(&(tt_payments){ o->upfront, monthly, (uint32_t)(o->term_h /
	                        TT_PAYMENTS_MONTH_H), 0 }, &o->rate_per_hour, r->err);
}

static int term(const tt_strict *r, const tt_yaml *map, tt_listed_offer *o)
{
	const tt_yaml *y;
	int64_t months;

	TT_TRY(tt_strict_need(r, map, "an offer", "term_months", &y));
	TT_TRY(whole(r, map, "term_months", 1, MONTHS_MOST, 0, &months));
	o->term_h = months * TT_PAYMENTS_MONTH_H;
	return TT_OK;
}

static int units(const tt_strict *r, const tt_yaml *map, tt_listed_offer *o)
{
	if (!*o->scope.instance_type && !*o->scope.gpu_model)
		return tt_strict_fail(r, o->at, "\"%s\" has neither instance_type nor gpu_model, "
		                      "expected one: what a unit of it is", o->id);
	TT_TRY(whole(r, map, "gpus", 1, 1000000, 0, &o->gpus));
	TT_TRY(whole(r, map, "least_units", 1, (int64_t)UNITS_MOST, 0, &o->least));
	TT_TRY(whole(r, map, "most_units", 1, (int64_t)UNITS_MOST, 0, &o->most));
	TT_TRY(whole(r, map, "units_per_purchase", 1, 1000000, 1, &o->lot));
	if (o->most && (o->most < o->least || o->most < o->lot))
		return tt_strict_wrong(r, tt_yaml_get(map, "most_units"), "most_units",
		                       "at least least_units and units_per_purchase");
	return TT_OK;
}

static int of_units(const tt_strict *r, const tt_yaml *map, tt_listed_offer *o)
{
	TT_TRY(tt_strict_only(r, map, "an offer of units", unit_keys));
	TT_TRY(term(r, map, o));
	TT_TRY(units(r, map, o));
	return price(r, map, o);
}

static int rate(const tt_strict *r, const tt_yaml *map, tt_offer_rate *ret)
{
	const tt_yaml *y;

	TT_TRY(tt_strict_only(r, map, "a rate", rate_keys));
	y = tt_yaml_get(map, "discount_ratio");
	TT_TRY(scope(r, map, &ret->scope));
	TT_TRY(money(r, map, "price_per_hour", &ret->price_per_hour));
	TT_TRY(money(r, map, "discount_ratio", &ret->discount_ratio));
	if (y && !(ret->discount_ratio > 0 && ret->discount_ratio < TT_DECIMAL_ONE))
		return tt_strict_wrong(r, y, "discount_ratio", "a number between 0 and 1");
	if ((ret->price_per_hour == TT_DECIMAL_MISSING) == !y)
		return tt_strict_fail(r, tt_strict_at(r, map), "a rate has %s of price_per_hour "
		                      "and discount_ratio, expected one", y ? "both" : "neither");
	if (ret->price_per_hour == 0)
		return tt_strict_wrong(r, tt_yaml_get(map, "price_per_hour"), "price_per_hour",
		                       "more than 0");
	return TT_OK;
}

static int of_money(const tt_strict *r, const tt_yaml *map, tt_listed_offer *o)
{
	const tt_yaml *y;
	tt_offer_rate *v;

	TT_TRY(tt_strict_only(r, map, "an offer of money", money_keys));
	TT_TRY(term(r, map, o));
	TT_TRY(payment(r, map, &o->payment));
	TT_TRY(money(r, map, "least_per_hour", &o->least_per_hour));
	TT_TRY(money(r, map, "most_per_hour", &o->most_per_hour));
	o->least_per_hour = o->least_per_hour == TT_DECIMAL_MISSING ? 0 : o->least_per_hour;
	o->most_per_hour = o->most_per_hour == TT_DECIMAL_MISSING ? 0 : o->most_per_hour;
	if (o->most_per_hour && o->most_per_hour < o->least_per_hour)
		return tt_strict_wrong(r, tt_yaml_get(map, "most_per_hour"), "most_per_hour",
		                       "at least least_per_hour");
	y = tt_yaml_get(map, "rates");
	if (!y) /* no price is said */
		return TT_OK;
	TT_TRY(tt_strict_list(r, y, "rates", RATES_MOST));
	v = tt_arena_alloc(r->arena, (y->n + 1) * sizeof *v);
	if (!v)
		return tt_no_memory(r->err);
	for (size_t i = 0; i < y->n; i++)
		TT_TRY(rate(r, y->items[i], &v[i]));
	o->rates = v;
	o->n_rates = y->n;
	return TT_OK;
}

static int of_days(const tt_strict *r, const tt_yaml *map, tt_listed_offer *o)
{
	const tt_yaml *y;
	int64_t days;

	TT_TRY(tt_strict_only(r, map, "a capacity block", block_keys));
	TT_TRY(tt_strict_need(r, map, "a capacity block", "starts_at", &y));
	TT_TRY(tt_strict_time(r, y, "starts_at", &o->starts_s));
	TT_TRY(tt_strict_need(r, map, "a capacity block", "days", &y));
	TT_TRY(whole(r, map, "days", 1, DAYS_MOST, 0, &days));
	o->term_h = days * DAY_H;
	TT_TRY(units(r, map, o));
	TT_TRY(money(r, map, "price_per_hour", &o->rate_per_hour));
	TT_TRY(money(r, map, "upfront", &o->upfront));
	if (o->rate_per_hour != TT_DECIMAL_MISSING && o->upfront != TT_DECIMAL_MISSING)
		return tt_strict_fail(r, tt_strict_at(r, tt_yaml_get(map, "upfront")), "\"%s\" "
		                      "has price_per_hour beside upfront, expected one or the "
		                      "other", o->id);
	if (o->upfront != TT_DECIMAL_MISSING)
		o->rate_per_hour = tt_div_half_even(o->upfront, o->term_h);
	else if (o->rate_per_hour != TT_DECIMAL_MISSING)
		o->upfront = o->rate_per_hour * o->term_h;
	o->payment = "all";
	return TT_OK;
}

static int kind(const tt_strict *r, const tt_yaml *map, tt_listed_offer *o)
{
	const tt_yaml *y;
	size_t i = 0;

	TT_TRY(tt_strict_need(r, map, "an offer", "kind", &y));
	TT_TRY(tt_strict_text(r, y, "kind", &o->kind));
	while (kinds[i] && strcmp(kinds[i], o->kind) != 0)
		i++;
	if (!kinds[i])
		return tt_strict_unknown(r, y, "kind of an offer", kinds);
	o->kind = kinds[i];
	o->sold = strcmp(o->kind, "capacity_block") == 0 ? TT_SOLD_IN_DAYS :
		  strcmp(o->kind, "savings_plan") == 0 || tt_yaml_get(map, "rates") ?
		  TT_SOLD_IN_MONEY : TT_SOLD_IN_UNITS;
	return TT_OK;
}

static int offer(const tt_strict *r, const tt_yaml *map, int64_t as_of_s, tt_listed_offer *o)
{
	if (map->kind != TT_YAML_MAP)
		return tt_strict_wrong(r, map, "an offer", "keys with values");
	*o = (tt_listed_offer){ .at = tt_strict_at(r, map), .lot = 1, .payment = "none",
		.rate_per_hour = TT_DECIMAL_MISSING, .upfront = TT_DECIMAL_MISSING,
		.starts_s = TT_TIME_MISSING };
	TT_TRY(id_of(r, map, "an offer", &o->id));
	TT_TRY(kind(r, map, o));
	TT_TRY(scope(r, map, &o->scope));
	TT_TRY(o->sold == TT_SOLD_IN_UNITS ? of_units(r, map, o) :
	       o->sold == TT_SOLD_IN_MONEY ? of_money(r, map, o) : of_days(r, map, o));
	TT_TRY(time_of(r, map, "from", &o->from_s));
	TT_TRY(time_of(r, map, "until", &o->until_s));
	TT_TRY(in_order(r, map, o->id, o->from_s, o->until_s));
	TT_TRY(time_of(r, map, "as_of", &o->as_of_s));
	o->as_of_s = o->as_of_s == TT_TIME_MISSING ? as_of_s : o->as_of_s;
	return TT_OK;
}

static int need(const tt_strict *r, const tt_yaml *map, tt_dated_need *ret)
{
	const tt_yaml *y;

	TT_TRY(tt_strict_only(r, map, "a need", need_keys));
	ret->at = tt_strict_at(r, map);
	TT_TRY(id_of(r, map, "a need", &ret->id));
	TT_TRY(scope(r, map, &ret->scope));
	TT_TRY(tt_strict_need(r, map, "a need", "units", &y));
	TT_TRY(whole(r, map, "units", 1, (int64_t)UNITS_MOST, 0, &ret->units));
	TT_TRY(tt_strict_need(r, map, "a need", "from", &y));
	TT_TRY(tt_strict_need(r, map, "a need", "until", &y));
	TT_TRY(time_of(r, map, "from", &ret->from_s));
	TT_TRY(time_of(r, map, "until", &ret->until_s));
	return in_order(r, map, ret->id, ret->from_s, ret->until_s);
}

/* --- The file ------------------------------------------------------------------------------ */

static int once_only(const tt_strict *r, const char *id, tt_at at, const char *other, tt_at before)
{
	if (strcmp(id, other) != 0)
		return TT_OK;
	return tt_strict_fail(r, at, "id \"%s\" is there twice, first in line %d", id,
	                      before.line);
}

static int offers(const tt_strict *r, const tt_yaml *y, int64_t as_of_s, tt_offer_file *f)
{
	if (!y)
		return TT_OK;
	TT_TRY(tt_strict_list(r, y, "offers", OFFERS_MOST));
	f->v = tt_arena_alloc(r->arena, (y->n + 1) * sizeof *f->v);
	if (!f->v)
		return tt_no_memory(r->err);
	for (size_t i = 0; i < y->n; i++) {
		TT_TRY(offer(r, y->items[i], as_of_s, &f->v[i]));
		for (size_t k = 0; k < i; k++)
			TT_TRY(once_only(r, f->v[i].id, f->v[i].at, f->v[k].id, f->v[k].at));
	}
	f->n = y->n;
	return TT_OK;
}

static int needs(const tt_strict *r, const tt_yaml *y, tt_offer_file *f)
{
	if (!y)
		return TT_OK;
	TT_TRY(tt_strict_list(r, y, "needs", OFFERS_MOST));
	f->needs = tt_arena_alloc(r->arena, (y->n + 1) * sizeof *f->needs);
	if (!f->needs)
		return tt_no_memory(r->err);
	for (size_t i = 0; i < y->n; i++) {
		TT_TRY(need(r, y->items[i], &f->needs[i]));
		for (size_t k = 0; k < i; k++)
			TT_TRY(once_only(r, f->needs[i].id, f->needs[i].at, f->needs[k].id,
			                 f->needs[k].at));
	}
	f->n_needs = y->n;
	return TT_OK;
}

int tt_offer_file_read(const char *path, tt_arena *arena, tt_offer_file *ret, tt_err *err)
{
	static const char *const keys[] = { "offers", "needs", "as_of", "currency", "note", NULL };
	TT_CLEANUP(tt_freep) char *bytes = NULL;
	const tt_strict r = { path, arena, err };
	tt_offer_file f = { .path = path };
	int64_t as_of_s;
	tt_yaml *y;
	size_t n;

	TT_TRY(tt_file_read(path, BYTES_MOST, &bytes, &n, err));
	TT_TRY(tt_yaml_parse(path, bytes, n, arena, &y, err));
	TT_TRY(tt_strict_only(&r, y, "the file", keys));
	snprintf(f.digest, sizeof f.digest, "%016" PRIx64, tt_hash(TT_HASH_START, bytes, n));
	TT_TRY(text(&r, y, "currency", &f.currency));
	TT_TRY(time_of(&r, y, "as_of", &as_of_s));
	TT_TRY(offers(&r, tt_yaml_get(y, "offers"), as_of_s, &f));
	TT_TRY(needs(&r, tt_yaml_get(y, "needs"), &f));
	if (!f.n)
		return tt_strict_fail(&r, tt_strict_at(&r, y), "the file has no offers");
	*ret = f;
	return TT_OK;
}
