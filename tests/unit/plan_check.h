/* plan_check.h - findings on a small fleet, the plan made of them, and what holds for
 * every plan. */
#ifndef PLAN_CHECK_H
#define PLAN_CHECK_H
#include "change/apply.h"
#include "fleet.h"
#include "rank/plan.h"

#define HOURS 730 /* a month, so that a figure of the window is one of a month */
#define UNIT INT64_C(1000000)

static tt_settings *settings; /* of the program; loaded by its main() */

/* Nodes n0.. of two cards at 1.00 an hour; the last is reserved, the one before it has
 * no price. */
static inline void open_fleet(fleet *f, int nodes)
{
	fleet_open(f, 0, HOURS * 3600);
	for (int i = 0; i < nodes; i++) {
		tt_node_row *n = fleet_node(f, fleet_text(f, "n%04d", i), 2);

		n->node_group = i < 2 ? "pair" : "rest";
		if (i != nodes - 2)
			n->price_per_hour = TT_DECIMAL_ONE;
		n->pricing = i == nodes - 1 ? "reserved" : "on_demand";
		fleet_card(f, n->node, "0", "");
		fleet_card(f, n->node, "1", "");
	}
	fleet_ready(f);
}

typedef struct book {           /* findings as they come from detectors */
	tt_findings f;
	size_t cap;
} book;

static inline void book_open(book *b)
{
	*b = (book){ .f = { .arena = tt_arena_new() } };
	FLEET_MUST(b->f.arena);
}

static inline void book_close(book *b)
{
	tt_arena_free(b->f.arena);
	tt_free(b->f.v);
}

/* A finding about node `verdict` with one or two changes, and an alternative. */
static inline tt_found *add(book *b, const char *detector, const char *subject, const char *change,
                     const char *second, const char *alternative)
{
	const char *changes[] = { change, second };
	const char *alternatives[] = { alternative, NULL };
	const tt_finding in = {
		.size = sizeof in, .verdict = "idle", .title = "a title", .subject_kind = "node",
		.subject_id = subject, .owner = "", .spend_concerned_micro = 10 * UNIT,
		.coverage_ratio = 1, .confidence_ratio = 1, .effort_days = 1,
		.risk = TT_RISK_LOW, .risk_note = "", .changes = changes,
		.n_changes = change ? second ? 2 : 1 : 0, .alternatives = alternatives };
	tt_err err = { 0 };

	FLEET_MUST(TT_GROW(b->f.v, b->f.n, b->cap));
	T_INT(TT_OK, tt_found_check(detector, &in, b->f.arena, &b->f.v[b->f.n], &err));
	T_STR("", err.text);
	return &b->f.v[b->f.n++];
}

typedef struct run {
	tt_case base;
	tt_bill *bill;
	tt_plan *plan;
} run;

static inline void run_open_with(run *r, const fleet *f, book *b, const tt_plan_options *o)
{
	tt_err err = { 0 };

	*r = (run){ 0 };
	if (b->f.n)
		qsort(b->f.v, b->f.n, sizeof *b->f.v, tt_found_compare);
	tt_case_init(&r->base, &f->s, settings);
	FLEET_MUST(tt_bill_make(&r->base, settings, &r->bill, &err) == TT_OK);
	FLEET_MUST(tt_plan_make(r->bill, settings, &b->f, o, &r->plan, &err) == TT_OK);
}

static inline void run_open(run *r, const fleet *f, book *b)
{
	run_open_with(r, f, b, NULL);
}

static inline void run_close(run *r)
{
	tt_plan_free(r->plan);
	tt_bill_free(r->bill);
	tt_case_reset(&r->base);
}

static inline const tt_ranked *of(const run *r, const char *detector)
{
	for (size_t i = 0; i < r->plan->n; i++)
		if (strcmp(r->plan->v[i]->found->detector, detector) == 0)
			return r->plan->v[i];
	printf("no finding of %s\n", detector);
	exit(1);
}

/* The plan's saving is the baseline less the case with all of its changes at once, and the
 * findings' shares add up to it, with worlds and without. */
static inline void check_points(const run *r, const fleet *f)
{
	const tt_change *all[4096];
	const tt_plan *p = r->plan;
	int64_t cost = 0, shares = 0, points = 0;
	size_t n = 0;
	tt_err err = { 0 };

	for (size_t i = 0; i < p->n_steps; i++) {
		const tt_ranked *at = p->steps[i].finding;

		shares += at->in_plan_micro;
		points += at->in_plan_per_month.point;
		for (size_t j = 0; j < at->n_changes; j++)
			all[n++] = at->changes[j];
	}
	T_INT(TT_OK, tt_changes_cost(&f->s, settings, all, n, &cost, &err));
	T_INT(r->bill->total_micro - cost, p->saving_micro);
	T_INT(p->saving_micro, shares);
	T_INT(p->saving_per_month.point, points);
}

/* Without worlds, steps and waves add up to the plan, too. */
static inline void check_joint(const run *r, const fleet *f)
{
	const tt_plan *p = r->plan;
	double effort_days = 0;
	int64_t sum = 0;
	size_t steps = 0;

	check_points(r, f);
	for (size_t i = 0; i < p->n_steps; i++) {
		sum += p->steps[i].marginal_per_month;
		T_INT(sum, p->steps[i].cumulative_per_month);
	}
	T_INT(p->saving_per_month.point, sum);
	for (size_t i = 0; i < TT_WAVES; i++) {
		sum -= p->waves[i].saving_per_month;
		effort_days += p->waves[i].effort_days;
		steps += p->waves[i].n;
	}
	T_INT(0, sum);
	T_F64(p->effort_days, effort_days, 1e-9);
	T_INT(p->n_steps, steps);
}

/* No step could be left out: without its changes the plan would save less. (Not so for
 * every plan: a step can make one that came before it superfluous.) */
static inline void check_steps(const run *r, const fleet *f)
{
	const tt_plan *p = r->plan;

	for (size_t skip = 0; skip < p->n_steps; skip++) {
		const tt_change *all[4096];
		int64_t cost = 0;
		size_t n = 0;

		for (size_t i = 0; i < p->n_steps; i++)
			for (size_t j = 0; i != skip && j < p->steps[i].finding->n_changes; j++)
				all[n++] = p->steps[i].finding->changes[j];
		T_INT(TT_OK, tt_changes_cost(&f->s, settings, all, n, &cost, NULL));
		T_(r->bill->total_micro - cost < p->saving_micro, "step %zu saves nothing", skip);
	}
}
#endif
