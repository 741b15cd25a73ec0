/* capacity.c - nodes with cards for detectors, by the terms on which they are had: what they
 * cost, and how many were there, used and beyond what is held in every hour. It goes by hourly
 * values and tables, and meters what is held as the bill does. See tt_node_pool in plugin.h. */
#include "bill/activity.h"
#include "bill/held.h"
#include "bill/metering.h"
#include "bill/price.h"
#include "host/detector_services.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct member {
	uint32_t node;
	tt_node_price price;
	const char *pricing;
	tt_decimal key;          /* its price; 0 where it is what was charged, which differs from
	                          * node to node */
};

struct looking {
	tt_call *c;
	const tt_subjects *of;
	const tt_snapshot *s;
	struct member *members; size_t n_members;
	size_t hours;
	tt_hour *card, *one;     /* [hours] scratch */
	double *measured, *busy, *pods; /* [hours] of a node: share measured, and whether */
	const char *const *without; size_t n_without;
};

/* --- Who belongs together ---------------------------------------------------------------- */

static int compare(const void *pa, const void *pb, void *of)
{
	const struct looking *l = of;
	const struct member *a = pa, *b = pb;
	const tt_node_row *x = tt_node_at(l->s, a->node), *y = tt_node_at(l->s, b->node);
	int by = strcmp(x->provider, y->provider);

	by = by ? by : strcmp(x->region, y->region);
	by = by ? by : strcmp(x->instance_type, y->instance_type);
	by = by ? by : strcasecmp(x->gpu_model, y->gpu_model);
	by = by ? by : strcmp(a->pricing, b->pricing);
	by = by ? by : (x->gpus > y->gpus) - (x->gpus < y->gpus);
	by = by ? by : (a->price.table && strcmp(a->price.table, "charges") == 0) -
		(b->price.table && strcmp(b->price.table, "charges") == 0);
	return by ? by : (a->key > b->key) - (a->key < b->key);
}

static int compare_all(const void *pa, const void *pb, void *of)
{
	const struct looking *l = of;
	const struct member *a = pa, *b = pb;
	int by = compare(pa, pb, of);

	by = by ? by : strcmp(tt_node_at(l->s, a->node)->node_group,
	                      tt_node_at(l->s, b->node)->node_group);
	return by ? by : (a->node > b->node) - (a->node < b->node);
}

static int list_members(struct looking *l)
{
	const size_t nodes = l->s->table[TT_NODES].n;

	l->members = tt_call_alloc(l->c, (nodes + 1) * sizeof *l->members);
	if (!l->members)
		return TT_ENOMEM;
	for (size_t i = 0; i < nodes; i++) {
		struct member *m = &l->members[l->n_members];

		if (!tt_node_cards_u6(l->s, i) || l->of->bill->nodes[i].alive_s <= 0)
			continue;
		*m = (struct member){ .node = (uint32_t)i };
		m->pricing = tt_node_at(l->s, i)->pricing;
		if (!*m->pricing)
			m->pricing = "on_demand";
		tt_price_of_node(l->s, i, &m->price);
		m->key = m->price.table && strcmp(m->price.table, "charges") == 0 ? 0
			: m->price.price_per_hour;
		l->n_members++;
	}
	if (l->n_members)
		qsort_r(l->members, l->n_members, sizeof *l->members, compare_all, l);
	return TT_OK;
}

/* Nodes of that group that lived in the window, whatever they are. */
static size_t size_of_group(const struct looking *l, const char *group)
{
	size_t n = 0;

	for (size_t i = 0; i < l->s->table[TT_NODES].n; i++)
		n += l->of->bill->nodes[i].alive_s > 0 &&
			strcmp(tt_node_at(l->s, i)->node_group, group) == 0;
	return n;
}

static const char *add_subjects(struct looking *l, const char *list, const struct member *v,
                                size_t n)
{
	const char *group = tt_node_at(l->s, v->node)->node_group;

	if (*group && size_of_group(l, group) == n)
		return tt_lend_subject(l->c, list, "node_group", group);
	for (size_t i = 0; i < n; i++)
		list = tt_lend_subject(l->c, list, "node", tt_node_at(l->s, v[i].node)->node);
	return list;
}

/* --- Use ------------------------------------------------------------------------------------- */

