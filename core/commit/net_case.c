#include "commit/net_case.h"
#include "base/text.h"
#include "bill/moved.h"
#include <math.h>
#include <string.h>

enum { HOUR_S = 3600, WAYS = 3 };       /* of tt_leave: all of them */

void tt_net_delta_free(tt_net_delta *d)
{
	for (size_t i = 0; i < d->n; i++)
		tt_free(d->v[i]);
	tt_free(d->v);
	*d = (tt_net_delta){ 0 };
}

int tt_net_delta_copy(const tt_net_delta *d, size_t hours, tt_net_delta *ret, tt_err *err)
{
	for (size_t i = 0; i < d->n; i++) {
		if (!TT_GROW(ret->v, ret->n, ret->cap))
			return tt_no_memory(err);
		ret->v[ret->n++] = NULL;
		if (!d->v[i])
			continue;
		ret->v[i] = tt_alloc(hours * sizeof **ret->v);
		if (!ret->v[i])
			return tt_no_memory(err);
		memcpy(ret->v[i], d->v[i], hours * sizeof **ret->v);
	}
	return TT_OK;
}

static const char *or_else(const char *s, const char *none)
{
	return *s ? s : none;
}

static double *hours_of(tt_net_delta *d, const tt_eligible *e, size_t pool)
{
	while (d->n <= pool) {
		if (!TT_GROW(d->v, d->n, d->cap))
			return NULL;
		d->v[d->n++] = NULL;
	}
	if (!d->v[pool])
		d->v[pool] = tt_zalloc(e->hours, sizeof **d->v);
	return d->v[pool];
}

/* --- Nodes --------------------------------------------------------------------------------- */

typedef struct counter {
	const tt_case *c;
	tt_residents residents;
	tt_eligible *e;
	tt_net_delta *to;
} counter;

/* So many like it, from and to. */
static int count(const counter *k, const tt_node_row *like, double nodes, int64_t from_s,
                 int64_t to_s, tt_err *err)
{
	const tt_eligible *e = k->e;
	const int64_t end_s = e->start_s + (int64_t)e->hours * HOUR_S;
	double units;
	size_t pool;

	from_s = from_s > e->start_s ? from_s : e->start_s;
	to_s = to_s < end_s ? to_s : end_s;
	if (from_s >= to_s || !tt_eligible_could_be(like))
		return TT_OK;
	TT_TRY(tt_eligible_pool_of(k->e, like, "", &pool, &units, err));
	double *v = hours_of(k->to, e, pool);

	if (!v)
		return tt_no_memory(err);
	for (int64_t at = from_s; at < to_s;) {
		const int64_t hour = (at - e->start_s) / HOUR_S;
		const int64_t next = e->start_s + (hour + 1) * HOUR_S;
		const int64_t until = next < to_s ? next : to_s;

		v[hour] += nodes * units * (double)TT_ELIGIBLE_ONE * (double)(until - at) / HOUR_S;
		at = until;
	}
	return TT_OK;
}

/* Cards of one instance of the terms, which may be of another type. */
static double cards_of(const tt_snapshot *s, const tt_terms *t, const tt_node_row *was)
{
	if (!*t->instance_type && was)
		return was->gpus;
	for (size_t i = 0; i < s->table[TT_NODES].n; i++) {
		const tt_node_row *n = tt_node_at(s, i);

		if (strcmp(n->instance_type, t->instance_type) == 0)
			return n->gpus;
	}
	for (size_t i = 0; i < s->table[TT_PRICES].n; i++) {
		const tt_price_row *p = TT_ROW(&s->table[TT_PRICES], tt_price_row, i);

		if (p->gpus >= 0 && strcmp(p->instance_type, t->instance_type) == 0)
			return p->gpus;
	}
	return t->gpus >= 0 ? t->gpus : 0;
}

