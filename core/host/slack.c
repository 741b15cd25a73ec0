/* slack.c - what is free on the nodes of a group, for detectors: how much of it is dark because
 * the host's CPUs or memory are taken, who waited beside it, and what packing the pool anew
 * would empty (change/repack.h). Sampled at full hours. See tt_slack in plugin.h. */
#include "change/repack.h"
#include "host/detector_services.h"
#include <math.h>
#include <string.h>
#include <strings.h>

enum { CELLS_MAX = 1 << 20 };   /* nodes x samples that are looked at */

struct cell {                   /* a node at a sample; what is left of it */
	double cards, cpus, memory_mib;
};

struct looking {
	const tt_subjects *of;
	const tt_snapshot *s;
	size_t *nodes; size_t n;    /* rows, of those that are known */
	size_t *at;             /* [rows] place in nodes[], or SIZE_MAX */
	struct cell *cells;     /* [n x samples] */
	size_t samples;
	int64_t step_s;
	tt_slack *to;
};

static void close_looking(struct looking *l)
{
	tt_free(l->nodes);
	tt_free(l->at);
	tt_free(l->cells);
}

/* The first sample at or after that time. */
static size_t first_sample(const struct looking *l, int64_t at_s)
{
	const int64_t i = at_s <= l->s->start_s ? 0
		: (at_s - l->s->start_s + l->step_s - 1) / l->step_s;

	return (size_t)i < l->samples ? (size_t)i : l->samples;
}

static struct cell *cell(const struct looking *l, size_t node, size_t sample)
{
	return &l->cells[node * l->samples + sample];
}

/* --- Who is where ------------------------------------------------------------------------ */

static int find_nodes(struct looking *l, const char *group, tt_err *err)
{
	const tt_subjects *of = l->of;
	const size_t rows = l->s->table[TT_NODES].n;
	const char *owner = NULL;

	l->nodes = tt_zalloc(rows + 1, sizeof *l->nodes);
	l->at = tt_zalloc(rows + 1, sizeof *l->at);
	if (!l->nodes || !l->at)
		return tt_no_memory(err);
	for (size_t i = 0; i < rows; i++) {
		const tt_node_bill *b = &of->bill->nodes[i];

		l->at[i] = SIZE_MAX;
		if (strcmp(tt_node_at(l->s, i)->node_group, group) != 0 || b->alive_s <= 0 ||
		    !tt_node_cards_u6(l->s, i))
			continue;
		l->to->n_nodes++;
		owner = !owner || strcmp(owner, b->owner) == 0 ? b->owner : "";
		l->to->cost_micro = b->cost_micro == TT_MONEY_UNKNOWN ||
			l->to->cost_micro == TT_MONEY_UNKNOWN ? TT_MONEY_UNKNOWN
			: l->to->cost_micro + b->cost_micro;
		if (!of->pods_known[i])
			continue;
		l->at[i] = l->n;
		l->nodes[l->n++] = i;
	}
	l->to->n_known = l->n;
	l->to->owner = owner ? owner : "";
	return TT_OK;
}

static int fill_nodes(struct looking *l, tt_err *err)
{
	const int64_t hours = (l->s->end_s - l->s->start_s + 3599) / 3600;
	const int64_t most = CELLS_MAX / (int64_t)(l->n + 1) + 1;

	l->step_s = 3600 * ((hours + most - 1) / most > 1 ? (hours + most - 1) / most : 1);
	l->samples = (size_t)((l->s->end_s - l->s->start_s + l->step_s - 1) / l->step_s);
	l->cells = tt_zalloc(l->n * l->samples + 1, sizeof *l->cells);
	if (!l->cells)
		return tt_no_memory(err);
	for (size_t i = 0; i < l->n; i++) {
		const tt_node_row *row = tt_node_at(l->s, l->nodes[i]);
		const tt_span life = tt_node_life(l->s, l->nodes[i]);
		const double cards = (double)tt_node_cards_u6(l->s, l->nodes[i]) / 1e6;
		const size_t end = first_sample(l, life.to_s);

		for (size_t k = first_sample(l, life.from_s); k < end; k++)
			*cell(l, i, k) = (struct cell){ cards, row->cpus, row->memory_mib };
	}
	return TT_OK;
}