static double overlap_ratio(const struct looking *l, size_t hour, int64_t from_s, int64_t to_s)
{
	const int64_t a = l->s->start_s + (int64_t)hour * 3600, b = a + 3600;

	from_s = from_s > a ? from_s : a;
	to_s = to_s < b ? to_s : b;
	return to_s > from_s ? (double)(to_s - from_s) / 3600 : 0;
}

static int is_left_out(const struct looking *l, const tt_pod_row *p)
{
	for (size_t i = 0; i < l->n_without; i++)
		if (*p->workload && strcmp(p->workload, l->without[i]) == 0)
			return 1;
	return 0;
}

/* Hours in which a pod had cards of the node. */
static void find_pods(struct looking *l, size_t node, int *ret_without)
{
	const tt_residents *r = &l->of->residents;

	*ret_without = 0;
	for (size_t i = r->first[node]; i < r->first[node + 1]; i++) {
		const tt_pod_row *p = tt_pod_at(l->s, r->pod[i]);
		tt_span ran;

		if (!(p->gpus > 0) || !tt_pod_ran(l->s, p, &ran) || ran.from_s >= ran.to_s ||
		    tt_settings_is_system(l->of->settings, p->namespace_))
			continue;
		if (is_left_out(l, p)) {
			*ret_without = 1;
			continue;
		}
		const size_t first = (size_t)((ran.from_s - l->s->start_s) / 3600);

		for (size_t k = first; k < l->hours; k++) {
			const double part = overlap_ratio(l, k, ran.from_s, ran.to_s);

			if (!(part > 0))
				break;
			l->pods[k] = fmin(1, l->pods[k] + part);
		}
	}
}

/* Hours in which a card of the node was measured, and reached 1 %. */
static int find_busy(struct looking *l, size_t node)
{
	size_t first, n;

	tt_node_carriers(l->s, node, &first, &n);
	for (size_t i = first, end; i < first + n; i = end) {
		for (end = i; end < first + n && strcmp(l->s->carriers[end].gpu,
		                                        l->s->carriers[i].gpu) == 0;)
			end++;
		TT_TRY(tt_call_card_hours(l->c, i, end, l->card, l->one));
		for (size_t k = 0; k < l->hours; k++) {
			l->measured[k] = fmax(l->measured[k], (double)l->card[k].seconds / 3600);
			if (l->card[k].max >= TT_IDLE_BELOW_PCT)
				l->busy[k] = 1;
		}
	}
	return TT_OK;
}

/* What demand.csv has of nodes like this one in use, as nodes, into to[hours]; NaN where it has
 * no row of any. */
static void find_demand(const struct looking *l, const tt_node_row *n, double gpus, double *to)
{
	const tt_rows *t = &l->s->table[TT_DEMAND];

	for (size_t k = 0; k < l->hours; k++)
		to[k] = (double)NAN;
	for (size_t i = 0; i < t->n; i++) {
		const tt_demand_row *d = TT_ROW(t, tt_demand_row, i);
		const int64_t hour = (d->time - l->s->start_s + 3599) / 3600;

		if (d->time <= l->s->start_s - 3600 || (size_t)hour >= l->hours || !(d->units >= 0))
			continue;
		to[hour] = isnan(to[hour]) ? 0 : to[hour];
		if (strcmp(d->provider, n->provider) == 0 && strcmp(d->region, n->region) == 0 &&
		    strcmp(d->instance_type, n->instance_type) == 0 &&
		    (!*d->gpu_model || strcasecmp(d->gpu_model, n->gpu_model) == 0))
			to[hour] += d->units / (*d->gpu_model ? gpus : 1);
	}
}

/* Nodes that demand.csv means with that one, on average in the hour. */
static double alive_like(const struct looking *l, const tt_node_row *like, size_t hour)
{
	double sum = 0;

	for (size_t i = 0; i < l->n_members; i++) {
		const tt_node_row *o = tt_node_at(l->s, l->members[i].node);
		const tt_span life = tt_node_life(l->s, l->members[i].node);

		if (strcmp(o->provider, like->provider) == 0 &&
		    strcmp(o->region, like->region) == 0 &&
		    strcmp(o->instance_type, like->instance_type) == 0)
			sum += overlap_ratio(l, hour, life.from_s, life.to_s);
	}
	return sum;
}

/* One node's hours into the pool's; what a left-out workload had is not used by others that
 * can't be told from it. */
