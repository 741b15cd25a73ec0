#include "simulate/effects.h"
#include "base/memory.h"
#include "change/apply.h"
#include "simulate/deals.h"
#include "simulate/runs.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SHOWN = 80 };        /* bytes of a change's text, in a message */

struct worked_out {
	tt_set set;
	tt_capacity delta;
};

struct component {
	tt_component c;
	struct worked_out *v; size_t n, cap;
};

struct tt_effects {
	const tt_bound_scenario *sc;
	const tt_bill *bill;
	tt_settings settings;   /* with the scenario's profiles */
	tt_residents residents;
	tt_case baseline;
	tt_pools pools;
	tt_capacity capacity;
	tt_applied *applied; size_t n;
	struct component *components; size_t n_components;
	tt_arena *arena;
};

/* --- Sets ----------------------------------------------------------------------------- */

bool tt_set_has(const tt_set *s, size_t i)
{
	return s->bits[i / 64] >> (i % 64) & 1;
}

void tt_set_add(tt_set *s, size_t i)
{
	s->bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* --- One change ----------------------------------------------------------------------- */

/* Where in the order of composition a verb stands. */
static int precedence(enum tt_verb v)
{
	static const enum tt_verb order[] = { TT_SCALE, TT_RELEASE, TT_SCHEDULE, TT_RESIZE,
					      TT_RETYPE, TT_SHARE, TT_REPRICE, TT_COMMIT,
					      TT_LABEL };
	int i = 0;

	while (order[i] != v)
		i++;
	return i;
}

/* The change as it acts on the window. Its dates are of the horizon and count there: while it
 * is in force it holds in all measured weeks, also in those before a date in the window, in
 * which what it is about still worked. It stays another change than one with other dates.
 * `dated`: with its dates all the same. */
static int for_window(tt_effects *e, const tt_change *of, bool dated, const tt_change **ret,
		      tt_err *err)
{
	tt_change *c = tt_arena_alloc(e->arena, sizeof *c);

	if (!c)
		return tt_no_memory(err);
	*c = *of;
	c->known_as = tt_change_hash(of);
	if (!dated)
		c->from_s = c->until_s = TT_TIME_MISSING;
	*ret = c;
	return TT_OK;
}

static int keep_text(tt_effects *e, const tt_change *of, tt_applied *to, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };

	tt_change_text(of, &text);
	to->text = text.failed ? NULL : tt_arena_text(e->arena, tt_buf_text(&text), text.n);
	return to->text ? TT_OK : tt_no_memory(err);
}

static int sum_charges(tt_applied *a, tt_err *err)
{
	for (size_t i = 0; i < a->of.n_charges; i++) {
		const tt_charge *c = &a->of.charges[i];
		const bool once = c->due_micro || c->to_s - c->from_s <= 1;

		TT_TRY(tt_money_add(once ? &a->once_micro : &a->running_micro,
				    c->due_micro ? c->due_micro : c->micro,
				    "charges of a change", err));
	}
	return TT_OK;
}

/* Changes that belong together edit one case: its order does not matter. */
static int apply_as(tt_effects *e, const tt_bound_change *b, bool dated, tt_applied *a,
		    tt_err *err)
{
	const tt_change *of, *c = NULL;

	for (size_t i = 0; (of = tt_bound_change_at(b, i)); i++) {
		TT_TRY(for_window(e, of, dated, &c, err));
		if (!i)
			a->change = c;
		TT_TRY(tt_change_apply(c, &a->of, err));
		TT_TRY(tt_deals_date(e->sc, of, tt_change_hash(c), &a->of, err));
	}
	a->not_before_s = tt_deals_first_lapse(&a->of);
	return TT_OK;
}

static bool begins_in_window(const tt_effects *e, const tt_bound_change *b)
{
	const tt_change *c;

	for (size_t i = 0; (c = tt_bound_change_at(b, i)); i++) {
		if (c->from_s != TT_TIME_MISSING && c->from_s < e->bill->snapshot->end_s)
			return true;
	}
	return false;
}

/* What can be done since a date in the window may have been impossible before (pods that had
 * no other room): then it is priced as it was since. */
