#include "rank/pricer.h"
#include "bill/residents.h"
#include "change/apply.h"
#include <string.h>

/* A release that is kept, in the list of its node. */
struct kept {
	tt_release r;
	struct kept *next;
};

struct tt_pricer {
	const tt_bill *bill;
	tt_residents residents;
	tt_case trial;           /* the changes being tried, then what is kept, by node */
	struct kept **kept;      /* [nodes] */
	int64_t *paid_s;         /* [nodes] with what is kept */
	int64_t *cost_micro;     /* [nodes] likewise; TT_MONEY_UNKNOWN without a price */
	tt_node_saving *touched; /* of the last try */
	size_t n_touched, cap_touched;
	int64_t *tried_s;        /* [n_touched] paid seconds with it */
	size_t n_tried, cap_tried;
	tt_release *tried;       /* its own releases */
	tt_arena *arena;
};

static int no_memory(tt_err *err)
{
	return tt_fail(err, TT_ENOMEM, "pricing changes: %s", tt_status_text(TT_ENOMEM));
}

int tt_pricer_open(const tt_bill *b, const tt_settings *st, tt_pricer **ret, tt_err *err)
{
	size_t n = b->snapshot->table[TT_NODES].n;
	TT_CLEANUP(tt_pricer_closep) tt_pricer *p = tt_zalloc(1, sizeof *p);

	if (!p)
		return no_memory(err);
	p->bill = b;
	tt_case_init(&p->trial, b->snapshot, st);
	p->arena = tt_arena_new();
	if (!p->arena)
		return no_memory(err);
	p->kept = tt_arena_alloc(p->arena, (n + 1) * sizeof(struct kept *));
	p->paid_s = tt_arena_alloc(p->arena, (n + 1) * sizeof *p->paid_s);
	p->cost_micro = tt_arena_alloc(p->arena, (n + 1) * sizeof *p->cost_micro);
	if (!p->kept || !p->paid_s || !p->cost_micro)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		p->paid_s[i] = b->nodes[i].paid_s;
		p->cost_micro[i] = b->nodes[i].cost_micro;
	}
	TT_TRY(tt_residents_make(b->snapshot, &p->residents, err));
	*ret = p;
	p = NULL;
	return TT_OK;
}

void tt_pricer_close(tt_pricer *p)
{
	if (!p)
		return;
	tt_residents_free(&p->residents);
	tt_case_reset(&p->trial);
	tt_free(p->touched);
	tt_free(p->tried_s);
	tt_free(p->tried);
	tt_arena_free(p->arena);
	tt_free(p);
}

void tt_pricer_closep(tt_pricer **p)
{
	tt_pricer_close(*p);
	*p = NULL;
}

static int same_release(const tt_release *a, const tt_release *b)
{
	return a->pod == b->pod && a->from_s == b->from_s && a->to_s == b->to_s &&
	       (a->gpu && b->gpu ? strcmp(a->gpu, b->gpu) == 0 : a->gpu == b->gpu);
}

static int is_kept(const tt_pricer *p, const tt_release *r)
{
	for (const struct kept *k = p->kept[r->node]; k; k = k->next)
		if (same_release(&k->r, r))
			return 1;
	return 0;
}

/* Put what is kept of `node` beside what is tried. */
static int add_kept(tt_pricer *p, uint32_t node, tt_err *err)
{
	for (const struct kept *k = p->kept[node]; k; k = k->next) {
		const tt_release *r = &k->r;

		if (r->pod != TT_NO_POD)
			TT_TRY(tt_case_release_pod(&p->trial, r->pod, r->from_s, r->to_s, err));
		else if (r->gpu)
			TT_TRY(tt_case_release_card(&p->trial, node, r->gpu, r->from_s, r->to_s,
			                            err));
		else
			TT_TRY(tt_case_release_node(&p->trial, node, r->from_s, r->to_s, err));
	}
	return TT_OK;
}

/* Price node p->touched[i] in the trial. */
static int price_node(tt_pricer *p, size_t i, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans paid = { 0 };
	tt_node_saving *s = &p->touched[i];
	const tt_node_bill *nb = &p->bill->nodes[s->node];
	int64_t cost;

	TT_TRY(tt_case_paid(&p->trial, &p->residents, s->node, &paid, err));
	p->tried_s[i] = tt_spans_length_s(&paid);
	s->freed_s = p->paid_s[s->node] - p->tried_s[i];
	s->saving_micro = 0;
	if (s->freed_s == 0)
		return TT_OK;
	if (nb->price_per_hour == TT_DECIMAL_MISSING) {
		s->saving_micro = TT_MONEY_UNKNOWN;
		return TT_OK;
	}
	TT_TRY(tt_cost_micro(nb->price_per_hour, p->tried_s[i], &cost, err));
	s->saving_micro = p->cost_micro[s->node] - cost;
	return TT_OK;
}

/* The releases that the changes alone make, and the nodes they are on. */
static int collect(tt_pricer *p, tt_saving *ret, tt_err *err)
{
	p->n_tried = p->n_touched = 0;
	for (size_t i = 0; i < p->trial.n_releases; i++) {
		const tt_release *r = &p->trial.releases[i];

		if (!TT_GROW(p->tried, p->n_tried, p->cap_tried))
			return no_memory(err);
		p->tried[p->n_tried++] = *r;
		ret->n_new += !is_kept(p, r);
		if (p->n_touched && p->touched[p->n_touched - 1].node == r->node)
			continue;
		if (!TT_GROW(p->touched, p->n_touched, p->cap_touched))
			return no_memory(err);
		p->touched[p->n_touched++] = (tt_node_saving){ .node = r->node };
	}
	int64_t *seconds = tt_realloc(p->tried_s, p->n_touched + 1, sizeof *seconds);
	if (!seconds)
		return no_memory(err);
	p->tried_s = seconds;
	return TT_OK;
}

int tt_pricer_try(tt_pricer *p, const tt_change *const *changes, size_t n, tt_saving *ret,
                  tt_err *err)
{
	tt_saving s = { 0 };

	tt_case_reset(&p->trial);
	for (size_t i = 0; i < n; i++)
		TT_TRY(tt_change_apply(changes[i], &p->trial, err));
	TT_TRY(collect(p, &s, err));
	for (size_t i = 0; i < p->n_touched; i++)
		TT_TRY(add_kept(p, p->touched[i].node, err));
	for (size_t i = 0; i < p->n_touched; i++) {
		TT_TRY(price_node(p, i, err));
		if (p->touched[i].saving_micro == TT_MONEY_UNKNOWN)
			s.unknown = 1;
		else
			TT_TRY(tt_money_add(&s.known_micro, p->touched[i].saving_micro,
			                    "the saving of changes", err));
	}
	s.nodes = p->touched;
	s.n = p->n_touched;
	*ret = s;
	return TT_OK;
}

int tt_pricer_keep(tt_pricer *p, tt_err *err)
{
	for (size_t i = 0; i < p->n_tried; i++) {
		const tt_release *r = &p->tried[i];
		struct kept *k;

		if (is_kept(p, r))
			continue;
		k = tt_arena_alloc(p->arena, sizeof *k);
		if (!k)
			return no_memory(err);
		*k = (struct kept){ *r, p->kept[r->node] };
		p->kept[r->node] = k;
	}
	for (size_t i = 0; i < p->n_touched; i++) {
		const tt_node_saving *s = &p->touched[i];

		p->paid_s[s->node] = p->tried_s[i];
		if (p->cost_micro[s->node] != TT_MONEY_UNKNOWN)
			p->cost_micro[s->node] -= s->saving_micro;
	}
	return TT_OK;
}
