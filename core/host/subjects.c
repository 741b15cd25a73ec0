/* subjects.c - see subjects.h: the list, which is made once, before workers are forked, and
 * what is in it. */
#include "host/subjects.h"
#include "bill/places.h"
#include <stdlib.h>
#include <string.h>

const char *tt_scope_text(int32_t scope)
{
	static const char *const text[] = { "", "fleet", "node", "card", "pod", "workload",
		                            "node_group", "commitment" };

	return scope >= TT_SCOPE_FLEET && scope <= TT_SCOPE_COMMITMENT ? text[scope] : "";
}

/* --- Words: distinct names out of columns -------------------------------------- */

/* Sort the n words of `w` and leave one of each; "" is no name. */
static void make_distinct(tt_words *w)
{
	size_t n = 0;

	if (w->n)
		qsort(w->v, w->n, sizeof *w->v, tt_compare_texts);
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i][0] && (!n || strcmp(w->v[n - 1], w->v[i]) != 0))
			w->v[n++] = w->v[i];
	w->n = n;
}

/* Its number; SIZE_MAX: it is none of them. */
static size_t find_word(const tt_words *w, const char *s)
{
	const char **at = w->n ? bsearch(&s, w->v, w->n, sizeof *w->v, tt_compare_texts) : NULL;

	return at ? (size_t)(at - w->v) : SIZE_MAX;
}

static int has_word(const tt_words *w, const char *s)
{
	return find_word(w, s) != SIZE_MAX;
}

static int make_words(tt_subjects *s, tt_arena *arena)
{
	const tt_rows *t = s->snapshot->table;
	size_t nodes = t[TT_NODES].n, pods = t[TT_PODS].n;
	size_t groups = t[TT_NODE_GROUPS].n, works = t[TT_WORKLOADS].n;

	s->namespaces.v = tt_arena_alloc(arena, (pods + 1) * sizeof(char *));
	s->workloads.v = tt_arena_alloc(arena, (pods + works + 1) * sizeof(char *));
	s->node_groups.v = tt_arena_alloc(arena, (nodes + groups + 1) * sizeof(char *));
	if (!s->namespaces.v || !s->workloads.v || !s->node_groups.v)
		return TT_ENOMEM;
	for (size_t i = 0; i < pods; i++) {
		const tt_pod_row *p = TT_ROW(&t[TT_PODS], tt_pod_row, i);

		s->namespaces.v[s->namespaces.n++] = p->namespace_;
		s->workloads.v[s->workloads.n++] = p->workload;
	}
	for (size_t i = 0; i < works; i++)
		s->workloads.v[s->workloads.n++] =
			TT_ROW(&t[TT_WORKLOADS], tt_workload_row, i)->workload;
	for (size_t i = 0; i < nodes; i++)
		s->node_groups.v[s->node_groups.n++] =
			TT_ROW(&t[TT_NODES], tt_node_row, i)->node_group;
	for (size_t i = 0; i < groups; i++)
		s->node_groups.v[s->node_groups.n++] =
			TT_ROW(&t[TT_NODE_GROUPS], tt_node_group_row, i)->node_group;
	make_distinct(&s->namespaces);
	make_distinct(&s->workloads);
	make_distinct(&s->node_groups);
	return TT_OK;
}

size_t tt_subjects_workload(const tt_subjects *s, const char *name)
{
	return find_word(&s->workloads, name);
}

/* --- What is counted by node ---------------------------------------------------- */

static int is_there_at_end(const tt_subjects *s, const tt_pod_row *p)
{
	int64_t end = s->snapshot->end_s;

	return tt_pod_started(p) && p->started_at < end && /* missing: before the window */
	       (p->ended_at == TT_TIME_MISSING || p->ended_at >= end);
}

/* Pods whose `gpus` is missing but that were seen to hold a card are no CPU pods. */
static int count_other_pods(tt_subjects *s)
{
	const tt_snapshot *sn = s->snapshot;
	size_t n_pods = sn->table[TT_PODS].n;
	TT_CLEANUP(tt_freep) unsigned char *holds = tt_zalloc(n_pods + 1, 1);

	if (!holds)
		return TT_ENOMEM;
	for (size_t i = 0; i < sn->n_holdings; i++)
		if (sn->holdings[i].pod_index < n_pods)
			holds[sn->holdings[i].pod_index] = 1;
	for (size_t i = 0; i < n_pods; i++) {
		const tt_pod_row *p = tt_pod_at(sn, i);

		if (!(p->gpus > 0) && !holds[i] && is_there_at_end(s, p) &&
		    s->residents.node_of_pod[i] != UINT32_MAX &&
		    !tt_settings_is_system(s->settings, p->namespace_))
			s->n_other_pods[s->residents.node_of_pod[i]]++;
	}
	return TT_OK;
}

