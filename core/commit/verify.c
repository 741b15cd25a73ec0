#include "commit/verify.h"
#include "commit/net_read.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

/* --- Reading ------------------------------------------------------------------------------- */

static int wrong(const tt_verify_file *f, const tt_yaml *y, const char *what,
                 const char *expected, tt_err *err)
{
	if (!y)
		return tt_fail(err, TT_EDATA, "%s: %s is missing, expected %s", f->path, what,
		               expected);
	return tt_fail(err, TT_EDATA, "%s:%d:%d: %s is \"%.*s\", expected %s", f->path, y->line,
	               y->column, what, TT_SHOWN(y->kind == TT_YAML_SCALAR ? y->text : ""),
	               expected);
}

static const char *text_of(const tt_yaml *map, const char *key)
{
	const tt_yaml *y = map->kind == TT_YAML_MAP ? tt_yaml_get(map, key) : NULL;

	if (!y || y->kind != TT_YAML_SCALAR || (y->plain && strcmp(y->text, "null") == 0))
		return NULL;
	return y->text;
}

static int read_text(const tt_verify_file *f, const tt_yaml *map, const char *key,
                     const char *expected, const char **ret, tt_err *err)
{
	*ret = text_of(map, key);
	return *ret ? TT_OK : wrong(f, tt_yaml_get(map, key), key, expected, err);
}

static int read_whole(const tt_verify_file *f, const tt_yaml *map, const char *key, int64_t most,
                      int64_t *ret, tt_err *err)
{
	const char *s = text_of(map, key);

	if (!s || !tt_parse_i64(s, strlen(s), ret) || *ret < 0 || *ret > most)
		return wrong(f, tt_yaml_get(map, key), key, "a whole number, not negative", err);
	return TT_OK;
}

static int read_money(const tt_verify_file *f, const tt_yaml *map, const char *key, int64_t *ret,
                      tt_err *err)
{
	const char *s = text_of(map, key);
	tt_decimal d;

	if (!s || tt_decimal_parse(s, strlen(s), &d) || d % 1000000 || d / 1000000 > INT64_MAX ||
	    d / 1000000 < -INT64_MAX)
		return wrong(f, tt_yaml_get(map, key), key, "an amount like \"12.340000\"", err);
	*ret = (int64_t)(d / 1000000);
	return TT_OK;
}

static int read_list(const tt_verify_file *f, const tt_yaml *map, const char *key,
                     const tt_yaml **ret, tt_err *err)
{
	*ret = map->kind == TT_YAML_MAP ? tt_yaml_get(map, key) : NULL;
	if (!*ret || (*ret)->kind != TT_YAML_LIST)
		return wrong(f, *ret, key, "a list", err);
	for (size_t i = 0; i < (*ret)->n; i++)
		if ((*ret)->items[i]->kind != TT_YAML_MAP)
			return wrong(f, (*ret)->items[i], key, "a list of objects", err);
	return TT_OK;
}

/* A ratio of 0 to 1 with at most six decimals. */
static int read_millionths(const tt_verify_file *f, const tt_yaml *map, const char *key,
                           uint32_t *ret, tt_err *err)
{
	const tt_decimal one = TT_DECIMAL_ONE / TT_CAUTION_ALL;
	const char *s = text_of(map, key);
	tt_decimal d;

	if (!s || tt_decimal_parse(s, strlen(s), &d) || d < 0 || d > TT_DECIMAL_ONE || d % one)
		return wrong(f, tt_yaml_get(map, key), key,
		             "a number from 0 to 1 with six decimals", err);
	*ret = (uint32_t)(d / one);
	return TT_OK;
}

