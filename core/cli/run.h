/* run.h - one audit from end to end, for the commands that show something of it: plugins,
 * settings, snapshot, bill, findings, plan, and what the reports see. */
#ifndef TT_CLI_RUN_H
#define TT_CLI_RUN_H
#include "cli/session.h"
#include "report/audit.h"

typedef struct tt_audit_run { /* zero-initialise */
	tt_plugins *plugins;
	tt_settings *settings;
	tt_snapshot *snapshot;
	tt_rules *rules;                /* NULL: none */
	tt_case baseline;
	tt_bill *bill;
	tt_findings *findings;
	tt_plan *plan;
	tt_audit audit;
} tt_audit_run;

/* The audit of the fleet at o->args[0]. Whatever comes of it, close the run. */
int tt_run_make(tt_audit_run *r, const tt_options *o, tt_err *err);
void tt_run_close(tt_audit_run *r);
#endif
