/* moved.c - who is on which terms when, and from that the visits that instances.h places. */
#include "bill/moved.h"
#include "base/memory.h"
#include "bill/instances.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct stay {                   /* a pod or a node is on the terms */
	const tt_terms *terms;
	bool is_node;
	uint32_t row;
	uint64_t set;
	const char *with;       /* node group, or workload that needs more or fewer pods */
	tt_span when;
};

struct stays {
	struct stay *v;
	size_t n, cap;
};

static void free_stays(struct stays *s)
{
	tt_free(s->v);
}

void tt_moved_free(tt_moved_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		tt_segments_free(&l->v[i].segments);
	tt_free(l->v);
	*l = (tt_moved_list){ 0 };
}

/* --- Who is where, and when ------------------------------------------------------------ */

static int by_content(const void *pa, const void *pb)
{
	const tt_release *a = pa, *b = pb;
	int by = tt_terms_compare(a->terms, b->terms);

	if (!by)
		by = (a->set > b->set) - (a->set < b->set);
	return by ? by : tt_release_compare(a, b);
}

/* The moves v[n] of the one pod or node `one`, in order of what counts first, in the time
 * `life` less what is in `taken` (tidy), which they are added to. */
static int add_stays(tt_release *v, size_t n, struct stay one, tt_span life, tt_spans *taken,
                     struct stays *to, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans left = { 0 };

	if (n > 1)
		qsort(v, n, sizeof *v, by_content);
	for (size_t i = 0; i < n; i++) {
		tt_span when = { v[i].from_s > life.from_s ? v[i].from_s : life.from_s,
			         v[i].to_s < life.to_s ? v[i].to_s : life.to_s };
		const tt_spans own = { .v = &when, .n = when.from_s < when.to_s };

		TT_TRY(tt_spans_subtract(&own, taken, &left, err));
		one.terms = v[i].terms;
		one.set = v[i].set;
		for (size_t k = 0; k < left.n; k++) {
			if (!TT_GROW(to->v, to->n, to->cap))
				return tt_no_memory(err);
			one.when = left.v[k];
			to->v[to->n++] = one;
			TT_TRY(tt_spans_add(taken, left.v[k].from_s, left.v[k].to_s, err));
		}
		tt_spans_tidy(taken);
	}
	return TT_OK;
}

/* Of the releases v[n] of one pod. `moves` has room for n. */
static int add_pod(const tt_case *c, const tt_release *v, size_t n, tt_release *moves,
                   struct stays *to, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans taken = { 0 };
	const tt_pod_row *row = tt_pod_at(c->snapshot, v->pod);
	size_t n_moves = 0;
	tt_span ran;

	for (size_t i = 0; i < n; i++) {
		if (v[i].leave == TT_GOES)
			TT_TRY(tt_spans_add(&taken, v[i].from_s, v[i].to_s, err));
		else if (v[i].leave == TT_MOVES)
			moves[n_moves++] = v[i];
	}
	if (!n_moves || !tt_pod_ran(c->snapshot, row, &ran))
		return TT_OK;
	tt_spans_tidy(&taken);
	return add_stays(moves, n_moves, (struct stay){ .row = v->pod, .with = row->workload },
	                 ran, &taken, to, err);
}

static bool is_whole(const tt_release *v)
{
	return !v->gpu && v->pod == TT_NO_POD;
}

/* Of the releases v[n] of a node, which is replaced while anything else leaves something on
 * it. `part` and `moves` have room for n. */
static int add_node(const tt_case *c, const tt_residents *r, size_t node, const tt_release *v,
                    size_t n, tt_release *part, tt_release *moves, struct stays *to,
                    tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans taken = { 0 };
	size_t n_part = 0, n_moves = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].leave == TT_MOVES && is_whole(&v[i]))
			moves[n_moves++] = v[i];
		else if (v[i].leave != TT_REPRICED)
			part[n_part++] = v[i];
	}
	if (!n_moves)
		return TT_OK;
	TT_TRY(tt_case_left(c, r, node, part, n_part, TT_REPRICED, &taken, err));
	return add_stays(moves, n_moves,
	                 (struct stay){ .is_node = true, .row = (uint32_t)node,
	                                .with = tt_node_at(c->snapshot, node)->node_group },
	                 tt_node_life(c->snapshot, node), &taken, to, err);
}

