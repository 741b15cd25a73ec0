#include "change/repack.h"
#include "base/memory.h"
#include "bill/bill.h"
#include "bill/price.h"
#include "change/pool.h"
#include "change/stops.h"
#include <string.h>

static int go_through(const tt_repack_pool *p, const tt_spans *when,
		      const tt_repack_rules *rules, int64_t boot_s, tt_members *m,
		      tt_repack_result *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_spans *gone = tt_zalloc(m->n + 1, sizeof *gone);
	int rc = TT_OK;

	if (!gone)
		return tt_no_memory(err);
	for (size_t i = 0; i < when->n && rc == TT_OK; i++)
		rc = tt_repack_course(p, rules, when->v[i], gone, ret, err);
	for (size_t i = 0; i < m->n; i++) {
		tt_spans_tidy(&gone[i]);
		if (rc == TT_OK)
			rc = tt_stops_free(&gone[i], m->v[i].life.to_s, boot_s, &m->v[i].gone,
					   err);
		tt_spans_free(&gone[i]);
	}
	return rc;
}

int tt_repack_members(const tt_case *released, const tt_spans *when,
                      const tt_repack_rules *rules, int64_t boot_s, tt_members *m,
                      tt_repack_result *ret, tt_err *err)
{
	TT_CLEANUP(tt_repack_pool_free) tt_repack_pool p = { .n_nodes = 0 };

	TT_TRY(tt_repack_pool_make(released, m, &p, err));
	if (!p.n_known)
		return TT_ENODATA;
	return go_through(&p, when, rules, boot_s, m, ret, err);
}

static int find_members(const tt_snapshot *s, const char *group, tt_members *ret, tt_err *err)
{
	const tt_change none = { .verb = TT_RELEASE };
	const tt_change_subject subject = { TT_SUBJECT_NODE_GROUP, group };
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };

	TT_TRY(tt_targets_find(&none, &subject, s, &t, err));
	return tt_members_make(&t, s, ret, err);
}

/* Pack one pool by its row of node_groups.csv. */
static int pack_group(const tt_case *released, const tt_spans *when, const char *group,
		      tt_members *m, tt_repack_result *ret, tt_err *err)
{
	const tt_pool_delays d = tt_pool_delays_of(released->snapshot, group);
	const tt_repack_rules rules = { .min_nodes = d.min_nodes, .drain_s = d.drain_s,
					.target_u6 = INT64_MAX, .anew = true };
	int rc;

	TT_TRY(find_members(released->snapshot, group, m, err));
	rc = tt_repack_members(released, when, &rules, d.boot_s, m, ret, err);
	if (rc == TT_ENODATA)
		return tt_pool_unknown(tt_verb_text(TT_RELEASE), group, err);
	return rc;
}

static int pack_released(const tt_case *released, const tt_spans *when, const char *group,
			 tt_case *cs, tt_err *err)
{
	tt_repack_result r = { .moves = 0 };
	tt_members m = { 0 };
	int rc = pack_group(released, when, group, &m, &r, err);

	if (rc == TT_OK && r.homeless.name)
		rc = tt_fail(err, TT_EINVAL,
			     "release: %s%s%s of node \"%s\" has no room in what is left of "
			     "node_group \"%s\"", *r.homeless.name ? "pod \"" : "what runs",
			     r.homeless.name, *r.homeless.name ? "\"" : "",
			     m.v[r.homeless.home].name, group);
	if (rc == TT_OK)
		rc = tt_members_release(&m, cs, err);
	tt_members_free(&m);
	return rc;
}

static void free_names(tt_names **names)
{
	tt_names_free(*names);
}

int tt_repack_released(const tt_case *released, const tt_spans *when, tt_case *cs, tt_err *err)
{
	TT_CLEANUP(free_names) tt_names *groups = tt_names_new();

	if (!groups)
		return tt_no_memory(err);
	for (size_t i = 0; i < released->n_releases; i++) {
		const tt_node_row *row = tt_node_at(released->snapshot, released->releases[i].node);

		if (!*row->node_group)
			return tt_fail(err, TT_EINVAL,
				       "release with repack: node \"%s\" is in no node_group",
				       row->node);
		if (tt_names_add(groups, row->node_group, strlen(row->node_group)) < 0)
			return tt_no_memory(err);
	}
	for (size_t i = 0; i < tt_names_count(groups); i++)
		TT_TRY(pack_released(released, when, tt_names_at(groups, i), cs, err));
	return TT_OK;
}

/* --- What packing alone saves -------------------------------------------------------- */

static int find_worth(const tt_case *base, tt_case *packed, tt_members *m,
		      const tt_repack_result *r, tt_repack_worth *ret, tt_err *err)
{
	tt_repack_worth w = { .moves = r->moves, .proven = !r->unproven };
	int64_t before_micro, after_micro;
	bool unknown = false;

	TT_TRY(tt_members_release(m, packed, err));
	for (size_t i = 0; i < m->n; i++) {
		tt_node_price price;

		if (!m->v[i].gone.n)
			continue;
		tt_price_of_node(base->snapshot, m->v[i].what.node, &price);
		unknown |= price.price_per_hour == TT_DECIMAL_MISSING;
		w.nodes++;
		w.freed_s += tt_spans_length_s(&m->v[i].gone);
	}
	TT_TRY(tt_bill_total(base, &before_micro, err));
	TT_TRY(tt_bill_total(packed, &after_micro, err));
	w.saving_micro = unknown ? TT_MONEY_UNKNOWN : before_micro - after_micro;
	w.gap_micro = (int64_t)((r->gap + 3599) / 3600);
	*ret = w;
	return TT_OK;
}

int tt_repack_saving(const tt_snapshot *s, const tt_settings *st, const char *node_group,
                     tt_repack_worth *ret, tt_err *err)
{
	tt_span window = { s->start_s, s->end_s };
	tt_repack_result r = { .moves = 0 };
	tt_members m = { 0 };
	tt_case base, packed;
	int rc;

	tt_case_init(&base, s, st);
	tt_case_init(&packed, s, st);
	rc = pack_group(&base, &(tt_spans){ .v = &window, .n = 1 }, node_group, &m, &r, err);
	if (rc == TT_OK)
		rc = find_worth(&base, &packed, &m, &r, ret, err);
	tt_members_free(&m);
	tt_case_reset(&packed);
	return rc;
}
