#include "commit/verify.h"
#include "commit/net_read.h"
#include "commit/resale.h"
#include "commit/verify_fields.h"
#include "base/clock.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

/* --- Reading ------------------------------------------------------------------------------- */

/* A ratio of 0 to 1 with at most six decimals. */
static int read_millionths(const tt_verify_file *f, const tt_yaml *map, const char *key,
                           uint32_t *ret, tt_err *err)
{
	const tt_decimal one = TT_DECIMAL_ONE / TT_CAUTION_ALL;
	const char *s = tt_verify_text_of(map, key);
	tt_decimal d;

	if (!s || tt_decimal_parse(s, strlen(s), &d) || d < 0 || d > TT_DECIMAL_ONE || d % one)
		return tt_verify_wrong(f->path, tt_yaml_get(map, key), key,
		                       "a number from 0 to 1 with six decimals", err);
	*ret = (uint32_t)(d / one);
	return TT_OK;
}

static int read_caution(const tt_verify_file *f, const tt_yaml *map, tt_caution *ret, tt_err *err)
{
	TT_TRY(read_millionths(f, map, "stranding_weight", &ret->weight_millionths, err));
	TT_TRY(read_millionths(f, map, "stranding_tail", &ret->level_millionths, err));
	if (ret->level_millionths == TT_CAUTION_ALL)
		return tt_verify_wrong(f->path, tt_yaml_get(map, "stranding_tail"),
		                       "stranding_tail", "a number below 1", err);
	return read_millionths(f, map, "migration_hazard", &ret->moves_millionths, err);
}

static bool is_one_of(const char *s, const char *a, const char *b)
{
	return strcmp(s, a) == 0 || strcmp(s, b) == 0;
}

/* Purchases that are of no pool. */
static size_t beside(const tt_yaml *y, const char *key)
{
	const tt_yaml *map = tt_yaml_get(y, key);
	const tt_yaml *list = map && map->kind == TT_YAML_MAP ? tt_yaml_get(map, "purchases")
	                                                      : NULL;

	return list && list->kind == TT_YAML_LIST ? list->n : 0;
}

/* The horizon and what is said of all pools. */
static int read_frame(tt_verify_file *f, const tt_yaml *y, tt_err *err)
{
	int64_t quarters;

	f->horizon = tt_yaml_get(y, "horizon");
	if (!f->horizon || f->horizon->kind != TT_YAML_MAP)
		return tt_verify_wrong(f->path, f->horizon, "horizon", "an object with quarters",
		                       err);
	TT_TRY(tt_verify_whole(f->path, f->horizon, "quarters", 40, &quarters, err));
	if (!quarters) /* as an option 0 would mean: as many as there had better be */
		return tt_verify_wrong(f->path, tt_yaml_get(f->horizon, "quarters"), "quarters",
		                       "1 to 40", err);
	f->quarters = (size_t)quarters;
	f->total = tt_yaml_get(y, "total");
	if (!f->total || f->total->kind != TT_YAML_MAP)
		return tt_verify_wrong(f->path, f->total, "total", "an object with cost", err);
	return TT_OK;
}

