#include "cli/run.h"

void tt_run_close(tt_audit_run *r)
{
	tt_audit_reset(&r->audit);
	tt_plan_free(r->plan);
	tt_rules_free(r->rules);
	tt_findings_free(r->findings);
	tt_bill_free(r->bill);
	tt_case_reset(&r->baseline);
	tt_snapshot_close(r->snapshot);
	tt_settings_free(r->settings);
	tt_plugins_free(r->plugins);
}

int tt_run_make(tt_audit_run *r, const tt_options *o, tt_err *err)
{
	const tt_detect_options d = { .workers = (int)o->threads, .in_process = o->in_process };
	const tt_plan_options p = { .seed = (uint64_t)o->seed, .most_worlds = (size_t)o->worlds,
		                    .threads = (int)o->threads, .narrow_ratio = TT_NARROW_RATIO };

	TT_TRY(tt_session_worlds(o, 1, err));
	TT_TRY(tt_session_settings(o, &r->settings, err));
	TT_TRY(tt_session_plugins(o, &r->plugins, err));
	if (o->n_rules)
		TT_TRY(tt_rules_load(o->rules, o->n_rules, &r->rules, err));
	TT_TRY(tt_session_fleet(o, r->plugins, &r->snapshot, err));
	if (r->rules)
		TT_TRY(tt_rules_own(r->rules, r->snapshot, r->settings, err));
	tt_case_init(&r->baseline, r->snapshot, r->settings);
	TT_TRY(tt_bill_make(&r->baseline, r->settings, &r->bill, err));
	TT_TRY(tt_detect(r->plugins, r->snapshot, r->bill, r->settings, &d, &r->findings, err));
	if (r->rules)
		TT_TRY(tt_rules_judge(r->rules, r->findings, err));
	TT_TRY(tt_plan_make(r->bill, r->settings, r->findings, &p, &r->plan, err));
	r->audit = (tt_audit){ .snapshot = r->snapshot, .settings = r->settings,
		               .bill = r->bill, .findings = r->findings, .plan = r->plan,
		               .rules = r->rules ? tt_rules_said_of(r->rules) : NULL,
		               .seed = o->seed };
	return tt_audit_make(&r->audit, err);
}