/* What one takes with each card, where it is the least. */
static void note_least(const tt_pod_row *p, tt_slack *to)
{
	if (!(p->gpus > 0))
		return;
	to->least_cpus = fmin(to->least_cpus, p->cpus / p->gpus);
	to->least_memory_mib = fmin(to->least_memory_mib, p->memory_mib / p->gpus);
}

static void take_away(struct looking *l)
{
	const tt_residents *r = &l->of->residents;

	for (size_t i = 0; i < l->n; i++)
		for (size_t j = r->first[l->nodes[i]]; j < r->first[l->nodes[i] + 1]; j++) {
			const tt_pod_row *p = tt_pod_at(l->s, r->pod[j]);
			tt_span ran;

			if (!tt_pod_ran(l->s, p, &ran))
				continue;
			note_least(p, l->to);
			for (size_t k = first_sample(l, ran.from_s);
			     k < first_sample(l, ran.to_s); k++) {
				struct cell *left = cell(l, i, k);

				left->cards -= p->gpus > 0 ? p->gpus : 0;
				left->cpus -= p->cpus > 0 ? p->cpus : 0;
				left->memory_mib -= p->memory_mib > 0 ? p->memory_mib : 0;
			}
		}
}

static double usable(const struct cell *left, const tt_slack *to)
{
	double cards = fmax(0, left->cards);

	/* a host that does not say what it has is not known to be full */
	if (to->least_cpus > 0 && !isnan(left->cpus))
		cards = fmin(cards, fmax(0, left->cpus) / to->least_cpus);
	if (to->least_memory_mib > 0 && !isnan(left->memory_mib))
		cards = fmin(cards, fmax(0, left->memory_mib) / to->least_memory_mib);
	return cards;
}

static void sum_up(struct looking *l)
{
	const double hours = (double)l->step_s / 3600;

	for (size_t i = 0; i < l->n; i++) {
		const tt_span life = tt_node_life(l->s, l->nodes[i]);
		const double cards = (double)tt_node_cards_u6(l->s, l->nodes[i]) / 1e6;
		const size_t end = first_sample(l, life.to_s);

		for (size_t k = first_sample(l, life.from_s); k < end; k++) {
			const struct cell *left = cell(l, i, k);
			const double free_cards = fmin(cards, fmax(0, left->cards));

			l->to->card_h += cards * hours;
			l->to->asked_h += (cards - free_cards) * hours;
			/* half a card of host is no card */
			l->to->dark_h += hours * fmax(0, floor(free_cards + 1e-9) -
			                              floor(usable(left, l->to) + 1e-9));
		}
	}
}

/* --- Who waits ----------------------------------------------------------------------------- */

static int fits(const struct cell *left, const tt_pod_row *p)
{
	return left->cards + 1e-9 >= p->gpus &&
	       !(p->cpus > left->cpus + 1e-9) && !(p->memory_mib > left->memory_mib + 1e-9);
}

/* Whether it asks for what nobody knows of the host. */
static int is_open(const struct cell *left, const tt_pod_row *p)
{
	return (p->cpus > 0 && isnan(left->cpus)) || (p->memory_mib > 0 && isnan(left->memory_mib));
}

static void look_at_sample(struct looking *l, const tt_pod_row *p, size_t sample)
{
	const double card_h = p->gpus * (double)l->step_s / 3600;
	double sum = 0;
	int fit = 0, open = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct cell *left = cell(l, i, sample);

		sum += fmax(0, left->cards);
		if (!fits(left, p))
			continue;
		if (is_open(left, p))
			open = 1;
		else
			fit = 1;
	}
	l->to->waited_card_h += card_h;
	if (fit)
		l->to->beside_card_h += card_h;
	else if (!open && sum + 1e-9 >= p->gpus)
		l->to->scattered_card_h += card_h;
}

/* Whether it is one of those that asked for any of these models, split by bars. */
static int asks_for(const char *wanted, const char *model)
{
	const size_t n = strlen(model);

	while (*wanted) {
		const size_t k = strcspn(wanted, "|");

		if (k == n && strncasecmp(wanted, model, n) == 0)
			return 1;
		wanted += k + (wanted[k] == '|');
	}
	return 0;
}