int tt_verify_read(const char *path, tt_arena *arena, tt_verify_file *ret, tt_err *err)
{
	tt_verify_file f = { .path = path };
	const char *schema, *purchases;
	size_t by = 0;
	tt_yaml *y;

	TT_TRY(tt_yaml_load(path, arena, &y, err));
	if (y->kind != TT_YAML_MAP)
		return tt_verify_wrong(path, y, "the file",
		                       "what trimtab commit --format json writes", err);
	TT_TRY(tt_verify_text(path, y, "schema", "\"trimtab.commit/1\"", &schema, err));
	if (strcmp(schema, "trimtab.commit/1") != 0)
		return tt_verify_wrong(path, tt_yaml_get(y, "schema"), "schema",
		                       "\"trimtab.commit/1\"", err);
	TT_TRY(tt_verify_text(path, y, "purchases", "\"quarterly\"", &purchases, err));
	if (strcmp(purchases, "quarterly") != 0)
		return tt_verify_wrong(path, tt_yaml_get(y, "purchases"), "purchases",
		                       "\"quarterly\"", err);
	TT_TRY(tt_verify_text(path, y, "pool_by", "a word of --pool-by", &f.pool_by, err));
	while (tt_pool_by_words[by] && strcmp(tt_pool_by_words[by], f.pool_by) != 0)
		by++;
	if (!tt_pool_by_words[by])
		return tt_verify_wrong(path, tt_yaml_get(y, "pool_by"), "pool_by",
		                       "a word of --pool-by", err);
	TT_TRY(tt_verify_text(path, y, "unit", "card or instance", &f.unit, err));
	if (!is_one_of(f.unit, "card", "instance"))
		return tt_verify_wrong(path, tt_yaml_get(y, "unit"), "unit", "card or instance",
		                       err);
	TT_TRY(tt_verify_text(path, y, "gaps", "drop or keep", &f.gaps, err));
	if (!is_one_of(f.gaps, "drop", "keep"))
		return tt_verify_wrong(path, tt_yaml_get(y, "gaps"), "gaps", "drop or keep", err);
	f.rate_ratio = tt_verify_text_of(y, "rate_ratio");
	f.n_beside = beside(y, "money") + beside(y, "blocks");
	if (tt_yaml_get(y, "offers") && tt_yaml_get(y, "offers")->kind == TT_YAML_MAP) {
		const tt_yaml *offers = tt_yaml_get(y, "offers");

		TT_TRY(tt_verify_text(path, offers, "file", "a file of offers", &f.offers, err));
		TT_TRY(tt_verify_text(path, offers, "digest", "16 hexadecimal digits", &f.digest,
		                      err));
	}
	TT_TRY(read_caution(&f, y, &f.caution, err));
	TT_TRY(read_millionths(&f, y, "discount_rate", &f.discount_millionths, err));
	f.resale = tt_verify_text_of(y, "resale_ratio") != NULL;
	if (f.resale)
		TT_TRY(read_millionths(&f, y, "resale_ratio", &f.resale_millionths, err));
	TT_TRY(read_frame(&f, y, err));
	TT_TRY(tt_verify_list(path, y, "pools", &f.pools, err));
	TT_TRY(tt_net_read(path, tt_yaml_get(y, "net_of"), arena, &f.net, &f.is_net, err));
	*ret = f;
	return TT_OK;
}

/* --- A pool -------------------------------------------------------------------------------- */

/* An offer and a quarter, as the place of the purchase in the ladder. */
static int read_place(const tt_verify_file *f, const tt_yaml *y, const tt_plans_pool *p,
                      size_t *ret, tt_err *err)
{
	const char *offer;
	int64_t quarter;
	size_t k = 0;

	TT_TRY(tt_verify_text(f->path, y, "offer", "the name of an offer", &offer, err));
	TT_TRY(tt_verify_whole(f->path, y, "quarter", 40, &quarter, err));
	while (k < p->offers.n && strcmp(p->offers.v[k].name, offer) != 0)
		k++;
	if (k == p->offers.n)
		return tt_verify_wrong(f->path, tt_yaml_get(y, "offer"), "offer",
		                       "one that there is for this pool", err);
	if (quarter < 1 || (size_t)quarter > p->rolling.n_quarters)
		return tt_verify_wrong(f->path, tt_yaml_get(y, "quarter"), "quarter",
		                       "one of the horizon's, from 1", err);
	*ret = ((size_t)quarter - 1) * p->offers.n + k;
	return TT_OK;
}

