/* schedule.h - pods and nodes that run in some hours only, or stop when they are idle, as
 * releases of a case.
 *
 * How they are priced: README.md. */
#ifndef TT_CHANGE_SCHEDULE_H
#define TT_CHANGE_SCHEDULE_H
#include "bill/case.h"
#include "change/change.h"

/* Errors: TT_EDATA (a subject is not in the fleet), TT_ENODATA (idle_timeout_s needs
 * activity, and none of a subject's was measured), those of tt_snapshot_series(). */
int tt_schedule_apply(const tt_change *c, tt_case *cs, tt_err *err);
#endif
