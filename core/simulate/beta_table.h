/* beta_table.h - the inverse of the beta distribution, as a table that is made once.
 *
 * GSL's inverse takes microseconds for each value, rests on libm's last bit and is not
 * strictly monotone. Here the density is added up in t = log(x / (1 - x)), where it is
 * smooth for every alpha and beta and needs no gamma function, and the table is
 * inverted by cubics that never fall. The true probability of what is answered is within
 * 1e-9 of the one asked for, 1e-7 where alpha or beta is below 1. */
#ifndef TT_SIMULATE_BETA_TABLE_H
#define TT_SIMULATE_BETA_TABLE_H
#include "base/memory.h"

#define TT_BETA_CELLS 1024 /* half of them on each side of the peak, narrow near it */

typedef struct tt_beta_table {
	double peak, left, right;           /* t of the peak, and how far the cells go */
	double sum[TT_BETA_CELLS + 1];      /* probability up to where a cell starts: 0 .. 1 */
	double density[TT_BETA_CELLS + 1];  /* its derivative by t */
} tt_beta_table;

/* alpha and beta from 0.05 to 10,000. */
void tt_beta_table_make(double alpha, double beta, tt_beta_table *ret);
/* x with P(X <= x) = p, 0 < p < 1: never falls with p. */
double tt_beta_table_quantile(const tt_beta_table *table, double p);
#endif
