/* subjects_decode.c - see subjects.h: one subject after the other, by the workers, so that
 * memory does not grow with the fleet. */
#include "host/subjects.h"
#include <math.h>
#include <string.h>

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
		return tt_no_memory(err);
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
		return tt_no_memory(err);
	for (size_t i = 0; i < n->n_cards; i++) {
		cards[i] = (tt_card){
			.size = sizeof *cards, .id = c[i].id, .node = n->id, .gpu = c[i].gpu,
			.slice = c[i].slice, .node_group = n->node_group,
			.gpu_model = n->gpu_model, .gpu_memory_mib = row->gpu_memory_mib,
			.pricing = n->pricing, .alive_s = n->alive_s, .pod = "",
			.held_s = (double)NAN,
		};
		if (decode_holdings(s, &c[i], arena, &cards[i]) < 0)
			return tt_no_memory(err);
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
		return tt_no_memory(err);
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
	size_t at = s->v[i].index;
	tt_subject out = { .size = sizeof out, .scope = s->v[i].scope,
		           .id = tt_subject_id(s, i), .window = &s->window };

	if (out.scope == TT_SCOPE_NODE) {
		TT_TRY(decode_node(d, at, err));
		out.node = d->node;
	} else if (out.scope == TT_SCOPE_CARD) {
		TT_TRY(decode_node(d, s->snapshot->carriers[at].node_index, err));
		out.node = d->node;
		if (at - s->first_card[d->node_index] >= d->node->n_cards)
			return tt_fail(err, TT_EINTERNAL, "carrier \"%s\" is not one of node "
			               "\"%s\"", out.id, d->node->id);
		out.card = &d->node->cards[at - s->first_card[d->node_index]];
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
