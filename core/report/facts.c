#include "report/facts.h"
#include "report/layout.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_SHOWN = 3 };

static void names_freep(tt_names **names)
{
	tt_names_free(*names);
}

/* --- demand.csv ---------------------------------------------------------------------- */

struct hour {
	int64_t time;
	double units;
};

struct curve {           /* demand over all keys */
	int64_t hours;   /* that have a row of any key */
	size_t keys;
	double mean, peak, low;
	int64_t peak_s, low_s;
};

static int compare_hours(const void *pa, const void *pb)
{
	const struct hour *a = pa, *b = pb;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return (a->units > b->units) - (a->units < b->units); /* sums then never differ */
}

static int same_key(const tt_demand_row *a, const tt_demand_row *b)
{
	return strcmp(a->provider, b->provider) == 0 && strcmp(a->region, b->region) == 0 &&
	       strcmp(a->instance_type, b->instance_type) == 0 &&
	       strcmp(a->gpu_model, b->gpu_model) == 0 && strcmp(a->owner, b->owner) == 0;
}

static void add_hour(struct curve *c, int64_t time, double units)
{
	c->mean += units;
	if (!c->hours || units > c->peak) {
		c->peak = units;
		c->peak_s = time;
	}
	if (!c->hours || units < c->low) {
		c->low = units;
		c->low_s = time;
	}
	c->hours++;
}

static int see_curve(const tt_rows *rows, struct curve *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) struct hour *h = tt_zalloc(rows->n + 1, sizeof *h);
	struct curve c = { 0 };

	if (!h)
		return tt_no_memory(err);
	for (size_t i = 0; i < rows->n; i++) {
		const tt_demand_row *r = TT_ROW(rows, tt_demand_row, i);

		h[i] = (struct hour){ r->time, r->units };
		c.keys += !i || !same_key(r, TT_ROW(rows, tt_demand_row, i - 1));
	}
	qsort(h, rows->n, sizeof *h, compare_hours);
	for (size_t i = 0; i < rows->n;) {
		double units = 0;
		int64_t time = h[i].time;

		for (; i < rows->n && h[i].time == time; i++)
			units += h[i].units;
		add_hour(&c, time, units);
	}
	c.mean /= (double)c.hours;
	*ret = c;
	return TT_OK;
}

/* demand.csv counts cards where it names a model, instances where it doesn't. */
static const char *unit_of(const tt_rows *rows)
{
	size_t cards = 0;

	for (size_t i = 0; i < rows->n; i++)
		cards += *TT_ROW(rows, tt_demand_row, i)->gpu_model != '\0';
	return cards == rows->n ? "cards" : cards ? "units (cards or instances)" : "instances";
}

struct share {
	const char *name;
	double units;
};

static int compare_shares(const void *pa, const void *pb)
{
	const struct share *a = pa, *b = pb;

	if (a->units != b->units)
		return a->units > b->units ? -1 : 1;
	return strcmp(a->name, b->name);
}

static const char *owner_or_type(const tt_demand_row *r, int by_owner)
{
	return by_owner ? r->owner : r->instance_type;
}

/* "app_1 12.1 %, app_7 8.0 %": who, or which type, used the most. "" for less than two. */
static int put_largest(const tt_rows *rows, int by_owner, tt_buf *to, tt_err *err)
{
	TT_CLEANUP(names_freep) tt_names *names = tt_names_new();
	TT_CLEANUP(tt_freep) struct share *v = tt_zalloc(rows->n + 1, sizeof *v);
	double all = 0;
	char pct[TT_CELL_TEXT];

	if (!names || !v)
		return tt_no_memory(err);
	for (size_t i = 0; i < rows->n; i++) {
		const tt_demand_row *r = TT_ROW(rows, tt_demand_row, i);
		const char *name = owner_or_type(r, by_owner);
		int64_t at = tt_names_add(names, name, strlen(name));

		if (at < 0)
			return tt_no_memory(err);
		v[at].name = name;
		v[at].units += r->units;
		all += r->units;
	}
	size_t n = tt_names_count(names);
	if (n < 2 || !(all > 0))
		return TT_OK;
	qsort(v, n, sizeof *v, compare_shares);
	tt_buf_puts(to, by_owner ? "; largest owners: " : "; largest types: ");
	for (size_t i = 0; i < n && i < LARGEST_SHOWN; i++)
		tt_buf_printf(to, "%s%s %s", i ? ", " : "", *v[i].name ? v[i].name : "(none)",
		              tt_cell_pct(llround(v[i].units / all * 1e6), 1000000, pct));
	return TT_OK;
}

