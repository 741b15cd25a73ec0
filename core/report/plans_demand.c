#include "report/plans_demand.h"
#include "report/json_fields.h"
#include "report/layout.h"

enum { HOUR_S = 3600 };

static int64_t from_s(const tt_eligible *e, const tt_look_back *b)
{
	return e->start_s + (int64_t)b->from * HOUR_S;
}

void tt_plans_demand_text(const tt_eligible *e, const tt_plans_pool *p, tt_buf *out)
{
	const tt_look_back *b = &p->plan.look_back;
	char at[TT_CELL_TEXT], before[TT_CELL_TEXT], after[TT_CELL_TEXT];

	if (b->from)
		tt_buf_printf(out, "The use went from %s to %s about %.10s, and stayed there: what "
		              "was before is not looked at.", tt_cell_value(b->before, before),
		              tt_cell_value(b->after, after), tt_cell_time(from_s(e, b), at));
}

void tt_plans_demand_json(const tt_eligible *e, const tt_plans_pool *p, tt_json *j)
{
	const tt_look_back *b = &p->plan.look_back;

	tt_json_key(j, "demand");
	tt_json_object(j);
	tt_put_time(j, "from", from_s(e, b));
	tt_put_f64(j, "level_before", b->before);
	tt_put_f64(j, "level_after", b->after);
	tt_json_end_object(j);
}
