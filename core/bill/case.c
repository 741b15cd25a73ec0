/* case.c - collects releases and labels, and tells when a node is still paid for. */
#include "case.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

void tt_case_init(tt_case *c, const tt_snapshot *s, const tt_settings *st)
{
	*c = (tt_case){ .snapshot = s, .settings = st };
}

void tt_case_reset(tt_case *c)
{
	tt_free(c->releases);
	tt_free(c->relabels);
	tt_case_init(c, c->snapshot, c->settings);
}

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare_releases(const void *pa, const void *pb)
{
	const tt_release *a = pa, *b = pb;
	int by = order(a->node, b->node);

	if (!by)
		by = order(a->pod, b->pod);
	if (!by && (!a->gpu || !b->gpu))
		by = (a->gpu != NULL) - (b->gpu != NULL);
	else if (!by)
		by = strcmp(a->gpu, b->gpu);
	if (!by)
		by = order(a->from_s, b->from_s);
	return by ? by : order(a->to_s, b->to_s);
}

static int compare_relabels(const void *pa, const void *pb)
{
	const tt_relabel *a = pa, *b = pb;
	int by = (int)a->by - (int)b->by;

	if (!by)
		by = strcmp(a->id, b->id);
	return by ? by : strcmp(a->owner, b->owner);
}

