/* emptying.c - each card has a list of times to leave and one of times to stay; the node
 * goes when all of them have left and nothing works on it without a card. */
#include "emptying.h"
#include "base/memory.h"
#include "bill/occupancy.h"
#include <string.h>

struct emptying {
	tt_occupancy o;
	tt_spans *leaving, *staying; /* [o.n_names] */
	tt_spans *gone;              /* [o.n_names] when the card is */
	tt_spans unseen;             /* pods stay that asked for cards, and none is known */
};

static void free_lists(tt_spans *v, size_t n)
{
	for (size_t i = 0; v && i < n; i++)
		tt_spans_free(&v[i]);
	tt_free(v);
}

static void emptying_close(struct emptying *e)
{
	free_lists(e->leaving, e->o.n_names);
	free_lists(e->staying, e->o.n_names);
	free_lists(e->gone, e->o.n_names);
	tt_spans_free(&e->unseen);
	tt_occupancy_close(&e->o);
}

/* The run of a pod that telemetry places on no card, in *ret: of one that asked for cards,
 * or of one that works without. */
static bool runs_unseen(const tt_occupancy *o, uint32_t pod, bool cards, tt_span *ret)
{
	const tt_pod_row *p = tt_pod_at(o->c->snapshot, pod);

	return (tt_millionths(p->gpus) > 0) == cards && tt_pod_ran(o->c->snapshot, p, ret) &&
	       !tt_occupancy_saw(o, pod) &&
	       (cards || !tt_settings_is_system(o->c->settings, p->namespace_));
}

static int add_all(tt_spans *to, const tt_spans *from, tt_err *err)
{
	for (size_t i = 0; i < from->n; i++)
		TT_TRY(tt_spans_add(to, from->v[i].from_s, from->v[i].to_s, err));
	return TT_OK;
}

/* Pods that asked for cards and are named by no telemetry of the node: while one stays,
 * any card may be the one it has. */
static int find_unseen(struct emptying *e, tt_err *err)
{
	tt_span ran;

	for (size_t i = 0; i < e->o.n_pods; i++) {
		if (runs_unseen(&e->o, e->o.pods[i], true, &ran))
			TT_TRY(tt_occupancy_divide(&e->o, e->o.pods[i], ran, NULL, &e->unseen,
						   err));
	}
	tt_spans_tidy(&e->unseen);
	return TT_OK;
}

/* When a card is gone: pods that had it are and no other had it or may have; or it is
 * released itself, whoever is on it. */
static int find_gone(struct emptying *e, size_t card, tt_err *err)
{
	tt_spans *leaving = &e->leaving[card], *staying = &e->staying[card];
	tt_spans *gone = &e->gone[card];

	TT_TRY(add_all(staying, &e->unseen, err));
	tt_spans_tidy(leaving);
	tt_spans_tidy(staying);
	TT_TRY(tt_spans_subtract(leaving, staying, gone, err));
	for (size_t i = tt_occupancy_release(&e->o, TT_NO_POD); i < e->o.n_releases; i++) {
		const tt_release *r = &e->o.releases[i];

		if (r->gpu && strcmp(r->gpu, e->o.names[card]) == 0)
			TT_TRY(tt_spans_add(gone, r->from_s, r->to_s, err));
	}
	tt_spans_tidy(gone);
	return TT_OK;
}

static int emptying_open(struct emptying *e, const tt_case *c, const tt_residents *r,
			 size_t node, const tt_release *releases, size_t n, tt_err *err)
{
	TT_TRY(tt_occupancy_open(&e->o, c, r, node, releases, n, err));
	e->leaving = tt_zalloc(e->o.n_names + 1, sizeof *e->leaving);
	e->staying = tt_zalloc(e->o.n_names + 1, sizeof *e->staying);
	e->gone = tt_zalloc(e->o.n_names + 1, sizeof *e->gone);
	if (!e->leaving || !e->staying || !e->gone)
		return tt_no_memory(err);
	for (size_t i = 0, next; i < e->o.n_held; i = next) {
		next = i + tt_occupancy_group(&e->o, i);
		TT_TRY(tt_occupancy_divide_held(&e->o, i, next - i, e->leaving, e->staying, err));
	}
	TT_TRY(find_unseen(e, err));
	for (size_t i = 0; i < e->o.n_names; i++)
		TT_TRY(find_gone(e, i, err));
	return TT_OK;
}