/* Of the releases v[n] of one node. */
static int add_all_of(const tt_case *c, const tt_residents *r, const tt_release *v, size_t n,
                      struct stays *to, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_release *part = tt_alloc(n * sizeof *part);
	TT_CLEANUP(tt_freep) tt_release *moves = tt_alloc(n * sizeof *moves);
	size_t of_pod;

	if (!part || !moves)
		return tt_no_memory(err);
	TT_TRY(add_node(c, r, v->node, v, n, part, moves, to, err));
	for (size_t i = 0; i < n; i += of_pod) {
		for (of_pod = 1; i + of_pod < n && v[i + of_pod].pod == v[i].pod;)
			of_pod++;
		if (v[i].pod != TT_NO_POD)
			TT_TRY(add_pod(c, v + i, of_pod, moves, to, err));
	}
	return TT_OK;
}

static int find_stays(const tt_case *c, const tt_residents *r, struct stays *to, tt_err *err)
{
	for (size_t i = 0, n; i < c->n_releases; i += n) {
		size_t moves = 0;

		for (n = 0; i + n < c->n_releases &&
		            c->releases[i + n].node == c->releases[i].node; n++)
			moves += c->releases[i + n].leave == TT_MOVES;
		if (moves)
			TT_TRY(add_all_of(c, r, c->releases + i, n, to, err));
	}
	return TT_OK;
}

/* By terms; of them nodes by group, pods by set, then by workload where it counts. */
static int compare_stays(const void *pa, const void *pb)
{
	const struct stay *a = pa, *b = pb;
	int by = tt_terms_compare(a->terms, b->terms);

	if (!by)
		by = (int)b->is_node - (int)a->is_node;
	if (!by)
		by = (a->set > b->set) - (a->set < b->set);
	if (!by && !a->set)
		by = strcmp(a->with, b->with);
	if (!by)
		by = (a->row > b->row) - (a->row < b->row);
	return by ? by : (a->when.from_s > b->when.from_s) - (a->when.from_s < b->when.from_s);
}

/* --- Counting what is there at once ------------------------------------------------------ */

static int by_time(const void *pa, const void *pb)
{
	const tt_opening *a = pa, *b = pb;

	return (a->at_s > b->at_s) - (a->at_s < b->at_s);
}

/* Sorted, with one for each time. */
static void tidy(tt_openings *o)
{
	size_t kept = 0;

	if (o->n)
		qsort(o->v, o->n, sizeof *o->v, by_time);
	for (size_t i = 0; i < o->n; i++) {
		if (kept && o->v[kept - 1].at_s == o->v[i].at_s)
			o->v[kept - 1].instances += o->v[i].instances;
		else
			o->v[kept++] = o->v[i];
	}
	o->n = kept;
}

/* How many of v[n] there are from when on, tidy. */
static int count(const struct stay *v, size_t n, tt_openings *ret, tt_err *err)
{
	for (size_t i = 0; i < n; i++) {
		TT_TRY(tt_openings_add(ret, v[i].when.from_s, 1, err));
		TT_TRY(tt_openings_add(ret, v[i].when.to_s, -1, err));
	}
	tidy(ret);
	return TT_OK;
}

/* `there` x by / per, rounded up. */
static int64_t whole(int64_t there, tt_i128 by, tt_i128 per)
{
	return (int64_t)(((tt_i128)there * by + per - 1) / per);
}

/* Nodes v[n] of one group, in instances that have as many cards. */
static int replace_nodes(const struct stay *v, size_t n, tt_openings *ret, tt_err *err)
{
	TT_CLEANUP(tt_openings_free) tt_openings nodes = { 0 };
	const tt_terms *t = v->terms;
	const int64_t need_u6 = llround(t->pod_gpus * 1e6), has_u6 = llround(t->gpus * 1e6);
	int64_t there = 0, instances = 0, last_s = 0;

	if (has_u6 < 1 || need_u6 < 1)
		return tt_fail(err, TT_EINVAL, "a node that moves needs cards there");
	TT_TRY(count(v, n, &nodes, err));
	for (size_t i = 0; i < nodes.n; i++) {
		ret->least_s += instances * (nodes.v[i].at_s - last_s);
		last_s = nodes.v[i].at_s;
		there += nodes.v[i].instances;
		const int64_t want = whole(there, need_u6, has_u6);
		TT_TRY(tt_openings_add(ret, last_s, want - instances, err));
		instances = want;
	}
	return TT_OK;
}

/* --- Pods as visits --------------------------------------------------------------------- */

struct visits {
	const tt_snapshot *s;
	tt_visit *v;
	size_t n, cap;
};

static int add_visit(struct visits *to, const tt_visit *one, tt_err *err)
{
	if (!TT_GROW(to->v, to->n, to->cap))
		return tt_no_memory(err);
	to->v[to->n++] = *one;
	return TT_OK;
}

static int64_t rounded_up(double x, double scale)
{
	return x > 0 ? (int64_t)ceil(x * scale - 1e-6) : 0;
}

static double of_pod(double there, double now)
{
	return isnan(there) ? now : there;
}

