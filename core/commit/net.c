#include "commit/net.h"
#include "base/text.h"
#include "change/apply.h"
#include "commit/net_case.h"
#include <math.h>
#include <string.h>

enum { HOUR_S = 3600, RECENT_H = 4 * 168 };

typedef struct netter {
	const tt_snapshot *s;
	const tt_settings *st;
	tt_eligible *e;
	tt_case *cases;             /* [items] each alone */
	tt_case all;                /* those so far */
	tt_net_delta was, is;
} netter;

/* --- One item ------------------------------------------------------------------------------ */

static int apply_as(netter *m, const tt_net_item *item, tt_case *to, bool dated, tt_err *err)
{
	for (size_t i = 0; i < item->n_changes; i++) {
		tt_change *c = tt_arena_alloc(m->e->arena, sizeof *c);

		if (!c)
			return tt_no_memory(err);
		*c = *item->changes[i];
		c->known_as = tt_change_hash(item->changes[i]);
		if (!dated)
			c->from_s = c->until_s = TT_TIME_MISSING;
		TT_TRY(tt_change_apply(c, to, err));
	}
	return TT_OK;
}

/* What can be done since a date in the window may have been impossible before. */
static int apply(netter *m, const tt_net_item *item, tt_case *to, tt_err *err)
{
	tt_err why = { 0 };

	tt_case_init(to, m->s, m->st);
	const int rc = apply_as(m, item, to, false, &why);

	if (rc == TT_OK)
		return TT_OK;
	if (rc != TT_ENOMEM && item->changes[0]->from_s != TT_TIME_MISSING &&
	    item->changes[0]->from_s < m->s->end_s) {
		tt_case_reset(to);
		return apply_as(m, item, to, true, err);
	}
	return tt_fail(err, rc, "%s", why.text);
}

static int find_delta(netter *m, const tt_net_item *item, size_t k, tt_err *err)
{
	if (m->e->of_nodes) {
		TT_TRY(apply(m, item, &m->cases[k], err));
		TT_TRY(tt_case_join(&m->all, &m->cases[k], err));
		return tt_net_of_case(&m->all, m->e, &m->is, err);
	}
	TT_TRY(tt_net_delta_copy(&m->was, m->e->hours, &m->is, err));
	for (size_t i = 0; i < item->n_changes; i++)
		TT_TRY(tt_net_of_pools(item->changes[i], m->e, &m->is, err));
	return TT_OK;
}

/* --- When ---------------------------------------------------------------------------------- */

typedef struct stay {
	int64_t from_s, until_s;
} stay;

/* In force while all of its changes are. */
static stay stay_of(const tt_net_item *item)
{
	stay s = { INT64_MIN, INT64_MAX };

	for (size_t i = 0; i < item->n_changes; i++) {
		const tt_change *c = item->changes[i];

		if (c->from_s != TT_TIME_MISSING && c->from_s > s.from_s)
			s.from_s = c->from_s;
		if (c->until_s != TT_TIME_MISSING && c->until_s < s.until_s)
			s.until_s = c->until_s;
	}
	return s;
}

static double recent_mean(const tt_eligible *e, const double *v)
{
	const size_t from = e->hours > RECENT_H ? e->hours - RECENT_H : 0;
	double sum = 0;
	size_t n = 0;

	for (size_t h = from; h < e->hours; h++) {
		sum += e->gap[h] ? 0 : v[h];
		n += e->gap[h] ? 0 : 1;
	}
	return n ? sum / (double)n : 0;
}

static int keep_later(tt_eligible *e, tt_eligible_pool *p, const stay *s, double parts,
                      tt_err *err)
{
	tt_later *v = tt_arena_alloc(e->arena, (p->n_later + 1) * sizeof *v);

	if (!v)
		return tt_no_memory(err);
	if (p->n_later)
		memcpy(v, p->later, p->n_later * sizeof *v);
	v[p->n_later] = (tt_later){ s->from_s, s->until_s, parts };
	p->later = v;
	p->n_later++;
	return TT_OK;
}

/* --- What is left -------------------------------------------------------------------------- */

