/* match.h - what a selector means in a fleet.
 *
 * Everything found is sorted and distinct; nothing found is TT_ENODATA and says where the
 * selector stands, and which table the fleet lacks for it. Not for reading YAML (select.h). */
#ifndef TT_SIMULATE_MATCH_H
#define TT_SIMULATE_MATCH_H
#include "simulate/select.h"
#include "snapshot/snapshot.h"

/* The things of kind sel->as. Texts are the snapshot's or `arena`'s.
 * Errors: TT_ENODATA "file:1:2: select matches no node_group ...", TT_ENOMEM, those of
 * tt_measure_hourly(). */
int tt_match_subjects(const tt_select *sel, const tt_snapshot *s, const tt_settings *st,
                      tt_arena *arena, tt_change_subject **ret, size_t *ret_n, tt_err *err);

/* For prices: the nodes and the rows of prices.csv that are meant, ascending; one of both at
 * least. Where `pricing` is not asked for: on_demand and spot. */
typedef struct tt_matched_prices {
	uint32_t *nodes; size_t n_nodes;
	uint32_t *prices; size_t n_prices;
} tt_matched_prices;
int tt_match_prices(const tt_select *sel, const tt_snapshot *s, tt_arena *arena,
                    tt_matched_prices *ret, tt_err *err);

/* How many of the on-demand nodes that the selector means and the offer of that name would
 * cover stood all through the window. */
int tt_match_standing(const tt_select *sel, const char *offer, const tt_snapshot *s,
                      const tt_settings *st, size_t *ret, tt_err *err);
#endif