static int add_hours(struct looking *l, const struct member *m, tt_node_pool_hour *hours,
                     double *known_h)
{
	const tt_span life = tt_node_life(l->s, m->node);
	int without;

	memset(l->measured, 0, l->hours * sizeof *l->measured);
	memset(l->busy, 0, l->hours * sizeof *l->busy);
	memset(l->pods, 0, l->hours * sizeof *l->pods);
	find_pods(l, m->node, &without);
	TT_TRY(find_busy(l, m->node));
	for (size_t k = 0; k < l->hours; k++) {
		const double alive = overlap_ratio(l, k, life.from_s, life.to_s);
		const int seen = l->measured[k] >= alive / 2 && l->measured[k] > 0;
		double used = seen && !without ? l->busy[k] * alive : fmin(alive, l->pods[k]);

		if (seen && without)
			used *= l->busy[k];
		hours[k].alive += alive;
		hours[k].used += used;
		if (seen || l->of->pods_known[m->node])
			*known_h += alive;
	}
	return TT_OK;
}

/* Where only demand.csv tells, its units are spread over all nodes of their kind. */
static void add_demand(struct looking *l, const tt_node_row *like, tt_node_pool *to,
                       tt_node_pool_hour *hours)
{
	double known_h = 0;

	if (!l->s->table[TT_DEMAND].n || to->known_ratio > 0)
		return;
	find_demand(l, like, to->gpus, l->busy);
	for (size_t k = 0; k < l->hours; k++) {
		const double all = alive_like(l, like, k);

		if (isnan(l->busy[k]) || !(all > 0))
			continue;
		hours[k].used = hours[k].alive * fmin(1, l->busy[k] / all);
		known_h += hours[k].alive;
	}
	to->known_ratio = fmin(1, known_h / to->alive_h);
}

/* --- What is held ---------------------------------------------------------------------- */

static int is_beside(const tt_held_beside *b, const tt_node_pool *p)
{
	return strcmp(b->like->provider, p->provider) == 0 &&
	       strcmp(b->like->region, p->region) == 0 &&
	       strcmp(b->like->instance_type, p->instance_type) == 0 &&
	       strcasecmp(b->like->gpu_model, p->gpu_model) == 0 &&
	       b->like->gpus == p->gpus &&
	       (strcmp(b->like->pricing, p->pricing) == 0 ||
	        (!*b->like->pricing && strcmp(p->pricing, "on_demand") == 0)) &&
	       (strcmp(p->pricing, "on_demand") != 0 ||
	        tt_decimal_f64(b->price_per_hour) == p->price_per_hour);
}

/* Hours of the clock to hours of the window: that in which the latter begins. */
static void cover(const struct looking *l, const tt_held_beside *b, tt_node_pool_hour *hours)
{
	for (size_t k = 0; k < l->hours; k++) {
		const int64_t at_s = l->s->start_s + (int64_t)k * 3600;
		const size_t i = (size_t)((at_s - b->first_s) / 3600);
		const double node_s = i < b->hours && b->price_per_hour > 0
			? (double)b->cost[i] / (double)TT_METERING_MICRO * 3600 / 1e6 /
			  tt_decimal_f64(b->price_per_hour) : 0;

		hours[k].uncovered = fmin(hours[k].alive, node_s / 3600);
	}
}

static void find_uncovered(const struct looking *l, const tt_held *h, const tt_node_pool *p,
                           tt_node_pool_hour *hours)
{
	tt_held_beside b;

	for (size_t i = 0; h && tt_held_beside_of(h, i, &b); i++)
		if (is_beside(&b, p)) {
			cover(l, &b, hours);
			return;
		}
	for (size_t k = 0; strcmp(p->pricing, "on_demand") == 0 && k < l->hours; k++)
		hours[k].uncovered = hours[k].alive;
}

/* --- A pool ---------------------------------------------------------------------------- */

static int add_network(struct looking *l, const struct member *v, size_t n, tt_node_pool *to)
{
	double measured_h = 0;

	to->network_gib = 0;
	for (size_t i = 0; i < n; i++) {
		tt_stats st;
		int rc = tt_lend_stats(l->c, tt_node_at(l->s, v[i].node)->node,
		                       TT_NETWORK_BYTES_PER_S, &st);

		if (rc == TT_ENODATA)
			continue;
		TT_TRY(rc);
		to->network_gib += st.mean * st.measured_s / (1 << 30);
		measured_h += st.measured_s / 3600;
	}
	to->network_ratio = fmin(1, measured_h / to->alive_h);
	if (!(measured_h > 0))
		to->network_gib = (double)NAN;
	return TT_OK;
}