static int read_caution(const tt_verify_file *f, const tt_yaml *map, tt_caution *ret, tt_err *err)
{
	TT_TRY(read_millionths(f, map, "stranding_weight", &ret->weight_millionths, err));
	TT_TRY(read_millionths(f, map, "stranding_tail", &ret->level_millionths, err));
	if (ret->level_millionths == TT_CAUTION_ALL)
		return wrong(f, tt_yaml_get(map, "stranding_tail"), "stranding_tail",
		             "a number below 1", err);
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

int tt_verify_read(const char *path, tt_arena *arena, tt_verify_file *ret, tt_err *err)
{
	tt_verify_file f = { .path = path };
	const char *schema, *purchases;
	const tt_yaml *horizon;
	int64_t quarters;
	size_t by = 0;
	tt_yaml *y;

	TT_TRY(tt_yaml_load(path, arena, &y, err));
	if (y->kind != TT_YAML_MAP)
		return wrong(&f, y, "the file", "what trimtab commit --format json writes", err);
	TT_TRY(read_text(&f, y, "schema", "\"trimtab.commit/1\"", &schema, err));
	if (strcmp(schema, "trimtab.commit/1") != 0)
		return wrong(&f, tt_yaml_get(y, "schema"), "schema", "\"trimtab.commit/1\"", err);
	TT_TRY(read_text(&f, y, "purchases", "\"quarterly\"", &purchases, err));
	if (strcmp(purchases, "quarterly") != 0)
		return wrong(&f, tt_yaml_get(y, "purchases"), "purchases", "\"quarterly\"", err);
	TT_TRY(read_text(&f, y, "pool_by", "a word of --pool-by", &f.pool_by, err));
	while (tt_pool_by_words[by] && strcmp(tt_pool_by_words[by], f.pool_by) != 0)
		by++;
	if (!tt_pool_by_words[by])
		return wrong(&f, tt_yaml_get(y, "pool_by"), "pool_by", "a word of --pool-by", err);
	TT_TRY(read_text(&f, y, "unit", "card or instance", &f.unit, err));
	if (!is_one_of(f.unit, "card", "instance"))
		return wrong(&f, tt_yaml_get(y, "unit"), "unit", "card or instance", err);
	TT_TRY(read_text(&f, y, "gaps", "drop or keep", &f.gaps, err));
	if (!is_one_of(f.gaps, "drop", "keep"))
		return wrong(&f, tt_yaml_get(y, "gaps"), "gaps", "drop or keep", err);
	f.rate_ratio = text_of(y, "rate_ratio");
	f.n_beside = beside(y, "money") + beside(y, "blocks");
	if (tt_yaml_get(y, "offers") && tt_yaml_get(y, "offers")->kind == TT_YAML_MAP) {
		const tt_yaml *offers = tt_yaml_get(y, "offers");

		TT_TRY(read_text(&f, offers, "file", "a file of offers", &f.offers, err));
		TT_TRY(read_text(&f, offers, "digest", "16 hexadecimal digits", &f.digest, err));
	}
	TT_TRY(read_caution(&f, y, &f.caution, err));
	TT_TRY(read_millionths(&f, y, "discount_rate", &f.discount_millionths, err));
	f.resale = text_of(y, "resale_ratio") != NULL;
	if (f.resale)
		TT_TRY(read_millionths(&f, y, "resale_ratio", &f.resale_millionths, err));
	horizon = tt_yaml_get(y, "horizon");
	if (!horizon || horizon->kind != TT_YAML_MAP)
		return wrong(&f, horizon, "horizon", "an object with quarters", err);
	TT_TRY(read_whole(&f, horizon, "quarters", 40, &quarters, err));
	f.quarters = (size_t)quarters;
	TT_TRY(read_list(&f, y, "pools", &f.pools, err));
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

	TT_TRY(read_text(f, y, "offer", "the name of an offer", &offer, err));
	TT_TRY(read_whole(f, y, "quarter", 40, &quarter, err));
	while (k < p->offers.n && strcmp(p->offers.v[k].name, offer) != 0)
		k++;
	if (k == p->offers.n)
		return wrong(f, tt_yaml_get(y, "offer"), "offer",
		             "one that there is for this pool", err);
	if (quarter < 1 || (size_t)quarter > p->rolling.n_quarters)
		return wrong(f, tt_yaml_get(y, "quarter"), "quarter",
		             "one of the horizon's, from 1", err);
	*ret = ((size_t)quarter - 1) * p->offers.n + k;
	return TT_OK;
}

static int read_purchases(const tt_verify_file *f, const tt_yaml *pool, const tt_plans_pool *p,
                          int64_t *bought, tt_err *err)
{
	const tt_yaml *list;

	TT_TRY(read_list(f, pool, "purchases", &list, err));
	for (size_t i = 0; i < list->n; i++) {
		int64_t units;
		size_t at;

		TT_TRY(read_place(f, list->items[i], p, &at, err));
		TT_TRY(read_whole(f, list->items[i], "units", TT_FLOW_MANY / 64, &units, err));
		bought[at] += units;
		if (!tt_condition_holds(&p->offers.v[at % p->offers.n], bought[at]))
			return wrong(f, tt_yaml_get(list->items[i], "units"), "units",
			             "a number that the offer can be bought in", err);
	}
	return TT_OK;
}

/* Which limits the plan was made within. */
static int read_conditions(const tt_verify_file *f, const tt_yaml *pool, const tt_plans_pool *p,
                           tt_arena *arena, tt_conditions *ret, tt_err *err)
{
	const tt_yaml *list;

	TT_TRY(read_list(f, pool, "conditions", &list, err));
	*ret = (tt_conditions){ .v = tt_arena_alloc(arena, (list->n + 1) * sizeof *ret->v) };
	if (!ret->v)
		return tt_no_memory(err);
	for (size_t i = 0; i < list->n; i++) {
		tt_limit *l = &ret->v[ret->n++];
		const tt_offer *o;

		TT_TRY(read_place(f, list->items[i], p, &l->at, err));
		o = &p->offers.v[l->at % p->offers.n];
		TT_TRY(read_whole(f, list->items[i], "least_units", TT_FLOW_MANY / 64, &l->least,
		                  err));
		l->most = TT_FLOW_MANY;
		if (text_of(list->items[i], "most_units"))
			TT_TRY(read_whole(f, list->items[i], "most_units", TT_FLOW_MANY / 64,
			                  &l->most, err));
		if ((o->lot <= 1 && o->least <= 1) || l->most < l->least ||
		    (o->most && l->most > o->most) || !tt_condition_holds(o, l->least))
			return wrong(f, tt_yaml_get(list->items[i], "most_units"), "most_units",
			             "limits that the offer's conditions make", err);
	}
	return TT_OK;
}

static int read_worths(const tt_verify_file *f, const tt_yaml *pool, const tt_plans_pool *p,
                       int64_t *worth_micro, tt_err *err)
{
	const tt_yaml *list;

	TT_TRY(read_list(f, pool, "certificate", &list, err));
	if (list->n != p->rolling.n_segments)
		return tt_fail(err, TT_EDATA, "%s:%d:%d: certificate has %zu parts, expected %zu: "
		               "the fleet is another one, or what it holds", f->path, list->line,
		               list->column, list->n, p->rolling.n_segments);
	for (size_t i = 0; i < list->n; i++)
		TT_TRY(read_money(f, list->items[i], "unit_is_worth", &worth_micro[i], err));
	return TT_OK;
}

static int read_sales(const tt_verify_file *f, const tt_yaml *pool, const tt_plans_pool *p,
                      tt_arena *arena, int64_t ***ret, tt_err *err)
{
	const size_t n = p->rolling.n_for_sale, parts = p->rolling.n_segments;
	int64_t **sold = tt_arena_alloc(arena, (n + 1) * sizeof *sold), part, units;
	const tt_yaml *list;

	for (size_t h = 0; sold && h < n; h++) {
		sold[h] = tt_arena_alloc(arena, (parts + 1) * sizeof **sold);
		if (!sold[h])
			return tt_no_memory(err);
	}
	if (!sold)
		return tt_no_memory(err);
	*ret = sold;
	TT_TRY(read_list(f, pool, "sales", &list, err));
	for (size_t i = 0; i < list->n; i++) {
		const tt_yaml *y = list->items[i];
		const char *name;
		size_t h = 0;

		TT_TRY(read_text(f, y, "commitment", "the id of a commitment", &name, err));
		TT_TRY(read_whole(f, y, "part", (int64_t)parts, &part, err));
		TT_TRY(read_whole(f, y, "units", TT_FLOW_MANY / 64, &units, err));
		while (h < n && strcmp(p->held_names[h], name) != 0)
			h++;
		if (h == n)
			return wrong(f, tt_yaml_get(y, "commitment"), "commitment",
			             "one of this pool that can be sold", err);
		if (part < 1 || (size_t)part > p->rolling.for_sale[h].end)
			return wrong(f, tt_yaml_get(y, "part"), "part",
			             "a part of the horizon in which it is held, from 1", err);
		sold[h][part - 1] += units;
	}
	return TT_OK;
}

static int judge(const tt_verify_file *f, const tt_yaml *pool, const tt_plans_pool *p,
                 tt_arena *arena, tt_verdict *ret, tt_err *err)
{
	const size_t n = p->rolling.n_segments;
	tt_err reason = { 0 };
	tt_conditions conditions;
	tt_rolling_plan rolling;
	tt_ladder_plan plan = { .sold = NULL };
	int64_t says, weighed;

	TT_TRY(tt_rolling_ask(&p->rolling, arena, &rolling, err));
	TT_TRY(read_conditions(f, pool, p, arena, &conditions, err));
	ret->limited = conditions.n > 0;
	TT_TRY(tt_conditions_put(&conditions, arena, &rolling.ladder, err));
	rolling.expected.offers = rolling.ladder.offers;
	plan.bought = tt_arena_alloc(arena, (rolling.ladder.n_offers + 1) * sizeof *plan.bought);
	plan.committed = tt_arena_alloc(arena, n * sizeof *plan.committed);
	plan.on_demand_micro = tt_arena_alloc(arena, n * sizeof *plan.on_demand_micro);
	plan.worth_micro = tt_arena_alloc(arena, n * sizeof *plan.worth_micro);
	if (!plan.bought || !plan.committed || !plan.on_demand_micro || !plan.worth_micro)
		return tt_no_memory(err);
	TT_TRY(read_purchases(f, pool, p, plan.bought, err));
	TT_TRY(read_sales(f, pool, p, arena, &plan.sold, err));
	TT_TRY(read_worths(f, pool, p, plan.worth_micro, err));
	TT_TRY(read_money(f, pool, "cost", &says, err));
	TT_TRY(read_money(f, pool, "weighed_cost", &weighed, err));
	ret->cost_micro = says; /* where what it says can't be done */
	if (tt_ladder_bill(&rolling.expected, &plan, &reason) == TT_OK) {
		ret->cost_micro = plan.cost_micro;
		plan.cost_micro = weighed;
		if (tt_ladder_check(&rolling.ladder, &plan, &reason) == TT_OK &&
		    ret->cost_micro == says)
			return TT_OK;
		if (!*reason.text)
			(void)tt_fail(&reason, TT_EDATA, "it costs another sum than the %lld that "
			              "it says", (long long)says);
	}
	ret->why = tt_arena_text(arena, reason.text, strlen(reason.text));
	return ret->why ? TT_OK : tt_no_memory(err);
}

/* --- All of them --------------------------------------------------------------------------- */

static const tt_yaml *find(const tt_verify_file *f, const tt_plans_pool *p)
{
	for (size_t i = 0; i < f->pools->n; i++) {
		const char *name = text_of(f->pools->items[i], "pool");
		const char *cards = text_of(f->pools->items[i], "unit_cards");

		if (name && strcmp(name, p->pool->name) == 0 &&
		    (cards && strcmp(cards, "0") != 0) == p->pool->cards)
			return f->pools->items[i];
	}
	return NULL;
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

		*v = (tt_verdict){ p->v[i].pool->name, TT_MONEY_UNKNOWN, NULL, false };
		if (!pool)
			return tt_fail(err, TT_EDATA, "%s: pool \"%s\" of this fleet is not in it",
			               f->path, v->pool);
		if (!p->v[i].why && !text_of(pool, "why_none"))
			TT_TRY(judge(f, pool, &p->v[i], arena, v, err));
		to.n_wrong += v->why != NULL;
	}
	*ret = to;
	return TT_OK;
}