static int tell_demand(const tt_snapshot *s, tt_buf *to, tt_err *err)
{
	const tt_rows *rows = &s->table[TT_DEMAND];
	char n[7][TT_CELL_TEXT];
	struct curve c = { 0 };
	int by_owner = 0;

	TT_TRY(see_curve(rows, &c, err));
	for (size_t i = 0; i < rows->n && !by_owner; i++)
		by_owner = *TT_ROW(rows, tt_demand_row, i)->owner != '\0';
	tt_buf_printf(to, "demand.csv: on average %s %s in use over %s hours, in %s pool%s; %s at "
	              "the peak (%s UTC), %s at the lowest (%s UTC)",
	              tt_cell_hours(c.mean, n[0]), unit_of(rows), tt_cell_count(c.hours, n[1]),
	              tt_cell_count((int64_t)c.keys, n[2]), c.keys == 1 ? "" : "s",
	              tt_cell_hours(c.peak, n[3]), tt_cell_time(c.peak_s, n[4]),
	              tt_cell_hours(c.low, n[5]), tt_cell_time(c.low_s, n[6]));
	return put_largest(rows, by_owner, to, err);
}

/* --- prices.csv ---------------------------------------------------------------------- */

static const struct { const char *pricing, *text; } ways[] = {
	{ "spot", "spot" }, { "commit_1y", "one year" }, { "commit_3y", "three years" },
};

enum { N_WAYS = sizeof ways / sizeof *ways };

struct below {           /* shares that a way to pay is below the price on demand */
	size_t n;
	double min, max;
};

static int same_type(const tt_price_row *a, const tt_price_row *b)
{
	return strcmp(a->provider, b->provider) == 0 && strcmp(a->region, b->region) == 0 &&
	       strcmp(a->instance_type, b->instance_type) == 0 &&
	       strcmp(a->gpu_model, b->gpu_model) == 0 &&
	       (a->gpus == b->gpus || (isnan(a->gpus) && isnan(b->gpus)));
}

static void compare_price(const tt_price_row *r, tt_decimal on_demand, struct below *below)
{
	double share = 1 - tt_decimal_f64(r->price_per_hour) / tt_decimal_f64(on_demand);

	for (size_t i = 0; i < N_WAYS; i++) {
		struct below *b = &below[i];

		if (strcmp(r->pricing, ways[i].pricing) != 0)
			continue;
		b->min = b->n && b->min < share ? b->min : share;
		b->max = b->n && b->max > share ? b->max : share;
		b->n++;
	}
}

/* Rows [from, to) are of one type: each against the price on demand of the same date. */
static void compare_prices(const tt_rows *rows, size_t from, size_t to, struct below *below)
{
	for (size_t i = from; i < to; i++) {
		const tt_price_row *base = TT_ROW(rows, tt_price_row, i);

		if (strcmp(base->pricing, "on_demand") != 0 || base->price_per_hour <= 0)
			continue;
		for (size_t k = from; k < to; k++) {
			const tt_price_row *r = TT_ROW(rows, tt_price_row, k);

			if (r->as_of == base->as_of && r->price_per_hour != TT_DECIMAL_MISSING)
				compare_price(r, base->price_per_hour, below);
		}
	}
}

static int tell_prices(const tt_snapshot *s, tt_buf *to, tt_err *err)
{
	const tt_rows *rows = &s->table[TT_PRICES];
	struct below below[N_WAYS] = { 0 };
	char n[TT_CELL_TEXT], min[TT_CELL_TEXT], max[TT_CELL_TEXT];
	size_t types = 0, next;

	(void)err;
	for (size_t i = 0; i < rows->n; i = next) {
		const tt_price_row *first = TT_ROW(rows, tt_price_row, i);

		for (next = i + 1; next < rows->n; next++)
			if (!same_type(first, TT_ROW(rows, tt_price_row, next)))
				break;
		compare_prices(rows, i, next, below);
		types++;
	}
	tt_buf_printf(to, "prices.csv: prices%s of %s instance type%s",
	              strcmp(s->currency, "XXX") == 0 ? ", in units and not in money," : "",
	              tt_cell_count((int64_t)types, n), types == 1 ? "" : "s");
	for (size_t i = 0, said = 0; i < N_WAYS; i++) {
		const struct below *b = &below[i];

		if (!b->n)
			continue;
		tt_cell_pct(llround(b->min * 1e6), 1000000, min);
		tt_cell_pct(llround(b->max * 1e6), 1000000, max);
		tt_buf_printf(to, "%s %s %s%s%s", said++ ? "," : "; below on demand:", ways[i].text,
		              min, strcmp(min, max) == 0 ? "" : " to ",
		              strcmp(min, max) == 0 ? "" : max);
	}
	return TT_OK;
}

/* --- spot_availability.csv ------------------------------------------------------------- */

struct probe {           /* one zone and type: time probed, and time with capacity */
	const tt_spot_row *of;
	int64_t seconds, there_s;
};

static int same_place(const tt_spot_row *a, const tt_spot_row *b)
{
	return strcmp(a->provider, b->provider) == 0 && strcmp(a->region, b->region) == 0 &&
	       strcmp(a->zone, b->zone) == 0 && strcmp(a->instance_type, b->instance_type) == 0;
}

/* The rows of the place of row *i, which goes on to the next. A reading stands until the
 * next, the last one as long as the one before it. */
static struct probe see_place(const tt_rows *rows, size_t *i)
{
	const tt_spot_row *first = TT_ROW(rows, tt_spot_row, *i), *r = first;
	struct probe p = { .of = first };
	int64_t step = 0;

