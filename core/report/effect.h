/* effect.h - what the changes of one finding do to the bill, node by node: which hours go,
 * what they cost before and after, alone and on top of the plan's steps before it; or why
 * a node stays. The figures are differences of bills, made the way rank/ makes them. */
#ifndef TT_REPORT_EFFECT_H
#define TT_REPORT_EFFECT_H
#include "rank/plan.h"

typedef struct tt_effect_part {
	int64_t freed_s;         /* seconds no longer paid for */
	int64_t before_micro, after_micro, saving_micro; /* TT_MONEY_UNKNOWN: no price */
} tt_effect_part;

typedef struct tt_effect_node {
	uint32_t node;           /* row of TT_NODES */
	int64_t alive_s;
	tt_effect_part alone;    /* against the baseline */
	tt_effect_part plan;     /* on top of the steps before; in the plan only */
	size_t stretches;        /* that go alone */
	int64_t from_s, to_s;    /* of the first and last of them */
	const char *kept_by;     /* why nothing of it goes alone; "" something does */
} tt_effect_node;

typedef struct tt_effect_move {  /* capacity that pods or nodes move to, alone */
	const char *instance_type, *gpu_model, *pricing, *region; /* "" not known */
	size_t pods, nodes;
	int64_t most;            /* instances at once */
	int64_t length_s;        /* instance-seconds */
	double paid_ratio;       /* paid hours for each */
	int64_t cost_micro;      /* TT_MONEY_UNKNOWN: no price */
	bool metered;            /* some of it under what is held: that is not in `cost_micro`,
	                          * but in what its nodes save */
} tt_effect_move;

typedef struct tt_effect {
	int priced;              /* the changes could be applied */
	const char *why_not;     /* "" or the reason */
	tt_effect_node *v; size_t n; /* that the changes touch, by row */
	tt_effect_move *moves; size_t n_moves; /* what they move to */
	/* What of the saving, alone and in the plan, is not of these nodes: charges,
	 * commitments, capacity that comes or is kept instead. UNKNOWN as the saving is. */
	int64_t elsewhere_micro, elsewhere_plan_micro;
	size_t step;             /* of the plan, from 1; 0: in no step */
	/* labels: what of the bill nobody owns, by the heading rule */
	int labels;
	int64_t unowned_before_micro, unowned_after_micro;
	double unowned_before_h, unowned_after_h; /* GPU-hours */
} tt_effect;

/* Into `arena`. Errors: TT_ENOMEM, TT_EDATA (an amount that does not fit). */
int tt_effect_make(const tt_bill *b, const tt_settings *st, const tt_plan *plan,
                   const tt_ranked *r, tt_arena *arena, tt_effect *ret, tt_err *err);
#endif
