#include "report/judged.h"
#include "report/json_fields.h"
#include "report/layout.h"

/* --- Sentences ----------------------------------------------------------------------------- */

int tt_judged_notes(tt_audit *a, tt_err *err)
{
	const tt_rules_said *s = a->rules;

	for (size_t i = 0; s && i < s->n_owning; i++) {
		const tt_owning *o = &s->owning[i];
		char n[TT_CELL_TEXT];

		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "rule %s (%s:%d) says whose %s pod%s "
		                    "%s", o->rule.id, o->rule.file, o->rule.line,
		                    tt_cell_count((int64_t)o->pods, n), o->pods == 1 ? "" : "s",
		                    o->pods == 1 ? "is" : "are"));
	}
	for (size_t i = 0; s && i < s->n_lapsed; i++) {
		const tt_lapsed *l = &s->lapsed[i];

		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "exemption %s (%s:%d) of %s ended "
		                    "on %s, before the window does: %zu finding%s that it was for "
		                    "%s not exempt by it", l->rule.id, l->rule.file, l->rule.line,
		                    l->author, l->until, l->findings,
		                    l->findings == 1 ? "" : "s", l->findings == 1 ? "is" : "are"));
	}
	for (size_t i = 0; s && i < s->n_failed; i++)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "rule %s failed and nothing that it "
		                    "said is here: %s", s->failed[i].rule.id, s->failed[i].why));
	return TT_OK;
}

int tt_judged_exempt(tt_audit *a, tt_err *err)
{
	const tt_rules_said *s = a->rules;

	for (size_t i = 0; s && i < s->n_exempted; i++) {
		const tt_exempted *e = &s->exempted[i];

		TT_TRY(tt_texts_add(&a->exempt, a->arena, err, "%s: %s. Exempt by %s (%s:%d) of "
		                    "%s%s%s: %s", e->found.id, e->found.title, e->rule.id,
		                    e->rule.file, e->rule.line, e->author,
		                    *e->until ? " until " : "", e->until, e->reason));
	}
	return TT_OK;
}

int tt_judged_policy(tt_audit *a, tt_err *err)
{
	static const char *const what[] = { "allowed", "warning", "needs approval", "denied" };
	const tt_rules_said *s = a->rules;

	for (size_t i = 0; s && i < s->n_guarded; i++) {
		const tt_guarded *g = &s->guarded[i];
		char n[TT_CELL_TEXT];

		TT_TRY(tt_texts_add(&a->policy, a->arena, err, "%s: %s %s%s, %s%s, by %s (%s:%d)%s"
		                    "%s", what[g->verdict], tt_cell_count((int64_t)g->n, n), g->on,
		                    g->n == 1 ? "" : "s", g->first, g->n == 1 ? "" : " and more",
		                    g->rule.id, g->rule.file, g->rule.line, *g->why ? ": " : "",
		                    g->why));
	}
	return TT_OK;
}

/* --- JSON ---------------------------------------------------------------------------------- */

static void put_rule(tt_json *j, const tt_rule_name *r)
{
	tt_put_text(j, "rule", r->id);
	tt_put_text(j, "file", r->file);
	tt_json_key(j, "line");
	tt_json_i64(j, r->line);
}

static void put_policy(tt_json *j, const tt_rules_said *s)
{
	tt_json_key(j, "policy");
	tt_json_array(j);
	for (size_t i = 0; i < s->n_guarded; i++) {
		const tt_guarded *g = &s->guarded[i];

		tt_json_object_line(j);
		put_rule(j, &g->rule);
		tt_put_text(j, "verdict", tt_guard_verdict_text(g->verdict));
		tt_put_text(j, "on", g->on);
		tt_json_key(j, "n");
		tt_json_i64(j, (int64_t)g->n);
		tt_put_text(j, "first", g->first);
		tt_put_text(j, "why", g->why);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_exempt(tt_json *j, const tt_audit *a)
{
	const tt_rules_said *s = a->rules;

	tt_json_key(j, "exempt");
	tt_json_array(j);
	for (size_t i = 0; i < s->n_exempted; i++) {
		const tt_exempted *e = &s->exempted[i];

		tt_json_object_line(j);
		tt_put_text(j, "finding", e->found.id);
		tt_put_text(j, "title", e->found.title);
		tt_put_text(j, "owner", e->found.owner);
		tt_put_money(j, "spend_concerned_per_month",
		             tt_audit_per_month(a, e->found.spend_concerned_micro));
		put_rule(j, &e->rule);
		tt_put_text(j, "reason", e->reason);
		tt_put_text(j, "author", e->author);
		tt_put_text(j, "until", e->until);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

void tt_judged_json(tt_json *j, const tt_audit *a)
{
	const tt_rules_said *s = a->rules;

	if (!s)
		return;
	tt_json_key(j, "rules");
	tt_json_object(j);
	tt_json_key(j, "files");
	tt_json_i64(j, (int64_t)s->files);
	tt_json_key(j, "rules");
	tt_json_i64(j, (int64_t)s->rules);
	tt_json_key(j, "failed");
	tt_json_array(j);
	for (size_t i = 0; i < s->n_failed; i++) {
		tt_json_object_line(j);
		put_rule(j, &s->failed[i].rule);
		tt_put_text(j, "why", s->failed[i].why);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_end_object(j);
	put_policy(j, s);
	put_exempt(j, a);
}
