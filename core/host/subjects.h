/* subjects.h - what detectors are called with: the list of subjects of a snapshot, each
 * of them decoded into the structs of plugin.h, and whether a thing that a finding is
 * about exists. Knows the snapshot and the bill; knows no detector. */
#ifndef TT_HOST_SUBJECTS_H
#define TT_HOST_SUBJECTS_H
#include "bill/bill.h"
#include "change/change.h"

typedef struct tt_subject_ref {
	int32_t scope;           /* enum tt_scope                                 */
	size_t index;            /* row of its table, carrier, or word            */
} tt_subject_ref;

typedef struct tt_words { const char **v; size_t n; } tt_words; /* sorted, distinct */

typedef struct tt_subjects {
	const tt_snapshot *snapshot;
	const tt_bill *bill;
	const tt_settings *settings;
	tt_window window;
	size_t *first_card;      /* [nodes + 1] carriers of node i: first_card[i].. */
	size_t *n_other_pods;    /* [nodes] as in tt_node                           */
	tt_residents residents;  /* pods by node                                     */
	unsigned char *pods_known; /* [nodes] whether it is known who was on it     */
	tt_words namespaces, node_groups, workloads;
	tt_subject_ref *v;       /* by scope, then as the tables are sorted         */
	size_t n;
} tt_subjects;

/* List the subjects of each scope whose bit (1 << scope) is set in `scopes`: nodes and
 * their cards with a second of life in the window, pods that ran or waited in it,
 * commitments in force in it, and every workload and node group that has a name. Strings
 * are the snapshot's, arrays the arena's. Errors: TT_ENOMEM. */
int tt_subjects_make(const tt_bill *b, const tt_settings *st, unsigned scopes,
                     tt_arena *arena, tt_subjects *ret, tt_err *err);

/* The id of subject `i`; "" of the fleet. */
const char *tt_subject_id(const tt_subjects *s, size_t i);

/* Whether the snapshot knows a `kind` with this id. */
int tt_subjects_has(const tt_subjects *s, enum tt_subject_kind kind, const char *id);

/* The number of a workload; SIZE_MAX: there is none of that name. */
size_t tt_subjects_workload(const tt_subjects *s, const char *name);

/* Decodes one subject after the other; a node is decoded once for itself and all its
 * cards that follow. Zero-initialise and set `subjects`. */
typedef struct tt_decoder {
	const tt_subjects *subjects;
	tt_arena *arena;         /* of `node` */
	const tt_node *node;
	size_t node_index;
} tt_decoder;

/* Subject `i` into *ret, valid until the next call. Errors: TT_ENOMEM; TT_EINTERNAL. */
int tt_decode(tt_decoder *d, size_t i, tt_subject *ret, tt_err *err);
void tt_decoder_reset(tt_decoder *d);

/* "node", "card" ... for messages. */
const char *tt_scope_text(int32_t scope);
#endif