static int apply_one(tt_effects *e, const tt_bound_change *b, tt_applied *a, tt_err *err)
{
	tt_err why = { 0 };
	int rc = apply_as(e, b, false, a, &why);

	if (rc == TT_OK)
		return TT_OK;
	if (rc == TT_ENOMEM || !begins_in_window(e, b))
		return tt_fail(err, rc, "%s", why.text);
	tt_case_reset(&a->of);
	tt_case_init(&a->of, e->bill->snapshot, &e->settings);
	a->is_dated = true;
	return apply_as(e, b, true, a, err);
}

/* What the change is called, else as much of its text as a message can take. */
static void name_change(const tt_effects *e, size_t i, tt_err *err)
{
	const tt_scenario_change *from = e->sc->changes[i].from;
	const char *text = from && from->name && *from->name ? from->name : e->applied[i].text;
	const size_t shown = tt_utf8_cut(text, strlen(text), TEXT_SHOWN);

	tt_context(err, "change %zu, \"%.*s%s\"", i + 1, (int)shown, text,
		   text[shown] ? "…" : "");
}

static int apply_all(tt_effects *e, tt_err *err)
{
	for (size_t i = 0; i < e->n; i++) {
		tt_applied *a = &e->applied[i];

		tt_case_init(&a->of, e->bill->snapshot, &e->settings);
		TT_TRY(keep_text(e, &e->sc->changes[i].change, a, err));
		int rc = apply_one(e, &e->sc->changes[i], a, err);
		if (rc < 0) {
			name_change(e, i, err);
			return rc;
		}
		TT_TRY(sum_charges(a, err));
	}
	return TT_OK;
}

/* --- Components ----------------------------------------------------------------------- */

static size_t root_of(size_t *parent, size_t i)
{
	while (parent[i] != i)
		i = parent[i] = parent[parent[i]];
	return i;
}

static void join(size_t *parent, size_t a, size_t b)
{
	a = root_of(parent, a);
	b = root_of(parent, b);
	if (a < b)
		parent[b] = a;
	else
		parent[a] = b;
}

/* What is added to a pool that follows demand belongs to its changes. */
static void join_adding(tt_effects *e, size_t *first, size_t *parent)
{
	const size_t nodes = e->bill->snapshot->table[TT_NODES].n;

	for (size_t i = 0; i < e->n; i++) {
		const tt_case *c = &e->applied[i].of;

		for (size_t k = 0; k < c->n_added && !e->sc->changes[i].alone; k++) {
			const char *group = c->added[k].node_group;

			if (k && group == c->added[k - 1].node_group)
				continue;
			for (size_t p = 0; p < e->pools.n; p++) {
				if (!e->pools.v[p].follows_demand ||
				    strcmp(e->pools.v[p].node_group, group) != 0)
					continue;
				if (first[nodes + p] == SIZE_MAX)
					first[nodes + p] = i;
				join(parent, first[nodes + p], i);
			}
		}
	}
}

/* Changes that touch a node in common, or (follows) an autoscaled pool; what is priced alone
 * touches nobody. first[] are the first changes of nodes, then of pools. */
static void join_touching(tt_effects *e, bool follows, size_t *first, size_t *parent)
{
	const size_t nodes = e->bill->snapshot->table[TT_NODES].n;

	for (size_t i = 0; i < e->n; i++) {
		const tt_case *c = &e->applied[i].of;

		if (e->sc->changes[i].alone)
			continue;
		for (size_t k = 0; k < c->n_releases; k++) {
			const uint32_t node = c->releases[k].node;
			const uint32_t pool = e->pools.of_node[node];
			size_t *at[2] = { &first[node], &first[nodes + pool] };
			const int n = follows && e->pools.v[pool].follows_demand ? 2 : 1;

			for (int j = 0; j < n; j++) {
				if (*at[j] == SIZE_MAX)
					*at[j] = i;
				join(parent, *at[j], i);
			}
		}
	}
}

