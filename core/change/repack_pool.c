#include "change/repack_pool.h"
#include "base/memory.h"
#include "bill/places.h"
#include "bill/price.h"
#include "change/repack_kinds.h"
#include "snapshot/labels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FRACTIONS = 1024 }; /* a smaller part of a card counts as this one */

struct reading {
	const tt_case *c;
	const tt_snapshot *s;
	const tt_members *m;
	tt_repack_pool *p;
	tt_residents r;
	tt_places *places;
	tt_names *keys;         /* of node selectors */
	tt_names *profiles, *needs;
	tt_buf text;            /* scratch: a need */
	size_t kind_of[TT_PACK_KINDS]; /* a node of each */
	bool asked[TT_REPACK_SLICES], had[TT_REPACK_SLICES]; /* recorded of pods, of nodes */
	bool shared_by[FRACTIONS + 1]; /* so many pods at once */
	int64_t card;           /* in parts that all fractions are whole numbers of */
	bool halves;            /* fractions are rounded up to 1/2, 1/4, ... */
};

static void close_reading(struct reading *g)
{
	tt_places_free(g->places);
	tt_names_free(g->keys);
	tt_names_free(g->profiles);
	tt_names_free(g->needs);
	tt_buf_free(&g->text);
}

void tt_repack_pool_free(tt_repack_pool *p)
{
	for (size_t i = 0; i < p->n_nodes; i++)
		tt_spans_free(&p->nodes[i].there);
	tt_free(p->nodes);
	tt_free(p->needs);
	tt_free(p->pods);
	*p = (tt_repack_pool){ 0 };
}

bool tt_repack_fits(const int64_t *size, const int64_t *room)
{
	for (size_t d = 0; d < TT_PACK_DIMS; d++) {
		if (size[d] > 0 && size[d] > room[d])
			return false;
	}
	return true;
}

bool tt_repack_may(const tt_repack_pool *p, const tt_repack_pod *pod, size_t kind)
{
	return pod->need != TT_REPACK_HERE && kind < TT_PACK_KINDS &&
	       (p->needs[pod->need].kinds >> kind & 1);
}

/* --- What a pod takes ---------------------------------------------------------------- */

static const char *profile_of(const tt_pod_row *p)
{
	return strncmp(p->gpu_sharing, "mig:", 4) == 0 ? p->gpu_sharing + 4 : NULL;
}

/* How many pods like this one share a card; 1: it has its cards alone. */
static int64_t sharers(const tt_pod_row *p)
{
	const uint64_t part_u6 = tt_millionths(p->gpus);

	if ((strcmp(p->gpu_sharing, "time_slice") != 0 && strcmp(p->gpu_sharing, "mps") != 0) ||
	    !part_u6 || part_u6 > 500000)
		return 1;
	if (part_u6 * FRACTIONS < 1000000)
		return FRACTIONS;
	return (int64_t)((1000000 + part_u6 / 50) / part_u6); /* 0.167 is a sixth */
}

static int64_t cards(const struct reading *g, const tt_pod_row *p)
{
	const int64_t n = sharers(p);
	int64_t parts = g->card;

	if (n == 1)
		return (int64_t)((tt_millionths(p->gpus) + 999999) / 1000000) * g->card;
	if (!g->halves)
		return g->card / n;
	while (parts / 2 * n >= g->card && parts > 1)
		parts /= 2;
	return parts;
}

static int64_t amount(double v, double times)
{
	return v > 0 ? (int64_t)llround(fmin(v * times, 1e12)) : 0;
}

