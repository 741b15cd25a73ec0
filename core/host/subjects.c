/* subjects.c - see subjects.h. Listing is done once, before workers are forked; decoding
 * is done by the workers, one subject at a time, so memory does not grow with the fleet. */
#include "host/subjects.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(tt_err *err)
{
	return tt_fail(err, TT_ENOMEM, "listing subjects: %s", tt_status_text(TT_ENOMEM));
}

const char *tt_scope_text(int32_t scope)
{
	static const char *const text[] = { "", "fleet", "node", "card", "pod", "workload",
		                            "node_group", "commitment" };

	return scope >= TT_SCOPE_FLEET && scope <= TT_SCOPE_COMMITMENT ? text[scope] : "";
}

/* --- Words: distinct names out of columns -------------------------------------- */

static int by_text(const void *a, const void *b)
{
	const char *x, *y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return strcmp(x, y);
}

/* Sort the n words of `w` and leave one of each; "" is no name. */
static void make_distinct(tt_words *w)
{
	size_t n = 0;

	if (w->n)
		qsort(w->v, w->n, sizeof *w->v, by_text);
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i][0] && (!n || strcmp(w->v[n - 1], w->v[i]) != 0))
			w->v[n++] = w->v[i];
	w->n = n;
}

static int has_word(const tt_words *w, const char *s)
{
	return w->n && bsearch(&s, w->v, w->n, sizeof *w->v, by_text) != NULL;
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
		const tt_pod_row *p = TT_ROW(&sn->table[TT_PODS], tt_pod_row, i);
		size_t node;

		if (p->gpus > 0 || holds[i] || !p->node[0] || !is_there_at_end(s, p) ||
		    tt_settings_is_system(s->settings, p->namespace_))
			continue;
		node = tt_snapshot_find_node(sn, p->node);
		if (node < sn->table[TT_NODES].n)
			s->n_other_pods[node]++;
	}
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
	    count_other_pods(&s) < 0)
		return no_memory(err);

	size_t room = 1 + n_nodes + sn->n_cards + sn->table[TT_PODS].n + s.workloads.n +
	              s.node_groups.n + sn->table[TT_COMMITMENTS].n;

	s.v = tt_arena_alloc(arena, room * sizeof *s.v);
	if (!s.v)
		return no_memory(err);
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
	case TT_SUBJECT_OFFER:
	case TT_SUBJECT_CHARGE:
	case TT_SUBJECT_END:
		break;
	}
	return 0;
}

/* --- Decoding ------------------------------------------------------------------------- */

typedef struct tally { const char *word; int64_t seconds; } tally;

static void count(tally *t, size_t *n, const char *word, int64_t seconds)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(t[i].word, word) == 0) {
			t[i].seconds += seconds;
			return;
		}
	t[(*n)++] = (tally){ word, seconds };
}

/* The word with most seconds; of equal ones the first by name. */
static const char *most(const tally *t, size_t n)
{
	const tally *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (!best || t[i].seconds > best->seconds ||
		    (t[i].seconds == best->seconds && strcmp(t[i].word, best->word) < 0))
			best = &t[i];
	return best ? best->word : "";
}

/* A pod's own word counts; without one, that of its workload. */
static const char *kind_of(const tt_subjects *s, const tt_pod_row *p)
{
	const tt_rows *t = &s->snapshot->table[TT_WORKLOADS];
	size_t low = 0, high = *p->workload_kind || !*p->workload ? 0 : t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const tt_workload_row *w = TT_ROW(t, tt_workload_row, mid);
		int order = strcmp(w->workload, p->workload);

		if (order == 0)
			return w->workload_kind;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return p->workload_kind;
}

