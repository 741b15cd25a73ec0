/* nodes.c - the nodes of a group or of the fleet for detectors: how long each was there, how
 * much of that without a pod, what was asked for on it, and the work that broke off when it
 * went. It looks at tables, and at readings only of nodes that nobody needs for their cards,
 * so that a fleet of thousands of nodes is cheap to go through. See plugin.h. */
#include "bill/activity.h"
#include "change/bridge.h"
#include "host/detector_services.h"
#include "maths/gaps.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct asking {
	int64_t at_s;
	double cpus, memory_mib; /* more from then on; NaN: not known of one */
};

struct looking {
	tt_call *c;
	const tt_subjects *of;
	const tt_snapshot *s;
	struct asking *asking;   /* [2 x most pods of a node] */
	tt_hour *card, *one;     /* [hours] */
	double drain_s;
};

/* --- Pods of a node ------------------------------------------------------------------ */

static int by_time(const void *pa, const void *pb)
{
	const struct asking *a = pa, *b = pb;

	if (a->at_s != b->at_s)
		return a->at_s < b->at_s ? -1 : 1;
	return (a->cpus > b->cpus) - (a->cpus < b->cpus); /* who goes, goes first */
}

/* What n pods ask for at most at once: CPUs, then memory, which come to their heights at
 * different times. NaN stays NaN. */
static void add_up(struct asking *v, size_t n, tt_group_node *to)
{
	double cpus = 0, memory_mib = 0;

	to->asked_cpus = to->asked_memory_mib = 0;
	if (n)
		qsort(v, n, sizeof *v, by_time);
	for (size_t i = 0; i < n; i++) {
		cpus += v[i].cpus;
		memory_mib += v[i].memory_mib;
		to->asked_cpus = isnan(cpus) ? cpus : fmax(to->asked_cpus, cpus);
		to->asked_memory_mib = isnan(memory_mib) ? memory_mib
			: fmax(to->asked_memory_mib, memory_mib);
	}
	if (isnan(cpus))
		to->asked_cpus = cpus;
	if (isnan(memory_mib))
		to->asked_memory_mib = memory_mib;
}

/* What a service did is not lost when it goes. */
static void add_lost(const struct looking *l, const tt_pod_row *p, tt_span ran, tt_group_node *to)
{
	const tt_workload_row *row = *p->workload ? tt_workload_row_of(l->s, p->workload) : NULL;
	const char *kind = !*p->workload_kind && row ? row->workload_kind : p->workload_kind;
	double lost_s = (double)(ran.to_s - ran.from_s);

	if (strcmp(kind, "inference") == 0)
		return;
	if (row && row->checkpoint_interval_s >= 0)
		lost_s = fmin(lost_s, row->checkpoint_interval_s / 2 +
		              fmax(0, row->restart_s)); /* of NaN the 0 */
	to->n_lost++;
	to->lost_card_s += lost_s * p->gpus;
}

static int is_other(const struct looking *l, const tt_pod_row *p, tt_span ran)
{
	return !(p->gpus > 0) && ran.to_s >= l->s->end_s;
}

static void look_at_pods(const struct looking *l, size_t node, tt_group_node *to)
{
	const tt_residents *r = &l->of->residents;
	int64_t first_s = to->to_s, last_s = to->from_s;
	size_t n = 0;

	to->other_cpus = to->other_memory_mib = 0;
	for (size_t i = r->first[node]; i < r->first[node + 1]; i++) {
		const tt_pod_row *p = tt_pod_at(l->s, r->pod[i]);
		tt_span ran;

		if (!tt_pod_ran(l->s, p, &ran))
			continue;
		l->asking[n++] = (struct asking){ ran.from_s, p->cpus, p->memory_mib };
		l->asking[n++] = (struct asking){ ran.to_s, -p->cpus, -p->memory_mib };
		if (tt_settings_is_system(l->of->settings, p->namespace_))
			continue;
		first_s = ran.from_s < first_s ? ran.from_s : first_s;
		last_s = ran.to_s > last_s ? ran.to_s : last_s;
		if (is_other(l, p, ran)) {
			to->other_cpus += p->cpus;
			to->other_memory_mib += p->memory_mib;
		}
		if (to->went && tt_broke_off(p, ran, to->to_s, l->drain_s))
			add_lost(l, p, ran, to);
	}
	add_up(l->asking, n, to);
	to->empty_first_s = first_s > to->from_s ? first_s - to->from_s : 0;
	to->empty_last_s = last_s < to->to_s && last_s > to->from_s ? to->to_s - last_s : 0;
}

/* --- Its cards ------------------------------------------------------------------------- */