/* What is on such terms. What a deal of another change could cover is not known yet. */
static int is_metered_there(const tt_effects *e, const tt_terms *t, bool any_deals, bool *ret,
			    tt_err *err)
{
	tt_held *h = e->pools.held[0];

	*ret = any_deals && strcmp(t->pricing, "spot") != 0;
	return *ret || !h ? TT_OK : tt_held_meters_capacity(h, t, ret, err);
}

/* What is put somewhere else, or on demand, something held may cover there. */
static bool is_put_on_demand(const tt_snapshot *s, const tt_release *r)
{
	const tt_terms *t = r->terms;
	const char *pricing = tt_node_at(s, r->node)->pricing;

	if (r->leave != TT_REPRICED)
		return false;
	if (*t->pricing)
		return strcmp(t->pricing, "on_demand") == 0;
	return (!*pricing || strcmp(pricing, "on_demand") == 0) &&
	       (*t->provider || *t->region || *t->instance_type || *t->gpu_model);
}

static int is_metered(const tt_effects *e, const tt_case *c, bool any_deals, bool *ret,
		      tt_err *err)
{
	const tt_snapshot *s = e->bill->snapshot;
	const tt_held *h = e->pools.held[0];
	const tt_terms *last = NULL;

	*ret = c->n_deals > 0;
	for (size_t i = 0; i < c->n_releases && !*ret; i++) {
		const tt_release *r = &c->releases[i];

		*ret = (h && tt_held_meters(h, r->node)) ||
		       (any_deals && tt_held_way_of(s, r->node) != TT_HELD_NOT) ||
		       is_put_on_demand(s, r);
		if (*ret || r->leave != TT_MOVES || r->terms == last)
			continue;
		last = r->terms;
		TT_TRY(is_metered_there(e, last, any_deals, ret, err));
	}
	for (size_t i = 0; i < c->n_added && !*ret; i++) {
		if (!i || c->added[i].terms != c->added[i - 1].terms)
			TT_TRY(is_metered_there(e, c->added[i].terms, any_deals, ret, err));
	}
	return TT_OK;
}

/* What one change frees of a commitment another may use. */
static int join_metered(tt_effects *e, size_t *parent, tt_err *err)
{
	size_t first = SIZE_MAX;
	bool any_deals = false, metered;

	for (size_t i = 0; i < e->n; i++)
		any_deals |= e->applied[i].of.n_deals > 0;
	for (size_t i = 0; i < e->n && (any_deals || e->pools.held[0]); i++) {
		if (e->sc->changes[i].alone)
			continue;
		TT_TRY(is_metered(e, &e->applied[i].of, any_deals, &metered, err));
		if (!metered)
			continue;
		first = first == SIZE_MAX ? i : first;
		join(parent, first, i);
	}
	return TT_OK;
}

/* Two changes of a line multiply. */
static void join_rescaling(tt_effects *e, size_t *parent)
{
	size_t first = SIZE_MAX;

	for (size_t i = 0; i < e->n; i++) {
		if (e->sc->changes[i].alone || !e->applied[i].of.n_rescales)
			continue;
		first = first == SIZE_MAX ? i : first;
		join(parent, first, i);
	}
}

/* Changes that move pods or nodes to the same terms share instances there. */
static int join_moving(tt_effects *e, size_t *parent, tt_err *err)
{
	struct { const tt_terms *terms; size_t change; } *v = NULL;
	size_t n = 0, cap = 0;
	int rc = TT_OK;

	for (size_t i = 0; i < e->n && rc == TT_OK; i++) {
		const tt_case *c = &e->applied[i].of;
		const tt_terms *last = NULL;

		if (e->sc->changes[i].alone)
			continue;
		for (size_t k = 0; k < c->n_releases && rc == TT_OK; k++) {
			size_t j = 0;

			if (c->releases[k].leave != TT_MOVES || c->releases[k].terms == last)
				continue;
			last = c->releases[k].terms;
			while (j < n && tt_terms_compare(v[j].terms, last) != 0)
				j++;
			if (j == n && !TT_GROW(v, n, cap)) {
				rc = tt_no_memory(err);
				continue;
			}
			if (j == n) {
				v[n].terms = last;
				v[n++].change = i;
			}
			join(parent, v[j].change, i);
		}
	}
	tt_free(v);
	return rc;
}

