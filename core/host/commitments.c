/* commitments.c - what is held of one kind of capacity, and how much of it is used, for
 * detectors: metered as the bill meters it. See tt_commitment in plugin.h. */
#include "bill/held.h"
#include "bill/price.h"
#include "host/detector_services.h"
#include <math.h>
#include <string.h>

struct looking {
	tt_call *c;
	const tt_snapshot *s;
	const tt_commitment_row *of; /* the subject's */
	tt_commitment *to;
	tt_held_one *v;
	const char **ids;
};

static const tt_commitment_row *row_at(const tt_snapshot *s, size_t i)
{
	return TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, i);
}

static int is_money(const tt_commitment_row *r)
{
	return !(r->units > 0);
}

static double number(tt_decimal v)
{
	return v == TT_DECIMAL_MISSING ? 0 : tt_decimal_f64(v);
}

/* Of the sum paid at the start, what is for the time from the window's start on. */
static double left_of(const tt_snapshot *s, const tt_commitment_row *r)
{
	if (r->ends_at == TT_TIME_MISSING || r->starts_at == TT_TIME_MISSING)
		return 0;
	return number(r->upfront) * (double)(r->ends_at - (s->start_s > r->starts_at
		? s->start_s : r->starts_at)) / (double)(r->ends_at - r->starts_at);
}

static void add_one(struct looking *l, const tt_commitment_row *r, const tt_held_cost *cost)
{
	l->ids[l->to->n] = r->commitment;
	l->v[l->to->n++] = (tt_held_one){
		.id = r->commitment, .payment = *r->payment ? r->payment : "none",
		.units = is_money(r) ? (double)NAN : r->units,
		.rate_per_hour = number(is_money(r) ? r->commitment_per_hour
		                        : tt_price_committed(r)),
		.recurring_per_hour = number(is_money(r) ? r->commitment_per_hour
		                             : r->price_per_hour),
		.left = is_money(r) ? 0 : left_of(l->s, r),
		.ends_in_s = r->ends_at == TT_TIME_MISSING ? (double)NAN
			: (double)(r->ends_at - l->s->end_s),
		.cost_micro = cost->cost_micro, .unused_micro = cost->unused_micro,
	};
	l->to->cost_micro += cost->cost_micro;
	l->to->unused_micro += cost->unused_micro;
	l->to->held_h += (double)cost->held_micro_s / 3600e6;
	l->to->unused_h += (double)cost->unused_micro_s / 3600e6;
}

/* The bill has them by id, and the table, too. */
static int list(struct looking *l)
{
	const tt_held_bill *b = &l->c->subjects->bill->held;
	const size_t n = l->s->table[TT_COMMITMENTS].n;

	l->v = tt_call_alloc(l->c, (n + 1) * sizeof *l->v);
	l->ids = tt_call_alloc(l->c, (n + 1) * sizeof *l->ids);
	if (!l->v || !l->ids)
		return TT_ENOMEM;
	for (size_t i = 0, k = 0; i < n && k < b->n_costs; i++) {
		const tt_commitment_row *r = row_at(l->s, i);
		int by;

		while (k < b->n_costs && (by = strcmp(b->costs[k].commitment, r->commitment)) < 0)
			k++;
		if (k < b->n_costs && by == 0 && tt_held_alike(r, l->of))
			add_one(l, r, &b->costs[k]);
	}
	l->to->v = l->v;
	return TT_OK;
}

/* On demand: of a node that they are for, or of the type that they name. */
static double price_of(const struct looking *l)
{
	tt_node_row like = { .provider = l->of->provider, .region = l->of->region,
		             .instance_type = l->of->instance_type,
		             .gpu_model = l->of->gpu_model, .pricing = "on_demand", .gpus = 1 };
	const tt_price_row *p;

	for (size_t i = 0; i < l->s->table[TT_NODES].n; i++) {
		if (!tt_price_covers(l->s, l->of, tt_node_at(l->s, i)))
			continue;
		like = *tt_node_at(l->s, i);
		like.pricing = "on_demand";
		break;
	}
	p = tt_price_listed(l->s, &like);
	if (!p || !(like.gpus > 0))
		return (double)NAN;
	return tt_decimal_f64(p->price_per_hour) / (*l->of->instance_type ? 1 : like.gpus);
}

static int read_hours(struct looking *l, tt_err *err)
{
	TT_CLEANUP(tt_held_freep) tt_held *h = NULL;
	double *used = NULL;

	if (is_money(l->of))
		return TT_OK;
	TT_TRY(tt_held_baseline(l->s, l->c->subjects->settings, &l->c->subjects->residents, &h,
	                        err));
	if (h)
		TT_TRY(tt_held_used(h, l->ids, l->to->n, l->c->arena, &used, &l->to->n_hours,
		                    err));
	l->to->used = used;
	return TT_OK;
}

static int find(struct looking *l, const char *id)
{
	for (size_t i = 0; i < l->s->table[TT_COMMITMENTS].n; i++) {
		const char *fault;

		l->of = row_at(l->s, i);
		if (strcmp(l->of->commitment, id) != 0)
			continue;
		fault = tt_held_unmetered(l->s, i);
		*l->to = (tt_commitment){
			.size = sizeof *l->to, .kind = l->of->kind, .provider = l->of->provider,
			.region = l->of->region, .instance_type = l->of->instance_type,
			.gpu_model = l->of->gpu_model, .unmetered = fault ? fault : "",
		};
		return TT_OK;
	}
	return tt_call_break(l->c, TT_EINTERNAL, "commitment \"%.60s\" is not in the fleet", id);
}

int tt_lend_commitment(tt_call *c, const tt_subject *s, const tt_commitment **ret)
{
	struct looking l = { .c = c };
	tt_err err = { 0 };
	int rc;

	*ret = NULL;
	TT_TRY(tt_call_of_detector(c, "commitment"));
	if (s->scope != TT_SCOPE_COMMITMENT)
		return tt_call_break(c, TT_EINVAL, "called commitment(), which is for scope "
		                     "commitment");
	l.s = c->subjects->snapshot;
	l.to = tt_call_alloc(c, sizeof *l.to);
	if (!l.to)
		return TT_ENOMEM;
	TT_TRY(find(&l, s->id));
	TT_TRY(list(&l));
	l.to->price_per_hour = price_of(&l);
	if (!l.to->n || strcmp(l.v[0].id, s->id) != 0) {
		*ret = l.to; /* the first speaks for all: metered once, not for each */
		return TT_OK;
	}
	rc = read_hours(&l, &err);
	if (rc < 0)
		return tt_call_break(c, rc, "called commitment(): %s", err.text);
	*ret = l.to;
	return TT_OK;
}