static int read_purchases(const tt_verify_file *f, const tt_yaml *pool, const tt_plans_pool *p,
                          int64_t *bought, tt_err *err)
{
	const tt_yaml *list;

	TT_TRY(tt_verify_list(f->path, pool, "purchases", &list, err));
	for (size_t i = 0; i < list->n; i++) {
		int64_t units;
		size_t at;

		TT_TRY(read_place(f, list->items[i], p, &at, err));
		TT_TRY(tt_verify_whole(f->path, list->items[i], "units", TT_FLOW_MANY / 64,
		                       &units, err));
		bought[at] += units;
		if (!tt_condition_holds(&p->offers.v[at % p->offers.n], bought[at]))
			return tt_verify_wrong(f->path, tt_yaml_get(list->items[i], "units"),
			                       "units",
			                       "a number that the offer can be bought in", err);
	}
	return TT_OK;
}

/* Which limits the plan was made within, of the purchases that are `asked`. */
static int read_conditions(const tt_verify_file *f, const tt_yaml *pool, const tt_plans_pool *p,
                           const tt_ladder_offer *asked, tt_arena *arena, tt_conditions *ret,
                           tt_err *err)
{
	const tt_yaml *list;

	TT_TRY(tt_verify_list(f->path, pool, "conditions", &list, err));
	*ret = (tt_conditions){ .v = tt_arena_alloc(arena, (list->n + 1) * sizeof *ret->v) };
	if (!ret->v)
		return tt_no_memory(err);
	for (size_t i = 0; i < list->n; i++) {
		tt_limit *l = &ret->v[ret->n++];
		const tt_offer *o;

		TT_TRY(read_place(f, list->items[i], p, &l->at, err));
		o = &p->offers.v[l->at % p->offers.n];
		TT_TRY(tt_verify_whole(f->path, list->items[i], "least_units", TT_FLOW_MANY / 64,
		                       &l->least, err));
		l->most = TT_FLOW_MANY;
		if (tt_verify_text_of(list->items[i],
		                      "most_units")) TT_TRY(tt_verify_whole(f->path,
		                      list->items[i], "most_units", TT_FLOW_MANY / 64, &l->most,
		                      err));
		/* what can be had then is never more: nothing where it is not on sale */
		if ((o->lot <= 1 && o->least <= 1) || l->most < l->least ||
		    l->most > asked[l->at].most || !tt_condition_holds(o, l->least))
			return tt_verify_wrong(f->path, tt_yaml_get(list->items[i], "most_units"),
			                       "most_units",
			                       "limits that the offer's conditions make", err);
	}
	return TT_OK;
}

static int read_worths(const tt_verify_file *f, const tt_yaml *pool, const tt_plans_pool *p,
                       int64_t *worth_micro, tt_err *err)
{
	const tt_yaml *list;

	TT_TRY(tt_verify_list(f->path, pool, "certificate", &list, err));
	if (list->n != p->rolling.n_segments)
		return tt_fail(err, TT_EDATA, "%s:%d:%d: certificate has %zu parts, expected %zu: "
		               "the fleet is another one, or what it holds", f->path, list->line,
		               list->column, list->n, p->rolling.n_segments);
	for (size_t i = 0; i < list->n; i++)
		TT_TRY(tt_verify_money(f->path, list->items[i], "unit_is_worth", &worth_micro[i],
		                       err));
	return TT_OK;
}

/* A sale of holding h at the start of a segment. */
static int read_sale(const tt_verify_file *f, const tt_yaml *y, const tt_plans_pool *p, size_t *h,
                     size_t *ret_segment, int64_t *ret_units, tt_err *err)
{
	const char *name;
	int64_t part;

	TT_TRY(tt_verify_text(f->path, y, "commitment", "the id of a commitment", &name, err));
	TT_TRY(tt_verify_whole(f->path, y, "part", (int64_t)p->rolling.n_segments, &part, err));
	TT_TRY(tt_verify_whole(f->path, y, "units", TT_FLOW_MANY / 64, ret_units, err));
	for (*h = 0; *h < p->rolling.n_for_sale && strcmp(p->held_names[*h], name) != 0;)
		++*h;
	if (*h == p->rolling.n_for_sale)
		return tt_verify_wrong(f->path, tt_yaml_get(y, "commitment"), "commitment",
		                       "one of this pool that can be sold", err);
	if (part < 1 || (size_t)part > p->rolling.for_sale[*h].end)
		return tt_verify_wrong(f->path, tt_yaml_get(y, "part"), "part",
		                       "a part of the horizon in which it is held, from 1", err);
	*ret_segment = (size_t)part - 1;
	return TT_OK;
}

