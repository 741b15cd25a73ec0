/* offers_listed.h - which of the listed offers (offer_file.h) are for a pool, in its units.
 *
 * An offer is for a pool where all that is in the pool is within its scope. Its price is of an
 * instance or a card, and is put into what the pool is planned in. */
#ifndef TT_COMMIT_OFFERS_LISTED_H
#define TT_COMMIT_OFFERS_LISTED_H
#include "commit/offers.h"

/* Whether the currency is the fleet's, and each offer and need is for something in it. Errors:
 * TT_EDATA with path:line:column, TT_ENOMEM. */
int tt_offers_check_scopes(const tt_offer_file *f, const tt_snapshot *s, const tt_eligible *e,
                           bool by_owner, tt_err *err);

/* All that is in the pool is within the scope, and its owner. */
bool tt_offer_is_for(const tt_offer_scope *scope, const tt_eligible_pool *p);

/* How much one unit of a listed offer or need is in units of the pool: n / of. false: the cards
 * of an instance are not known. `gpus` 0: the price book says them. */
bool tt_offer_units(const tt_snapshot *s, const tt_eligible_pool *p, const tt_offers *to,
                    const tt_offer_scope *scope, int64_t gpus, int64_t *ret_n, int64_t *ret_of);

/* A listed offer of units or days in units of a pool, of which one of its own is n / of. */
tt_offer tt_offer_in_units(const tt_listed_offer *o, int64_t n, int64_t of);

/* What can be said of one offer, by pool. */
enum { TT_OFFERS_NOTES = 2 };

/* Append those of units that are for `p` to what the price book has for it. notes[*n_notes]: why
 * one is left out, each text once; there is room for TT_OFFERS_NOTES of each offer. */
int tt_offers_add_listed(const tt_offer_file *f, const tt_snapshot *s, const tt_eligible_pool *p,
                         tt_arena *arena, tt_offers *to, const char **notes, size_t *n_notes,
                         tt_err *err);
#endif