/* As many cards as have to be gone: those of nodes.csv, or those with telemetry where these
 * are more (one was replaced, or goes by two names). */
static size_t cards_of(const tt_occupancy *o)
{
	size_t cards = (size_t)((o->cards_u6 + 500000) / 1000000);

	return cards > o->n_measured ? cards : o->n_measured;
}

/* When pods go that asked for the whole node and whose cards no telemetry names, and no
 * other pod has a card; appended to `ret`. */
static int whole_pods_gone(struct emptying *e, tt_spans *ret, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans leaving = { 0 }, staying = { 0 }, gone = { 0 };
	tt_occupancy *o = &e->o;
	tt_span ran;

	for (size_t i = 0; i < o->n_pods; i++) {
		const tt_pod_row *p = tt_pod_at(o->c->snapshot, o->pods[i]);

		if (tt_millionths(p->gpus) >= o->cards_u6 &&
		    runs_unseen(o, o->pods[i], true, &ran))
			TT_TRY(tt_occupancy_divide(o, o->pods[i], ran, &leaving, NULL, err));
	}
	if (!leaving.n)
		return TT_OK;
	TT_TRY(add_all(&staying, &e->unseen, err));
	for (size_t i = 0; i < o->n_names; i++)
		TT_TRY(add_all(&staying, &e->staying[i], err));
	tt_spans_tidy(&leaving);
	tt_spans_tidy(&staying);
	TT_TRY(tt_spans_subtract(&leaving, &staying, &gone, err));
	return add_all(ret, &gone, err);
}

/* When all cards are gone, tidy, into `ret`. */
static int all_gone(struct emptying *e, tt_spans *ret, tt_err *err)
{
	TT_TRY(whole_pods_gone(e, ret, err));
	TT_TRY(tt_spans_common(e->gone, e->o.n_names, cards_of(&e->o), ret, err));
	tt_spans_tidy(ret);
	return TT_OK;
}

int tt_emptied(const tt_case *c, const tt_residents *r, size_t node,
	       const tt_release *releases, size_t n, tt_spans *ret, tt_err *err)
{
	TT_CLEANUP(emptying_close) struct emptying e = { .unseen = { 0 } };
	TT_CLEANUP(tt_spans_free) tt_spans empty = { 0 }, kept = { 0 }, gone = { 0 };
	tt_span ran;

	if (tt_node_cards_u6(c->snapshot, node) < 500000)
		return TT_OK; /* without cards it has nothing that goes by itself */
	TT_TRY(emptying_open(&e, c, r, node, releases, n, err));
	TT_TRY(all_gone(&e, &empty, err));
	if (!empty.n)
		return TT_OK;
	for (size_t i = 0; i < e.o.n_pods; i++) {
		if (runs_unseen(&e.o, e.o.pods[i], false, &ran))
			TT_TRY(tt_occupancy_divide(&e.o, e.o.pods[i], ran, NULL, &kept, err));
	}
	tt_spans_tidy(&kept);
	TT_TRY(tt_spans_subtract(&empty, &kept, &gone, err));
	return add_all(ret, &gone, err);
}

/* --- What keeps a node ----------------------------------------------------------------- */

struct keeping {
	struct emptying *e;
	const tt_spans *when;
	tt_spans *kept;              /* [names] when each card is not gone, of `when` */
	tt_spans *leaving, *staying; /* [names] of one pod */
	tt_keeper **v;
	size_t *n, *cap;
};

static int add_keeper(struct keeping *k, const char *kind, const char *id, int64_t seconds,
		      tt_err *err)
{
	const tt_occupancy *o = &k->e->o;

	if (!seconds)
		return TT_OK;
	if (!TT_GROW(*k->v, *k->n, *k->cap))
		return tt_no_memory(err);
	(*k->v)[(*k->n)++] = (tt_keeper){ kind, tt_node_at(o->c->snapshot, o->node)->node, id,
					  seconds };
	return TT_OK;
}

