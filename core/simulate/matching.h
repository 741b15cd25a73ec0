/* matching.h - what the files of match.h share: a selector being matched, and the things that
 * its members made up so far. For match.c, match_measured.c and match_offers.c alone. */
#ifndef TT_SIMULATE_MATCHING_H
#define TT_SIMULATE_MATCHING_H
#include "bill/residents.h"
#include "simulate/match.h"

struct tt_thing {
	bool out;
	tt_i128 busy;        /* millionths of a percent x seconds */
	int64_t busy_s;
	double last_s, needed_s, peak_pct; /* of the hours that have to be silent */
	bool traffic;        /* of a stream that is asked for */
};

struct tt_matching {
	const tt_select *sel;
	const tt_snapshot *s;
	const tt_settings *st;
	tt_arena *scratch;
	tt_names *names;     /* ids of the things */
	struct tt_thing *things;
	size_t cap;
	uint32_t *of;        /* [rows of the members' table] its thing; UINT32_MAX: none */
	unsigned char *hosts; /* [nodes] whether its pods are those that are asked for: bit 0
	                       * one is, bit 1 another is not; NULL: not asked */
	tt_err *err;
};

int tt_matching_open(struct tt_matching *m, tt_err *err); /* sel, s and st are set */
void tt_matching_done(struct tt_matching *m);
/* A member in row `row` (UINT32_MAX: none to remember) belongs to `id`; one that is not in
 * puts it out. What has no id is nothing. */
int tt_matching_add(struct tt_matching *m, const char *id, uint32_t row, bool in);

/* Find out whose pods ran where, once, before nodes are asked for. */
int tt_matching_hosts(struct tt_matching *m);
/* Whether node i is meant; where `with_pricing`, by how it is paid too. */
int tt_matching_node(struct tt_matching *m, size_t i, bool with_pricing, bool *ret);

/* Put out what is not as busy, silent or visited as is asked for. */
int tt_matching_measured(struct tt_matching *m);
/* The offers that one of the nodes could take. */
int tt_matching_offers(struct tt_matching *m);
#endif