/* Who held a carrier: holdings are sorted by from_s, so their union is one pass. */
static int decode_holdings(const tt_subjects *s, const tt_carrier *c, tt_arena *arena,
                           tt_card *card)
{
	const tt_holding *h = c->n_holdings ? s->snapshot->holdings + c->first_holding : NULL;
	tally *owners = tt_arena_alloc(arena, (c->n_holdings + 1) * sizeof *owners);
	tally *kinds = tt_arena_alloc(arena, (c->n_holdings + 1) * sizeof *kinds);
	size_t n_owners = 0, n_kinds = 0;
	int64_t held_s = 0, until_s = INT64_MIN, last_from_s = INT64_MIN;

	if (!owners || !kinds)
		return TT_ENOMEM;
	for (size_t i = 0; i < c->n_holdings; i++) {
		int64_t from_s = h[i].from_s > until_s ? h[i].from_s : until_s;
		const tt_pod_row *p = h[i].pod_index < s->snapshot->table[TT_PODS].n
			? TT_ROW(&s->snapshot->table[TT_PODS], tt_pod_row, h[i].pod_index) : NULL;
		const char *owner = p ? tt_settings_owner(s->settings, p->labels, p->namespace_,
		                                          arena) : "";

		if (!owner)
			return TT_ENOMEM;
		if (h[i].to_s > from_s)
			held_s += h[i].to_s - from_s;
		if (h[i].to_s > until_s)
			until_s = h[i].to_s;
		count(owners, &n_owners, owner, h[i].to_s - h[i].from_s);
		count(kinds, &n_kinds, p ? kind_of(s, p) : "", h[i].to_s - h[i].from_s);
		/* the last reading may stand a step short of the window's end */
		if (h[i].to_s + c->usual_step_s >= s->snapshot->end_s &&
		    h[i].from_s > last_from_s) {
			last_from_s = h[i].from_s;
			card->pod = h[i].pod;
		}
	}
	card->owner = most(owners, n_owners);
	card->workload_kind = most(kinds, n_kinds);
	if (s->snapshot->usage_has_pods)
		card->held_s = (double)held_s;
	return TT_OK;
}

/* Equal shares of `total` for n parts, by largest remainder, so they add up to it. */
static int share(int64_t total, size_t n, tt_arena *arena, int64_t **ret, tt_err *err)
{
	tt_u128 *weights = tt_arena_alloc(arena, n * sizeof *weights);
	int64_t *parts = tt_arena_alloc(arena, n * sizeof *parts);

	if (!weights || !parts)
		return no_memory(err);
	for (size_t i = 0; i < n; i++)
		weights[i] = 1;
	if (total != TT_MONEY_UNKNOWN)
		TT_TRY(tt_split(total, weights, n, parts, err));
	for (size_t i = 0; total == TT_MONEY_UNKNOWN && i < n; i++)
		parts[i] = TT_MONEY_UNKNOWN;
	*ret = parts;
	return TT_OK;
}

static int same_gpu(const tt_card *a, const tt_card *b)
{
	return strcmp(a->gpu, b->gpu) == 0;
}

/* Cards share the node's cost evenly, those without telemetry included; the slices of a
 * card share the card's, so that a card measured as a whole as well costs nothing twice. */
static int decode_costs(tt_card *cards, size_t n, double gpus, int64_t node_cost,
                        tt_arena *arena, tt_err *err)
{
	size_t n_gpus = 0, whole = gpus >= 1 ? (size_t)(gpus + 0.5) : 0, gpu = 0;
	int64_t *by_gpu, *by_slice;

	for (size_t i = 0; i < n; i++)
		n_gpus += i == 0 || !same_gpu(&cards[i], &cards[i - 1]);
	if (!n_gpus)
		return TT_OK;
	TT_TRY(share(node_cost, whole > n_gpus ? whole : n_gpus, arena, &by_gpu, err));
	for (size_t i = 0, end; i < n; i = end, gpu++) {
		size_t n_slices = 0, slice = 0;

		for (end = i; end < n && same_gpu(&cards[end], &cards[i]); end++)
			n_slices += cards[end].slice[0] != '\0';
		if (n_slices)
			TT_TRY(share(by_gpu[gpu], n_slices, arena, &by_slice, err));
		for (size_t k = i; k < end; k++)
			cards[k].cost_micro = cards[k].slice[0] ? by_slice[slice++]
				: n_slices && by_gpu[gpu] != TT_MONEY_UNKNOWN ? 0 : by_gpu[gpu];
	}
	return TT_OK;
}

