/* demand.c - curves of demand over pools of nodes; see demand.h.
 *
 * Each curve keeps the running sum of its share of the pool, so that what a node was
 * used for in any stretch of time is a difference of two, however many hours there are. */
#include "demand.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HOUR_S 3600
#define SHARE_ONE ((tt_u128)1000000000000000000) /* the whole pool, 10^18 */

struct reading {                /* one hour of one curve, cut to the window */
	int64_t from_s, to_s;
	tt_u128 units_s;        /* units x 10^12 x seconds */
	tt_u128 before;         /* sum of share x seconds of the readings before */
};

struct curve {                  /* one pool and owner */
	const tt_demand_row *row; /* for its key */
	uint32_t words;
	size_t first, n;        /* readings; one more than n holds the whole sum */
};

struct pool {
	size_t first, n;        /* curves */
	int by_owner;           /* an owner's units are on that owner's nodes */
};

struct tt_demand {
	const tt_snapshot *s;
	const tt_word_book *w;
	tt_spans hours;         /* that have a row of any pool */
	struct reading *readings; size_t n_readings;
	struct curve *curves; size_t n_curves;
	struct pool *pools; size_t n_pools;
};

static const tt_demand_row *row_at(const tt_snapshot *s, size_t i)
{
	return TT_ROW(&s->table[TT_DEMAND], tt_demand_row, i);
}

/* --- Rows to curves ---------------------------------------------------------------- */

static int compare_pools(const tt_demand_row *a, const tt_demand_row *b)
{
	int by = strcmp(a->provider, b->provider);

	if (!by)
		by = strcmp(a->region, b->region);
	if (!by)
		by = strcmp(a->instance_type, b->instance_type);
	return by ? by : strcasecmp(a->gpu_model, b->gpu_model);
}

static int compare_rows(const void *pa, const void *pb)
{
	const tt_demand_row *a = *(const tt_demand_row *const *)pa;
	const tt_demand_row *b = *(const tt_demand_row *const *)pb;
	int by = compare_pools(a, b);

	if (!by)
		by = strcmp(a->owner, b->owner);
	return by ? by : (a->time > b->time) - (a->time < b->time);
}

/* Units as a whole number of 10^-12, so that sums do not depend on their order. */
static tt_u128 exact_units(double units)
{
	double whole;
	double rest = modf(fmin(units, 1e12), &whole);

	return (tt_u128)whole * 1000000000000 + (tt_u128)llround(rest * 1e12);
}

static void add_reading(tt_demand *d, const tt_demand_row *row, int fresh_curve)
{
	struct curve *c = &d->curves[d->n_curves - 1];
	int64_t from_s = row->time > d->s->start_s ? row->time : d->s->start_s;
	int64_t to_s = row->time + HOUR_S < d->s->end_s ? row->time + HOUR_S : d->s->end_s;

	if (from_s >= to_s || !(row->units >= 0))
		return;

	tt_u128 units_s = exact_units(row->units) * tt_count(to_s - from_s);
	if (!fresh_curve && c->n && d->readings[d->n_readings - 1].from_s == from_s) {
		d->readings[d->n_readings - 1].units_s += units_s; /* "V100" and "v100" */
		return;
	}
	d->readings[d->n_readings++] = (struct reading){ .from_s = from_s, .to_s = to_s,
							 .units_s = units_s };
	c->n++;
}

/* Curves and pools out of sorted rows; each curve ends with one reading to spare. */
static void add_curves(tt_demand *d, const tt_demand_row *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int fresh_pool = i == 0 || compare_pools(rows[i - 1], rows[i]) != 0;
		int fresh_curve = fresh_pool || strcmp(rows[i - 1]->owner, rows[i]->owner) != 0;

		if (fresh_curve && i)
			d->n_readings++;
		if (fresh_pool)
			d->pools[d->n_pools++] = (struct pool){ .first = d->n_curves };
		if (fresh_curve) {
			size_t row = (size_t)(rows[i] - row_at(d->s, 0));

			d->curves[d->n_curves++] = (struct curve){
				.row = rows[i], .words = d->w->of_demand[row],
				.first = d->n_readings
			};
			d->pools[d->n_pools - 1].n++;
		}
		add_reading(d, rows[i], fresh_curve);
	}
}

