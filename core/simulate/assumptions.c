/* assumptions.c - the table of names, and distributions with their parameters.
 *
 * Bounds are where a value stops being believable, so that 5 for 5 % is an error and not a
 * fleet that grows sixfold each month. A share can't be normal: its tails would lie outside
 * of 0 and 1, and cutting them off moves the mean without a word. */
#include "simulate/assumptions.h"
#include "base/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_VALUES = 10000 };

const tt_assumption_def tt_assumption_defs[TT_ASSUMPTION_DEFS] = {
	[TT_DEMAND_GROWTH] = { "demand_growth_ratio_per_month", "ratio per month", 0, -0.5, 1,
			       true },
	[TT_DEMAND_LEVEL] = { "demand_level_ratio", "ratio", 1, 0, 100, true },
	[TT_DEMAND_PERSISTENCE] = { "demand_persistence_ratio", "ratio", 0.9, 0, 1, false },
	[TT_DEMAND_REGION_SHARE] = { "demand_region_share_ratio", "ratio", 0.5, 0, 1, false },
	[TT_DEMAND_VOLATILITY] = { "demand_volatility_ratio", "ratio", 0, 0, 3, true },
	[TT_INTERRUPTION_LEVEL] = { "interruption_level_ratio", "ratio", 1, 0, 1000, true },
	[TT_INTERRUPTIONS] = { "interruptions_per_h", "per hour", NAN, 0, 1000, true },
	[TT_ON_DEMAND_PRICE] = { "on_demand_price_ratio", "ratio", 1, 0, 100, true },
	[TT_PRICE_CHANGE] = { "price_change_ratio_per_month", "ratio per month", 0, -0.5, 0.5,
			      true },
	[TT_SPOT_PRICE] = { "spot_price_ratio", "ratio", 1, 0, 100, true },
	[TT_ZONE_INTERRUPTIONS] = { "zone_interruptions_per_h", "per hour", NAN, 0, 1000, true },
	[TT_ADOPTION] = { "adoption_ratio", "ratio", 1, 0, 1, false },
	[TT_REALISATION] = { "realisation_ratio", "ratio", 1, 0, 1, false },
	[TT_START_DELAY] = { "start_delay_days", "days", 0, 0, 3650, true },
	[TT_GROWTH] = { "ratio_per_month", "ratio per month", 0, -0.5, 1, true },
	[TT_CUT] = { "cut_ratio", "ratio", 0, 0, 1, false },
	[TT_RUNS] = { "runs_per_month", "runs per month", 0, 0, 1e6, true },
	[TT_RUN_GPU_HOURS] = { "gpu_hours_per_run", "card-hours", 0, 0, 1e9, true },
	[TT_RUN_FAILURE] = { "failure_ratio", "ratio", 0, 0, 0.99, false },
};

const char *const tt_assumption_names[TT_ASSUMPTIONS + 1] = {
	[TT_DEMAND_GROWTH] = "demand_growth_ratio_per_month",
	[TT_DEMAND_LEVEL] = "demand_level_ratio",
	[TT_DEMAND_PERSISTENCE] = "demand_persistence_ratio",
	[TT_DEMAND_REGION_SHARE] = "demand_region_share_ratio",
	[TT_DEMAND_VOLATILITY] = "demand_volatility_ratio",
	[TT_INTERRUPTION_LEVEL] = "interruption_level_ratio",
	[TT_INTERRUPTIONS] = "interruptions_per_h",
	[TT_ON_DEMAND_PRICE] = "on_demand_price_ratio",
	[TT_PRICE_CHANGE] = "price_change_ratio_per_month",
	[TT_SPOT_PRICE] = "spot_price_ratio",
	[TT_ZONE_INTERRUPTIONS] = "zone_interruptions_per_h",
	[TT_ADOPTION] = "adoption_ratio",
	[TT_REALISATION] = "realisation_ratio",
	[TT_START_DELAY] = "start_delay_days",
};

static const char *const kinds[] = { "fixed", "normal", "lognormal", "triangular", "beta",
				     "empirical", NULL }; /* from TT_DIST_FIXED on */

tt_assumed tt_assumed_fixed(enum tt_assumption of, double value)
{
	const tt_assumption_def *d = &tt_assumption_defs[of];

	return (tt_assumed){ .spec = { .kind = TT_DIST_FIXED, .a = value, .b = NAN, .c = NAN,
				       .min = d->min, .max = d->max } };
}

tt_assumed tt_assumed_default(enum tt_assumption of)
{
	return tt_assumed_fixed(of, tt_assumption_defs[of].standard);
}

/* --- One distribution ---------------------------------------------------------- */

struct reading {
	const tt_strict *r;
	const tt_assumption_def *def;
	const tt_yaml *map;
	tt_dist_spec *to;
};

/* Parameter `key`, from min to max; `standard` where it is not there, and NaN where it has
 * to be. */