static void tell_nodes(struct looking *l, const struct member *v, size_t n, tt_node_pool *to)
{
	for (size_t i = 0; i < n; i++) {
		const tt_node_row *row = tt_node_at(l->s, v[i].node);
		const tt_node_bill *b = &l->of->bill->nodes[v[i].node];

		if (i && strcmp(to->node_group, row->node_group) != 0)
			to->node_group = "";
		if (i && strcmp(to->owner, b->owner) != 0)
			to->owner = "";
		to->cpus = isnan(row->cpus) ? row->cpus : fmin(to->cpus, row->cpus);
		to->memory_mib = isnan(row->memory_mib) ? row->memory_mib
			: fmin(to->memory_mib, row->memory_mib);
		to->n_now += row->ended_at == TT_TIME_MISSING || row->ended_at >= l->s->end_s;
		to->alive_h += (double)b->alive_s / 3600;
		if (b->cost_micro == TT_MONEY_UNKNOWN)
			to->cost_micro = TT_MONEY_UNKNOWN;
		else if (to->cost_micro != TT_MONEY_UNKNOWN)
			to->cost_micro += b->cost_micro;
	}
	if (!v->key && to->cost_micro != TT_MONEY_UNKNOWN && to->price_per_hour > 0)
		to->price_per_hour = (double)to->cost_micro / 1e6 / to->alive_h;
	for (size_t from = 0, k; from < n; from += k) {
		const char *group = tt_node_at(l->s, v[from].node)->node_group;

		for (k = 1; from + k < n && strcmp(tt_node_at(l->s, v[from + k].node)->node_group,
		                                   group) == 0;)
			k++;
		to->nodes = add_subjects(l, to->nodes, v + from, k);
	}
}

static int tell_pool(struct looking *l, const struct member *v, size_t n, uint32_t look_up,
                     const tt_held *h, tt_node_pool *to)
{
	const tt_node_row *row = tt_node_at(l->s, v->node);
	const char *from = tt_price_from(&v->price, l->c->arena);
	tt_node_pool_hour *hours;
	double known_h = 0;

	*to = (tt_node_pool){
		.size = sizeof *to, .provider = row->provider, .region = row->region,
		.instance_type = row->instance_type, .gpu_model = row->gpu_model,
		.pricing = v->pricing, .gpus = (double)tt_node_cards_u6(l->s, v->node) / 1e6,
		.cpus = row->cpus, .memory_mib = row->memory_mib,
		.price_per_hour = v->price.price_per_hour == TT_DECIMAL_MISSING ? (double)NAN
			: tt_decimal_f64(v->price.price_per_hour),
		.price_from = from ? from : "", .nodes = "", .node_group = row->node_group,
		.owner = l->of->bill->nodes[v->node].owner, .n_nodes = n,
		.known_ratio = (double)NAN, .network_gib = (double)NAN,
	};
	tell_nodes(l, v, n, to);
	if (look_up & TT_POOL_NETWORK)
		TT_TRY(add_network(l, v, n, to));
	if (!(look_up & TT_POOL_HOURS))
		return TT_OK;
	hours = tt_call_alloc(l->c, (l->hours + 1) * sizeof *hours);
	if (!hours)
		return TT_ENOMEM;
	for (size_t i = 0; i < n; i++)
		TT_TRY(add_hours(l, &v[i], hours, &known_h));
	to->known_ratio = fmin(1, known_h / to->alive_h);
	add_demand(l, row, to, hours);
	find_uncovered(l, h, to, hours);
	to->hours = hours;
	to->n_hours = l->hours;
	return TT_OK;
}

static int open_hours(struct looking *l)
{
	l->hours = tt_snapshot_hours(l->s);
	l->card = tt_call_alloc(l->c, (l->hours + 1) * sizeof *l->card);
	l->one = tt_call_alloc(l->c, (l->hours + 1) * sizeof *l->one);
	l->measured = tt_call_alloc(l->c, 3 * (l->hours + 1) * sizeof *l->measured);
	if (!l->card || !l->one || !l->measured)
		return TT_ENOMEM;
	l->busy = l->measured + l->hours + 1;
	l->pods = l->busy + l->hours + 1;
	return TT_OK;
}

