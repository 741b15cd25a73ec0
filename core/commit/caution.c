#include "commit/caution.h"
#include "maths/elementary.h"
#include "maths/layer_curve.h"
#include "maths/powers.h"
#include <math.h>

bool tt_caution_any(const tt_caution *c)
{
	return c->weight_millionths || c->moves_millionths;
}

double tt_caution_stays(const tt_caution *c, size_t quarter)
{
	const double moves = (double)c->moves_millionths / TT_CAUTION_ALL;

	if (moves >= 1)
		return 0;
	return moves > 0 ? tt_exp(tt_log1p(-moves) * ((double)quarter + .5)) : 1;
}

/* Where one of the curves stands while both are walked up. */
typedef struct walk {
	const tt_layer_curve *c;
	size_t i;
	int64_t passed;             /* units of layer i */
	int64_t weight;             /* of this curve, in millionths */
} walk;

static int64_t left(const walk *w)
{
	return w->i < w->c->n ? w->c->v[w->i].units - w->passed : INT64_MAX;
}

static tt_i128 busy(const walk *w)
{
	return w->i < w->c->n ? (tt_i128)w->c->v[w->i].busy * w->weight : 0;
}

static void pass(walk *w, int64_t units)
{
	w->passed += units;
	if (w->i < w->c->n && w->passed == w->c->v[w->i].units) {
		w->i++;
		w->passed = 0;
	}
}

int tt_caution_segment(const tt_caution *c, size_t quarter, const tt_layers_demand *all,
                       const tt_layers_demand *worst, tt_i128 price, tt_i128 per,
                       tt_arena *arena, tt_ladder_segment *ret, tt_err *err)
{
	const double stays = tt_caution_stays(c, quarter);
	tt_layer_curve a, b;

	if (price > ((tt_i128)1 << 125) / ((tt_i128)all->n * all->unit * TT_CAUTION_ALL))
		return tt_fail(err, TT_EDATA, "a price of %g for a quarter is too high to be "
		               "weighed", (double)price);
	TT_TRY(tt_layer_curve_make(all, arena, &a, err));
	TT_TRY(tt_layer_curve_make(worst, arena, &b, err));

	walk v = { &a, 0, 0, llround(stays * (TT_CAUTION_ALL - c->weight_millionths)) };
	walk w = { &b, 0, 0, llround(stays * c->weight_millionths) };
	tt_ladder_layer *layers = tt_arena_alloc(arena, (a.n + b.n + 1) * sizeof *layers);
	size_t n = 0;

	if (!layers)
		return tt_no_memory(err);
	for (int64_t units; (units = left(&v) < left(&w) ? left(&v) : left(&w)) != INT64_MAX;) {
		layers[n++] = (tt_ladder_layer){ units, (int64_t)tt_div_half_even(
			price * (busy(&v) + busy(&w)), per * TT_CAUTION_ALL) };
		pass(&v, units);
		pass(&w, units);
	}
	*ret = (tt_ladder_segment){ layers, n };
	return TT_OK;
}
