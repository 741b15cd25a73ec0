/* cpus.h - divides a node without cards by the CPUs that its pods asked for. */
#ifndef TT_BILL_CPUS_H
#define TT_BILL_CPUS_H
#include "bill/allocator.h"

/* Shares of the node's `cpus_u6` over its paid times into `a`. */
int tt_allocate_cpus(tt_allocator *a, size_t node, uint64_t cpus_u6, const tt_spans *paid,
                     tt_err *err);
#endif