static int read_sales(const tt_verify_file *f, const tt_yaml *pool, const tt_plans_pool *p,
                      tt_arena *arena, int64_t ***ret, tt_err *err)
{
	const size_t n = p->rolling.n_for_sale, parts = p->rolling.n_segments;
	int64_t **sold = tt_arena_alloc(arena, (n + 1) * sizeof *sold), units;
	const tt_yaml *list;

	for (size_t h = 0; sold && h < n; h++) {
		sold[h] = tt_arena_alloc(arena, (parts + 1) * sizeof **sold);
		if (!sold[h])
			return tt_no_memory(err);
	}
	if (!sold)
		return tt_no_memory(err);
	*ret = sold;
	TT_TRY(tt_verify_list(f->path, pool, "sales", &list, err));
	for (size_t i = 0; i < list->n; i++) {
		size_t h, segment;

		TT_TRY(read_sale(f, list->items[i], p, &h, &segment, &units, err));
		sold[h][segment] += units;
	}
	return TT_OK;
}

/* --- What it says of itself ---------------------------------------------------------------- */

/* The first thing that is not as it says goes to `reason`. Errors: of what can't be read. */
typedef struct said {
	const tt_verify_file *f;
	tt_err *reason;
} said;

static void differs(const said *x, const tt_yaml *y, const char *key, const char *expected)
{
	if (!*x->reason->text)
		(void)tt_fail(x->reason, TT_EDATA, "line %d: %s is \"%.*s\", expected %s", y->line,
		              key, TT_SHOWN(tt_verify_text_of(y, key)), expected);
}

static int says_money(const said *x, const tt_yaml *y, const char *key, tt_i128 micro, tt_err *err)
{
	char text[64];
	int64_t v;

	TT_TRY(tt_verify_money(x->f->path, y, key, &v, err));
	if (v != micro)
		differs(x, y, key, micro > INT64_MAX || micro < -INT64_MAX ? "a larger sum" :
		        tt_money_json((int64_t)micro, text, sizeof text));
	return TT_OK;
}

static int says_decimal(const said *x, const tt_yaml *y, const char *key, tt_decimal v,
                        tt_err *err)
{
	const char *s = tt_verify_text_of(y, key);
	char text[64];
	tt_decimal d;

	if (!s || tt_decimal_parse(s, strlen(s), &d))
		return tt_verify_wrong(x->f->path, tt_yaml_get(y, key), key,
		                       "a rate like \"12.34\"", err);
	if (d != v)
		differs(x, y, key, tt_decimal_format(v, text, sizeof text));
	return TT_OK;
}

static int says_whole(const said *x, const tt_yaml *y, const char *key, int64_t v, tt_err *err)
{
	char text[32];
	int64_t n;

	TT_TRY(tt_verify_whole(x->f->path, y, key, INT64_MAX, &n, err));
	snprintf(text, sizeof text, "%lld", (long long)v);
	if (n != v)
		differs(x, y, key, text);
	return TT_OK;
}

static int says_time(const said *x, const tt_yaml *y, const char *key, int64_t at_s, tt_err *err)
{
	char text[TT_TIME_TEXT];
	const char *s;

	TT_TRY(tt_verify_text(x->f->path, y, key, "a time", &s, err));
	tt_time_format(at_s, text);
	if (strcmp(s, text) != 0)
		differs(x, y, key, text);
	return TT_OK;
}

