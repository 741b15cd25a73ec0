#include "change/repack_course.h"
#include "base/memory.h"
#include "change/repack_pass.h"
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX

enum { HOUR_S = 3600 };
/* in the order in which what happens at one time does */
enum happening { POD_ENDS, NODE_COMES, NODE_ENDS, POD_COMES, POD_LOOKS, PACKING };

struct event {
	int64_t at_s;
	enum happening what;
	uint32_t number;        /* of the pod or node */
};

struct standing {               /* of a node, now */
	bool waiting;           /* empty for long enough, but too few nodes are up */
	int64_t empty_s, off_s; /* since when */
	int64_t room[TT_PACK_DIMS];
	size_t pods, guests, unknown; /* on it; seen elsewhere; of which nothing is known */
	uint32_t last;          /* pod that came last */
};

struct place {                  /* of a pod, now */
	uint32_t node, next, previous; /* on the node */
};

struct emptied {
	uint32_t node;
	int64_t since_s;
};

struct course {
	const tt_repack_pool *p;
	const tt_repack_rules *rules;
	tt_span stretch;
	tt_spans *gone;
	tt_repack_result *ret;
	struct event *events; size_t n_events;
	struct standing *now;   /* [nodes] */
	bool *there, *up;       /* [nodes] */
	struct place *places;   /* [pods] */
	uint32_t *at;           /* [pods] node of each */
	uint32_t *looking; size_t n_looking; /* pods that need a place */
	uint32_t *present;      /* scratch for packings */
	struct emptied *empty; size_t n_empty, cap_empty, next_empty; /* by time */
	int64_t n_up, n_waiting;
	bool changed;           /* since the last packing */
	int64_t gap, gap_s;     /* of the last packing, at that time */
};

static void course_free(struct course *k)
{
	tt_free(k->events);
	tt_free(k->now);
	tt_free(k->there);
	tt_free(k->up);
	tt_free(k->places);
	tt_free(k->at);
	tt_free(k->looking);
	tt_free(k->present);
	tt_free(k->empty);
}

/* --- What happens when --------------------------------------------------------------- */