static tt_node_row like_terms(const tt_snapshot *s, const tt_terms *t, const tt_node_row *was)
{
	tt_node_row like = was ? *was : (tt_node_row){ .provider = "", .region = "",
		.instance_type = "", .gpu_model = "", .pricing = "on_demand" };

	like.provider = or_else(t->provider, like.provider);
	like.region = or_else(t->region, like.region);
	like.gpus = cards_of(s, t, was);
	like.instance_type = or_else(t->instance_type, like.instance_type);
	like.gpu_model = or_else(t->gpu_model, like.gpu_model);
	like.pricing = or_else(t->pricing, like.pricing);
	return like;
}

/* What of a node is on other terms is there on these. */
static int count_repriced(const counter *k, size_t node, const tt_node_row *n, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments segments = { 0 };

	TT_TRY(tt_node_segments(k->c, &k->residents, node, n->price_per_hour, &segments, err));
	for (size_t i = 0; i < segments.n; i++) {
		const tt_segment *g = &segments.v[i];

		if (!g->terms)
			continue;
		const tt_node_row like = like_terms(k->c->snapshot, g->terms, n);

		TT_TRY(count(k, &like, 1, g->from_s, g->to_s, err));
	}
	return TT_OK;
}

static int count_node(const counter *k, size_t first, size_t n, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans gone = { 0 };
	const size_t node = k->c->releases[first].node;
	const tt_node_row *row = tt_node_at(k->c->snapshot, node);
	const tt_span life = tt_node_life(k->c->snapshot, node);

	TT_TRY(tt_case_left(k->c, &k->residents, node, k->c->releases + first, n, WAYS, &gone,
	                    err));
	for (size_t i = 0; i < gone.n; i++) {
		const tt_span *s = &gone.v[i];

		TT_TRY(count(k, row, -1, s->from_s > life.from_s ? s->from_s : life.from_s,
		             s->to_s < life.to_s ? s->to_s : life.to_s, err));
	}
	return count_repriced(k, node, row, err);
}

/* The first that moves to these terms says what they leave open. */
static const tt_node_row *comes_from(const tt_case *c, const tt_terms *t)
{
	for (size_t i = 0; i < c->n_releases; i++)
		if (c->releases[i].leave == TT_MOVES &&
		    tt_terms_compare(c->releases[i].terms, t) == 0)
			return tt_node_at(c->snapshot, c->releases[i].node);
	return NULL;
}

static int count_moved(const counter *k, tt_err *err)
{
	TT_CLEANUP(tt_moved_free) tt_moved_list moved = { 0 };

	TT_TRY(tt_moved_make(k->c, &k->residents, NULL, 0, &moved, err));
	for (size_t i = 0; i < moved.n; i++) {
		const tt_moved *m = &moved.v[i];
		const tt_node_row like = like_terms(k->c->snapshot, m->terms,
		                                    comes_from(k->c, m->terms));

		for (size_t j = 0; j < m->segments.n; j++) {
			const tt_segment *g = &m->segments.v[j];

			TT_TRY(count(k, &like, (double)g->nodes, g->from_s, g->to_s, err));
		}
	}
	return TT_OK;
}

int tt_net_of_case(const tt_case *c, tt_eligible *e, tt_net_delta *ret, tt_err *err)
{
	const counter k = { c, tt_residents_of(c->snapshot), e, ret };

	for (size_t i = 0, n; i < c->n_releases; i += n) {
		for (n = 1; i + n < c->n_releases; n++)
			if (c->releases[i + n].node != c->releases[i].node)
				break;
		TT_TRY(count_node(&k, i, n, err));
	}
	for (size_t i = 0; i < c->n_added; i++) {
		const tt_added *a = &c->added[i];
		const tt_node_row like = like_terms(c->snapshot, a->terms, NULL);

		TT_TRY(count(&k, &like, (double)a->nodes, a->from_s, a->to_s, err));
	}
	return count_moved(&k, err);
}

/* --- Pools of demand.csv ------------------------------------------------------------------- */

/* Of a pool a part stays, and of what goes so much comes to the other, for one that goes. */
typedef struct shift {
	double stays;
	bool moves;
	double for_one;
	const char *provider, *region, *instance_type, *gpu_model; /* NULL: as it was */
} shift;

static const char *text_of(const tt_change *c, const char *key)
{
	const tt_change_arg *a = tt_change_get(c, key);

	return a ? a->text : NULL;
}