/* What an instance has: cards, or as many parts of them as pods may have one. */
static void find_capacity(const tt_terms *t, int64_t ret[TT_VISIT_DIMS])
{
	const int64_t parts = t->pods_per_card > 0 ? t->pods_per_card : 1;

	ret[TT_VISIT_CARDS] = t->gpus > 0 ? (int64_t)floor(t->gpus + 1e-6) * parts : 0;
	ret[TT_VISIT_CPUS] = t->cpus > 0 ? (int64_t)floor(t->cpus * 1000 + 1e-6) : 0;
	ret[TT_VISIT_MEMORY] = t->memory_mib > 0 ? (int64_t)floor(t->memory_mib + 1e-6) : 0;
}

static void find_size(const tt_snapshot *s, const struct stay *stay, int64_t ret[TT_VISIT_DIMS])
{
	const tt_terms *t = stay->terms;
	const tt_pod_row *p = tt_pod_at(s, stay->row);
	const double cards = of_pod(t->pod_gpus, p->gpus);
	const int64_t parts = t->pods_per_card > 0 ? t->pods_per_card : 1;

	ret[TT_VISIT_CARDS] = rounded_up(cards, 1) * (cards > 1 ? parts : 1);
	ret[TT_VISIT_CPUS] = isnan(t->cpus) ? 0 : rounded_up(of_pod(t->pod_cpus, p->cpus), 1000);
	ret[TT_VISIT_MEMORY] = isnan(t->memory_mib) ? 0 :
	                       rounded_up(of_pod(t->pod_memory_mib, p->memory_mib), 1);
}

static void take_larger(int64_t *of, const int64_t *size)
{
	for (int d = 0; d < TT_VISIT_DIMS; d++)
		of[d] = size[d] > of[d] ? size[d] : of[d];
}

/* Pods v[n] have a card together: a visit for each stretch in which any is there, with the
 * most that they ask for at once. */
static int add_set(struct visits *to, const struct stay *v, size_t n, tt_err *err)
{
	TT_CLEANUP(tt_openings_free) tt_openings there = { 0 };
	const char *name = tt_pod_at(to->s, v->row)->pod;
	tt_visit one = { .name = name, .number = v->set };
	const int64_t parts = v->terms->pods_per_card > 0 ? v->terms->pods_per_card : 1;
	int64_t now = 0, size[TT_VISIT_DIMS];

	TT_TRY(count(v, n, &there, err));
	for (size_t i = 0; i < there.n; i++) {
		int64_t sum[TT_VISIT_DIMS] = { 0 };

		if (!now)
			one = (tt_visit){ .from_s = there.v[i].at_s, .name = name,
				          .number = v->set };
		for (size_t k = 0; k < n; k++) {
			if (v[k].when.from_s > there.v[i].at_s || v[k].when.to_s <= there.v[i].at_s)
				continue;
			find_size(to->s, &v[k], size);
			for (int d = 0; d < TT_VISIT_DIMS; d++)
				sum[d] += size[d];
		}
		take_larger(one.size, sum);
		now += there.v[i].instances;
		one.to_s = there.v[i].at_s;
		one.size[TT_VISIT_CARDS] = parts;
		if (!now)
			TT_TRY(add_visit(to, &one, err));
	}
	return TT_OK;
}

/* As many pods there as the pods v[n] of one workload need: the last that came goes first. */
static int add_replicas(struct visits *to, const struct stay *v, size_t n, tt_err *err)
{
	TT_CLEANUP(tt_openings_free) tt_openings pods = { 0 };
	TT_CLEANUP(tt_openings_free) tt_openings since = { 0 }; /* of those that are there */
	tt_visit one = { .name = *v->with ? v->with : tt_pod_at(to->s, v->row)->pod };
	int64_t now = 0, size[TT_VISIT_DIMS];

	for (size_t i = 0; i < n; i++) {
		find_size(to->s, &v[i], size);
		take_larger(one.size, size);
	}
	TT_TRY(count(v, n, &pods, err));
	for (size_t i = 0; i < pods.n; i++) {
		const int64_t at_s = pods.v[i].at_s;

		now += pods.v[i].instances;
		const size_t want = (size_t)whole(now, (tt_i128)v->terms->pods_u9,
		                                  (tt_i128)TT_U9_ONE);
		while (since.n < want)
			TT_TRY(tt_openings_add(&since, at_s, 1, err));
		for (; since.n > want; since.n--) {
			one.from_s = since.v[since.n - 1].at_s;
			one.to_s = at_s;
			one.number = since.n;
			TT_TRY(add_visit(to, &one, err));
		}
	}
	return TT_OK;
}