/* --- Curves to shares of their pool -------------------------------------------------- */

static int is_of(const tt_node_row *n, const struct curve *c)
{
	return strcmp(n->provider, c->row->provider) == 0 &&
	       strcmp(n->region, c->row->region) == 0 &&
	       strcmp(n->instance_type, c->row->instance_type) == 0 &&
	       (!*c->row->gpu_model || strcasecmp(n->gpu_model, c->row->gpu_model) == 0);
}

struct member {
	uint64_t units_u6;      /* cards, or 1 for an instance */
	tt_span life;
};

/* What of the pool was alive, as units x 10^6 x seconds. */
static tt_u128 capacity_s(const struct member *v, size_t n, int64_t from_s, int64_t to_s)
{
	tt_u128 sum = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t a = v[i].life.from_s > from_s ? v[i].life.from_s : from_s;
		int64_t b = v[i].life.to_s < to_s ? v[i].life.to_s : to_s;

		if (a < b)
			sum += (tt_u128)v[i].units_u6 * tt_count(b - a);
	}
	return sum;
}

/* Nodes of the pool (of one owner; NULL: any) into v. */
static size_t members(const tt_demand *d, const struct curve *c, const char *owner,
		      struct member *v)
{
	size_t n = 0;

	for (size_t i = 0; i < d->s->table[TT_NODES].n; i++) {
		const tt_node_row *node = tt_node_at(d->s, i);

		if (!is_of(node, c) || (owner && strcmp(d->w->node_owner[i], owner) != 0))
			continue;
		v[n++] = (struct member){
			.units_u6 = *c->row->gpu_model ? tt_node_cards_u6(d->s, i) : 1000000,
			.life = tt_node_life(d->s, i)
		};
	}
	return n;
}

static int owners_on_both(const tt_demand *d, const struct pool *p)
{
	int on_rows = 0;

	for (size_t i = p->first; i < p->first + p->n; i++)
		on_rows = on_rows || *d->curves[i].row->owner;
	for (size_t i = 0; on_rows && i < d->s->table[TT_NODES].n; i++) {
		if (*d->w->node_owner[i] && is_of(tt_node_at(d->s, i), &d->curves[p->first]))
			return 1;
	}
	return 0;
}

