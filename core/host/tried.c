/* tried.c - what a change would make of the fleet alone, for detectors: it is applied and
 * billed by the code that prices it, so that a detector proposes what it says that it does.
 * See tt_tried in plugin.h. */
#include "bill/moved.h"
#include "change/apply.h"
#include "change/share.h"
#include "host/detector_services.h"
#include <math.h>
#include <string.h>

/* Nodes that are there for less time, and what they cost now. */
static int add_nodes(const tt_call *c, const tt_case *cs, tt_tried *to, tt_err *err)
{
	const tt_bill *b = c->subjects->bill;

	for (size_t i = 0, n; i < cs->n_releases; i += n) {
		TT_CLEANUP(tt_spans_free) tt_spans paid = { 0 };
		const uint32_t node = cs->releases[i].node;
		int64_t paid_s;

		for (n = 1; i + n < cs->n_releases && cs->releases[i + n].node == node; n++)
			;
		TT_TRY(tt_case_paid(cs, &c->subjects->residents, node, &paid, err));
		paid_s = tt_spans_length_s(&paid);
		if (paid_s >= b->nodes[node].paid_s)
			continue;
		to->nodes++;
		to->freed_node_s += (double)(b->nodes[node].paid_s - paid_s);
		if (b->nodes[node].cost_micro == TT_MONEY_UNKNOWN)
			to->why_not = "what it frees has no price";
		else
			to->before_micro += b->nodes[node].cost_micro;
	}
	return TT_OK;
}

/* Capacity that it moves to, and how much longer work is paid there. */
static int add_moved(const tt_call *c, const tt_case *cs, tt_tried *to, tt_err *err)
{
	TT_CLEANUP(tt_moved_free) tt_moved_list moved = { 0 };

	TT_TRY(tt_moved_make(cs, &c->subjects->residents, NULL, 0, &moved, err));
	for (size_t i = 0; i < moved.n; i++) {
		const tt_moved *m = &moved.v[i];

		to->taken_node_s += (double)m->length_s;
		to->most_new_nodes += (double)m->most;
		to->paid_ratio = fmax(to->paid_ratio, (double)m->terms->paid_u9 / 1e9);
		to->pods_ratio = fmax(to->pods_ratio, (double)m->terms->pods_u9 / 1e9);
		if (i == 0) {
			to->instance_type = m->terms->instance_type;
			to->gpu_model = m->terms->gpu_model;
		}
	}
	return TT_OK;
}

static int bill_it(const tt_call *c, const tt_case *cs, tt_tried *to, tt_err *err)
{
	const int64_t now = c->subjects->bill->total_micro;
	int64_t total;

	TT_TRY(add_nodes(c, cs, to, err));
	TT_TRY(add_moved(c, cs, to, err));
	TT_TRY(tt_bill_total(cs, &total, err));
	if (total == TT_MONEY_UNKNOWN) {
		to->why_not = "what it moves to has no price";
		return TT_OK;
	}
	if (!to->nodes)
		to->before_micro = now;
	to->after_micro = to->before_micro + (total - now);
	return TT_OK;
}

static int apply(const tt_change *change, tt_case *cs, tt_tried *to, tt_err *err)
{
	tt_share_seen seen;

	if (change->verb != TT_SHARE)
		return tt_change_apply(change, cs, err);
	TT_TRY(tt_share_find(change, cs, &seen, err));
	to->n_sharing = seen.sharing;
	to->slowdown_ratio = seen.worst.slowdown_ratio;
	to->p99_cards = seen.worst.p99_ratio;
	to->least_part_ratio = seen.worst.least_part_ratio;
	return TT_OK;
}

/* That it can't be made is an answer; strings of the case die with it. */
static int try_it(tt_call *c, const char *text, tt_tried *to, tt_err *err)
{
	tt_change *change = tt_call_alloc(c, sizeof *change);
	tt_case cs;
	int rc;

	if (!change)
		return tt_no_memory(err);
	if (tt_change_parse(text, c->arena, change, err) < 0)
		return tt_call_break(c, TT_EINVAL, "called tried() with no change: %s", err->text);
	for (size_t i = 0; i < change->n_subjects; i++)
		if (!tt_subjects_has(c->subjects, change->subjects[i].kind,
		                     change->subjects[i].id))
			return tt_call_break(c, TT_EINVAL, "called tried() with \"%.*s\", which "
			                     "the fleet does not have",
			                     TT_SHOWN(change->subjects[i].id));
	tt_case_init(&cs, c->subjects->snapshot, c->subjects->settings);
	rc = apply(change, &cs, to, err);
	if (rc == TT_OK)
		rc = bill_it(c, &cs, to, err);
	tt_case_reset(&cs);
	if (rc == TT_EINVAL || rc == TT_ENODATA) {
		to->why_not = tt_host_table.text(c, "%s", err->text);
		return TT_OK;
	}
	return rc;
}

int tt_lend_tried(tt_call *c, const char *change, const tt_tried **ret)
{
	tt_tried *to;
	tt_err err = { 0 };
	int rc;

	*ret = NULL;
	TT_TRY(tt_call_of_detector(c, "tried"));
	to = tt_call_alloc(c, sizeof *to);
	if (!to)
		return TT_ENOMEM;
	*to = (tt_tried){ .size = sizeof *to, .why_not = "", .instance_type = "", .gpu_model = "",
		          .paid_ratio = (double)NAN, .pods_ratio = (double)NAN,
		          .slowdown_ratio = (double)NAN, .p99_cards = (double)NAN,
		          .least_part_ratio = (double)NAN };
	rc = try_it(c, change, to, &err);
	if (rc < 0 && c->broken.status != TT_OK)
		return rc;
	if (rc < 0)
		return tt_call_refused(c, "tried", rc, &err);
	*ret = to;
	return TT_OK;
}