static int by_time(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;

	if (a->at_s != b->at_s)
		return a->at_s < b->at_s ? -1 : 1;
	if (a->what != b->what)
		return a->what < b->what ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static tt_span cut(const struct course *k, tt_span span)
{
	return (tt_span){ span.from_s > k->stretch.from_s ? span.from_s : k->stretch.from_s,
			  span.to_s < k->stretch.to_s ? span.to_s : k->stretch.to_s };
}

static void add_event(struct course *k, int64_t at_s, enum happening what, size_t number)
{
	k->events[k->n_events++] = (struct event){ at_s, what, (uint32_t)number };
}

static int list_events(struct course *k, tt_err *err)
{
	const tt_span all = k->stretch;
	size_t n = 2 * k->p->n_pods + 2 + (size_t)((all.to_s - all.from_s) / HOUR_S);

	for (size_t b = 0; b < k->p->n_nodes; b++)
		n += 2 * k->p->nodes[b].there.n;
	if (!(k->events = tt_alloc(n * sizeof *k->events)))
		return tt_no_memory(err);
	for (size_t i = 0; i < k->p->n_pods; i++) {
		const tt_repack_pod *pod = &k->p->pods[i];
		const tt_spans *home = &k->p->nodes[pod->home].there;
		const tt_span span = cut(k, pod->there);

		if (span.from_s >= span.to_s)
			continue;
		add_event(k, span.from_s, tt_spans_overlap_s(home, span.from_s, span.from_s + 1) ?
			  POD_COMES : POD_LOOKS, i);
		add_event(k, span.to_s, POD_ENDS, i);
	}
	for (size_t b = 0; b < k->p->n_nodes; b++) {
		for (size_t j = 0; j < k->p->nodes[b].there.n; j++) {
			const tt_span span = cut(k, k->p->nodes[b].there.v[j]);

			if (span.from_s >= span.to_s)
				continue;
			add_event(k, span.from_s, NODE_COMES, b);
			add_event(k, span.to_s, NODE_ENDS, b);
		}
	}
	for (int64_t at_s = all.from_s; at_s < all.to_s; at_s += HOUR_S)
		add_event(k, at_s, PACKING, 0);
	qsort(k->events, k->n_events, sizeof *k->events, by_time);
	return TT_OK;
}

/* --- Pods on nodes ------------------------------------------------------------------- */

static const tt_repack_need *need_of(const struct course *k, uint32_t pod)
{
	const uint32_t need = k->p->pods[pod].need;

	return need == TT_REPACK_HERE ? NULL : &k->p->needs[need];
}

static void put(struct course *k, uint32_t pod, uint32_t node)
{
	struct standing *s = &k->now[node];
	const tt_repack_need *need = need_of(k, pod);

	for (size_t d = 0; need && d < TT_PACK_DIMS; d++)
		s->room[d] -= need->size[d];
	s->pods++;
	s->guests += k->p->pods[pod].home != node;
	s->unknown += !need;
	k->n_waiting -= s->waiting;
	s->waiting = false;
	k->places[pod] = (struct place){ node, NOWHERE, s->last };
	if (s->last != NOWHERE)
		k->places[s->last].next = pod;
	s->last = pod;
	k->at[pod] = node;
	k->changed = true;
}

static int take(struct course *k, uint32_t pod, int64_t at_s, tt_err *err)
{
	struct place *was = &k->places[pod];
	struct standing *s = &k->now[was->node];
	const tt_repack_need *need = need_of(k, pod);

	for (size_t d = 0; need && d < TT_PACK_DIMS; d++)
		s->room[d] += need->size[d];
	s->pods--;
	s->guests -= k->p->pods[pod].home != was->node;
	s->unknown -= !need;
	if (was->previous != NOWHERE)
		k->places[was->previous].next = was->next;
	if (was->next != NOWHERE)
		k->places[was->next].previous = was->previous;
	else
		s->last = was->previous;
	k->at[pod] = NOWHERE;
	k->changed = true;
	if (s->pods)
		return TT_OK;
	s->empty_s = at_s;
	if (!TT_GROW(k->empty, k->n_empty, k->cap_empty))
		return tt_no_memory(err);
	k->empty[k->n_empty++] = (struct emptied){ was->node, at_s };
	return TT_OK;
}

static int come_up(struct course *k, uint32_t node, int64_t at_s, tt_err *err)
{
	if (k->up[node])
		return TT_OK;
	k->up[node] = true;
	k->n_up++;
	k->changed = true;
	return tt_spans_add(&k->gone[node], k->now[node].off_s, at_s, err);
}

/* Whether a pod of another node has room there. */
static bool takes(const struct course *k, uint32_t pod, uint32_t node)
{
	const struct standing *s = &k->now[node];

	return k->there[node] && !s->unknown && k->p->nodes[node].takes &&
	       tt_repack_may(k->p, &k->p->pods[pod], k->p->nodes[node].kind) &&
	       tt_repack_fits(need_of(k, pod)->size, s->room);
}

/* The first node, of those that are up or not, that takes the pod. */
static uint32_t first_fit(const struct course *k, uint32_t pod, bool up)
{
	if (k->p->pods[pod].need == TT_REPACK_HERE)
		return NOWHERE;
	for (uint32_t b = 0; b < k->p->n_nodes; b++) {
		if (k->up[b] == up && b != k->p->pods[pod].home && takes(k, pod, b))
			return b;
	}
	return NOWHERE;
}

/* Those seen elsewhere leave for the pod, last come first, until it has its room. */
static int make_room(struct course *k, uint32_t pod, int64_t at_s, tt_err *err)
{
	const uint32_t home = k->p->pods[pod].home;
	const tt_repack_need *need = need_of(k, pod);
	struct standing *s = &k->now[home];

	while (s->guests && !(need && tt_repack_fits(need->size, s->room))) {
		uint32_t guest = s->last;

		while (k->p->pods[guest].home == home)
			guest = k->places[guest].previous;
		TT_TRY(take(k, guest, at_s, err));
		k->looking[k->n_looking++] = guest;
		k->ret->moves++;
	}
	return TT_OK;
}

static int place_one(struct course *k, uint32_t pod, int64_t at_s, tt_err *err)
{
	const uint32_t home = k->p->pods[pod].home;
	const struct standing *s = &k->now[home];
	const tt_repack_need *need = need_of(k, pod);
	uint32_t to = home;

	if (!k->there[home] || !k->up[home] ||
	    (s->guests && !(need && tt_repack_fits(need->size, s->room))))
		to = first_fit(k, pod, true);
	if (to == NOWHERE && k->there[home]) {
		TT_TRY(come_up(k, home, at_s, err));
		TT_TRY(make_room(k, pod, at_s, err));
		to = home;
	}
	if (to == NOWHERE)
		to = first_fit(k, pod, false);
	if (to == NOWHERE) {
		if (!k->ret->homeless.name)
			k->ret->homeless = k->p->pods[pod];
		return TT_OK;
	}
	TT_TRY(come_up(k, to, at_s, err));
	put(k, pod, to);
	return TT_OK;
}

/* Whoever has to leave for one is placed after it, and stays at home once it is there. */
static int place_all(struct course *k, int64_t at_s, tt_err *err)
{
	while (k->n_looking)
		TT_TRY(place_one(k, k->looking[--k->n_looking], at_s, err));
	return TT_OK;
}

/* --- Nodes that go ------------------------------------------------------------------- */

static void go_down(struct course *k, uint32_t node, int64_t at_s)
{
	struct standing *s = &k->now[node];

	k->up[node] = false;
	k->n_up--;
	k->n_waiting--;
	s->waiting = false;
	s->off_s = at_s + k->rules->drain_s;
}

/* Bring back the first of those that are gone while too few are up; let the one go that has
 * been empty for longest, of several the last, while there are more. */
static int settle(struct course *k, int64_t at_s, tt_err *err)
{
	for (uint32_t b = 0; b < k->p->n_nodes && k->n_up < k->rules->min_nodes; b++) {
		if (!k->there[b] || k->up[b])
			continue;
		TT_TRY(come_up(k, b, at_s, err));
		k->now[b].waiting = true;
		k->n_waiting++;
	}
	while (k->n_waiting && k->n_up > k->rules->min_nodes) {
		uint32_t best = NOWHERE;

		for (uint32_t b = 0; b < k->p->n_nodes; b++) {
			if (k->now[b].waiting &&
			    (best == NOWHERE || k->now[b].empty_s <= k->now[best].empty_s))
				best = b;
		}
		go_down(k, best, at_s);
	}
	return TT_OK;
}

/* Nodes that have been empty for long enough before `end_s`. */
static int let_go(struct course *k, int64_t end_s, tt_err *err)
{
	for (; k->next_empty < k->n_empty; k->next_empty++) {
		const struct emptied *e = &k->empty[k->next_empty];
		const int64_t at_s = e->since_s + k->rules->idle_timeout_s;
		struct standing *s = &k->now[e->node];

		if (at_s >= end_s)
			break;
		if (!k->there[e->node] || s->pods || s->waiting || !k->up[e->node] ||
		    s->empty_s != e->since_s || !k->p->nodes[e->node].saving)
			continue;
		s->waiting = true;
		k->n_waiting++;
		TT_TRY(settle(k, at_s, err));
	}
	return TT_OK;
}

static int node_comes(struct course *k, uint32_t node, int64_t at_s, tt_err *err)
{
	struct standing *s = &k->now[node];

	*s = (struct standing){ .empty_s = at_s, .last = NOWHERE };
	memcpy(s->room, k->p->nodes[node].capacity, sizeof s->room);
	k->there[node] = k->up[node] = true;
	k->n_up++;
	k->changed = true;
	if (!TT_GROW(k->empty, k->n_empty, k->cap_empty))
		return tt_no_memory(err);
	k->empty[k->n_empty++] = (struct emptied){ node, at_s };
	return TT_OK;
}

static int node_ends(struct course *k, uint32_t node, int64_t at_s, tt_err *err)
{
	struct standing *s = &k->now[node];

	if (!k->up[node])
		TT_TRY(come_up(k, node, at_s, err));
	k->n_waiting -= s->waiting;
	s->waiting = false;
	k->there[node] = k->up[node] = false;
	k->n_up--;
	k->changed = true;
	if (at_s == k->stretch.to_s)
		return TT_OK;
	while (s->pods) {
		const uint32_t pod = s->last;

		TT_TRY(take(k, pod, at_s, err));
		k->looking[k->n_looking++] = pod;
		k->ret->moves++;
	}
	return TT_OK;
}

/* --- Packings ------------------------------------------------------------------------ */

static void count_gap(struct course *k, int64_t at_s)
{
	k->ret->gap += (tt_i128)k->gap * (at_s - k->gap_s);
	k->gap_s = at_s;
}

static int pack(struct course *k, int64_t at_s, tt_err *err)
{
	TT_CLEANUP(tt_repack_moves_free) tt_repack_moves moves = { 0 };
	tt_repack_now now = { .pool = k->p, .there = k->there, .up = k->up,
			      .pods = k->present, .at = k->at,
			      .target_u6 = k->rules->target_u6, .anew = k->rules->anew };

	if (!k->changed)
		return TT_OK;
	if (k->n_up > k->rules->min_nodes)
		now.may_go = (size_t)(k->n_up - k->rules->min_nodes);
	for (uint32_t i = 0; i < k->p->n_pods; i++) {
		if (k->at[i] != NOWHERE)
			k->present[now.n++] = i;
	}
	TT_TRY(tt_repack_pass(&now, &moves, err));
	count_gap(k, at_s);
	k->gap = moves.gap;
	k->ret->unproven |= !moves.proven;
	k->ret->moves += moves.n_moved;
	for (size_t i = 0; i < now.n; i++) {
		if (moves.to[i] == k->at[k->present[i]])
			continue;
		TT_TRY(take(k, k->present[i], at_s, err));
		TT_TRY(come_up(k, moves.to[i], at_s, err));
		put(k, k->present[i], moves.to[i]);
	}
	k->changed = false;
	return TT_OK;
}

/* --- One after the other ------------------------------------------------------------- */

static int happen(struct course *k, const struct event *e, tt_err *err)
{
	switch (e->what) {
	case POD_ENDS:
		return k->at[e->number] == NOWHERE ? TT_OK : take(k, e->number, e->at_s, err);
	case NODE_COMES:
		return node_comes(k, e->number, e->at_s, err);
	case NODE_ENDS:
		return node_ends(k, e->number, e->at_s, err);
	case POD_COMES:
	case POD_LOOKS:
		k->looking[k->n_looking++] = e->number;
		return place_all(k, e->at_s, err);
	case PACKING:
	default:
		return pack(k, e->at_s, err);
	}
}

static int run(struct course *k, tt_err *err)
{
	for (size_t i = 0, next; i < k->n_events; i = next) {
		const int64_t at_s = k->events[i].at_s;

		TT_TRY(let_go(k, at_s, err));
		for (next = i; next < k->n_events && k->events[next].at_s == at_s; next++) {
			if (k->events[next].what > NODE_ENDS)
				TT_TRY(place_all(k, at_s, err));
			TT_TRY(happen(k, &k->events[next], err));
		}
		if (at_s == k->stretch.to_s)
			break;
		TT_TRY(place_all(k, at_s, err));
		TT_TRY(settle(k, at_s, err));
		TT_TRY(let_go(k, at_s + 1, err));
	}
	count_gap(k, k->stretch.to_s);
	return TT_OK;
}

int tt_repack_course(const tt_repack_pool *p, const tt_repack_rules *rules, tt_span stretch,
                     tt_spans *gone, tt_repack_result *ret, tt_err *err)
{
	TT_CLEANUP(course_free) struct course k = {
		.p = p, .rules = rules, .stretch = stretch, .gone = gone, .ret = ret,
		.now = tt_zalloc(p->n_nodes + 1, sizeof *k.now),
		.there = tt_zalloc(p->n_nodes + 1, sizeof *k.there),
		.up = tt_zalloc(p->n_nodes + 1, sizeof *k.up),
		.places = tt_alloc((p->n_pods + 1) * sizeof *k.places),
		.at = tt_alloc((p->n_pods + 1) * sizeof *k.at),
		.looking = tt_alloc((p->n_pods + 1) * sizeof *k.looking),
		.present = tt_alloc((p->n_pods + 1) * sizeof *k.present),
		.gap_s = stretch.from_s
	};

	if (!k.now || !k.up || !k.places || !k.at || !k.looking || !k.there || !k.present)
		return tt_no_memory(err);
	memset(k.at, 0xff, (p->n_pods + 1) * sizeof *k.at);
	TT_TRY(list_events(&k, err));
	return run(&k, err);
}
