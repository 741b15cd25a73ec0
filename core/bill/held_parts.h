/* held_parts.h - what collecting commitments, taking usage and reading share; for held*.c
 * alone. */
#ifndef TT_BILL_HELD_PARTS_H
#define TT_BILL_HELD_PARTS_H
#include "base/memory.h"
#include "base/text.h"
#include "bill/held.h"
#include "bill/metering.h"
#include "bill/price.h"

enum { TT_HELD_HOUR_S = 3600 };

/* What metering takes for a price or rate. */
#define TT_HELD_PRICE_LIMIT ((tt_decimal)9000000 * TT_DECIMAL_ONE)

typedef struct tt_held_commitment {
	tt_metering_commitment m;
	const char *commitment, *gpu_model;
	const char *pricing, *payment;  /* of money: which rows of prices.csv have its rates */
} tt_held_commitment;

typedef struct tt_held_item {
	const char *id;
	enum tt_held_way way;
	tt_node_row like;               /* its words */
	tt_metering_key key;
	uint32_t cards_micro;
	tt_decimal price_per_hour;
	tt_node_price from;
	bool covered;                   /* by something that is held; else the rest is not set */
	size_t island, at;              /* number `at` there */
	int64_t *used;                  /* [hours] micro_s */
	int64_t **used_by;              /* [groups] of it; NULL: none was told, or none of it */
	tt_i128 *cost;                  /* [hours] on demand */
	bool *stale;                    /* [hours] cost is not that of what is used */
	bool touched;                   /* any of them */
	tt_i128 sum;                    /* of cost */
} tt_held_item;

typedef struct tt_held_island {         /* items and commitments that can meet */
	size_t *items, n_items;
	tt_metering *m;
	tt_metering_sums *s;
	int64_t *used;                  /* [n_items] of the hour that was metered last */
} tt_held_island;

struct tt_held_use { uint32_t node, item; int64_t micro_s; };
struct tt_held_edit { uint32_t item, hour; size_t group; int64_t used; };
struct tt_held_was { uint32_t item, hour; tt_i128 cost; };

struct tt_held {
	const tt_snapshot *s;
	tt_arena *arena, *shape;        /* shape: of the islands */
	bool is_ahead;
	tt_held_ahead ahead;
	tt_names *words;
	tt_held_commitment *commitments; size_t n_commitments, cap_commitments;
	const char **notes; size_t n_notes, cap_notes;
	int64_t commitments_micro;      /* cost of all */
	int64_t own_micro;              /* of it, for units of nodes with a price of their own */
	bool own_known;
	tt_held_item *items; size_t n_items, cap_items;
	uint32_t *item_of_node;         /* [nodes] number + 1; 0: not looked for yet */
	int64_t first_hour;             /* since 1970 */
	size_t hours;
	bool *edge;                     /* [hours] what is held may differ from the hour before */
	tt_held_island *islands; size_t n_islands;
	bool shaped;                    /* islands are those of all items */
	size_t n_groups, group;         /* whose usage is taken; n_groups: nobody's */
	struct tt_held_use *uses; size_t n_uses, cap_uses;
	bool trying;
	struct tt_held_edit *edits; size_t n_edits, cap_edits;
	struct tt_held_was *was; size_t n_was, cap_was;
	size_t n_uses_before;
};

/* held_rows.c: rows and deals as commitments. */
int tt_held_collect(tt_held *h, const tt_case *c, tt_err *err);
/* The term of the hours that a row of prices.csv is for: "commit_1y" */
uint32_t tt_held_word(tt_held *h, const char *text, bool fold); /* 0: "", UINT32_MAX: no memory */
/* Rate of an item under a commitment of money; TT_DECIMAL_MISSING. */
tt_decimal tt_held_rate(const tt_snapshot *s, const tt_held_commitment *c,
                        const tt_node_row *like);
bool tt_held_meets(const tt_snapshot *s, const tt_held_commitment *c, const tt_held_item *item);
/* Whether a row is metered, and for nodes like this one. */
bool tt_held_row_is_for(const tt_snapshot *s, const tt_commitment_row *row,
                        const tt_node_row *n);

/* held_meter.c: a metering of these items (numbers) and commitments. */
int tt_held_metering(const tt_held *h, const size_t *items, size_t n_items,
                     const size_t *commitments, size_t n_commitments, tt_metering **ret,
                     tt_err *err);
/* Hour `hour` of the clock, cut to the window. */
tt_span tt_held_hour_span(const tt_held *h, size_t hour);
/* Seconds of `span` in which a commitment is in force. */
int64_t tt_held_in_force_s(const tt_held_commitment *c, tt_span span);
/* Add all hours of the items to the sums. */
int tt_held_add_hours(const tt_held *h, const size_t *items, size_t n_items,
                      tt_metering_sums *s, tt_err *err);
/* The money of units that nodes with a price of their own use: [n_commitments]. */
int tt_held_own(const tt_held *h, int64_t *ret, tt_err *err);
#endif