	for (; *i < rows->n; ++*i) {
		r = TT_ROW(rows, tt_spot_row, *i);
		if (!same_place(first, r))
			break;
		const tt_spot_row *next =
			*i + 1 < rows->n ? TT_ROW(rows, tt_spot_row, *i + 1) : NULL;

		if (next && same_place(r, next))
			step = next->time - r->time;
		if (isnan(r->available_units))
			continue;
		p.seconds += step;
		p.there_s += r->available_units > 0 ? step : 0;
	}
	return p;
}

static double there(const struct probe *p)
{
	return (double)p->there_s / (double)p->seconds;
}

static int see_names(const tt_rows *rows, size_t *ret_zones, size_t *ret_types, tt_err *err)
{
	TT_CLEANUP(names_freep) tt_names *zones = tt_names_new();
	TT_CLEANUP(names_freep) tt_names *types = tt_names_new();

	if (!zones || !types)
		return tt_no_memory(err);
	for (size_t i = 0; i < rows->n; i++) {
		const tt_spot_row *r = TT_ROW(rows, tt_spot_row, i);

		if (tt_names_add(zones, r->zone, strlen(r->zone)) < 0 ||
		    tt_names_add(types, r->instance_type, strlen(r->instance_type)) < 0)
			return tt_no_memory(err);
	}
	*ret_zones = tt_names_count(zones);
	*ret_types = tt_names_count(types);
	return TT_OK;
}

static int tell_spot(const tt_snapshot *s, tt_buf *to, tt_err *err)
{
	const tt_rows *rows = &s->table[TT_SPOT_AVAILABILITY];
	struct probe all = { 0 }, least = { 0 }, most = { 0 };
	size_t zones = 0, types = 0, places = 0;
	char n[3][TT_CELL_TEXT], pct[TT_CELL_TEXT];

	TT_TRY(see_names(rows, &zones, &types, err));
	for (size_t i = 0; i < rows->n;) {
		struct probe p = see_place(rows, &i);

		if (!p.seconds)
			continue;
		all.seconds += p.seconds;
		all.there_s += p.there_s;
		if (!places || there(&p) < there(&least))
			least = p;
		if (!places || there(&p) > there(&most))
			most = p;
		places++;
	}
	tt_buf_printf(to, "spot_availability.csv: %s probe%s in %s zone%s, of %s instance "
	              "type%s", tt_cell_count((int64_t)rows->n, n[2]), rows->n == 1 ? "" : "s",
	              tt_cell_count((int64_t)zones, n[0]), zones == 1 ? "" : "s",
	              tt_cell_count((int64_t)types, n[1]), types == 1 ? "" : "s");
	if (places)
		tt_buf_printf(to, "; capacity could be had %s of the time probed",
		              tt_cell_pct(all.there_s, all.seconds, pct));
	if (places > 1) {
		tt_buf_printf(to, ", the most in %s of %s (%s)", most.of->zone,
		              most.of->instance_type,
		              tt_cell_pct(most.there_s, most.seconds, pct));
		tt_buf_printf(to, ", the least in %s of %s (%s)", least.of->zone,
		              least.of->instance_type,
		              tt_cell_pct(least.there_s, least.seconds, pct));
	}
	return TT_OK;
}

/* --- All of them ------------------------------------------------------------------------ */

static int tell_others(const tt_snapshot *s, tt_buf *to, tt_err *err)
{
	char n[TT_CELL_TEXT];

	(void)err;
	for (int i = 0; i < TT_TABLE_COUNT; i++) {
		size_t rows = s->table[i].n;

		if (!rows || i == TT_DEMAND || i == TT_PRICES || i == TT_SPOT_AVAILABILITY)
			continue;
		tt_buf_printf(to, "%s%s.csv (%s row%s)", to->n ? ", " : "also there: ",
		              tt_table_def_at((enum tt_table_id)i)->name,
		              tt_cell_count((int64_t)rows, n), rows == 1 ? "" : "s");
	}
	return TT_OK;
}

int tt_facts_make(const tt_snapshot *s, tt_arena *arena, tt_texts *to, tt_err *err)
{
	static const struct {
		int table; /* -1: any */
		int (*tell)(const tt_snapshot *s, tt_buf *to, tt_err *err);
	} tellers[] = {
		{ TT_DEMAND, tell_demand }, { TT_PRICES, tell_prices },
		{ TT_SPOT_AVAILABILITY, tell_spot }, { -1, tell_others },
	};
	int rc = TT_OK;

	if (s->table[TT_NODES].n)
		return TT_OK;
	for (size_t i = 0; i < sizeof tellers / sizeof *tellers && rc == TT_OK; i++) {
		tt_buf text = { 0 };

		if (tellers[i].table >= 0 && !s->table[tellers[i].table].n)
			continue;
		rc = tellers[i].tell(s, &text, err);
		if (rc == TT_OK && text.failed)
			rc = tt_no_memory(err);
		if (rc == TT_OK && text.n)
			rc = tt_texts_add(to, arena, err, "%s", tt_buf_text(&text));
		tt_buf_free(&text);
	}
	return rc;
}