/* --- What it is called -------------------------------------------------------------------- */

/* Whether no other pool has a node of its group. */
static int is_whole_group(const struct looking *l, const tt_node_pool *p)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_members; i++)
		n += strcmp(tt_node_at(l->s, l->members[i].node)->node_group, p->node_group) == 0;
	return *p->node_group && n == p->n_nodes;
}

static int same_terms(const tt_node_pool *a, const tt_node_pool *b)
{
	return strcmp(a->provider, b->provider) == 0 && strcmp(a->region, b->region) == 0 &&
	       strcmp(a->instance_type, b->instance_type) == 0 &&
	       strcasecmp(a->gpu_model, b->gpu_model) == 0 && strcmp(a->pricing, b->pricing) == 0;
}

/* What is charged changes by the day, so it is in no name; a price only where several pools
 * differ by nothing else. `of` is one of the pool's nodes. Pools on the same terms are
 * neighbours. */
static void name_pool(struct looking *l, const tt_node_pool *const *v, size_t n, size_t at,
                      const struct member *of, tt_node_pool *p)
{
	const int alone = !(at && same_terms(v[at - 1], p)) &&
		!(at + 1 < n && same_terms(v[at + 1], p));
	char price[64] = "what is charged";

	if (is_whole_group(l, p)) {
		p->subject_kind = "node_group";
		p->subject_id = p->node_group;
		return;
	}
	if (of->price.price_per_hour == TT_DECIMAL_MISSING)
		snprintf(price, sizeof price, "no price");
	else if (of->key)
		tt_decimal_format(of->price.price_per_hour, price, sizeof price);
	p->subject_kind = "fleet";
	p->subject_id = tt_host_table.text(l->c, "%s/%s/%s %s %s", p->provider, p->region,
	                                   p->instance_type, p->gpu_model, p->pricing);
	if (!alone)
		p->subject_id = tt_host_table.text(l->c, "%s x%g at %s", p->subject_id, p->gpus,
		                                   price);
}

static int tell_pools(struct looking *l, uint32_t look_up, const tt_held *h,
                      const tt_node_pool *const **ret, size_t *ret_n)
{
	const tt_node_pool **v = tt_call_alloc(l->c, (l->n_members + 1) * sizeof *v);
	tt_node_pool **own = tt_call_alloc(l->c, (l->n_members + 1) * sizeof *own);
	const struct member *of = l->members;

	if (!v || !own)
		return TT_ENOMEM;
	for (size_t i = 0, n; i < l->n_members; i += n) {
		tt_node_pool *p = tt_call_alloc(l->c, sizeof *p);

		if (!p)
			return TT_ENOMEM;
		for (n = 1; i + n < l->n_members &&
		     compare(&l->members[i], &l->members[i + n], l) == 0;)
			n++;
		TT_TRY(tell_pool(l, &l->members[i], n, look_up, h, p));
		own[*ret_n] = p;
		v[(*ret_n)++] = p;
	}
	for (size_t i = 0; i < *ret_n; i++) {
		name_pool(l, v, *ret_n, i, of, own[i]);
		of += own[i]->n_nodes;
	}
	*ret = v;
	return TT_OK;
}

int tt_lend_pools(tt_call *c, uint32_t look_up, const char *const *without, size_t n_without,
                  const tt_node_pool *const **ret, size_t *ret_n)
{
	TT_CLEANUP(tt_held_freep) tt_held *h = NULL;
	struct looking l = { .c = c, .without = without, .n_without = n_without };
	tt_err err = { 0 };

	*ret_n = 0;
	TT_TRY(tt_call_of_detector(c, "pools"));
	if (look_up & ~(uint32_t)(TT_POOL_HOURS | TT_POOL_NETWORK))
		return tt_call_break(c, TT_EINVAL, "called pools() for %#x, which is nothing",
		                     (unsigned)look_up);
	l.of = c->subjects;
	l.s = c->subjects->snapshot;
	TT_TRY(list_members(&l));
	if (look_up & TT_POOL_HOURS) {
		int rc = tt_held_baseline(l.s, l.of->settings, &l.of->residents, &h, &err);

		if (rc < 0)
			return tt_call_break(c, rc, "called pools(): %s", err.text);
		TT_TRY(open_hours(&l));
	}
	return tell_pools(&l, look_up, h, ret, ret_n);
}