static int decode_cards(const tt_subjects *s, size_t node, tt_arena *arena, tt_node *n,
                        tt_err *err)
{
	const tt_node_row *row = TT_ROW(&s->snapshot->table[TT_NODES], tt_node_row, node);
	const tt_carrier *c = s->snapshot->n_carriers ?
		s->snapshot->carriers + s->first_card[node] : NULL;
	tt_card *cards;

	n->n_cards = s->first_card[node + 1] - s->first_card[node];
	cards = tt_arena_alloc(arena, (n->n_cards + 1) * sizeof *cards);
	if (!cards)
		return no_memory(err);
	for (size_t i = 0; i < n->n_cards; i++) {
		cards[i] = (tt_card){
			.size = sizeof *cards, .id = c[i].id, .node = n->id, .gpu = c[i].gpu,
			.slice = c[i].slice, .node_group = n->node_group,
			.gpu_model = n->gpu_model, .gpu_memory_mib = row->gpu_memory_mib,
			.pricing = n->pricing, .alive_s = n->alive_s, .pod = "",
			.held_s = (double)NAN,
		};
		if (decode_holdings(s, &c[i], arena, &cards[i]) < 0)
			return no_memory(err);
	}
	n->cards = cards;
	return decode_costs(cards, n->n_cards, n->gpus, n->cost_micro, arena, err);
}

static int decode_node(tt_decoder *d, size_t index, tt_err *err)
{
	const tt_subjects *s = d->subjects;
	const tt_node_row *row = TT_ROW(&s->snapshot->table[TT_NODES], tt_node_row, index);
	const tt_node_bill *b = &s->bill->nodes[index];
	tt_node *n;

	if (d->node && d->node_index == index)
		return TT_OK;
	tt_decoder_reset(d);
	d->arena = tt_arena_new();
	n = d->arena ? tt_arena_alloc(d->arena, sizeof *n) : NULL;
	if (!n)
		return no_memory(err);
	*n = (tt_node){
		.size = sizeof *n, .id = row->node, .node_group = row->node_group,
		.cluster = row->cluster, .instance_type = row->instance_type,
		.gpu_model = row->gpu_model, .pricing = row->pricing,
		.gpus = row->gpus, .cpus = row->cpus, .memory_mib = row->memory_mib,
		.alive_s = b->alive_s, .cost_micro = b->cost_micro, .owner = b->owner,
		.n_other_pods = s->n_other_pods[index],
		.gone = row->ended_at != TT_TIME_MISSING && row->ended_at < s->snapshot->end_s,
	};
	TT_TRY(decode_cards(s, index, d->arena, n, err));
	d->node = n;
	d->node_index = index;
	return TT_OK;
}

int tt_decode(tt_decoder *d, size_t i, tt_subject *ret, tt_err *err)
{
	const tt_subjects *s = d->subjects;
	const tt_rows *t = s->snapshot->table;
	size_t at = s->v[i].index;
	tt_subject out = { .size = sizeof out, .scope = s->v[i].scope, .id = "",
		           .window = &s->window };

	switch ((enum tt_scope)out.scope) {
	case TT_SCOPE_FLEET:
		break;
	case TT_SCOPE_NODE:
		TT_TRY(decode_node(d, at, err));
		out.node = d->node;
		out.id = d->node->id;
		break;
	case TT_SCOPE_CARD:
		TT_TRY(decode_node(d, s->snapshot->carriers[at].node_index, err));
		out.node = d->node;
		if (at - s->first_card[d->node_index] >= d->node->n_cards)
			return tt_fail(err, TT_EINTERNAL, "carrier \"%s\" is not one of node "
			               "\"%s\"", s->snapshot->carriers[at].id, d->node->id);
		out.card = &d->node->cards[at - s->first_card[d->node_index]];
		out.id = out.card->id;
		break;
	case TT_SCOPE_POD:
		out.id = TT_ROW(&t[TT_PODS], tt_pod_row, at)->pod;
		break;
	case TT_SCOPE_WORKLOAD:
		out.id = s->workloads.v[at];
		break;
	case TT_SCOPE_NODE_GROUP:
		out.id = s->node_groups.v[at];
		break;
	case TT_SCOPE_COMMITMENT:
		out.id = TT_ROW(&t[TT_COMMITMENTS], tt_commitment_row, at)->commitment;
		break;
	}
	*ret = out;
	return TT_OK;
}

void tt_decoder_reset(tt_decoder *d)
{
	tt_arena_free(d->arena);
	d->arena = NULL;
	d->node = NULL;
}