static int64_t starts_s(const tt_plans *plans, const tt_rolling *r, size_t segment)
{
	int64_t at_s = plans->start_s;

	for (size_t i = 0; i < segment; i++)
		at_s += r->segments[i].hours * 3600;
	return at_s;
}

static int says_purchases(const said *x, const tt_yaml *pool, const tt_plans *plans,
                          const tt_plans_pool *p, const tt_ladder *l, tt_err *err)
{
	const tt_yaml *list;

	TT_TRY(tt_verify_list(x->f->path, pool, "purchases", &list, err));
	for (size_t i = 0; i < list->n; i++) {
		const tt_yaml *y = list->items[i];
		int64_t units;
		size_t at;

		TT_TRY(read_place(x->f, y, p, &at, err));
		TT_TRY(tt_verify_whole(x->f->path, y, "units", TT_FLOW_MANY / 64, &units, err));

		const size_t k = at % p->offers.n;
		const tt_rolling_offer *o = &p->rolling.offers[k];
		const int64_t from_s = starts_s(plans, &p->rolling, l->offers[at].start);
		const int64_t term_h = o->term_h ? o->term_h : (int64_t)o->quarters * TT_QUARTER_H;

		TT_TRY(says_time(x, y, "starts_at", from_s, err));
		TT_TRY(says_time(x, y, "ends_at", from_s + term_h * 3600, err));
		TT_TRY(says_decimal(x, y, "rate_per_hour", p->offers.v[k].rate_per_hour, err));
		TT_TRY(says_decimal(x, y, "effective_rate_per_hour", o->rate_per_hour, err));
		TT_TRY(says_money(x, y, "cost", (tt_i128)units * l->offers[at].cost_micro, err));
	}
	return TT_OK;
}

static int says_sales(const said *x, const tt_yaml *pool, const tt_plans *plans,
                      const tt_plans_pool *p, tt_err *err)
{
	const tt_yaml *list;

	TT_TRY(tt_verify_list(x->f->path, pool, "sales", &list, err));
	for (size_t i = 0; i < list->n; i++) {
		const tt_yaml *y = list->items[i];
		int64_t units;
		size_t h, part;

		TT_TRY(read_sale(x->f, y, p, &h, &part, &units, err));
		TT_TRY(says_time(x, y, "sold_at", starts_s(plans, &p->rolling, part), err));
		TT_TRY(says_money(x, y, "proceeds", !units ? 0 : (tt_i128)units *
		                  p->rolling.for_sale[h].proceeds_micro[part], err));
	}
	return TT_OK;
}

static int says_segments(const said *x, const tt_yaml *pool, const tt_plans *plans,
                         const tt_plans_pool *p, const tt_ladder_plan *plan, tt_err *err)
{
	const tt_rolling *r = &p->rolling;
	const tt_yaml *list;

	TT_TRY(tt_verify_list(x->f->path, pool, "certificate", &list, err));
	for (size_t i = 0; i < list->n; i++) {
		const tt_yaml *y = list->items[i];
		const int64_t sold = tt_resale_sold(r, plan, i, SIZE_MAX);

		TT_TRY(says_time(x, y, "starts_at", starts_s(plans, r, i), err));
		TT_TRY(says_whole(x, y, "hours", r->segments[i].hours, err));
		TT_TRY(says_whole(x, y, "held_units", r->segments[i].held - sold, err));
		TT_TRY(says_whole(x, y, "bought_units", plan->committed[i] -
		                  r->segments[i].for_sale + sold, err));
		TT_TRY(says_money(x, y, "on_demand_cost", plan->on_demand_micro[i], err));
	}
	return TT_OK;
}

/* --- Whether it holds ---------------------------------------------------------------------- */

