/* reading.h - what the counters of one card say at one time.
 *
 * A pure function of the pod, the card and the time: the same card at the same time reads
 * the same whatever the step. The shapes follow published traces; README.md says which. */
#ifndef FLEET_READING_H
#define FLEET_READING_H
#include "fleet.h"

struct reading {
	int sm_milli, util_deci;            /* SM activity in 1/1000, GPU_UTIL in 1/10 % */
	int tensor_milli, dram_milli;
	int pcie_mb_per_s;                  /* on top of what computing moves */
	int fb_milli;                       /* share of the card's memory */
};

/* What is the same for all cards at one time. */
struct moment {
	int64_t t_s, step_s;
	int load;
	bool work_hours;
};

/* Add what `p` does on one card to *r. `card_key` tells cards apart. */
void reading_add(const struct pod *p, unsigned card, uint64_t card_key, const struct moment *m,
	struct reading *r);

/* An idle card: nothing, and now and then the blip of a health check. */
void reading_idle(uint64_t draw, struct reading *r);
#endif
