/* layer_curve.h - all layers of a demand at once, and for how long each is used.
 *
 * The lowest layer is used longest. Layers that are used equally long stand together, so a
 * curve is as long as the demand has different levels, however many units these are. The sum
 * of several curves is the curve of all their hours. Pure functions. */
#ifndef TT_MATHS_LAYER_CURVE_H
#define TT_MATHS_LAYER_CURVE_H
#include "base/memory.h"
#include "maths/layers.h"

typedef struct tt_layer {
	int64_t units;      /* so many layers, on top of those before */
	int64_t busy;       /* each of them used for so long: in parts x hours, > 0, falling */
} tt_layer;

typedef struct tt_layer_curve {
	const tt_layer *v;  /* [n] from the lowest */
	size_t n;
	int64_t units;      /* of all together: the most that is ever used, in whole units */
} tt_layer_curve;

/* The curve of a demand, in `arena`. TT_ENOMEM; TT_EDATA where parts x hours don't fit.
 * O(n) where the demand moves within fewer units than it has hours, else O(n log n). */
int tt_layer_curve_make(const tt_layers_demand *d, tt_arena *arena, tt_layer_curve *ret,
                        tt_err *err);
#endif