/* What the pod takes of its node, as far as it is known; whether all of it is. */
static bool size_of(const struct reading *g, const tt_pod_row *p, bool has_cards,
		    int64_t size[TT_PACK_DIMS])
{
	const char *profile = profile_of(p);
	bool known = true, any = false;

	memset(size, 0, TT_PACK_DIMS * sizeof *size);
	if (profile) {
		const int64_t at = tt_names_find(g->profiles, profile, strlen(profile));

		known = at >= 0 && at < TT_REPACK_PROFILES;
		if (known)
			size[TT_REPACK_SLICES + at] = 1;
	} else {
		known = !isnan(p->gpus) || !has_cards;
		size[TT_REPACK_CARDS] = cards(g, p);
	}
	if (g->asked[TT_REPACK_CPUS] && g->had[TT_REPACK_CPUS]) {
		known &= !isnan(p->cpus);
		size[TT_REPACK_CPUS] = amount(p->cpus, 1000);
	}
	if (g->asked[TT_REPACK_MEMORY] && g->had[TT_REPACK_MEMORY]) {
		known &= !isnan(p->memory_mib);
		size[TT_REPACK_MEMORY] = amount(p->memory_mib, 1);
	}
	for (size_t d = 0; d < TT_PACK_DIMS; d++)
		any |= size[d] > 0;
	return known && any;
}

/* --- What the pool records ----------------------------------------------------------- */

static int note_selector(struct reading *g, const tt_pod_row *p, tt_err *err)
{
	const char *at = p->node_selector;
	tt_label l;

	while (tt_labels_next(&at, &l)) {
		if (tt_names_add(g->keys, l.key, l.key_n) < 0)
			return tt_no_memory(err);
	}
	return TT_OK;
}

static int note_pod(struct reading *g, const tt_pod_row *p, tt_err *err)
{
	const char *profile = profile_of(p);
	const int64_t n = sharers(p);

	TT_TRY(note_selector(g, p, err));
	if (profile && tt_names_add(g->profiles, profile, strlen(profile)) < 0)
		return tt_no_memory(err);
	if (tt_settings_is_system(g->c->settings, p->namespace_))
		return TT_OK;
	g->asked[TT_REPACK_CPUS] |= !isnan(p->cpus);
	g->asked[TT_REPACK_MEMORY] |= !isnan(p->memory_mib);
	if (!profile)
		g->shared_by[n] = true;
	return TT_OK;
}

/* Parts fill cards without rest, in whatever order they come, when each is a multiple of the
 * next; else they are rounded up to powers of two. */
static void find_parts(struct reading *g)
{
	int64_t power = 1;

	for (int64_t n = 2; n <= FRACTIONS; n++) {
		if (!g->shared_by[n])
			continue;
		g->halves |= n % g->card != 0;
		g->card = n;
	}
	while (power < g->card)
		power *= 2;
	g->card = g->halves ? power : g->card;
}

static int note_all(struct reading *g, tt_err *err)
{
	for (size_t i = 0; i < g->m->n; i++) {
		const size_t node = g->m->v[i].what.node;
		const tt_node_row *row = tt_node_at(g->s, node);

		g->had[TT_REPACK_CPUS] |= !isnan(row->cpus);
		g->had[TT_REPACK_MEMORY] |= !isnan(row->memory_mib);
		for (size_t j = g->r.first[node]; j < g->r.first[node + 1]; j++)
			TT_TRY(note_pod(g, tt_pod_at(g->s, g->r.pod[j]), err));
	}
	find_parts(g);
	g->p->n_dims = TT_REPACK_SLICES + tt_names_count(g->profiles);
	if (g->p->n_dims > TT_PACK_DIMS)
		g->p->n_dims = TT_PACK_DIMS;
	return TT_OK;
}

static size_t kind_of(struct reading *g, size_t node)
{
	size_t k = 0;

	while (k < g->p->n_kinds && !tt_repack_same_kind(g->keys, tt_node_at(g->s, g->kind_of[k]),
							 tt_node_at(g->s, node)))
		k++;
	if (k == g->p->n_kinds && k < TT_PACK_KINDS)
		g->kind_of[g->p->n_kinds++] = node;
	return k;
}

/* --- Nodes --------------------------------------------------------------------------- */

struct edge {
	int64_t at_s, size;
};