static int waits_here(const struct looking *l, size_t pod, tt_span *ret)
{
	const tt_pod_row *p = tt_pod_at(l->s, pod);
	const uint32_t node = l->of->residents.node_of_pod[pod];

	if (!(p->gpus > 0) || p->submitted_at == TT_TIME_MISSING || !l->n ||
	    tt_settings_is_system(l->of->settings, p->namespace_))
		return 0;
	ret->from_s = p->submitted_at;
	if (tt_pod_started(p)) {
		ret->to_s = p->started_at;
		return node != UINT32_MAX && l->at[node] != SIZE_MAX &&
		       p->started_at != TT_TIME_MISSING;
	}
	ret->to_s = p->ended_at == TT_TIME_MISSING ? l->s->end_s : p->ended_at;
	return asks_for(p->gpu_model, tt_node_at(l->s, l->nodes[0])->gpu_model);
}

static void find_waits(struct looking *l)
{
	for (size_t i = 0; i < l->s->table[TT_PODS].n; i++) {
		tt_span waits;
		size_t k, end;

		if (!waits_here(l, i, &waits))
			continue;
		k = first_sample(l, waits.from_s);
		end = first_sample(l, waits.to_s);
		l->to->n_waited += k < end;
		for (; k < end; k++)
			look_at_sample(l, tt_pod_at(l->s, i), k);
	}
}

/* --- What packing would empty ----------------------------------------------------------------- */

/* Not of what is paid for all the same. */
static int may_go(const struct looking *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const char *pricing = tt_node_at(l->s, l->nodes[i])->pricing;

		if (strcmp(pricing, "reserved") != 0 && strcmp(pricing, "owned") != 0)
			return 1;
	}
	return 0;
}

static int pack(const struct looking *l, const char *group, tt_err *err)
{
	const tt_node_group_row *row = tt_node_group_row_of(l->s, group);
	tt_repack_worth worth = { .nodes = 0 };
	int rc;

	if (l->n < 2 || !(l->to->asked_h < l->to->card_h) || !may_go(l))
		return TT_OK; /* nowhere to go to, or nothing to fill, or nothing to save */
	if (row && row->consolidates > 0)
		return TT_OK;
	rc = tt_repack_saving(l->s, l->of->settings, group, &worth, err);
	if (rc < 0)
		return rc == TT_ENODATA || rc == TT_EDATA ? TT_OK : rc;
	l->to->packed_nodes = worth.nodes;
	l->to->packed_node_h = (double)worth.freed_s / 3600;
	l->to->packed_moves = worth.moves;
	return TT_OK;
}

static int look(struct looking *l, const char *group, tt_err *err)
{
	TT_TRY(find_nodes(l, group, err));
	TT_TRY(fill_nodes(l, err));
	take_away(l);
	l->to->sample_h = (double)l->step_s / 3600;
	if (isinf(l->to->least_cpus))
		l->to->least_cpus = (double)NAN;
	if (isinf(l->to->least_memory_mib))
		l->to->least_memory_mib = (double)NAN;
	sum_up(l);
	find_waits(l);
	return pack(l, group, err);
}

int tt_lend_slack(tt_call *c, const tt_subject *s, tt_slack *ret)
{
	TT_CLEANUP(close_looking) struct looking l = { .to = ret };
	const tt_node_group_row *row;
	tt_err err = { 0 };
	int rc;

	*ret = (tt_slack){ .size = sizeof *ret, .least_cpus = (double)INFINITY,
		           .least_memory_mib = (double)INFINITY, .owner = "", .autoscaler = "",
		           .packed_node_h = (double)NAN };
	TT_TRY(tt_call_of_detector(c, "slack"));
	if (s->scope != TT_SCOPE_NODE_GROUP)
		return tt_call_break(c, TT_EINVAL, "called slack(), which is for scope node_group");
	l.of = c->subjects;
	l.s = c->subjects->snapshot;
	row = tt_node_group_row_of(l.s, s->id);
	ret->autoscaler = row ? row->autoscaler : "";
	rc = look(&l, s->id, &err);
	return rc < 0 ? tt_call_break(c, rc, "%s", err.text) : TT_OK;
}