/* Who was on which node, and of which it is known. */
static int find_residents(tt_subjects *s, tt_arena *arena)
{
	const size_t nodes = s->snapshot->table[TT_NODES].n;
	tt_places *places = NULL;

	s->residents = tt_residents_of(s->snapshot);
	s->pods_known = tt_arena_alloc(arena, nodes + 1);
	if (!s->pods_known)
		return TT_ENOMEM;
	TT_TRY(tt_places_make(s->snapshot, &s->residents, &places, NULL));
	for (size_t i = 0; i < nodes; i++)
		s->pods_known[i] = tt_places_known(places, i,
		                                   tt_node_cards_u6(s->snapshot, i) > 0);
	tt_places_free(places);
	return TT_OK;
}

/* Nodes and carriers are in one order, so what one node has ends where the next begins. */
static void find_cards(tt_subjects *s, size_t n_nodes)
{
	size_t n = 0;

	s->first_card[n_nodes] = 0;
	for (size_t i = 0; i < n_nodes; i++) {
		tt_snapshot_cards_of(s->snapshot,
		                     TT_ROW(&s->snapshot->table[TT_NODES], tt_node_row, i)->node,
		                     &s->first_card[i], &n);
		s->first_card[i + 1] = s->first_card[i] + n;
	}
}

/* --- The list ---------------------------------------------------------------------- */

static void add(tt_subjects *s, unsigned scopes, int32_t scope, size_t index)
{
	if (scopes & 1u << scope)
		s->v[s->n++] = (tt_subject_ref){ scope, index };
}

/* Whether [from_s, to_s) touches the window; what is missing is open. */
static int is_in_window(const tt_snapshot *s, int64_t from_s, int64_t to_s)
{
	return from_s < s->end_s && (to_s == TT_TIME_MISSING || to_s > s->start_s);
}

/* A pod that never started was there from when it was submitted: it waited. */
static int is_pod_alive(const tt_snapshot *s, const tt_pod_row *p)
{
	return is_in_window(s, tt_pod_started(p) ? p->started_at : p->submitted_at, p->ended_at);
}

static void list(tt_subjects *s, unsigned scopes)
{
	const tt_snapshot *sn = s->snapshot;
	size_t n_nodes = sn->table[TT_NODES].n;

	add(s, scopes, TT_SCOPE_FLEET, 0);
	for (size_t i = 0; i < n_nodes; i++)
		if (s->bill->nodes[i].alive_s > 0)
			add(s, scopes, TT_SCOPE_NODE, i);
	for (size_t i = 0; i < sn->n_cards; i++)
		if (sn->carriers[i].node_index < n_nodes &&
		    s->bill->nodes[sn->carriers[i].node_index].alive_s > 0)
			add(s, scopes, TT_SCOPE_CARD, i);
	for (size_t i = 0; i < sn->table[TT_PODS].n; i++)
		if (is_pod_alive(sn, TT_ROW(&sn->table[TT_PODS], tt_pod_row, i)))
			add(s, scopes, TT_SCOPE_POD, i);
	for (size_t i = 0; i < s->workloads.n; i++)
		add(s, scopes, TT_SCOPE_WORKLOAD, i);
	for (size_t i = 0; i < s->node_groups.n; i++)
		add(s, scopes, TT_SCOPE_NODE_GROUP, i);
	for (size_t i = 0; i < sn->table[TT_COMMITMENTS].n; i++) {
		const tt_commitment_row *c = TT_ROW(&sn->table[TT_COMMITMENTS],
		                                    tt_commitment_row, i);

		if (is_in_window(sn, c->starts_at, c->ends_at))
			add(s, scopes, TT_SCOPE_COMMITMENT, i);
	}
}