/* Its purchases, sales and worths. */
static int read_plan(const tt_verify_file *f, const tt_yaml *pool, const tt_plans_pool *p,
                     tt_arena *arena, const tt_ladder *l, tt_ladder_plan *ret, tt_err *err)
{
	tt_ladder_plan plan = {
		.bought = tt_arena_alloc(arena, (l->n_offers + 1) * sizeof *plan.bought),
		.committed = tt_arena_alloc(arena, l->n_segments * sizeof *plan.committed),
		.on_demand_micro =
			tt_arena_alloc(arena, l->n_segments * sizeof *plan.on_demand_micro),
		.worth_micro = tt_arena_alloc(arena, l->n_segments * sizeof *plan.worth_micro) };

	if (!plan.bought || !plan.committed || !plan.on_demand_micro || !plan.worth_micro)
		return tt_no_memory(err);
	TT_TRY(read_purchases(f, pool, p, plan.bought, err));
	TT_TRY(read_sales(f, pool, p, arena, &plan.sold, err));
	TT_TRY(read_worths(f, pool, p, plan.worth_micro, err));
	*ret = plan;
	return TT_OK;
}

static int judge(const tt_verify_file *f, const tt_yaml *pool, const tt_plans *plans,
                 const tt_plans_pool *p, tt_rolling_plan *rolling, tt_arena *arena,
                 tt_verdict *ret, tt_err *err)
{
	tt_err reason = { 0 };
	const said x = { f, &reason };
	tt_conditions conditions;
	tt_ladder_plan plan;
	int64_t weighed;

	TT_TRY(read_conditions(f, pool, p, rolling->ladder.offers, arena, &conditions, err));
	ret->limited = conditions.n > 0;
	TT_TRY(tt_conditions_put(&conditions, arena, &rolling->ladder, err));
	rolling->expected.offers = rolling->ladder.offers;
	TT_TRY(read_plan(f, pool, p, arena, &rolling->ladder, &plan, err));
	TT_TRY(tt_verify_money(f->path, pool, "cost", &ret->says_micro, err));
	TT_TRY(tt_verify_money(f->path, pool, "on_demand_cost", &ret->says_none_micro, err));
	TT_TRY(tt_verify_money(f->path, pool, "weighed_cost", &weighed, err));
	ret->cost_micro = ret->says_micro; /* where what it says can't be done */
	if (tt_ladder_bill(&rolling->expected, &plan, &reason) == TT_OK) {
		ret->cost_micro = plan.cost_micro;
		plan.cost_micro = weighed;
		if (tt_ladder_check(&rolling->ladder, &plan, &reason) == TT_OK) {
			TT_TRY(says_money(&x, pool, "cost", ret->cost_micro, err));
			TT_TRY(says_money(&x, pool, "on_demand_cost", plan.none_micro, err));
			TT_TRY(says_purchases(&x, pool, plans, p, &rolling->ladder, err));
			TT_TRY(says_sales(&x, pool, plans, p, err));
			TT_TRY(says_segments(&x, pool, plans, p, &plan, err));
		}
	}
	if (*reason.text)
		ret->why = tt_arena_text(arena, reason.text, strlen(reason.text));
	return ret->why || !*reason.text ? TT_OK : tt_no_memory(err);
}

/* How many there are in a list that may be left out. */
static size_t listed(const tt_yaml *pool, const char *key)
{
	const tt_yaml *list = tt_yaml_get(pool, key);

	return list && list->kind == TT_YAML_LIST ? list->n : 0;
}

/* Nothing can be planned for it, as the fleet says and not the file: nothing may be. */
static void judge_none(const tt_yaml *pool, const char *why_none, tt_verdict *ret)
{
	ret->why_none = why_none;
	if (listed(pool, "purchases") || listed(pool, "sales"))
		ret->why = "purchases or sales are planned, where nothing can be";
	else if (tt_verify_text_of(pool, "cost") || tt_verify_text_of(pool, "on_demand_cost"))
		ret->why = "it has a cost, where nothing can be planned";
}