static int parameter(const struct reading *p, const char *key, double min, double max,
		     double standard, double *ret)
{
	const tt_yaml *y = tt_yaml_get(p->map, key);

	*ret = standard;
	if (!y && !isnan(standard))
		return TT_OK;
	TT_TRY(tt_strict_need(p->r, p->map, p->def->name, key, &y));
	return tt_strict_number(p->r, y, key, min, max, ret);
}

static int refuse_order(const struct reading *p, const char *key, double v, const char *relation,
			double other)
{
	const tt_yaml *y = tt_yaml_get(p->map, key);
	char is[64], limit[64];

	return tt_strict_fail(p->r, tt_strict_at(p->r, y ? y : p->map),
			      "%s is %s, expected %s %s", key, tt_format_f64(v, 9, is, sizeof is),
			      relation, tt_format_f64(other, 9, limit, sizeof limit));
}

/* Where a normal or lognormal one is cut off: at what is said, else at the bounds. */
static int read_cut(const struct reading *p)
{
	tt_dist_spec *t = p->to;

	TT_TRY(parameter(p, "min", p->def->min, p->def->max, p->def->min, &t->min));
	TT_TRY(parameter(p, "max", p->def->min, p->def->max, p->def->max, &t->max));
	if (!(t->min < t->max))
		return refuse_order(p, "max", t->max, "more than min of", t->min);
	if (t->a < t->min || t->a > t->max)
		return refuse_order(p, t->kind == TT_DIST_NORMAL ? "mean" : "median", t->a,
				    t->a < t->min ? "at least" : "at most",
				    t->a < t->min ? t->min : t->max);
	return TT_OK;
}

static int read_normal(const struct reading *p)
{
	const double width = p->def->max - p->def->min;

	TT_TRY(parameter(p, "mean", p->def->min, p->def->max, NAN, &p->to->a));
	TT_TRY(parameter(p, "sd", 0, width, NAN, &p->to->b));
	if (!(p->to->b > 0))
		return refuse_order(p, "sd", p->to->b, "more than", 0);
	return read_cut(p);
}

static int read_lognormal(const struct reading *p)
{
	TT_TRY(parameter(p, "median", p->def->min, p->def->max, NAN, &p->to->a));
	TT_TRY(parameter(p, "sigma", 0, 10, NAN, &p->to->b));
	if (!(p->to->a > 0))
		return refuse_order(p, "median", p->to->a, "more than", 0);
	if (!(p->to->b > 0))
		return refuse_order(p, "sigma", p->to->b, "more than", 0);
	return read_cut(p);
}

static int read_triangular(const struct reading *p)
{
	tt_dist_spec *t = p->to;

	TT_TRY(parameter(p, "low", p->def->min, p->def->max, NAN, &t->a));
	TT_TRY(parameter(p, "mode", p->def->min, p->def->max, NAN, &t->b));
	TT_TRY(parameter(p, "high", p->def->min, p->def->max, NAN, &t->c));
	if (t->b < t->a)
		return refuse_order(p, "mode", t->b, "at least low of", t->a);
	if (t->c < t->b)
		return refuse_order(p, "high", t->c, "at least mode of", t->b);
	if (!(t->a < t->c))
		return refuse_order(p, "high", t->c, "more than low of", t->a);
	t->min = t->a;
	t->max = t->c;
	return TT_OK;
}

/* From 0 to 1 where nothing else is said, as far as the bounds allow. */
static int read_beta(const struct reading *p)
{
	const double low = p->def->min > 0 ? p->def->min : 0;
	const double high = p->def->max < 1 ? p->def->max : 1;
	tt_dist_spec *t = p->to;

	TT_TRY(parameter(p, "alpha", 0.05, 1e4, NAN, &t->a));
	TT_TRY(parameter(p, "beta", 0.05, 1e4, NAN, &t->b));
	TT_TRY(parameter(p, "low", p->def->min, p->def->max, low, &t->min));
	TT_TRY(parameter(p, "high", p->def->min, p->def->max, high, &t->max));
	if (!(t->min < t->max))
		return refuse_order(p, "high", t->max, "more than low of", t->min);
	return TT_OK;
}

static int read_numbers(const struct reading *p, const tt_yaml *y, const char *what, double min,
			double max, const double **ret)
{
	double *v;

	TT_TRY(tt_strict_list(p->r, y, what, MOST_VALUES));
	v = tt_arena_alloc(p->r->arena, (y->n + 1) * sizeof *v);
	if (!v)
		return tt_no_memory(p->r->err);
	for (size_t i = 0; i < y->n; i++)
		TT_TRY(tt_strict_number(p->r, y->items[i], what, min, max, &v[i]));
	*ret = v;
	return TT_OK;
}