int tt_subjects_make(const tt_bill *b, const tt_settings *st, unsigned scopes,
                     tt_arena *arena, tt_subjects *ret, tt_err *err)
{
	const tt_snapshot *sn = b->snapshot;
	size_t n_nodes = sn->table[TT_NODES].n;
	tt_subjects s = {
		.snapshot = sn, .bill = b, .settings = st,
		.window = { sn->start_s, sn->end_s, sn->step_s, sn->currency },
		.first_card = tt_arena_alloc(arena, (n_nodes + 1) * sizeof *s.first_card),
		.n_other_pods = tt_arena_alloc(arena, (n_nodes + 1) * sizeof *s.n_other_pods),
	};

	if (!s.first_card || !s.n_other_pods || make_words(&s, arena) < 0 ||
	    find_residents(&s, arena) < 0 || count_other_pods(&s) < 0)
		return tt_no_memory(err);

	size_t room = 1 + n_nodes + sn->n_cards + sn->table[TT_PODS].n + s.workloads.n +
	              s.node_groups.n + sn->table[TT_COMMITMENTS].n;

	s.v = tt_arena_alloc(arena, room * sizeof *s.v);
	if (!s.v)
		return tt_no_memory(err);
	find_cards(&s, n_nodes);
	list(&s, scopes);
	*ret = s;
	return TT_OK;
}

/* --- Existence ------------------------------------------------------------------------ */

/* A card is a carrier, or what the slices that are carriers are cut from. */
static int has_card(const tt_subjects *s, const char *id)
{
	const char *slash = strrchr(id, '/');
	size_t n_nodes = s->snapshot->table[TT_NODES].n, at, n;
	char node[1024];

	at = tt_snapshot_find_carrier(s->snapshot, id);
	if (at < s->snapshot->n_cards)
		return 1;
	if (!slash || (n = (size_t)(slash - id)) >= sizeof node)
		return 0;
	memcpy(node, id, n);
	node[n] = '\0';
	at = tt_snapshot_find_node(s->snapshot, node);
	if (at >= n_nodes)
		return 0;
	for (size_t i = s->first_card[at]; i < s->first_card[at + 1]; i++)
		if (strcmp(s->snapshot->carriers[i].gpu, slash + 1) == 0)
			return 1;
	return 0;
}

static int has_commitment(const tt_subjects *s, const char *id)
{
	const tt_rows *t = &s->snapshot->table[TT_COMMITMENTS];

	for (size_t i = 0; i < t->n; i++)
		if (strcmp(TT_ROW(t, tt_commitment_row, i)->commitment, id) == 0)
			return 1;
	return 0;
}

static int has_charge(const tt_subjects *s, const char *id)
{
	const tt_billed *b = &s->snapshot->billed;

	for (size_t i = 0; i < b->n; i++)
		for (int by = 0; by < TT_BILLED_NAMES; by++)
			if (tt_billed_called(&b->lines[i], by, id))
				return 1;
	return 0;
}

int tt_subjects_has(const tt_subjects *s, enum tt_subject_kind kind, const char *id)
{
	const tt_rows *t = s->snapshot->table;

	switch (kind) {
	case TT_SUBJECT_CARD:
		return has_card(s, id);
	case TT_SUBJECT_NODE:
		return tt_snapshot_find_node(s->snapshot, id) < t[TT_NODES].n;
	case TT_SUBJECT_POD:
		return tt_snapshot_find_pod(s->snapshot, id) < t[TT_PODS].n;
	case TT_SUBJECT_NODE_GROUP:
		return has_word(&s->node_groups, id);
	case TT_SUBJECT_WORKLOAD:
		return has_word(&s->workloads, id);
	case TT_SUBJECT_NAMESPACE:
		return has_word(&s->namespaces, id);
	case TT_SUBJECT_COMMITMENT:
		return has_commitment(s, id);
	case TT_SUBJECT_FLEET:
		return 1;
	case TT_SUBJECT_CHARGE:
		return tt_rows_find(&t[TT_VOLUMES], id) < t[TT_VOLUMES].n || has_charge(s, id);
	case TT_SUBJECT_OFFER:
	case TT_SUBJECT_END:
		break;
	}
	return 0;
}

const char *tt_subject_id(const tt_subjects *s, size_t i)
{
	const tt_rows *t = s->snapshot->table;
	size_t at = s->v[i].index;

	switch ((enum tt_scope)s->v[i].scope) {
	case TT_SCOPE_NODE:
		return tt_node_at(s->snapshot, at)->node;
	case TT_SCOPE_CARD:
		return s->snapshot->carriers[at].id;
	case TT_SCOPE_POD:
		return tt_pod_at(s->snapshot, at)->pod;
	case TT_SCOPE_WORKLOAD:
		return s->workloads.v[at];
	case TT_SCOPE_NODE_GROUP:
		return s->node_groups.v[at];
	case TT_SCOPE_COMMITMENT:
		return TT_ROW(&t[TT_COMMITMENTS], tt_commitment_row, at)->commitment;
	case TT_SCOPE_FLEET:
		break;
	}
	return "";
}