static int by_time(const void *pa, const void *pb)
{
	const struct edge *a = pa, *b = pb;

	if (a->at_s != b->at_s)
		return a->at_s < b->at_s ? -1 : 1;
	return (a->size > b->size) - (a->size < b->size);
}

/* The most that pods of the node took at once in dimension d: the system's, or the others. */
static int most_taken(const struct reading *g, size_t node, bool system, size_t d,
		      int64_t *ret, tt_err *err)
{
	const bool has_cards = tt_node_cards_u6(g->s, node) > 0;
	const size_t all = g->r.first[node + 1] - g->r.first[node];
	TT_CLEANUP(tt_freep) struct edge *v = tt_alloc((2 * all + 1) * sizeof *v);
	int64_t size[TT_PACK_DIMS], now = 0;
	size_t n = 0;
	tt_span ran;

	if (!v)
		return tt_no_memory(err);
	for (size_t i = g->r.first[node]; i < g->r.first[node + 1]; i++) {
		const tt_pod_row *p = tt_pod_at(g->s, g->r.pod[i]);

		if (tt_settings_is_system(g->c->settings, p->namespace_) != system ||
		    !tt_pod_ran(g->s, p, &ran))
			continue;
		size_of(g, p, has_cards, size);
		v[n++] = (struct edge){ ran.from_s, size[d] };
		v[n++] = (struct edge){ ran.to_s, -size[d] };
	}
	qsort(v, n, sizeof *v, by_time);
	*ret = 0;
	for (size_t i = 0; i < n; i++) {
		now += v[i].size;
		*ret = now > *ret ? now : *ret;
	}
	return TT_OK;
}

/* Where there are slices nothing tells how the other cards are cut: as much as was seen. */
static int see_slices(const struct reading *g, size_t node, tt_repack_node *to, tt_err *err)
{
	bool any = false;

	for (size_t d = TT_REPACK_SLICES; d < g->p->n_dims; d++) {
		TT_TRY(most_taken(g, node, false, d, &to->capacity[d], err));
		any |= to->capacity[d] > 0;
	}
	if (!any)
		return TT_OK;
	return most_taken(g, node, false, TT_REPACK_CARDS, &to->capacity[TT_REPACK_CARDS], err);
}

static int find_capacity(const struct reading *g, size_t node, tt_repack_node *to, tt_err *err)
{
	const tt_node_row *row = tt_node_at(g->s, node);
	const bool cpus = g->asked[TT_REPACK_CPUS] && g->had[TT_REPACK_CPUS];
	const bool memory = g->asked[TT_REPACK_MEMORY] && g->had[TT_REPACK_MEMORY];
	int64_t taken;

	to->takes = to->kind < TT_PACK_KINDS && !(cpus && isnan(row->cpus)) &&
		    !(memory && isnan(row->memory_mib));
	to->capacity[TT_REPACK_CARDS] =
		(int64_t)((tt_node_cards_u6(g->s, node) + 500000) / 1000000) * g->card;
	to->capacity[TT_REPACK_CPUS] = cpus ? amount(row->cpus, 1000) : 0;
	to->capacity[TT_REPACK_MEMORY] = memory ? amount(row->memory_mib, 1) : 0;
	for (size_t d = 0; d < TT_REPACK_SLICES && to->takes; d++) {
		TT_TRY(most_taken(g, node, true, d, &taken, err));
		to->capacity[d] = to->capacity[d] > taken ? to->capacity[d] - taken : 0;
	}
	return see_slices(g, node, to, err);
}

/* What an hour without the node saves; of one without a price as little as can be. */
static int64_t saving_of(const tt_snapshot *s, size_t node)
{
	const char *pricing = tt_node_at(s, node)->pricing;
	tt_node_price price;
	tt_decimal micro;

	if (strcmp(pricing, "reserved") == 0 || strcmp(pricing, "owned") == 0)
		return 0;
	tt_price_of_node(s, node, &price);
	if (price.price_per_hour == TT_DECIMAL_MISSING)
		return 1;
	micro = (price.price_per_hour + 999999) / 1000000;
	return micro > TT_PACK_LARGEST ? TT_PACK_LARGEST : micro < 0 ? 0 : (int64_t)micro;
}

