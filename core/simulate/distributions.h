/* distributions.h - what an uncertain number may be: one uniform in, one value out.
 *
 * Every distribution is drawn by its inverse: the value never falls when the uniform
 * rises, so that the same worlds stay comparable between cases, mirrored uniforms give
 * mirrored values and Sobol points keep their evenness; nothing is drawn twice. Bounds
 * cut a distribution off and spread what remains over the whole of it, again with one
 * uniform. All operations are exact by the standard (maths/elementary.h), the beta
 * included: the bits do not depend on the processor. Not for names and files of
 * assumptions: assumptions.h. Any thread once made. */
#ifndef TT_SIMULATE_DISTRIBUTIONS_H
#define TT_SIMULATE_DISTRIBUTIONS_H
#include "base/error.h"
#include "base/memory.h"

enum tt_dist_kind {
	TT_DIST_FIXED = 1,   /* a: the value */
	TT_DIST_NORMAL,      /* a: mean, b: standard deviation >= 0 */
	TT_DIST_LOGNORMAL,   /* a: median > 0, b: sd of the logarithm, 0 to 20 */
	TT_DIST_TRIANGULAR,  /* a: low <= b: mode <= c: high */
	TT_DIST_BETA,        /* a: alpha, b: beta, 0.05 to 10,000; on [min, max], else [0, 1] */
	TT_DIST_EMPIRICAL,   /* values[n], each as likely as its weight */
	TT_DIST_BERNOULLI,   /* a: probability of 1, else 0 */
	TT_DIST_END
};

typedef struct tt_dist_spec {
	enum tt_dist_kind kind;
	double a, b, c;
	double min, max;         /* no value is outside; NaN or infinite: no bound. 0, 0: none */
	const double *values;    /* [n] EMPIRICAL, in any order */
	const double *weights;   /* [n] >= 0, not all 0; NULL: all the same */
	size_t n;
} tt_dist_spec;

struct tt_beta_table;

typedef struct tt_dist {     /* made by tt_dist_make(); lives as long as the arena */
	enum tt_dist_kind kind;
	double a, b, c, min, max;
	uint64_t from, span;         /* within bounds: so many steps of 2^-52; 0: all */
	const double *values, *sums; /* [n] rising; sums of weights up to each */
	size_t n;
	const struct tt_beta_table *beta;
} tt_dist;

/* "normal", for messages. */
const char *tt_dist_kind_text(enum tt_dist_kind k);

/* Check the parameters and prepare. A beta takes half a millisecond and 16 KB, the others next to
 * nothing.
 * Errors: TT_EDATA "normal: sd is -1, expected a number from 0"; TT_ENOMEM. */
int tt_dist_make(const tt_dist_spec *spec, tt_arena *arena, tt_dist *ret, tt_err *err);

/* The value at u, 0 < u < 1: the smallest whose cumulative probability is at least u. */
double tt_dist_quantile(const tt_dist *d, double u);

/* A ratio that was believed to be Beta(alpha, beta), after `realised` of `closed`
 * recommendations came true: Beta(8, 2) and 3 of 5 make Beta(11, 4). */
void tt_beta_posterior(double *alpha, double *beta, uint64_t realised, uint64_t closed);
#endif
