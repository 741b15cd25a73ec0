/* room.h - what is free on nodes that are there anyway, in the course of time, for pods that
 * are added.
 *
 * Only what is known to be free counts: on a node of which it is known who was there, cards
 * that no pod asked for and that none was seen on. A pod that asks for a part of a card has
 * one to itself here, since who shares with whom is not known. CPUs and memory count where
 * node and pods say what they have and ask for. Nobody is moved. */
#ifndef TT_CHANGE_ROOM_H
#define TT_CHANGE_ROOM_H
#include "bill/residents.h"

typedef struct tt_takes {       /* what one pod takes, in millionths; 0: nothing, or not known */
	int64_t cards_u6, cpus_u6, memory_u6;
} tt_takes;

/* How many such pods whole nodes of that size hold; INT64_MAX: nothing limits them. */
int64_t tt_takes_fit(const tt_takes *of, const tt_takes *one);

/* What a pod with so many cards takes of them: whole cards, or a part of which whole ones fit
 * on a card. */
int64_t tt_takes_cards_u6(double gpus);

typedef struct tt_room tt_room;

int tt_room_make(const tt_snapshot *s, tt_room **ret, tt_err *err);
void tt_room_free(tt_room *r);

/* Give room on the node to as many of n such pods as fit in all of `when`. */
int tt_room_take(tt_room *r, size_t node, const tt_takes *one, tt_span when, int64_t n,
                 int64_t *ret, tt_err *err);
#endif
