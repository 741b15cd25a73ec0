/* tables.h - everything that is not measured: entities, the market and the truth. */
#ifndef FLEET_TABLES_H
#define FLEET_TABLES_H
#include "fleet.h"
#include "out.h"

/* One writer for each file; file errors stick to `o`. */
void table_snapshot(const struct fleet *f, struct out *o);
void table_nodes(const struct fleet *f, struct out *o);
void table_pods(const struct fleet *f, struct out *o);
void table_node_groups(const struct fleet *f, struct out *o);
void table_workloads(const struct fleet *f, struct out *o);

void market_prices(const struct fleet *f, struct out *o);
void market_commitments(const struct fleet *f, struct out *o);
void market_spot(const struct fleet *f, struct out *o);
void market_quotas(const struct fleet *f, struct out *o);
void market_budgets(const struct fleet *f, struct out *o);
void market_volumes(const struct fleet *f, struct out *o);
void charges_write(const struct fleet *f, struct out *o);

/* The volume that is attached and that nobody has read for 200 days. */
#define FORGOTTEN 1

/* From the window's end until the commitment of term-rtx ends. */
#define TERM_LEFT_DAYS 30

/* Cards that forecasting has a quota of and never uses. */
#define IDLE_QUOTA 16

/* How many volumes there are, which nobody reads, how large one is, and whose. */
int64_t market_n_volumes(const struct fleet *f);
bool market_orphan(const struct fleet *f, int64_t i);
int64_t market_volume_gib(const struct fleet *f, int64_t i);
int market_volume_team(const struct fleet *f, int64_t i);

/* Of what a run did, what came to nothing: all of it, or what was done since its last checkpoint
 * and to take up again what an earlier one had left. */
int64_t truth_lost_s(const struct fleet *f, const struct pod *p);

/* What is wrong in charges.csv. */
void charges_tell(struct fleet *f);

/* Cases that only the whole fleet knows, after planning; then the file. */
void truth_complete(struct fleet *f);
void truth_write(const struct fleet *f, struct out *o);
#endif
