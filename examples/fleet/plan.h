/* plan.h - decides which nodes there are and what runs on them.
 *
 * Nodes come first (plan_nodes), then work is laid onto cards lane by lane: a lane is a set of
 * cards that runs one pod, or one gang, after the other, so nothing ever overlaps. With
 * `clean` the same fleet comes without the planted waste. */
#ifndef FLEET_PLAN_H
#define FLEET_PLAN_H
#include "fleet.h"

void plan_nodes(struct fleet *f);
void plan_standing(struct fleet *f, int group, int64_t count); /* nodes all the time */
void plan_kinds_nodes(struct fleet *f);

void plan_training(struct fleet *f);   /* gangs, half nodes, the stale group */
void plan_weekend(struct fleet *f);    /* the discarded run */
void plan_batch(struct fleet *f);      /* spot, development on shared cards, the cellar */
void plan_serving(struct fleet *f);    /* services, by day and by night */
void plan_sides(struct fleet *f);      /* groups for one kind of waste each */
void plan_kinds(struct fleet *f);      /* the same, with --every-kind alone */
void plan_lab(struct fleet *f);        /* notebooks, the MIG card, the validator */
void plan_system(struct fleet *f);     /* daemons and the CPU group */

/* A group that stands for one kind of waste: each of its nodes runs pods of one workload. */
struct side {
	int group, nodes, work, cards_a_pod, pods_a_node;
	int cpus_milli, memory_mib;         /* that each pod asks for */
	int fb_milli;
	struct steady does;
};
extern const struct side sides[];
extern const int n_sides;

/* One lane: jobs on `cards` of the nodes [node, node + n_nodes) from from_s to to_s. */
struct lane {
	int node, n_nodes;
	unsigned cards;
	const int *works;              /* workloads drawn evenly */
	int n_works;
	const struct quantile *length, *gap;
	int64_t from_s, to_s;          /* to_s FOREVER: beyond the window */
	int64_t first_gap_s;           /* longest wait for the first job; -1: it runs already */
	int64_t first_length_s;        /* shortest first job */
	int share_milli;               /* of one card; 0: whole cards */
	enum behaviour behaviour;
	bool evicted;                  /* who runs at to_s is preempted */
	const char *tag;               /* keeps the draws of lanes on the same card apart */
};
void lane_fill(struct fleet *f, const struct lane *l);
/* Cards, and nodes with all of their cards, that idle_gpu should see; `more` is what else is
 * known of a card. */
void plan_tell_card(struct fleet *f, const char *kind, int node, int card, const char *more);
void plan_tell_idle_node(struct fleet *f, int node);

/* Whether the group's nodes are reserved with --clean, while they are on demand without. */
bool plan_committed(int group);

/* How many nodes of the H100 group are planted idle: not reserved, and without a pod. */
int plan_idle_h100(const struct fleet *f);
#endif