static int read_node(struct reading *g, size_t i, tt_err *err)
{
	const size_t node = g->m->v[i].what.node;
	tt_repack_node *to = &g->p->nodes[i];
	TT_CLEANUP(tt_spans_free) tt_spans left = { 0 };
	size_t n, first = tt_case_releases(g->c, node, &n);
	const bool known = tt_places_known(g->places, node, tt_node_cards_u6(g->s, node) > 0);

	to->life = g->m->v[i].life;
	to->kind = kind_of(g, node);
	TT_TRY(find_capacity(g, node, to, err));
	to->takes &= known;
	to->saving = known ? saving_of(g->s, node) : 0;
	g->p->n_known += known;
	TT_TRY(tt_case_left(g->c, &g->r, node, n ? g->c->releases + first : NULL, n, TT_MOVES,
			    &left, err));
	return tt_spans_subtract(&(tt_spans){ .v = &to->life, .n = 1 }, &left, &to->there, err);
}

/* --- Pods ---------------------------------------------------------------------------- */

/* Which of the needs the pod has. */
static int need_of(struct reading *g, size_t i, const tt_pod_row *p, uint32_t *ret, tt_err *err)
{
	const size_t node = g->m->v[i].what.node;
	const tt_node_row *from = tt_node_at(g->s, node);
	tt_repack_need need = { .kinds = 0 };
	int64_t at;

	*ret = TT_REPACK_HERE;
	if (!size_of(g, p, tt_node_cards_u6(g->s, node) > 0, need.size))
		return TT_OK;
	g->text.n = 0;
	tt_buf_printf(&g->text, "%zu\n%s\n%s", g->p->nodes[i].kind < TT_PACK_KINDS ?
		      g->p->nodes[i].kind : TT_PACK_KINDS + i, p->gpu_model, p->node_selector);
	tt_buf_add(&g->text, (const char *)need.size, sizeof need.size);
	at = g->text.failed ? -1 : tt_names_add(g->needs, g->text.p, g->text.n);
	if (at < 0 || !TT_GROW(g->p->needs, g->p->n_needs, g->p->cap_needs))
		return tt_no_memory(err);
	*ret = (uint32_t)at;
	if ((size_t)at < g->p->n_needs)
		return TT_OK;
	for (size_t k = 0; k < g->p->n_kinds; k++) {
		if (tt_repack_may_be_on(p, tt_millionths(p->gpus) > 0 || profile_of(p), from,
			      tt_node_at(g->s, g->kind_of[k])))
			need.kinds |= UINT64_C(1) << k;
	}
	g->p->needs[g->p->n_needs++] = need;
	return TT_OK;
}

static int add_pod(struct reading *g, size_t i, tt_span there, uint32_t need, const char *name,
		   tt_err *err)
{
	const tt_span life = g->p->nodes[i].life;

	if (there.from_s < life.from_s)
		there.from_s = life.from_s;
	if (there.to_s > life.to_s)
		there.to_s = life.to_s;
	if (there.from_s >= there.to_s)
		return TT_OK;
	if (!TT_GROW(g->p->pods, g->p->n_pods, g->p->cap_pods))
		return tt_no_memory(err);
	g->p->pods[g->p->n_pods++] = (tt_repack_pod){ there, (uint32_t)i, need, name };
	return TT_OK;
}

