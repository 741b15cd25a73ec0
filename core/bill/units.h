/* units.h - divides a node by the demand for units of its pool. */
#ifndef TT_BILL_UNITS_H
#define TT_BILL_UNITS_H
#include "bill/allocator.h"

/* Shares of the node over its paid times into `a`; `unit_u6` is its capacity, and no
 * fewer than one. *ret_found is 0, and nothing is added, where no pool is its. */
int tt_allocate_units(tt_allocator *a, const tt_demand *d, size_t node, uint64_t unit_u6,
                      const tt_spans *paid, int *ret_found, tt_err *err);
#endif