struct placed {
	const tt_effects *e;
	size_t *parent;
};

static int by_composition(const void *pa, const void *pb, void *ctx)
{
	const struct placed *p = ctx;
	const size_t a = *(const size_t *)pa, b = *(const size_t *)pb;
	const tt_applied *x = &p->e->applied[a], *y = &p->e->applied[b];
	const size_t of_x = root_of(p->parent, a), of_y = root_of(p->parent, b);

	if (of_x != of_y)
		return of_x < of_y ? -1 : 1;
	int by = p->e->sc->in_order ? 0 :
		precedence(x->change->verb) - precedence(y->change->verb);
	if (!by && !p->e->sc->in_order)
		by = strcmp(x->text, y->text);
	return by ? by : (a > b) - (a < b);
}

static int add_component(tt_effects *e, size_t *changes, size_t n, tt_err *err)
{
	struct component *c = &e->components[e->n_components++];

	if (n > (size_t)64 * TT_SET_WORDS)
		return tt_fail(err, TT_EDATA,
			       "%zu changes touch the same nodes or pools, at most %d can be "
			       "priced together", n, 64 * TT_SET_WORDS);
	c->c = (tt_component){ .changes = changes, .n = n };
	for (size_t i = 0; i < n; i++) {
		e->applied[changes[i]].component = e->n_components - 1;
		e->applied[changes[i]].place = i;
	}
	if (!TT_GROW(c->v, c->n, c->cap))
		return tt_no_memory(err);
	c->v[c->n++] = (struct worked_out){ 0 };
	return TT_OK;
}

static int make_components(tt_effects *e, bool follows, tt_err *err)
{
	const size_t slots = e->bill->snapshot->table[TT_NODES].n + e->pools.n;
	TT_CLEANUP(tt_freep) size_t *first = tt_alloc((slots + 1) * sizeof *first);
	TT_CLEANUP(tt_freep) size_t *parent = tt_alloc((e->n + 1) * sizeof *parent);
	size_t *sorted = tt_arena_alloc(e->arena, (e->n + 1) * sizeof *sorted);
	struct placed p = { e, parent };

	e->components = tt_arena_alloc(e->arena, (e->n + 1) * sizeof *e->components);
	if (!first || !parent || !sorted || !e->components)
		return tt_no_memory(err);
	memset(first, 0xff, slots * sizeof *first); /* SIZE_MAX */
	for (size_t i = 0; i < e->n; i++)
		parent[i] = sorted[i] = i;
	join_touching(e, follows, first, parent);
	if (follows)
		join_adding(e, first, parent);
	TT_TRY(join_metered(e, parent, err));
	join_rescaling(e, parent);
	TT_TRY(join_moving(e, parent, err));
	if (e->n)
		qsort_r(sorted, e->n, sizeof *sorted, by_composition, &p);
	for (size_t i = 0, n; i < e->n; i += n) {
		n = 1;
		while (i + n < e->n && root_of(parent, sorted[i + n]) == root_of(parent, sorted[i]))
			n++;
		TT_TRY(add_component(e, sorted + i, n, err));
	}
	return TT_OK;
}

/* --- All of it ------------------------------------------------------------------------ */

static int find_epochs(tt_effects *e, tt_epochs *ret, tt_err *err)
{
	const tt_case **cases = tt_arena_alloc(e->arena, (e->n + 1) * sizeof *cases);

	if (!cases)
		return tt_no_memory(err);
	for (size_t i = 0; i < e->n; i++)
		cases[i] = &e->applied[i].of;
	return tt_epochs_find(e->bill->snapshot, e->sc->from_s, e->sc->until_s,
			      !e->sc->scenario->horizon.not_renewed, cases, e->n, e->arena, ret,
			      err);
}