/* The parts of its run in which it is not released. */
static int read_pod(struct reading *g, size_t i, uint32_t pod, tt_err *err)
{
	const tt_pod_row *p = tt_pod_at(g->s, pod);
	TT_CLEANUP(tt_spans_free) tt_spans gone = { 0 }, stays = { 0 };
	size_t n, first = tt_case_releases(g->c, g->m->v[i].what.node, &n);
	uint32_t need;
	tt_span ran;

	if (tt_settings_is_system(g->c->settings, p->namespace_) || !tt_pod_ran(g->s, p, &ran))
		return TT_OK;
	TT_TRY(need_of(g, i, p, &need, err));
	for (const tt_release *r = n ? g->c->releases + first : NULL; n; r++, n--) {
		if (r->pod == pod)
			TT_TRY(tt_spans_add(&gone, r->from_s, r->to_s, err));
	}
	tt_spans_tidy(&gone);
	TT_TRY(tt_spans_subtract(&(tt_spans){ .v = &ran, .n = 1 }, &gone, &stays, err));
	for (size_t k = 0; k < stays.n; k++)
		TT_TRY(add_pod(g, i, stays.v[k], need, p->pod, err));
	return TT_OK;
}

/* Those whom only telemetry has there: nobody knows what they need. */
static int read_strangers(struct reading *g, size_t i, tt_err *err)
{
	const size_t node = g->m->v[i].what.node;
	TT_CLEANUP(tt_spans_free) tt_spans seen = { 0 };
	size_t first, n;
	tt_span ran;

	tt_node_carriers(g->s, node, &first, &n);
	for (size_t j = first; j < first + n; j++) {
		const tt_carrier *k = &g->s->carriers[j];

		for (size_t h = k->first_holding; h < k->first_holding + k->n_holdings; h++) {
			const tt_holding *was = &g->s->holdings[h];

			if (was->pod_index == SIZE_MAX ||
			    g->r.node_of_pod[was->pod_index] != node ||
			    !tt_pod_ran(g->s, tt_pod_at(g->s, was->pod_index), &ran))
				TT_TRY(tt_spans_add(&seen, was->from_s, was->to_s, err));
		}
	}
	tt_spans_tidy(&seen);
	for (size_t j = 0; j < seen.n; j++)
		TT_TRY(add_pod(g, i, seen.v[j], TT_REPACK_HERE, "", err));
	return TT_OK;
}

static int by_arrival(const void *pa, const void *pb)
{
	const tt_repack_pod *a = pa, *b = pb;
	int by;

	if (a->there.from_s != b->there.from_s)
		return a->there.from_s < b->there.from_s ? -1 : 1;
	by = strcmp(a->name, b->name);
	return by ? by : (a->home > b->home) - (a->home < b->home);
}

static int read_pool(struct reading *g, tt_err *err)
{
	g->r = tt_residents_of(g->s);
	TT_TRY(tt_places_make(g->s, &g->r, &g->places, err));
	if (!(g->keys = tt_names_new()) || !(g->profiles = tt_names_new()) ||
	    !(g->needs = tt_names_new()) ||
	    !(g->p->nodes = tt_zalloc(g->m->n + 1, sizeof *g->p->nodes)))
		return tt_no_memory(err);
	g->p->n_nodes = g->m->n;
	TT_TRY(note_all(g, err));
	for (size_t i = 0; i < g->m->n; i++)
		TT_TRY(read_node(g, i, err));
	for (size_t i = 0; i < g->m->n; i++) {
		const size_t node = g->m->v[i].what.node;

		for (size_t j = g->r.first[node]; j < g->r.first[node + 1]; j++)
			TT_TRY(read_pod(g, i, g->r.pod[j], err));
		TT_TRY(read_strangers(g, i, err));
	}
	if (g->p->n_pods)
		qsort(g->p->pods, g->p->n_pods, sizeof *g->p->pods, by_arrival);
	return TT_OK;
}

int tt_repack_pool_make(const tt_case *released, const tt_members *m, tt_repack_pool *ret,
                        tt_err *err)
{
	TT_CLEANUP(close_reading) struct reading g = { .c = released, .s = released->snapshot,
						       .m = m, .p = ret, .card = 1 };

	*ret = (tt_repack_pool){ 0 };
	return read_pool(&g, err);
}