/* What the item does beside those before it, times how likely, now or later. */
static int spend(netter *m, tt_net_item *item, tt_err *err)
{
	const double weight = (double)item->weight_millionths / TT_NET_ALL;
	tt_eligible *e = m->e;
	const int64_t end_s = e->start_s + (int64_t)e->hours * HOUR_S;
	stay s = stay_of(item);
	TT_CLEANUP(tt_freep) double *v = tt_zalloc(e->hours, sizeof *v);

	if (!v)
		return tt_no_memory(err);
	s.from_s = (s.from_s > end_s ? s.from_s : end_s) + item->delay_s;
	for (size_t i = 0; i < m->is.n && s.until_s > end_s; i++) {
		double sum = 0;

		if (!m->is.v[i])
			continue;
		for (size_t h = 0; h < e->hours; h++) {
			v[h] = weight * (m->is.v[i][h] -
			                 (i < m->was.n && m->was.v[i] ? m->was.v[i][h] : 0));
			sum += v[h] / (double)e->hours / (double)TT_ELIGIBLE_ONE;
		}
		item->goes_units -= fmin(sum, 0);
		item->comes_units += fmax(sum, 0);
		e->v[i].changed = e->v[i].changed || sum < 0 || sum > 0;
		if (s.from_s > end_s || s.until_s < INT64_MAX) {
			TT_TRY(keep_later(e, &e->v[i], &s, recent_mean(e, v), err));
			continue;
		}
		for (size_t h = 0; h < e->hours; h++)
			e->v[i].net[h] += v[h];
	}
	return TT_OK;
}

static int make_room(tt_eligible *e, tt_err *err)
{
	for (size_t i = 0; i < e->n; i++)
		if (!e->v[i].net) {
			e->v[i].net = tt_arena_alloc(e->arena, e->hours * sizeof *e->v[i].net);
			if (!e->v[i].net)
				return tt_no_memory(err);
		}
	return TT_OK;
}

/* Nobody uses less than nothing: where items take more than there is, all of it goes. */
static void settle(tt_eligible *e)
{
	for (size_t i = 0; i < e->n; i++) {
		tt_eligible_pool *p = &e->v[i];

		for (size_t h = 0; h < e->hours; h++) {
			const int64_t used = p->used[h] + llround(p->net[h]);

			p->gross_units += (double)p->used[h] / (double)TT_ELIGIBLE_ONE /
				(double)e->hours;
			p->used[h] = used > 0 ? used : 0;
			p->net_units += (double)p->used[h] / (double)TT_ELIGIBLE_ONE /
				(double)e->hours;
		}
	}
}

static int run(netter *m, tt_net *net, tt_err *err)
{
	tt_case_init(&m->all, m->s, m->st);
	for (size_t k = 0; k < net->n; k++) {
		tt_net_item *item = &net->v[k];
		const int rc = find_delta(m, item, k, err);

		if (rc < 0) {
			tt_context(err, "%.*s", TT_SHOWN(item->name));
			return rc;
		}
		TT_TRY(make_room(m->e, err));
		TT_TRY(spend(m, item, err));
		tt_net_delta_free(&m->was);
		m->was = m->is;
		m->is = (tt_net_delta){ 0 };
	}
	TT_TRY(make_room(m->e, err));
	settle(m->e);
	tt_eligible_sort(m->e);
	m->e->is_net = true;
	return TT_OK;
}

int tt_net_apply(const tt_snapshot *s, const tt_settings *st, tt_net *net, tt_eligible *e,
                 tt_err *err)
{
	netter m = { .s = s, .st = st, .e = e, .cases = tt_zalloc(net->n + 1, sizeof(tt_case)) };
	int rc = TT_OK;

	if (!m.cases)
		return tt_no_memory(err);
	for (size_t k = 0; k < net->n; k++)
		tt_case_init(&m.cases[k], s, st);
	rc = run(&m, net, err);
	for (size_t k = 0; k < net->n; k++)
		tt_case_reset(&m.cases[k]);
	tt_case_reset(&m.all);
	tt_net_delta_free(&m.was);
	tt_net_delta_free(&m.is);
	tt_free(m.cases);
	return rc;
}

bool tt_net_shares(const tt_eligible *e, const tt_eligible_pool *p, int64_t start_s,
                   size_t quarters, int64_t quarter_s, double *ret)
{
	double base = 0;
	size_t n = 0;

	for (size_t h = e->hours > RECENT_H ? e->hours - RECENT_H : 0; h < e->hours; h++) {
		base += e->gap[h] ? 0 : (double)p->used[h];
		n += e->gap[h] ? 0 : 1;
	}
	for (size_t q = 0; q < quarters; q++)
		ret[q] = 1;
	if (!p->n_later || !(base > 0))
		return false;
	base /= (double)n;
	for (size_t q = 0; q < quarters; q++) {
		const int64_t from_s = start_s + (int64_t)q * quarter_s, to_s = from_s + quarter_s;

		for (size_t k = 0; k < p->n_later; k++) {
			const tt_later *l = &p->later[k];
			const int64_t a = l->from_s > from_s ? l->from_s : from_s;
			const int64_t b = l->until_s < to_s ? l->until_s : to_s;

			ret[q] += a < b ? l->parts / base * (double)(b - a) / (double)quarter_s : 0;
		}
		ret[q] = fmax(ret[q], 0);
	}
	return true;
}