static int make(tt_effects *e, bool follows, tt_err *err)
{
	tt_epochs epochs;

	tt_case_init(&e->baseline, e->bill->snapshot, &e->settings);
	e->residents = tt_residents_of(e->bill->snapshot);
	e->applied = tt_arena_alloc(e->arena, (e->sc->n_changes + 1) * sizeof *e->applied);
	if (!e->applied)
		return tt_no_memory(err);
	e->n = e->sc->n_changes;
	for (size_t i = 0; i < e->n; i++)
		tt_case_init(&e->applied[i].of, e->bill->snapshot, &e->settings);
	TT_TRY(apply_all(e, err));
	TT_TRY(find_epochs(e, &epochs, err));
	TT_TRY(tt_capacity_baseline(e->bill, &e->baseline, &e->residents, &epochs, follows,
				    &e->pools, &e->capacity, err));
	return make_components(e, follows, err);
}

int tt_effects_make(const tt_bound_scenario *sc, const tt_bill *b, const tt_settings *st,
		    bool follows, tt_effects **ret, tt_err *err)
{
	TT_CLEANUP(tt_effects_freep) tt_effects *e = tt_zalloc(1, sizeof *e);

	if (!e)
		return tt_no_memory(err);
	e->sc = sc;
	e->bill = b;
	e->settings = *st;
	if (!(e->arena = tt_arena_new()))
		return tt_no_memory(err);
	TT_TRY(tt_profiles_lend(sc->scenario, e->arena, &e->settings, err));
	TT_TRY(make(e, follows, err));
	*ret = e;
	e = NULL;
	return TT_OK;
}

void tt_effects_free(tt_effects *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n_components; i++) {
		for (size_t k = 0; k < e->components[i].n; k++)
			tt_capacity_free(&e->components[i].v[k].delta);
		tt_free(e->components[i].v);
	}
	for (size_t i = 0; i < e->n; i++)
		tt_case_reset(&e->applied[i].of);
	tt_capacity_free(&e->capacity);
	tt_pools_free(&e->pools);
	tt_arena_free(e->arena);
	tt_free(e);
}

void tt_effects_freep(tt_effects **e)
{
	tt_effects_free(*e);
	*e = NULL;
}

tt_pools *tt_effects_pools(tt_effects *e)
{
	return &e->pools;
}

const tt_capacity *tt_effects_baseline(const tt_effects *e)
{
	return &e->capacity;
}

const tt_applied *tt_effects_applied(const tt_effects *e, size_t change)
{
	return &e->applied[change];
}

size_t tt_effects_components(const tt_effects *e)
{
	return e->n_components;
}

const tt_component *tt_effects_component(const tt_effects *e, size_t i)
{
	return &e->components[i].c;
}

static int work_out(tt_effects *e, const struct component *c, const tt_set *set, tt_capacity *ret,
		    tt_err *err)
{
	tt_case all;
	int rc = TT_OK;

	tt_case_init(&all, e->bill->snapshot, &e->settings);
	for (size_t i = 0; i < c->c.n && rc == TT_OK; i++) {
		if (tt_set_has(set, i))
			rc = tt_case_join(&all, &e->applied[c->c.changes[i]].of, err);
	}
	if (rc == TT_OK)
		rc = tt_capacity_delta(e->bill, &e->baseline, &all, &e->residents, &e->pools, ret,
				       err);
	tt_case_reset(&all);
	return rc;
}

int tt_effects_of(tt_effects *e, size_t component, const tt_set *set, size_t *ret, tt_err *err)
{
	struct component *c = &e->components[component];
	tt_capacity delta = { 0 };

	for (size_t i = 0; i < c->n; i++) {
		if (memcmp(&c->v[i].set, set, sizeof *set) == 0) {
			*ret = i;
			return TT_OK;
		}
	}
	int rc = work_out(e, c, set, &delta, err);
	if (rc == TT_OK && !TT_GROW(c->v, c->n, c->cap))
		rc = tt_no_memory(err);
	if (rc < 0) {
		tt_capacity_free(&delta);
		return rc;
	}
	c->v[c->n] = (struct worked_out){ *set, delta };
	*ret = c->n++;
	return TT_OK;
}

const tt_capacity *tt_effects_delta(const tt_effects *e, size_t component, size_t number)
{
	return &e->components[component].v[number].delta;
}
