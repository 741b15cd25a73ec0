/* caution.h - a quarter of a ladder as somebody weighs it who fears what is bought and not used.
 *
 * What a commitment loses in a course of demand is what it costs less what the same use would
 * cost on demand. Where courses are one demand at lower and higher levels, the lower one loses
 * more whatever is bought. So the worst of them are the same for every plan, and
 *
 *     (1 - weight) x mean loss + weight x mean of the worst (1 - level) of losses (CVaR)
 *
 * is least where a ladder is whose layers are used as long as (1 - weight) x all courses +
 * weight x the lowest (1 - level) of them say: still a flow, still exact, still with a proof.
 * Layers can also be weighed by how likely the work is still there: what may move to another
 * type or region is worth less of a commitment that can't follow it. Pure functions. */
#ifndef TT_COMMIT_CAUTION_H
#define TT_COMMIT_CAUTION_H
#include "commit/ladder.h"
#include <stdbool.h>

enum { TT_CAUTION_ALL = 1000000 };

typedef struct tt_caution {
	uint32_t weight_millionths; /* of the worst courses; 0: the mean alone */
	uint32_t level_millionths;  /* 900000: the worst tenth; below TT_CAUTION_ALL */
	uint32_t moves_millionths;  /* a quarter: how likely the work goes elsewhere */
} tt_caution;

/* Whether anything is weighed at all. */
bool tt_caution_any(const tt_caution *c);

/* How likely the work is still there in the middle of quarter `quarter`, from 0. */
double tt_caution_stays(const tt_caution *c, size_t quarter);

/* The layers of a quarter of which `all` are the hours of all courses and `worst` those of the
 * lowest; both of the same number. A unit costs price x (how long it is used, in parts x
 * hours) / per. In `arena`. Errors: as tt_ladder_segment_make(). */
int tt_caution_segment(const tt_caution *c, size_t quarter, const tt_layers_demand *all,
                       const tt_layers_demand *worst, tt_i128 price, tt_i128 per,
                       tt_arena *arena, tt_ladder_segment *ret, tt_err *err);
#endif