/* The latest time at which a pod had one of them. */
static int64_t held_until(const struct looking *l, size_t node, int64_t from_s)
{
	const tt_residents *r = &l->of->residents;
	int64_t until_s = from_s;
	size_t first, n;

	tt_node_carriers(l->s, node, &first, &n);
	for (size_t i = first; i < first + n; i++) {
		const tt_carrier *k = &l->s->carriers[i];

		for (size_t j = k->first_holding; j < k->first_holding + k->n_holdings; j++)
			if (l->s->holdings[j].to_s > until_s)
				until_s = l->s->holdings[j].to_s;
	}
	for (size_t i = r->first[node]; i < r->first[node + 1]; i++) {
		const tt_pod_row *p = tt_pod_at(l->s, r->pod[i]);
		tt_span ran;

		if (p->gpus > 0 && tt_pod_ran(l->s, p, &ran) && ran.to_s > until_s)
			until_s = ran.to_s;
	}
	return until_s;
}

static int64_t hour_s(const struct looking *l, size_t hour)
{
	return l->s->start_s + (int64_t)hour * 3600;
}

/* The hour after the last one in which a reading of the card reached 1 %. */
static int64_t busy_until(const struct looking *l, int64_t until_s)
{
	for (size_t i = tt_snapshot_hours(l->s); i-- > 0 && hour_s(l, i + 1) > until_s;)
		if (l->card[i].max >= TT_IDLE_BELOW_PCT)
			return hour_s(l, i + 1);
	return until_s;
}

/* Since when no card was held or busy, and how much of that was measured. */
static int look_at_cards(const struct looking *l, size_t node, tt_group_node *to)
{
	const size_t hours = tt_snapshot_hours(l->s);
	double *measured_s = tt_call_alloc(l->c, (hours + 1) * sizeof *measured_s), sum_s = 0;
	int64_t since_s = held_until(l, node, to->from_s);
	size_t first, n;

	if (!measured_s)
		return TT_ENOMEM;
	tt_node_carriers(l->s, node, &first, &n);
	for (size_t i = first, end; i < first + n; i = end) {
		for (end = i; end < first + n && strcmp(l->s->carriers[end].gpu,
		                                        l->s->carriers[i].gpu) == 0;)
			end++;
		TT_TRY(tt_call_card_hours(l->c, i, end, l->card, l->one));
		since_s = busy_until(l, since_s);
		for (size_t k = 0; k < hours; k++)
			measured_s[k] += l->card[k].seconds;
	}
	to->idle_since_s = since_s < to->to_s ? since_s : to->to_s;
	for (size_t k = 0; k < hours; k++)
		if (hour_s(l, k + 1) > since_s) /* of the first, what lies behind */
			sum_s += hour_s(l, k) >= since_s ? measured_s[k]
				: measured_s[k] * (double)(hour_s(l, k + 1) - since_s) / 3600;
	if (since_s < to->to_s)
		to->idle_coverage_ratio = fmin(1, sum_s / (to->cards *
		                                           (double)(to->to_s - since_s)));
	return TT_OK;
}

/* --- Nodes ------------------------------------------------------------------------------- */

static int look_at(const struct looking *l, size_t node, tt_group_node *to)
{
	const tt_node_row *row = tt_node_at(l->s, node);
	const tt_node_bill *b = &l->of->bill->nodes[node];
	const tt_span life = tt_node_life(l->s, node);
	const double cards = (double)tt_node_cards_u6(l->s, node) / 1e6;

	*to = (tt_group_node){
		.size = sizeof *to, .id = row->node, .node_group = row->node_group,
		.pricing = row->pricing, .owner = b->owner, .cards = cards, .cpus = row->cpus,
		.memory_mib = row->memory_mib, .from_s = life.from_s, .to_s = life.to_s,
		.came = row->started_at != TT_TIME_MISSING && row->started_at >= l->s->start_s,
		.went = row->ended_at != TT_TIME_MISSING && row->ended_at < l->s->end_s,
		.cost_micro = b->cost_micro, .pods_known = l->of->pods_known[node],
		.asked_cpus = (double)NAN, .asked_memory_mib = (double)NAN,
		.other_cpus = (double)NAN, .other_memory_mib = (double)NAN,
		.idle_since_s = life.to_s, .idle_coverage_ratio = (double)NAN,
	};
	if (!to->pods_known)
		return TT_OK;
	look_at_pods(l, node, to);
	to->n_other_pods = l->of->n_other_pods[node];
	return cards > 0 && to->n_other_pods && !to->went ? look_at_cards(l, node, to) : TT_OK;
}

