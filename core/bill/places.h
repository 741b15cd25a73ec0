/* places.h - whether it is known who was on a node.
 *
 * Silence is not idleness. A node is known where pods are placed on it and say what they
 * asked for; where none is, but others of its cluster are placed and no started pod of
 * it lacks a node; and where it has telemetry in a fleet whose telemetry names pods. */
#ifndef TT_BILL_PLACES_H
#define TT_BILL_PLACES_H
#include "bill/residents.h"

typedef struct tt_places tt_places;

int tt_places_make(const tt_snapshot *s, const tt_residents *r, tt_places **ret, tt_err *err);
void tt_places_free(tt_places *p);

/* Whether the allocation of the node is known. `cards`: of its cards, else its CPUs. */
bool tt_places_known(const tt_places *p, size_t node, bool cards);
#endif