/* Seconds that two tidy lists share. */
static int64_t shared_s(const tt_spans *a, const tt_spans *b)
{
	int64_t sum = 0;

	for (size_t i = 0; i < a->n; i++)
		sum += tt_spans_overlap_s(b, a->v[i].from_s, a->v[i].to_s);
	return sum;
}

/* Pods that were seen: for the longest that one keeps any card. */
static int seen_keepers(struct keeping *k, tt_err *err)
{
	tt_occupancy *o = &k->e->o;

	for (size_t i = 0, next; i < o->n_held; i = next) {
		int64_t longest_s = 0;

		next = i + tt_occupancy_group(o, i);
		TT_TRY(tt_occupancy_divide_held(o, i, next - i, k->leaving, k->staying, err));
		for (size_t j = i; j < next; j++) {
			tt_spans *staying = &k->staying[o->held[j].card];

			tt_spans_tidy(staying);
			int64_t s = shared_s(&k->kept[o->held[j].card], staying);
			longest_s = s > longest_s ? s : longest_s;
			staying->n = k->leaving[o->held[j].card].n = 0;
		}
		TT_TRY(add_keeper(k, "pod", o->held[i].name, longest_s, err));
	}
	return TT_OK;
}

static int unseen_keepers(struct keeping *k, tt_err *err)
{
	tt_occupancy *o = &k->e->o;
	TT_CLEANUP(tt_spans_free) tt_spans staying = { 0 };
	tt_span ran;

	for (size_t i = 0; i < o->n_pods; i++) {
		const uint32_t pod = o->pods[i];

		if (!runs_unseen(o, pod, true, &ran) && !runs_unseen(o, pod, false, &ran))
			continue;
		staying.n = 0;
		TT_TRY(tt_occupancy_divide(o, pod, ran, NULL, &staying, err));
		tt_spans_tidy(&staying);
		TT_TRY(add_keeper(k, "pod", tt_pod_at(o->c->snapshot, pod)->pod,
				  shared_s(k->when, &staying), err));
	}
	return TT_OK;
}

/* Cards that nobody has and nobody releases; and those of which nothing is known. */
static int free_keepers(struct keeping *k, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans idle = { 0 };

	for (size_t i = 0; i < k->e->o.n_names; i++) {
		TT_TRY(tt_spans_subtract(&k->kept[i], &k->e->staying[i], &idle, err));
		TT_TRY(add_keeper(k, "card", k->e->o.names[i], tt_spans_length_s(&idle), err));
	}
	if (cards_of(&k->e->o) > k->e->o.n_names && k->e->o.n_held)
		TT_TRY(add_keeper(k, "card", "", tt_spans_length_s(k->when), err));
	return TT_OK;
}

int tt_keepers(const tt_case *c, const tt_residents *r, size_t node,
	       const tt_release *releases, size_t n, const tt_spans *when, tt_keeper **ret,
	       size_t *ret_n, size_t *ret_cap, tt_err *err)
{
	TT_CLEANUP(emptying_close) struct emptying e = { .unseen = { 0 } };
	struct keeping k = { .e = &e, .when = when, .v = ret, .n = ret_n, .cap = ret_cap };
	int rc = TT_OK;

	TT_TRY(emptying_open(&e, c, r, node, releases, n, err));
	k.kept = tt_zalloc(e.o.n_names + 1, sizeof *k.kept);
	k.leaving = tt_zalloc(e.o.n_names + 1, sizeof *k.leaving);
	k.staying = tt_zalloc(e.o.n_names + 1, sizeof *k.staying);
	if (!k.kept || !k.leaving || !k.staying)
		rc = tt_no_memory(err);
	for (size_t i = 0; i < e.o.n_names && rc == TT_OK; i++)
		rc = tt_spans_subtract(when, &e.gone[i], &k.kept[i], err);
	if (rc == TT_OK)
		rc = seen_keepers(&k, err);
	if (rc == TT_OK)
		rc = unseen_keepers(&k, err);
	if (rc == TT_OK)
		rc = free_keepers(&k, err);
	free_lists(k.kept, e.o.n_names);
	free_lists(k.leaving, e.o.n_names);
	free_lists(k.staying, e.o.n_names);
	return rc;
}