/* Where `x` belongs in the sorted v[n]; *ret_there when it is there already. */
static size_t place(const void *v, size_t n, size_t size, const void *x,
		    int (*compare)(const void *, const void *), int *ret_there)
{
	size_t lo = 0, hi = n;

	*ret_there = 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int by = compare((const char *)v + mid * size, x);

		if (by == 0)
			*ret_there = 1;
		if (by < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int add_release(tt_case *c, tt_release r, tt_err *err)
{
	const tt_snapshot *s = c->snapshot;
	int there;

	if (r.from_s == TT_TIME_MISSING || r.from_s < s->start_s)
		r.from_s = s->start_s;
	if (r.to_s == TT_TIME_MISSING || r.to_s > s->end_s)
		r.to_s = s->end_s;
	if (r.from_s >= r.to_s)
		return TT_OK;

	size_t at = place(c->releases, c->n_releases, sizeof r, &r, compare_releases, &there);
	if (there)
		return TT_OK;
	if (!TT_GROW(c->releases, c->n_releases, c->cap_releases))
		return tt_fail(err, TT_ENOMEM, "out of memory");
	memmove(c->releases + at + 1, c->releases + at, (c->n_releases - at) * sizeof r);
	c->releases[at] = r;
	c->n_releases++;
	return TT_OK;
}

int tt_case_release_node(tt_case *c, size_t node, int64_t from_s, int64_t to_s, tt_err *err)
{
	return add_release(c, (tt_release){ .node = (uint32_t)node, .pod = TT_NO_POD,
					    .from_s = from_s, .to_s = to_s }, err);
}

int tt_case_release_card(tt_case *c, size_t node, const char *gpu, int64_t from_s,
			 int64_t to_s, tt_err *err)
{
	return add_release(c, (tt_release){ .node = (uint32_t)node, .gpu = gpu,
					    .pod = TT_NO_POD, .from_s = from_s,
					    .to_s = to_s }, err);
}

int tt_case_release_pod(tt_case *c, size_t pod, int64_t from_s, int64_t to_s, tt_err *err)
{
	const char *name = tt_pod_at(c->snapshot, pod)->node;
	size_t node = *name ? tt_snapshot_find_node(c->snapshot, name) : SIZE_MAX;

	if (node == SIZE_MAX)
		return TT_OK;
	return add_release(c, (tt_release){ .node = (uint32_t)node, .pod = (uint32_t)pod,
					    .from_s = from_s, .to_s = to_s }, err);
}

int tt_case_relabel(tt_case *c, const tt_relabel *r, tt_err *err)
{
	int there;
	size_t at = place(c->relabels, c->n_relabels, sizeof *r, r, compare_relabels, &there);

	if (there)
		return TT_OK;
	if (!TT_GROW(c->relabels, c->n_relabels, c->cap_relabels))
		return tt_fail(err, TT_ENOMEM, "out of memory");
	memmove(c->relabels + at + 1, c->relabels + at, (c->n_relabels - at) * sizeof *r);
	c->relabels[at] = *r;
	c->n_relabels++;
	return TT_OK;
}

const char *tt_case_owner(const tt_case *c, enum tt_relabel_by by, const char *id)
{
	tt_relabel lowest = { .by = by, .id = id, .owner = "" };
	int there;
	size_t at = place(c->relabels, c->n_relabels, sizeof lowest, &lowest,
			  compare_relabels, &there);

	if (at == c->n_relabels || c->relabels[at].by != by || strcmp(c->relabels[at].id, id) != 0)
		return NULL;
	return c->relabels[at].owner;
}

/* --- When a node is still paid ------------------------------------------------ */

struct emptying { /* one node whose cards or pods are released */
	const tt_case *c;
	size_t node;
	const tt_release *releases; /* those of this node */
	size_t n_releases;
	const uint32_t *pods;       /* those on this node */
	size_t n_pods;
	size_t first, n;            /* carriers */
};

/* The release times of `pod`, [from, to) of its own run only, appended to `ret`. */
static int add_pod_releases(const struct emptying *e, size_t pod, tt_spans *ret, tt_err *err)
{
	tt_span ran;

	if (!tt_pod_ran(e->c->snapshot, tt_pod_at(e->c->snapshot, pod), &ran))
		return TT_OK;
	for (size_t i = 0; i < e->n_releases; i++) {
		const tt_release *r = &e->releases[i];

		if (r->pod == pod)
			TT_TRY(tt_spans_add(ret, r->from_s > ran.from_s ? r->from_s : ran.from_s,
					    r->to_s < ran.to_s ? r->to_s : ran.to_s, err));
	}
	return TT_OK;
}

/* Times at which the pod runs and is not released, appended to `ret`. */
static int add_staying(const struct emptying *e, size_t pod, tt_span ran, tt_spans *ret,
		       tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans gone = { 0 }, left = { 0 };
	tt_spans all = { .v = &ran, .n = 1 };

	if (pod != SIZE_MAX)
		TT_TRY(add_pod_releases(e, pod, &gone, err));
	tt_spans_tidy(&gone);
	TT_TRY(tt_spans_subtract(&all, &gone, &left, err));
	for (size_t i = 0; i < left.n; i++)
		TT_TRY(tt_spans_add(ret, left.v[i].from_s, left.v[i].to_s, err));
	return TT_OK;
}

/* When the card is gone: it is released itself, or pods that held it are and no
 * other pod held it then. */
static int card_gone(const struct emptying *e, const char *gpu, tt_spans *ret, tt_err *err)
{
	const tt_snapshot *s = e->c->snapshot;
	TT_CLEANUP(tt_spans_free) tt_spans leaving = { 0 }, staying = { 0 };

	for (size_t i = e->first; i < e->first + e->n; i++) {
		const tt_carrier *k = &s->carriers[i];

		if (strcmp(k->gpu, gpu) != 0)
			continue;
		for (size_t j = k->first_holding; j < k->first_holding + k->n_holdings; j++) {
			const tt_holding *h = &s->holdings[j];

			if (h->pod_index != SIZE_MAX)
				TT_TRY(add_pod_releases(e, h->pod_index, &leaving, err));
			TT_TRY(add_staying(e, h->pod_index, (tt_span){ h->from_s, h->to_s },
					   &staying, err));
		}
	}
	tt_spans_tidy(&leaving);
	tt_spans_tidy(&staying);
	TT_TRY(tt_spans_subtract(&leaving, &staying, ret, err));
	for (size_t i = 0; i < e->n_releases; i++) {
		const tt_release *r = &e->releases[i];

		if (r->pod == TT_NO_POD && r->gpu && strcmp(r->gpu, gpu) == 0)
			TT_TRY(tt_spans_add(ret, r->from_s, r->to_s, err));
	}
	tt_spans_tidy(ret);
	return TT_OK;
}

static int compare_texts(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* When as many cards are gone as the node has, appended to `ret`. */
static int all_cards_gone(const struct emptying *e, size_t cards, tt_spans *ret, tt_err *err)
{
	const tt_snapshot *s = e->c->snapshot;
	size_t n = 0, distinct = 0;
	TT_CLEANUP(tt_freep) const char **gpu = tt_zalloc(e->n + e->n_releases + 1, sizeof *gpu);
	TT_CLEANUP(tt_freep) tt_spans *gone = tt_zalloc(e->n + e->n_releases + 1, sizeof *gone);
	int rc = TT_OK;

	if (!gpu || !gone)
		return tt_fail(err, TT_ENOMEM, "out of memory");
	for (size_t i = e->first; i < e->first + e->n; i++)
		gpu[n++] = s->carriers[i].gpu;
	for (size_t i = 0; i < e->n_releases; i++) {
		if (e->releases[i].pod == TT_NO_POD && e->releases[i].gpu)
			gpu[n++] = e->releases[i].gpu;
	}
	qsort(gpu, n, sizeof *gpu, compare_texts);
	for (size_t i = 0; i < n && rc == TT_OK; i++) {
		if (i == 0 || strcmp(gpu[i], gpu[i - 1]) != 0)
			rc = card_gone(e, gpu[i], &gone[distinct++], err);
	}
	if (rc == TT_OK)
		rc = tt_spans_common(gone, distinct, cards, ret, err);
	for (size_t i = 0; i < distinct; i++)
		tt_spans_free(&gone[i]);
	return rc;
}

/* When pods go that asked for the whole node and whose cards no telemetry names. */
static int whole_pods_gone(const struct emptying *e, uint64_t cards_u6, tt_spans *ret,
			   tt_err *err)
{
	const tt_snapshot *s = e->c->snapshot;
	TT_CLEANUP(tt_spans_free) tt_spans leaving = { 0 }, staying = { 0 }, gone = { 0 };

	for (size_t i = 0; i < e->n_pods; i++) {
		const tt_pod_row *p = tt_pod_at(s, e->pods[i]);
		uint64_t asked_u6 = tt_millionths(p->gpus);
		tt_span ran;

		if (!asked_u6 || !tt_pod_ran(s, p, &ran))
			continue;
		TT_TRY(add_staying(e, e->pods[i], ran, &staying, err));
		if (asked_u6 >= cards_u6 && !tt_pod_held_on(s, e->pods[i], e->node))
			TT_TRY(add_pod_releases(e, e->pods[i], &leaving, err));
	}
	tt_spans_tidy(&leaving);
	tt_spans_tidy(&staying);
	TT_TRY(tt_spans_subtract(&leaving, &staying, &gone, err));
	for (size_t i = 0; i < gone.n; i++)
		TT_TRY(tt_spans_add(ret, gone.v[i].from_s, gone.v[i].to_s, err));
	return TT_OK;
}

/* When something without a card, outside the system namespaces, keeps the node. */
static int keepers(const struct emptying *e, tt_spans *ret, tt_err *err)
{
	const tt_snapshot *s = e->c->snapshot;

	for (size_t i = 0; i < e->n_pods; i++) {
		const tt_pod_row *p = tt_pod_at(s, e->pods[i]);
		tt_span ran;

		if (tt_millionths(p->gpus) || !tt_pod_ran(s, p, &ran) ||
		    tt_settings_is_system(e->c->settings, p->namespace_) ||
		    tt_pod_held_on(s, e->pods[i], e->node))
			continue;
		TT_TRY(add_staying(e, e->pods[i], ran, ret, err));
	}
	tt_spans_tidy(ret);
	return TT_OK;
}

static int add_emptied(const struct emptying *e, tt_spans *ret, tt_err *err)
{
	uint64_t cards_u6 = tt_node_cards_u6(e->c->snapshot, e->node);
	size_t cards = (size_t)((cards_u6 + 500000) / 1000000);
	TT_CLEANUP(tt_spans_free) tt_spans empty = { 0 }, kept = { 0 }, gone = { 0 };

	if (!cards)
		return TT_OK;
	TT_TRY(all_cards_gone(e, cards, &empty, err));
	TT_TRY(whole_pods_gone(e, cards_u6, &empty, err));
	tt_spans_tidy(&empty);
	if (!empty.n)
		return TT_OK;
	TT_TRY(keepers(e, &kept, err));
	TT_TRY(tt_spans_subtract(&empty, &kept, &gone, err));
	for (size_t i = 0; i < gone.n; i++)
		TT_TRY(tt_spans_add(ret, gone.v[i].from_s, gone.v[i].to_s, err));
	return TT_OK;
}

/* Rows of the pods on `node` into a fresh array. */
static int pods_on(const tt_snapshot *s, const char *node, uint32_t **ret, size_t *ret_n,
		   tt_err *err)
{
	uint32_t *v = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < s->table[TT_PODS].n; i++) {
		if (strcmp(tt_pod_at(s, i)->node, node) != 0)
			continue;
		if (!TT_GROW(v, n, cap)) {
			tt_free(v);
			return tt_fail(err, TT_ENOMEM, "out of memory");
		}
		v[n++] = (uint32_t)i;
	}
	*ret = v;
	*ret_n = n;
	return TT_OK;
}

/* Times at which the releases of this node take it off the bill, tidy. */
static int gone_times(const tt_case *c, const tt_residents *r, size_t node, size_t first,
		      size_t n, tt_spans *ret, tt_err *err)
{
	struct emptying e = { .c = c, .node = node, .releases = c->releases + first,
			      .n_releases = n };
	TT_CLEANUP(tt_freep) uint32_t *pods = NULL;
	size_t parts = 0;

	for (size_t i = 0; i < n; i++) {
		const tt_release *one = &e.releases[i];

		if (one->gpu || one->pod != TT_NO_POD)
			parts++;
		else
			TT_TRY(tt_spans_add(ret, one->from_s, one->to_s, err));
	}
	if (parts && r) {
		e.pods = r->pod + r->first[node];
		e.n_pods = r->first[node + 1] - r->first[node];
	} else if (parts) {
		TT_TRY(pods_on(c->snapshot, tt_node_at(c->snapshot, node)->node, &pods,
			       &e.n_pods, err));
		e.pods = pods;
	}
	if (parts) {
		tt_node_carriers(c->snapshot, node, &e.first, &e.n);
		TT_TRY(add_emptied(&e, ret, err));
	}
	tt_spans_tidy(ret);
	return TT_OK;
}

int tt_case_paid(const tt_case *c, const tt_residents *r, size_t node, tt_spans *ret,
		 tt_err *err)
{
	const tt_node_row *row = tt_node_at(c->snapshot, node);
	tt_span life = tt_node_life(c->snapshot, node);
	tt_release lowest = { .node = (uint32_t)node, .from_s = INT64_MIN };
	size_t first, n = 0;
	int there;

	ret->n = 0;
	first = place(c->releases, c->n_releases, sizeof lowest, &lowest, compare_releases,
		      &there);
	while (first + n < c->n_releases && c->releases[first + n].node == node)
		n++;
	if (!n || strcmp(row->pricing, "reserved") == 0 || strcmp(row->pricing, "owned") == 0)
		return tt_spans_add(ret, life.from_s, life.to_s, err);

	TT_CLEANUP(tt_spans_free) tt_spans gone = { 0 };
	tt_spans all = { .v = &life, .n = life.from_s < life.to_s };
	TT_TRY(gone_times(c, r, node, first, n, &gone, err));
	return tt_spans_subtract(&all, &gone, ret, err);
}

int tt_case_paid_s(const tt_case *c, size_t node, int64_t *ret_s, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans paid = { 0 };

	TT_TRY(tt_case_paid(c, NULL, node, &paid, err));
	*ret_s = tt_spans_length_s(&paid);
	return TT_OK;
}
