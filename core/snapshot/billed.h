/* billed.h - what the bill of the window says: the charges of each node, and lines of all else.
 *
 * A row of charges.csv counts by its EffectiveCost in the part of its period that lies in the
 * window. Rows of a node's resource_id are the node's, whatever they are for; all others make
 * lines: rows of one resource, service, meter, unit, kind and tags together, an exact sum that
 * is rounded once. A volume of volumes.csv that has a price and that no charge is of is a line,
 * too. Made once, as a snapshot is loaded. Whose a line is, is not decided here. */
#ifndef TT_SNAPSHOT_BILLED_H
#define TT_SNAPSHOT_BILLED_H
#include "base/memory.h"
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tt_billed_stream {        /* what a line is of; README.md says by which words */
	TT_BILLED_OTHER, TT_BILLED_REQUESTS, TT_BILLED_INPUT_TOKENS, TT_BILLED_OUTPUT_TOKENS,
	TT_BILLED_CACHED_TOKENS, TT_BILLED_TOKENS, TT_BILLED_STORAGE, TT_BILLED_EGRESS,
	TT_BILLED_STREAMS
};
const char *tt_billed_stream_text(enum tt_billed_stream s); /* "input_tokens"; "" OTHER */
/* The number of that name; TT_BILLED_STREAMS: there is none. */
enum tt_billed_stream tt_billed_stream_find(const char *s);

enum tt_billed_kind {
	TT_BILLED_USE, TT_BILLED_TAX, /* ChargeCategory Tax                           */
	TT_BILLED_UNUSED              /* a commitment that nothing used               */
};

typedef struct tt_billed_line {
	const char *resource, *category, *subcategory, *service, *meter, *unit, *labels;
	const char *feature;    /* the first of its tags feature, product, application, app,
	                         * workload, service; "" none of them */
	enum tt_billed_stream stream;
	enum tt_billed_kind kind;
	size_t volume;          /* row of TT_VOLUMES that it is of; SIZE_MAX */
	int64_t micro;          /* may be below 0 */
	int64_t early_micro;    /* of it, in the first half of the window */
	double quantity;        /* of `unit`, in the window; NaN not known */
	int64_t rows;           /* of charges.csv; 0: priced by volumes.csv */
} tt_billed_line;

typedef struct tt_billed {
	int64_t *node_micro;    /* [nodes] TT_MONEY_UNKNOWN: no charges; NULL: none has any */
	tt_billed_line *lines;  /* by resource, category, service, ... */
	size_t n;
	const char **commitments; /* whose use is in the charges, by name */
	size_t n_commitments;
	bool holds_all;         /* no commitment of commitments.csv but these */
	int64_t rows_cut;       /* that lie in the window in part */
	int64_t rows_outside;   /* in no part: they count for nothing */
} tt_billed;

struct tt_snapshot;
/* Into s->billed, in its arena. Errors: TT_EDATA (money that does not fit), TT_ENOMEM. */
int tt_billed_make(struct tt_snapshot *s, tt_err *err);

/* What a line is called, from its own name to those that many share: resource, service,
 * subcategory, category, meter, feature. Whether name `by` of it is `id`. */
#define TT_BILLED_NAMES 6
bool tt_billed_called(const tt_billed_line *l, int by, const char *id);

/* What the charges of a node come to; TT_MONEY_UNKNOWN where it has none. */
int64_t tt_billed_node(const struct tt_snapshot *s, size_t node);
/* Whether charges say what this commitment costs. */
bool tt_billed_holds(const struct tt_snapshot *s, const char *commitment);
#endif
