/* words.h - whose a pod, a node or a curve of demand is: owner, namespace, creator and
 * kind of workload, as numbers that sort like the words.
 *
 * Made once per bill; cells are then joined and ordered by number. The labels of the
 * case are taken into account here and nowhere else:
 *   pod     label of the pod in the case, of its workload in the case; rules; its own labels;
 *           label of its namespace in the case; namespace_owners; label of its node in
 *           the case, of its node group in the case
 *   node    label of the node in the case; rules; its own labels; of its node group */
#ifndef TT_BILL_WORDS_H
#define TT_BILL_WORDS_H
#include "bill/case.h"

typedef struct tt_words {
	const char *owner, *namespace_, *creator, *workload_kind; /* "" none */
	int system;             /* the namespace is one of the system's */
} tt_words;

typedef struct tt_word_book {
	tt_words *v; size_t n;  /* sorted, distinct */
	uint32_t *of_pod;       /* [pods] number in v */
	uint32_t *of_node;      /* [nodes] what no pod on it has */
	uint32_t *of_demand;    /* [rows of TT_DEMAND] */
	uint32_t nobody;        /* all words "" */
	const char **node_owner; /* [nodes] of its own labels, whatever the case says */
} tt_word_book;

/* All of it in `arena`. `r` is of the same snapshot. */
int tt_words_make(const tt_case *c, const tt_residents *r, tt_arena *arena,
                  tt_word_book *ret, tt_err *err);
#endif
