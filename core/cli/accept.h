/* accept.h - which changes the demand of a plan is net of: findings of an audit, made here, or the
 * changes of a scenario. */
#ifndef TT_CLI_ACCEPT_H
#define TT_CLI_ACCEPT_H
#include "cli/options.h"
#include "commit/net.h"
#include "host/plugins.h"
#include "rank/plan.h"
#include "simulate/bind.h"

typedef struct tt_accepted {        /* zero-initialise */
	tt_settings *settings;
	tt_case baseline;
	tt_bill *bill;
	tt_findings *findings;
	tt_plan *plan;
	tt_scenario *scenario;
	tt_bound_scenario *bound;
	tt_arena *arena;
	tt_net net;
} tt_accepted;

/* What is said before a fleet is read. Errors: TT_EINVAL, those of tt_scenario_load(). */
int tt_accept_open(tt_accepted *a, const tt_options *o, tt_err *err);

/* Settings, and the items of --accept or --scenario. Errors: TT_EINVAL (an id of no finding),
 * those of audit and scenarios. */
int tt_accept_make(tt_accepted *a, const tt_options *o, const tt_plugins *p,
                   const tt_snapshot *s, tt_err *err);
void tt_accept_close(tt_accepted *a);
#endif
