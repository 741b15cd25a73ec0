/* bill.h - what a case costs, split into the five buckets, exact to the micro-unit.
 *
 * A node costs price x seconds of life, rounded once; or, where commitments are held that
 * can cover it, its part of what they and the rest on demand cost (held.h). That amount is
 * split over cells (largest remainder, integer weights), so every sum over cells equals the
 * bill. Where charges.csv has rows of a node, these are its cost (snapshot/billed.h). What
 * nothing used of a commitment, and every line that is of no node, is a cell without a node.
 * Both bucket rules are computed from the same allocation. See README.md for the order of
 * decisions and what is unknown when. */
#ifndef TT_BILL_BILL_H
#define TT_BILL_BILL_H
#include "bill/case.h"
#include "bill/rescale.h"
#include "bill/held.h"
#include "bill/settings.h"

enum tt_bucket {
	TT_PRODUCTIVE, TT_ALLOCATED_IDLE, TT_UNALLOCATED_IDLE, TT_UNATTRIBUTED, TT_TAX,
	TT_BUCKETS
};
enum tt_reason { TT_REASON_NONE, TT_NO_OWNER, TT_NO_TELEMETRY, TT_NO_ALLOCATION_DATA,
	TT_REASONS };
const char *tt_bucket_text(enum tt_bucket b);
const char *tt_reason_text(enum tt_reason r); /* "" for NONE */
const char *tt_rule_text(enum tt_rule r);

#define TT_NO_NODE UINT32_MAX
#define TT_NO_HELD UINT32_MAX

typedef struct tt_cell {         /* one node x bucket x words */
	uint32_t node;           /* row of TT_NODES; TT_NO_NODE: of a commitment, unused, or
	                          * of a line of the bill that is of no node */
	uint32_t held;           /* TT_NO_NODE: number in held.costs; TT_NO_HELD: a line */
	enum tt_bucket bucket;
	enum tt_reason reason;
	const char *owner, *namespace_, *creator, *workload_kind; /* "" when none */
	int64_t cost_micro;      /* 0 on nodes without a price */
	double gpu_hours;        /* card-hours, also on nodes without a price */
	int64_t pods;            /* pods on this node that it was spent by */
} tt_cell;

typedef struct tt_node_bill {
	int64_t alive_s;         /* life inside the window */
	int64_t paid_s;          /* of it, what this case pays for */
	tt_decimal price_per_hour; /* TT_DECIMAL_MISSING: unknown */
	const char *price_from;  /* "nodes.csv", "prices.csv 2026-01-01T..Z",
	                          * "commitments.csv res-1", "" */
	int64_t cost_micro;      /* TT_MONEY_UNKNOWN without a price */
	size_t first_cell[TT_RULES], n_cells[TT_RULES];
	const char *owner;       /* of most of its allocated time; "" */
	const char *workload_kind;
} tt_node_bill;

typedef struct tt_bill {
	const tt_snapshot *snapshot;
	tt_node_bill *nodes;     /* [rows of TT_NODES] */
	tt_cell *cells[TT_RULES];
	size_t n_cells[TT_RULES];
	tt_held_bill held;       /* of what is held; all 0 where nothing is */
	int64_t unused_micro;    /* of it, in cells without a node */
	int64_t lines_micro;     /* of lines of charges and volumes that are of no node */
	int64_t charged_micro;   /* of nodes that charges say the cost of */
	int64_t charged_nodes;   /* how many these are */
	int64_t total_micro;
	int64_t bucket_micro[TT_RULES][TT_BUCKETS];
	int64_t reason_micro[TT_RULES][TT_REASONS];
	double gpu_hours, measured_gpu_hours, unknown_gpu_hours;
	int64_t unknown_nodes;   /* alive nodes without a price */
	size_t n_sm_active, n_gpu_util, n_without; /* cards by activity metric */
	int64_t priced_after_s;  /* latest price date after the window's end; TT_TIME_MISSING */
	tt_arena *arena;
} tt_bill;

/* Node group and GPU model of a cell: of its node, or of its commitment. */
const char *tt_cell_node_group(const tt_bill *b, const tt_cell *c);
const char *tt_cell_gpu_model(const tt_bill *b, const tt_cell *c);

/* The whole bill of a case, without what its changes add and move to: that is no node of the
 * snapshot, so it has no cells, and takes nothing of what is held here. */
int tt_bill_make(const tt_case *c, const tt_settings *st, tt_bill **ret, tt_err *err);
void tt_bill_free(tt_bill *b);
void tt_bill_freep(tt_bill **b);

/* Only what a case costs in total, without cells: its nodes, what its changes add (charges,
 * capacity) and what it moves to, under what is held, and lines; TT_MONEY_UNKNOWN where what is
 * moved to has no price. */
int tt_bill_total(const tt_case *c, int64_t *ret_micro, tt_err *err);

/* Lines of the bill by (owner, namespace, node group, creator, workload kind, bucket,
 * reason) under the heading rule, sorted by those; for host->spend(). In the bill's
 * arena, so for one thread. On failure 0, and *ret is NULL. */
size_t tt_bill_lines(const tt_bill *b, const tt_settings *st, tt_spend **ret, tt_err *err);
#endif