static int read_empirical(const struct reading *p)
{
	const tt_yaml *values = NULL, *weights = tt_yaml_get(p->map, "weights");
	tt_dist_spec *t = p->to;
	double sum = 0;

	TT_TRY(tt_strict_need(p->r, p->map, p->def->name, "values", &values));
	TT_TRY(read_numbers(p, values, "values", p->def->min, p->def->max, &t->values));
	if (values->n == 0)
		return tt_strict_fail(p->r, tt_strict_at(p->r, values),
				      "values is empty, expected at least one number");
	t->n = values->n;
	t->min = t->max = t->values[0];
	for (size_t i = 1; i < t->n; i++) {
		t->min = t->values[i] < t->min ? t->values[i] : t->min;
		t->max = t->values[i] > t->max ? t->values[i] : t->max;
	}
	if (!weights)
		return TT_OK;
	TT_TRY(read_numbers(p, weights, "weights", 0, 1e12, &t->weights));
	if (weights->n != values->n)
		return tt_strict_fail(p->r, tt_strict_at(p->r, weights),
				      "weights has %zu numbers, expected %zu, one for each value",
				      weights->n, values->n);
	for (size_t i = 0; i < t->n; i++)
		sum += t->weights[i];
	if (!(sum > 0))
		return tt_strict_fail(p->r, tt_strict_at(p->r, weights),
				      "weights are all 0, expected at least one above it");
	return TT_OK;
}

static int read_fixed(const struct reading *p)
{
	return parameter(p, "value", p->def->min, p->def->max, NAN, &p->to->a);
}

/* --- Any of them ----------------------------------------------------------------- */

static const struct kind {
	const char *const keys[8];
	int (*read)(const struct reading *p);
	bool tails;
} readers[TT_DIST_BERNOULLI] = {
	[TT_DIST_FIXED] = { { "distribution", "unit", "value", NULL }, read_fixed, false },
	[TT_DIST_NORMAL] = { { "distribution", "unit", "mean", "sd", "min", "max", NULL },
				read_normal, true },
	[TT_DIST_LOGNORMAL] = { { "distribution", "unit", "median", "sigma", "min", "max",
				     NULL }, read_lognormal, true },
	[TT_DIST_TRIANGULAR] = { { "distribution", "unit", "low", "mode", "high", NULL },
				    read_triangular, false },
	[TT_DIST_BETA] = { { "distribution", "unit", "alpha", "beta", "low", "high", NULL },
			      read_beta, false },
	[TT_DIST_EMPIRICAL] = { { "distribution", "unit", "values", "weights", NULL },
				   read_empirical, false },
};

static int read_kind(const struct reading *p)
{
	const tt_yaml *y = NULL;
	int k = 0;

	if (p->map->kind != TT_YAML_MAP)
		return tt_strict_wrong(p->r, p->map, p->def->name,
				       "a number, or a distribution with its parameters");
	TT_TRY(tt_strict_need(p->r, p->map, p->def->name, "distribution", &y));
	while (kinds[k] && (y->kind != TT_YAML_SCALAR || strcmp(kinds[k], y->text) != 0))
		k++;
	if (!kinds[k] && y->kind == TT_YAML_SCALAR)
		return tt_strict_unknown(p->r, y, "distribution", kinds);
	if (!kinds[k])
		return tt_strict_wrong(p->r, y, "distribution", "its name");
	p->to->kind = (enum tt_dist_kind)(k + 1);
	if (readers[k + 1].tails && !p->def->tails)
		return tt_strict_fail(p->r, tt_strict_at(p->r, y),
				      "distribution of %s is \"%s\", expected fixed, triangular, "
				      "beta or empirical, which have no tails outside of its range",
				      p->def->name, y->text);
	return TT_OK;
}

static int check_unit(const struct reading *p)
{
	const tt_yaml *unit = tt_yaml_get(p->map, "unit");
	char expected[80];

	if (!unit || (unit->kind == TT_YAML_SCALAR && strcmp(unit->text, p->def->unit) == 0))
		return TT_OK;
	snprintf(expected, sizeof expected, "%s, which is the unit of %s", p->def->unit,
		 p->def->name);
	return tt_strict_wrong(p->r, unit, "unit", expected);
}

int tt_assumed_read(const tt_strict *r, const tt_yaml *y, enum tt_assumption of, tt_assumed *ret)
{
	tt_assumed to = tt_assumed_default(of);
	struct reading p = { r, &tt_assumption_defs[of], y, &to.spec };

	to.at = tt_strict_at(r, y);
	if (y->kind == TT_YAML_SCALAR) {
		if (!tt_parse_f64(y->text, strlen(y->text), &to.spec.a))
			return tt_strict_wrong(r, y, p.def->name, "a number, or a distribution "
					       "with its parameters");
		TT_TRY(tt_strict_number(r, y, p.def->name, p.def->min, p.def->max, &to.spec.a));
	} else {
		char what[80];

		to.spec.a = NAN;
		TT_TRY(read_kind(&p));
		snprintf(what, sizeof what, "a %s distribution", tt_dist_kind_text(to.spec.kind));
		TT_TRY(tt_strict_only(r, y, what, readers[to.spec.kind].keys));
		TT_TRY(check_unit(&p));
		TT_TRY(readers[to.spec.kind].read(&p));
	}
	*ret = to;
	return TT_OK;
}