static bool shift_of(const tt_change *c, shift *ret)
{
	const tt_change_arg *factor = tt_change_get(c, "factor");
	const tt_change_arg *pace = tt_change_get(c, "throughput_ratio");
	const char *pricing = text_of(c, "pricing");

	*ret = (shift){ .for_one = pace ? 1 / pace->number : 1,
		.provider = text_of(c, "provider"), .region = text_of(c, "region"),
		.instance_type = text_of(c, "instance_type"),
		.gpu_model = text_of(c, "gpu_model") };
	switch (c->verb) {
	case TT_RELEASE:
		return !tt_change_get(c, "hours") && !tt_change_get(c, "repack");
	case TT_SCALE:
		ret->stays = factor ? factor->number : 1;
		return factor && !tt_change_get(c, "profile") && !tt_change_get(c, "stream");
	case TT_RETYPE:
		ret->moves = true;
		return true;
	case TT_REPRICE:
		ret->moves = !pricing || strcmp(pricing, "spot") != 0;
		return pricing || ret->provider || ret->region;
	case TT_RESIZE: case TT_SCHEDULE: case TT_SHARE: case TT_COMMIT: case TT_LABEL:
	case TT_VERB_END:
		break;
	}
	return false;
}

/* The pool that the work of another moves to. */
static int moves_to(tt_eligible *e, size_t from, const shift *x, size_t *ret, tt_err *err)
{
	const tt_eligible_pool *p = &e->v[from];
	tt_node_row like = p->likes[0];
	double units;

	if (p->n_likes > 1)
		return tt_fail(err, TT_EINVAL, "pool %s is of more than one type: where its work "
		               "moves can't be said of all of it", p->name);
	like.provider = x->provider ? x->provider : like.provider;
	like.region = x->region ? x->region : like.region;
	like.instance_type = x->instance_type ? x->instance_type : like.instance_type;
	like.gpu_model = x->gpu_model ? x->gpu_model : like.gpu_model;
	like.gpus = p->cards ? 1 : 0;
	return tt_eligible_pool_of(e, &like, p->owner, ret, &units, err);
}

static int shift_pool(size_t from, const shift *x, tt_eligible *e, tt_net_delta *to, tt_err *err)
{
	double *v = hours_of(to, e, from), *there = NULL;
	const size_t hours = e->hours;

	if (!v)
		return tt_no_memory(err);
	if (x->moves) {
		size_t pool;

		TT_TRY(moves_to(e, from, x, &pool, err));
		if (pool == from)
			return TT_OK;
		there = hours_of(to, e, pool);
		if (!there)
			return tt_no_memory(err);
		v = to->v[from];
	}
	for (size_t h = 0; h < hours; h++) {
		const double goes = (1 - x->stays) * ((double)e->v[from].used[h] + v[h]);

		v[h] -= goes;
		if (there)
			there[h] += goes * x->for_one;
	}
	return TT_OK;
}

int tt_net_of_pools(const tt_change *c, tt_eligible *e, tt_net_delta *to, tt_err *err)
{
	const size_t n = e->n; /* those that the change makes are not meant by it */
	shift x;

	if (!shift_of(c, &x))
		return tt_fail(err, TT_EINVAL, "what it does to a pool of demand.csv is not known: "
		               "expected release, scale with a factor, retype, or reprice to spot "
		               "or elsewhere");
	for (size_t k = 0; k < c->n_subjects; k++) {
		const tt_change_subject *of = &c->subjects[k];
		bool found = of->kind == TT_SUBJECT_FLEET;

		for (size_t i = 0; i < n; i++) {
			if (of->kind != TT_SUBJECT_FLEET && strcmp(of->id, e->v[i].name) != 0)
				continue;
			found = true;
			TT_TRY(shift_pool(i, &x, e, to, err));
		}
		if (!found)
			return tt_fail(err, TT_EDATA, "demand.csv has no pool \"%.*s\"; expected a "
			               "name like \"%s\"", TT_SHOWN(of->id), e->v[0].name);
	}
	return TT_OK;
}
