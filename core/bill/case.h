/* case.h - a fleet that the bill prices: the snapshot, and what is changed in it.
 *
 * The baseline case changes nothing. Placement is sticky: what is not named stays
 * where it was observed, and a node goes only when it is released as a whole or when
 * all its cards are released and nothing else outside the system namespaces runs on
 * it. Nodes that are `owned` are paid all the same, and so are `reserved` ones whose
 * commitment is not metered (held.h). A case says only what is edited, in a form that has no
 * order; what that costs is cost.h's. */
#ifndef TT_BILL_CASE_H
#define TT_BILL_CASE_H
#include "bill/residents.h"
#include "bill/settings.h"
#include "bill/spans.h"
#include "bill/terms.h"
#include "snapshot/snapshot.h"

#define TT_NO_POD UINT32_MAX

enum tt_leave {                 /* in which way something leaves what it was on */
	TT_GOES,                /* it is gone */
	TT_MOVES,               /* a pod, a node: to new capacity on the terms, see moved.h */
	TT_REPRICED             /* it stays, paid on the terms where it is alone */
};

typedef struct tt_release {     /* a card, a pod or a whole node leaves in [from, to) */
	uint32_t node;
	const char *gpu;        /* NULL: not this card alone */
	uint32_t pod;           /* row of TT_PODS: a card that it held goes while no pod
	                         * that stays holds it; TT_NO_POD: a card or a node */
	int64_t from_s, to_s;
	enum tt_leave leave;
	const tt_terms *terms;  /* NULL: it goes */
	uint64_t set;           /* pods that move on the same terms in the same set have one
	                         * card there together; 0: none */
} tt_release;

/* In the order in which a pod's owner is looked for, see README.md. */
enum tt_relabel_by {
	TT_RELABEL_POD, TT_RELABEL_WORKLOAD, TT_RELABEL_NAMESPACE, TT_RELABEL_NODE_GROUP,
	TT_RELABEL_NODE
};

typedef struct tt_relabel {     /* this gets that owner */
	enum tt_relabel_by by;
	const char *id, *owner;
} tt_relabel;

typedef struct tt_charge {      /* an amount that a change adds: egress */
	uint64_t address;       /* of the change: what two changes cost is counted twice */
	const char *what;       /* "egress" */
	int64_t from_s, to_s;   /* when it falls due, evenly */
	int64_t micro;          /* below 0: what a sale brings */
	int64_t due_micro;      /* of that, what is paid at once and spread over a term here;
	                         * 0: nothing is */
} tt_charge;

typedef struct tt_added {       /* capacity that a change adds, see added.h */
	uint64_t address;       /* of the change: what two changes add is paid for twice */
	uint32_t part;          /* of the change, counted as it is applied */
	const tt_terms *terms;  /* what it is; its price is known */
	const char *node_group; /* that it belongs to; "": none */
	int64_t from_s, to_s;
	int64_t nodes;          /* whole instances, at once */
} tt_added;

typedef struct tt_rescale {     /* a line of the bill is so many times as much in [from, to) */
	uint32_t line;          /* of snapshot->billed */
	uint64_t address;       /* of the change: two of them multiply */
	int64_t from_s, to_s;
	uint64_t factor_u9;
} tt_rescale;

enum tt_deal_kind { TT_DEAL_BUY, TT_DEAL_SELL, TT_DEAL_EXCHANGE, TT_DEAL_LAPSE };

typedef struct tt_deal {        /* from then on, so much more or less is held */
	uint64_t address;       /* of the change: two sales are two */
	enum tt_deal_kind kind;
	uint32_t row;           /* of TT_COMMITMENTS; TT_DEAL_BUY: of TT_PRICES */
	const char *id;         /* of the commitment, or of the offer */
	int64_t from_s, to_s;   /* bought: its term; else `from_s` alone counts */
	int64_t units_micro;    /* INT64_MAX: all; 0 of money */
	tt_decimal commitment_per_hour; /* of money; TT_DECIMAL_MISSING: of units, or all */
} tt_deal;