/* First reading of the curve that does not start before from_s. */
static size_t find_time(const tt_demand *d, const struct curve *c, int64_t from_s)
{
	size_t lo = c->first, hi = c->first + c->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (d->readings[mid].from_s < from_s)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Units of all the pool's curves in one hour. */
static tt_u128 units_beside(const tt_demand *d, const struct pool *p, int64_t from_s)
{
	tt_u128 sum = 0;

	for (size_t i = p->first; i < p->first + p->n; i++) {
		const struct curve *c = &d->curves[i];
		size_t at = find_time(d, c, from_s);

		if (at < c->first + c->n && d->readings[at].from_s == from_s)
			sum += d->readings[at].units_s;
	}
	return sum;
}

/* What the units of an hour are divided by: the larger of what the pool had and what
 * was used of it. The same for all curves that share a pool, so it is found once. */
struct basis {
	int64_t from_s, to_s;   /* of the hour, cut to the window */
	tt_u128 units_s;
};

static int by_time(const void *a, const void *b)
{
	const struct basis *x = a, *y = b;

	return (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

/* The hours of a pool whose curves share all its nodes, with what to divide by. */
static int make_bases(const tt_demand *d, const struct pool *p, const struct member *v,
		      size_t n, struct basis **ret, size_t *ret_n, tt_err *err)
{
	size_t all = 0, kept = 0;

	for (size_t i = p->first; i < p->first + p->n; i++)
		all += d->curves[i].n;

	struct basis *b = tt_zalloc(all + 1, sizeof *b);
	if (!b)
		return tt_no_memory(err);
	all = 0;
	for (size_t i = p->first; i < p->first + p->n; i++) {
		for (size_t j = 0; j < d->curves[i].n; j++) {
			const struct reading *r = &d->readings[d->curves[i].first + j];

			b[all].from_s = r->from_s;
			b[all++].to_s = r->to_s;
		}
	}
	if (all)
		qsort(b, all, sizeof *b, by_time);
	for (size_t i = 0; i < all; i++) {
		if (!kept || b[kept - 1].from_s != b[i].from_s)
			b[kept++] = b[i];
	}
	for (size_t i = 0; i < kept; i++) {
		tt_u128 has_s = capacity_s(v, n, b[i].from_s, b[i].to_s) * 1000000;
		tt_u128 used_s = units_beside(d, p, b[i].from_s);

		b[i].units_s = has_s > used_s ? has_s : used_s;
	}
	*ret = b;
	*ret_n = kept;
	return TT_OK;
}

/* Running sums of one curve; `b` as above, or NULL where the curve has `v` to itself. */
static void sum_curve(tt_demand *d, const struct curve *c, const struct basis *b, size_t n_b,
		      const struct member *v, size_t n)
{
	struct reading *r = &d->readings[c->first];
	tt_u128 sum = 0;

	for (size_t i = 0; i < c->n; i++) {
		tt_u128 of = capacity_s(v, n, r[i].from_s, r[i].to_s) * 1000000;

		if (b) {
			struct basis key = { .from_s = r[i].from_s };

			of = ((const struct basis *)bsearch(&key, b, n_b, sizeof *b, by_time))
				     ->units_s;
		}
		if (of < r[i].units_s)
			of = r[i].units_s;
		r[i].before = sum;
		if (of)
			sum += tt_scaled(SHARE_ONE, r[i].units_s, of) *
			       tt_count(r[i].to_s - r[i].from_s);
	}
	r[c->n].before = sum;
}

static int sum_pool(tt_demand *d, struct pool *p, struct member *v, tt_err *err)
{
	const struct curve *first = &d->curves[p->first];
	TT_CLEANUP(tt_freep) struct basis *b = NULL;
	size_t n_b = 0;

	p->by_owner = owners_on_both(d, p);
	if (!p->by_owner) {
		size_t n = members(d, first, NULL, v);

		TT_TRY(make_bases(d, p, v, n, &b, &n_b, err));
	}
	for (size_t i = p->first; i < p->first + p->n; i++) {
		const struct curve *c = &d->curves[i];
		size_t n = p->by_owner ? members(d, c, c->row->owner, v) : 0;

		sum_curve(d, c, b, n_b, v, n);
	}
	return TT_OK;
}

static int make(tt_demand *d, const tt_demand_row **rows, struct member *v, tt_err *err)
{
	size_t n = d->s->table[TT_DEMAND].n;

	for (size_t i = 0; i < n; i++) {
		const tt_demand_row *row = row_at(d->s, i);
		int64_t from_s = row->time > d->s->start_s ? row->time : d->s->start_s;
		int64_t to_s = row->time < d->s->end_s - HOUR_S ? row->time + HOUR_S :
								   d->s->end_s;

		rows[i] = row;
		TT_TRY(tt_spans_add(&d->hours, from_s, to_s, err));
	}
	tt_spans_tidy(&d->hours);
	qsort(rows, n, sizeof *rows, compare_rows);
	add_curves(d, rows, n);
	for (size_t i = 0; i < d->n_pools; i++)
		TT_TRY(sum_pool(d, &d->pools[i], v, err));
	return TT_OK;
}

int tt_demand_make(const tt_snapshot *s, const tt_word_book *w, tt_demand **ret, tt_err *err)
{
	size_t n = s->table[TT_DEMAND].n;
	TT_CLEANUP(tt_freep) const tt_demand_row **rows = tt_zalloc(n + 1, sizeof *rows);
	TT_CLEANUP(tt_freep) struct member *v = tt_zalloc(s->table[TT_NODES].n + 1, sizeof *v);
	tt_demand *d = tt_zalloc(1, sizeof *d);
	int rc = TT_OK;

	if (d) {
		d->s = s;
		d->w = w;
		d->readings = tt_zalloc(2 * n + 1, sizeof *d->readings);
		d->curves = tt_zalloc(n + 1, sizeof *d->curves);
		d->pools = tt_zalloc(n + 1, sizeof *d->pools);
	}
	if (!rows || !v || !d || !d->readings || !d->curves || !d->pools)
		rc = tt_no_memory(err);
	else
		rc = make(d, rows, v, err);
	if (rc < 0) {
		tt_demand_free(d);
		return rc;
	}
	*ret = d;
	return TT_OK;
}

void tt_demand_free(tt_demand *d)
{
	if (!d)
		return;
	tt_spans_free(&d->hours);
	tt_free(d->readings);
	tt_free(d->curves);
	tt_free(d->pools);
	tt_free(d);
}

/* --- One node -------------------------------------------------------------------------- */

/* Sum of share x seconds of the curve in [from, to). */
static tt_u128 used_in(const tt_demand *d, const struct curve *c, int64_t from_s, int64_t to_s)
{
	const struct reading *r = &d->readings[c->first];
	size_t lo = find_time(d, c, from_s) - c->first, hi = find_time(d, c, to_s) - c->first;

	if (lo > 0 && r[lo - 1].to_s > from_s)
		lo--;
	if (lo >= hi)
		return 0;

	tt_u128 sum = r[hi].before - r[lo].before;
	const struct reading *last = &r[hi - 1];
	if (r[lo].from_s < from_s)
		sum -= (r[lo + 1].before - r[lo].before) / tt_count(r[lo].to_s - r[lo].from_s) *
		       tt_count(from_s - r[lo].from_s);
	if (last->to_s > to_s)
		sum -= (r[hi].before - last->before) / tt_count(last->to_s - last->from_s) *
		       tt_count(last->to_s - to_s);
	return sum;
}

size_t tt_demand_curves(const tt_demand *d)
{
	return d->n_curves;
}

int tt_demand_owned(const tt_demand *d, size_t curve)
{
	return *d->curves[curve].row->owner != '\0';
}

uint32_t tt_demand_words(const tt_demand *d, size_t curve)
{
	return d->curves[curve].words;
}

int64_t tt_demand_known_s(const tt_demand *d, const tt_spans *paid)
{
	int64_t s = 0;

	for (size_t i = 0; i < paid->n; i++)
		s += tt_spans_overlap_s(&d->hours, paid->v[i].from_s, paid->v[i].to_s);
	return s;
}

int tt_demand_used(const tt_demand *d, size_t node, uint64_t unit_u6, const tt_spans *paid,
		   tt_u128 *used)
{
	const tt_node_row *row = tt_node_at(d->s, node);
	int found = 0;

	for (size_t p = 0; p < d->n_pools; p++) {
		const struct pool *pool = &d->pools[p];

		if (!is_of(row, &d->curves[pool->first]))
			continue;
		found = 1;
		for (size_t c = pool->first; c < pool->first + pool->n; c++) {
			const struct curve *k = &d->curves[c];

			if (pool->by_owner && strcmp(k->row->owner, d->w->node_owner[node]) != 0)
				continue;
			for (size_t i = 0; i < paid->n; i++)
				used[c] += used_in(d, k, paid->v[i].from_s, paid->v[i].to_s);
			used[c] = used[c] * unit_u6 / (SHARE_ONE / TT_SHARE_SECOND);
		}
	}
	return found;
}
