/* usage.h - the measured tables: gpu_usage.csv, node_usage.csv and traffic.csv.
 *
 * One pass in time order with the state of the nodes that are alive, so that memory does not
 * grow with the number of rows. */
#ifndef FLEET_USAGE_H
#define FLEET_USAGE_H
#include "fleet.h"
#include "out.h"

/* One writer for each file; file errors and a lack of memory stick to `o`. */
void usage_cards(const struct fleet *f, struct out *o);
void usage_nodes(const struct fleet *f, struct out *o);
void usage_traffic(const struct fleet *f, struct out *o);
void usage_revenue(const struct fleet *f, struct out *o);

/* Of `amount`, paid for n replicas that are there all the time, the share that the requests
 * leave unused: whole replicas, as few as can keep up. */
int64_t traffic_spare(const struct fleet *f, int work, int n, int64_t amount);
#endif
