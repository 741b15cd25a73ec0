/* powers.h - what follows from elementary.h's logarithm and exponential, with the same bits
 * on every machine as they: powers, both near 1 without loss of digits, and the gamma
 * function. Pure functions, any thread. */
#ifndef TT_MATHS_POWERS_H
#define TT_MATHS_POWERS_H

/* e^x - 1 and ln(1 + x): to a few units in the last place, also next to x = 0. */
double tt_expm1(double x);
double tt_log1p(double x);

/* x^y for x >= 0, relative error below 1e-15 (1 + |y ln x|); 0^0 is 1. x below 0: NaN. */
double tt_power(double x, double y);

/* Gamma of x >= 1, relative error below 1e-14 up to 20 and 1e-12 beyond; smaller: NaN.
 * Source: C. Lanczos (1964), with g = 7 and nine terms. */
double tt_gamma(double x);
#endif