static int add_pods(struct visits *to, const struct stay *v, size_t n, tt_err *err)
{
	tt_visit one = { 0 };

	if (v->set)
		return add_set(to, v, n, err);
	if (v->terms->pods_u9 != TT_U9_ONE)
		return add_replicas(to, v, n, err);
	for (size_t i = 0; i < n; i++) {
		one.from_s = v[i].when.from_s;
		one.to_s = v[i].when.to_s;
		one.name = tt_pod_at(to->s, v[i].row)->pod;
		find_size(to->s, &v[i], one.size);
		TT_TRY(add_visit(to, &one, err));
	}
	return TT_OK;
}

/* --- What they need --------------------------------------------------------------------- */

static int to_segments(tt_openings *o, tt_moved *m, tt_err *err)
{
	tt_segment one = { .terms = m->terms };

	tidy(o);
	TT_TRY(tt_terms_price(&m->terms, 1, TT_DECIMAL_MISSING, &one.price_per_hour, err));
	TT_TRY(tt_terms_paid_u9(&m->terms, 1, &one.paid_u9, err));
	for (size_t i = 0; i < o->n; i++) {
		if (!o->v[i].instances) /* as many come as go */
			continue;
		one.to_s = o->v[i].at_s;
		if (one.nodes)
			TT_TRY(tt_segments_add(&m->segments, &one, err));
		one.from_s = o->v[i].at_s;
		one.nodes += o->v[i].instances;
		m->most = one.nodes > m->most ? one.nodes : m->most;
	}
	m->least_s = o->least_s;
	m->length_s = tt_segments_length_s(&m->segments);
	return tt_segments_cost(&m->segments, &m->cost_micro, err);
}

/* Whether they are counted or placed together. */
static bool together(const struct stay *a, const struct stay *b)
{
	return a->is_node == b->is_node && a->set == b->set &&
	       (a->set || strcmp(a->with, b->with) == 0);
}

/* v[n] of the same terms. */
static int need(const tt_snapshot *s, const struct stay *v, size_t n, tt_moved *m, tt_err *err)
{
	TT_CLEANUP(tt_openings_free) tt_openings o = { 0 };
	struct visits visits = { .s = s };
	int64_t capacity[TT_VISIT_DIMS];
	int rc = TT_OK;

	for (size_t i = 0, of; i < n && rc == TT_OK; i += of) {
		for (of = 1; i + of < n && together(&v[i + of], &v[i]);)
			of++;
		for (size_t k = i; k < i + of; k++) {
			const bool again = k > i && v[k].row == v[k - 1].row;

			m->nodes += v[k].is_node && !again;
			m->pods += !v[k].is_node && !again;
		}
		rc = v[i].is_node ? replace_nodes(v + i, of, &o, err) :
		                    add_pods(&visits, v + i, of, err);
	}
	find_capacity(v->terms, capacity);
	if (rc == TT_OK)
		rc = tt_instances_place(capacity, visits.v, visits.n, &o, err);
	tt_free(visits.v);
	return rc == TT_OK ? to_segments(&o, m, err) : rc;
}

static bool is_one_of(const tt_terms *t, const tt_terms *const *v, size_t n)
{
	size_t i = 0;

	while (i < n && tt_terms_compare(v[i], t) != 0)
		i++;
	return i < n;
}

int tt_moved_make(const tt_case *c, const tt_residents *r, const tt_terms *const *only,
                  size_t n_only, tt_moved_list *ret, tt_err *err)
{
	TT_CLEANUP(free_stays) struct stays stays = { 0 };

	TT_TRY(find_stays(c, r, &stays, err));
	if (stays.n)
		qsort(stays.v, stays.n, sizeof *stays.v, compare_stays);
	for (size_t i = 0, n; i < stays.n; i += n) {
		const struct stay *v = stays.v + i;

		for (n = 1; i + n < stays.n && tt_terms_compare(v[n].terms, v->terms) == 0;)
			n++;
		if (only && !is_one_of(v->terms, only, n_only))
			continue;
		if (!TT_GROW(ret->v, ret->n, ret->cap))
			return tt_no_memory(err);
		ret->v[ret->n] = (tt_moved){ .terms = v->terms };
		TT_TRY(need(c->snapshot, v, n, &ret->v[ret->n++], err));
	}
	return TT_OK;
}

int tt_moved_cost(const tt_moved_list *l, tt_held *held, int64_t *ret_micro, tt_err *err)
{
	int64_t total = 0, cost, listed;

	*ret_micro = TT_MONEY_UNKNOWN;
	for (size_t i = 0; i < l->n; i++) {
		TT_TRY(tt_held_capacity_cost(held, &l->v[i].segments, 1, &cost, &listed, err));
		if (cost == TT_MONEY_UNKNOWN)
			return TT_OK;
		TT_TRY(tt_money_add(&total, cost, "what is moved to", err));
	}
	*ret_micro = total;
	return TT_OK;
}
