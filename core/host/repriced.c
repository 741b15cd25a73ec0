/* repriced.c - what a reprice comes to, for detectors: by the same steps as it is priced by
 * (change/reprice.h), so that what a detector says of spot or of another region and what the
 * bill says of it are about the same nodes, hours and interruptions. See plugin.h. */
#include "bill/price.h"
#include "change/apply.h"
#include "host/detector_services.h"
#include <math.h>
#include <string.h>

struct looking {
	tt_call *c;
	tt_case changed;
	tt_repriced *to;
	double now, there;       /* price x hours */
	double worked_h, paid_h;
};

static void tell_terms(const tt_terms *t, tt_repriced *to)
{
	to->interruptions_per_h = fmax(to->interruptions_per_h, t->interruptions_per_h);
	to->gang = fmax(to->gang, t->gang);
	to->checkpoint_s = fmax(to->checkpoint_s, t->checkpoint_s);
	to->recovery_s = fmax(to->recovery_s, t->recovery_s);
	to->wait_s = fmax(to->wait_s, t->wait_s);
	if (isfinite(t->checkpoint_interval_s))
		to->checkpoint_interval_s = fmax(to->checkpoint_interval_s,
		                                 t->checkpoint_interval_s);
}

static int add_node(struct looking *l, size_t node, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments s = { 0 };
	tt_node_price price;

	tt_price_of_node(l->c->subjects->snapshot, node, &price);
	TT_TRY(tt_node_segments(&l->changed, &l->c->subjects->residents, node,
	                        price.price_per_hour, &s, err));
	for (size_t i = 0; i < s.n; i++) {
		const tt_segment *g = &s.v[i];
		const double h = (double)(g->to_s - g->from_s) / 3600 * (double)g->nodes;

		if (!g->terms)
			continue;
		if (g->price_per_hour == TT_DECIMAL_MISSING ||
		    price.price_per_hour == TT_DECIMAL_MISSING)
			return tt_fail(err, TT_ENODATA, "what node \"%s\" costs is not known",
			               tt_node_at(l->c->subjects->snapshot, node)->node);
		l->worked_h += h;
		l->paid_h += h * (double)g->paid_u9 / (double)TT_U9_ONE;
		l->now += h * tt_decimal_f64(price.price_per_hour);
		l->there += h * (double)g->paid_u9 / (double)TT_U9_ONE *
			tt_decimal_f64(g->price_per_hour);
		tell_terms(g->terms, l->to);
	}
	return TT_OK;
}

static int look(struct looking *l, const char *text, tt_err *err)
{
	const tt_subjects *of = l->c->subjects;
	tt_change *change = tt_call_alloc(l->c, sizeof *change);
	const int64_t was = of->bill->total_micro;
	int64_t is;

	if (!change)
		return tt_no_memory(err);
	TT_TRY(tt_change_parse(text, l->c->arena, change, err));
	if (change->verb != TT_REPRICE || tt_change_unpriced(change))
		return tt_fail(err, TT_EINVAL, "expected a reprice that is priced");
	TT_TRY(tt_change_apply(change, &l->changed, err));
	for (size_t i = 0, n; i < l->changed.n_releases; i += n) {
		const size_t node = l->changed.releases[i].node;

		tt_case_releases(&l->changed, node, &n);
		TT_TRY(add_node(l, node, err));
	}
	TT_TRY(tt_bill_total(&l->changed, &is, err));
	if (is == TT_MONEY_UNKNOWN)
		return tt_fail(err, TT_ENODATA, "what it costs there is not known");
	l->to->less_micro = was - is;
	return TT_OK;
}

static int64_t micro(double v)
{
	return fabs(v) < 9e12 ? llround(v * 1e6) : TT_MONEY_UNKNOWN;
}

int tt_lend_repriced(tt_call *c, const char *change, const tt_repriced **ret)
{
	struct looking l = { .c = c };
	tt_err err = { 0 };
	int rc;

	*ret = NULL;
	TT_TRY(tt_call_of_detector(c, "repriced"));
	l.to = tt_call_alloc(c, sizeof *l.to);
	if (!l.to)
		return TT_ENOMEM;
	*l.to = (tt_repriced){ .size = sizeof *l.to, .checkpoint_interval_s = (double)NAN,
		               .checkpoint_s = (double)NAN, .recovery_s = (double)NAN,
		               .wait_s = (double)NAN };
	tt_case_init(&l.changed, c->subjects->snapshot, c->subjects->settings);
	rc = look(&l, change, &err);
	tt_case_reset(&l.changed);
	if (rc == TT_ENODATA)
		return tt_host_table.fail(c, rc, "%s", err.text);
	if (rc < 0) {
		c->unreadable |= rc == TT_EIO;
		return tt_call_break(c, rc, "called repriced(): %s", err.text);
	}
	l.to->node_h = l.worked_h;
	l.to->now_micro = micro(l.now);
	l.to->there_micro = micro(l.there);
	l.to->now_per_node_h = l.now / l.worked_h; /* NaN: no hour of it */
	l.to->there_per_node_h = l.there / l.paid_h;
	l.to->paid_ratio = l.paid_h / l.worked_h;
	*ret = l.to;
	return TT_OK;
}
