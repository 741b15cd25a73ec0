/* elementary.h - logarithm, exponential and the normal quantile, with the same bits on
 * every machine.
 *
 * libm chooses its code by the processor (with or without fused multiply-add), so its
 * last bit differs from one machine to the next; a draw that differs in its last bit
 * can move an amount by a micro-unit. These use additions, multiplications, divisions
 * and square roots only, which are exact by the standard. Not for speed: the loops over
 * hours have versions of their own. Pure functions, any thread. */
#ifndef TT_MATHS_ELEMENTARY_H
#define TT_MATHS_ELEMENTARY_H

/* Natural logarithm, within two units in the last place. 0: -infinity; negative: NaN. */
double tt_log(double x);

/* e to the x, within two units in the last place; 0 and infinity outside the range. */
double tt_exp(double x);

/* z with P(Z <= z) = p for a standard normal Z, relative error below 1e-15: antisymmetric
 * around 0.5, and never falling from one multiple of 2^-52 to the next. p = 0 and 1:
 * infinities; outside, or NaN: NaN.
 * Source: M. J. Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988). */
double tt_normal_quantile(double p);
#endif
