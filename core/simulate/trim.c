#include "simulate/trim.h"
#include "base/memory.h"
#include "change/apply.h"
#include "simulate/runs.h"
#include <string.h>

/* Why the change can't be priced, in `why`; no status where it can. */
static void try_change(const tt_bound_scenario *b, const tt_settings *st, const tt_change *c,
		       tt_err *why)
{
	tt_change always = *c; /* whatever its dates: they are in the horizon */
	tt_case cs;

	always.from_s = always.until_s = TT_TIME_MISSING;
	tt_case_init(&cs, b->snapshot, st);
	tt_change_apply(&always, &cs, why);
	tt_case_reset(&cs);
}

static int leave_out(tt_bound_scenario *b, const tt_scenario_change *from, const tt_err *why,
		     size_t n, tt_err *err)
{
	tt_left_out *out = &b->left_out[b->n_left_out++];
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };

	tt_buf_printf(&text, "%s:%d:%d: %s", from->at.file, from->at.line, from->at.column,
		      why->text);
	if (n > 1)
		tt_buf_printf(&text, " (and %zu more of what it matches)", n - 1);
	out->from = from;
	out->why = text.failed ? NULL :
		   tt_arena_text(b->arena, tt_buf_text(&text), text.n);
	return out->why ? TT_OK : tt_no_memory(err);
}

/* Changes [first, first + n) of one item; those that stay are moved to b->changes[*kept]. */
static int trim_item(tt_bound_scenario *b, const tt_settings *st, size_t first, size_t n,
		     size_t *kept, tt_err *err)
{
	const tt_scenario_change *from = b->changes[first].from;
	tt_err reason = { 0 };
	size_t out = 0;

	for (size_t i = first; i < first + n; i++) {
		tt_err why = { 0 };

		if (from->optional)
			try_change(b, st, &b->changes[i].change, &why);
		if (why.status == TT_ENOMEM)
			return tt_no_memory(err);
		if (why.status && !out++)
			reason = why;
		if (!why.status)
			b->changes[(*kept)++] = b->changes[i];
	}
	return out ? leave_out(b, from, &reason, out, err) : TT_OK;
}

int tt_scenario_trim(tt_bound_scenario *b, const tt_settings *st, tt_err *err)
{
	const size_t items = b->scenario->n_changes + b->n_left_out;
	tt_left_out *was = b->left_out;
	tt_settings own = *st;
	size_t kept = 0;

	TT_TRY(tt_profiles_lend(b->scenario, b->arena, &own, err));
	b->left_out = tt_arena_alloc(b->arena, (items + 1) * sizeof *b->left_out);
	if (!b->left_out)
		return tt_no_memory(err);
	if (b->n_left_out)
		memcpy(b->left_out, was, b->n_left_out * sizeof *was);
	for (size_t i = 0, n; i < b->n_changes; i += n) {
		n = 1;
		while (i + n < b->n_changes && b->changes[i + n].from == b->changes[i].from)
			n++;
		TT_TRY(trim_item(b, &own, i, n, &kept, err));
	}
	b->n_changes = kept;
	if (b->n_left_out && !kept)
		return tt_fail(err, TT_ENODATA, "nothing is left of the scenario: %s",
			       b->left_out[0].why);
	return TT_OK;
}