static int by_group(const void *pa, const void *pb)
{
	const tt_group_node *const *a = pa, *const *b = pb;
	int order = strcmp((*a)->node_group, (*b)->node_group);

	return order ? order : strcmp((*a)->id, (*b)->id);
}

static void say_policy(const tt_snapshot *s, const char *group, tt_group_nodes *to)
{
	to->autoscaler = "";
	to->min_nodes = to->max_nodes = to->boot_s = to->drain_s = (double)NAN;
	for (size_t i = 0; i < s->table[TT_NODE_GROUPS].n; i++) {
		const tt_node_group_row *r =
			TT_ROW(&s->table[TT_NODE_GROUPS], tt_node_group_row, i);

		if (strcmp(r->node_group, group) != 0)
			continue;
		to->autoscaler = r->autoscaler;
		to->min_nodes = r->min_nodes;
		to->max_nodes = r->max_nodes;
		to->boot_s = r->boot_s;
		to->drain_s = r->drain_s;
	}
}

static int is_meant(const struct looking *l, const tt_subject *s, size_t node)
{
	return l->of->bill->nodes[node].alive_s > 0 &&
	       (s->scope == TT_SCOPE_FLEET ||
	        strcmp(tt_node_at(l->s, node)->node_group, s->id) == 0);
}

static int make_room(struct looking *l, const tt_subject *s, size_t *ret_n)
{
	const tt_residents *r = &l->of->residents;
	const size_t hours = tt_snapshot_hours(l->s);
	size_t most = 0;

	for (size_t i = 0; i < l->s->table[TT_NODES].n; i++) {
		if (!is_meant(l, s, i))
			continue;
		++*ret_n;
		if (r->first[i + 1] - r->first[i] > most)
			most = r->first[i + 1] - r->first[i];
	}
	l->asking = tt_call_alloc(l->c, (2 * most + 1) * sizeof *l->asking);
	l->card = tt_call_alloc(l->c, (hours + 1) * sizeof *l->card);
	l->one = tt_call_alloc(l->c, (hours + 1) * sizeof *l->one);
	return l->asking && l->card && l->one ? TT_OK : TT_ENOMEM;
}

const tt_group_nodes *tt_lend_nodes(tt_call *c, const tt_subject *s)
{
	struct looking l = { .c = c };
	tt_group_nodes *g;
	const tt_group_node **v;
	tt_group_node *nodes;
	size_t n = 0, at = 0;

	if (tt_call_of_detector(c, "nodes") < 0)
		return NULL;
	if (s->scope != TT_SCOPE_NODE_GROUP && s->scope != TT_SCOPE_FLEET) {
		tt_call_break(c, TT_EINVAL, "called nodes(), which is for scopes node_group and "
		              "fleet");
		return NULL;
	}
	l.of = c->subjects;
	l.s = c->subjects->snapshot;
	g = tt_call_alloc(c, sizeof *g);
	if (!g || make_room(&l, s, &n) < 0)
		return NULL;
	*g = (tt_group_nodes){ .size = sizeof *g, .n = n };
	say_policy(l.s, s->scope == TT_SCOPE_NODE_GROUP ? s->id : "", g);
	l.drain_s = g->drain_s;
	v = tt_call_alloc(c, (n + 1) * sizeof *v);
	nodes = tt_call_alloc(c, (n + 1) * sizeof *nodes);
	if (!v || !nodes)
		return NULL;
	for (size_t i = 0; i < l.s->table[TT_NODES].n; i++) {
		if (!is_meant(&l, s, i))
			continue;
		if (look_at(&l, i, &nodes[at]) < 0)
			return NULL;
		v[at] = &nodes[at];
		at++;
	}
	if (n)
		qsort(v, n, sizeof *v, by_group);
	g->v = v;
	return g;
}

const tt_best_floor *tt_lend_best_floor(tt_call *c, const tt_level_gap *gaps, size_t n,
                                        double start_s)
{
	tt_floor_gap *sorted = tt_call_alloc(c, (n + 1) * sizeof *sorted);
	double *room = tt_call_alloc(c, (n + 1) * sizeof *room);
	tt_best_floor *ret = tt_call_alloc(c, sizeof *ret);

	if (!sorted || !room || !ret)
		return NULL;
	for (size_t i = 0; i < n; i++)
		sorted[i] = (tt_floor_gap){ gaps[i].level, gaps[i].s };

	const tt_gaps_floor best = tt_gaps_best_floor(sorted, n, start_s, room);

	*ret = (tt_best_floor){ sizeof *ret, best.floor, best.timeout, best.cost };
	return ret;
}