typedef struct tt_case {
	const tt_snapshot *snapshot;
	const tt_settings *settings;
	tt_release *releases; size_t n_releases, cap_releases; /* sorted, distinct */
	tt_relabel *relabels; size_t n_relabels, cap_relabels; /* sorted, distinct */
	tt_charge *charges; size_t n_charges, cap_charges; /* sorted, distinct */
	tt_added *added; size_t n_added, cap_added; /* sorted, distinct */
	tt_deal *deals; size_t n_deals, cap_deals; /* sorted, distinct */
	tt_rescale *rescales; size_t n_rescales, cap_rescales; /* sorted, distinct */
	tt_arena *arena;                /* of its terms and ids; NULL: none */
} tt_case;

void tt_case_init(tt_case *c, const tt_snapshot *s, const tt_settings *st); /* baseline */
void tt_case_reset(tt_case *c); /* frees what it holds; the baseline again */
/* The order in which a case keeps its releases. */
int tt_release_compare(const void *a, const void *b);
/* Times are cut to the window; ids point into the change and must outlive the case.
 * The order of calls does not matter, nor does saying a thing twice. */
int tt_case_release(tt_case *c, const tt_release *what, const tt_spans *when, tt_err *err);
int tt_case_release_node(tt_case *c, size_t node, int64_t from_s, int64_t to_s, tt_err *err);
int tt_case_release_card(tt_case *c, size_t node, const char *gpu, int64_t from_s,
                         int64_t to_s, tt_err *err);
/* One whose node is not known releases nothing. */
int tt_case_release_pod(tt_case *c, size_t pod, int64_t from_s, int64_t to_s, tt_err *err);
int tt_case_relabel(tt_case *c, const tt_relabel *r, tt_err *err);
int tt_case_charge(tt_case *c, const tt_charge *charge, tt_err *err);
/* The order in which a case keeps its charges. */
int tt_charge_compare(const void *a, const void *b);
int tt_case_add(tt_case *c, const tt_added *added, tt_err *err);
int tt_added_compare(const void *a, const void *b);
int tt_case_deal(tt_case *c, const tt_deal *deal, tt_err *err);
int tt_case_rescale(tt_case *c, const tt_rescale *rescale, tt_err *err);
/* The order in which a case keeps them: by line first. */
int tt_rescale_compare(const void *a, const void *b);
/* The order in which a case keeps its deals. */
int tt_deal_compare(const void *a, const void *b);
/* A copy of the terms that lives as long as the case; NULL when out of memory. */
const tt_terms *tt_case_terms(tt_case *c, const tt_terms *t, tt_err *err);

/* Everything that `from` edits, too; it has to outlive the case. */
int tt_case_join(tt_case *c, const tt_case *from, tt_err *err);

/* The owner that `id` gets in this case; NULL when it is not relabelled. Of several
 * the first by name. */
const char *tt_case_owner(const tt_case *c, enum tt_relabel_by by, const char *id);

/* The releases of one node, as a range of c->releases. */
size_t tt_case_releases(const tt_case *c, size_t node, size_t *ret_n);
/* When nothing of node `node` is left, by those of its n releases (sorted) that leave in
 * the first `ways` of the ways of tt_leave: tidy, into `ret` (emptied first). */
int tt_case_left(const tt_case *c, const tt_residents *r, size_t node, const tt_release *v,
                 size_t n, int ways, tt_spans *ret, tt_err *err);

/* Whether a release of node `i` or a part of it saves nothing, since the node is paid for
 * all the same. */
bool tt_case_paid_anyway(const tt_case *c, size_t node);
/* When node `i` is paid for (of a commitment that is metered: in use): tidy, inside its life in
 * the window, into `ret` (emptied first). `r` may be NULL. */
int tt_case_paid(const tt_case *c, const tt_residents *r, size_t node, tt_spans *ret,
                 tt_err *err);
/* Seconds of that. */
int tt_case_paid_s(const tt_case *c, size_t node, int64_t *ret_s, tt_err *err);
#endif