static int judge_pool(const tt_verify_file *f, const tt_yaml *pool, const tt_plans *plans,
                      const tt_plans_pool *p, tt_arena *arena, tt_verdict *ret, tt_err *err)
{
	tt_rolling_plan rolling;
	tt_err reason = { 0 };
	int rc = TT_OK;

	if (p->why) {
		judge_none(pool, p->why, ret);
		return TT_OK;
	}
	rc = tt_rolling_ask(&p->rolling, arena, &rolling, &reason);
	if (rc == TT_ENODATA) {
		judge_none(pool, "too little of its use is known", ret);
		return TT_OK;
	}
	if (rc)
		return tt_fail(err, rc, "pool %s: %s", p->pool->name, reason.text);
	if (tt_verify_text_of(pool, "why_none")) {
		ret->why = "it says that nothing can be planned, and this fleet has all that a "
		           "plan needs";
		return TT_OK;
	}
	return judge(f, pool, plans, p, &rolling, arena, ret, err);
}

/* --- All of them --------------------------------------------------------------------------- */

static const tt_yaml *find(const tt_verify_file *f, const tt_plans_pool *p)
{
	for (size_t i = 0; i < f->pools->n; i++) {
		const char *name = tt_verify_text_of(f->pools->items[i], "pool");
		const char *cards = tt_verify_text_of(f->pools->items[i], "unit_cards");

		if (name && strcmp(name, p->pool->name) == 0 &&
		    (cards && strcmp(cards, "0") != 0) == p->pool->cards)
			return f->pools->items[i];
	}
	return NULL;
}

/* The sums over pools and the dates, once each pool is judged by itself. */
static int judge_total(const tt_verify_file *f, const tt_plans *p, tt_arena *arena,
                       tt_verdicts *to, tt_err *err)
{
	tt_err reason = { 0 };
	const said x = { f, &reason };
	tt_i128 cost = 0, none = 0;

	for (size_t i = 0; i < to->n; i++) {
		cost += to->v[i].says_micro;
		none += to->v[i].says_none_micro;
	}
	TT_TRY(says_time(&x, f->horizon, "start", p->start_s, err));
	TT_TRY(says_time(&x, f->horizon, "end", p->end_s, err));
	TT_TRY(says_money(&x, f->total, "cost", cost, err));
	TT_TRY(says_money(&x, f->total, "on_demand_cost", none, err));
	if (!*reason.text)
		return TT_OK;
	to->why = tt_arena_text(arena, reason.text, strlen(reason.text));
	return to->why ? TT_OK : tt_no_memory(err);
}

int tt_verify_plans(const tt_verify_file *f, const tt_plans *p, tt_arena *arena,
                    tt_verdicts *ret, tt_err *err)
{
	tt_verdicts to = { .v = tt_arena_alloc(arena, (p->n + 1) * sizeof *to.v),
		.n_unchecked = f->n_beside };

	if (!to.v)
		return tt_no_memory(err);
	if (f->pools->n != p->n)
		return tt_fail(err, TT_EDATA, "%s: it has %zu pools, expected the %zu of this "
		               "fleet", f->path, f->pools->n, p->n);
	for (size_t i = 0; i < p->n; i++) {
		const tt_yaml *pool = find(f, &p->v[i]);
		tt_verdict *v = &to.v[to.n++];

		*v = (tt_verdict){ .pool = p->v[i].pool->name, .cost_micro = TT_MONEY_UNKNOWN };
		if (!pool)
			return tt_fail(err, TT_EDATA, "%s: pool \"%s\" of this fleet is not in it",
			               f->path, v->pool);
		TT_TRY(judge_pool(f, pool, p, &p->v[i], arena, v, err));
		to.n_wrong += v->why != NULL;
		to.n_none += v->why_none && !v->why;
	}
	if (!to.n_wrong) /* else the sums are of what does not hold */
		TT_TRY(judge_total(f, p, arena, &to, err));
	*ret = to;
	return TT_OK;
}
