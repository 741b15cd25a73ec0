/* deals.h - when what a change buys and gives up of commitments counts in the horizon. */
#ifndef TT_SIMULATE_DEALS_H
#define TT_SIMULATE_DEALS_H
#include "bill/case.h"
#include "simulate/bind.h"

/* Deals of `of` (those with the address) begin where it does: a term is as long as it is, and
 * what is given up must be there then. Errors: TT_EINVAL. */
int tt_deals_date(const tt_bound_scenario *sc, const tt_change *of, uint64_t address, tt_case *c,
                  tt_err *err);
/* What a reader has to know of the deals beside what they save: how far what is bought binds, when
 * what a sale brings counts, what ends without being let lapse; "": nothing. */
int tt_deals_note(const tt_bound_scenario *sc, const tt_case *c, tt_arena *arena,
                  const char **ret, tt_err *err);
/* Where the case lets lapse and does nothing else: the first end of what it lets lapse, before
 * which it does nothing; else TT_TIME_MISSING. */
int64_t tt_deals_first_lapse(const tt_case *c);
#endif
