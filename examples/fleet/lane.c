/* lane.c - jobs one after the other on the same cards, with waits, failures and evictions. */
#include "plan.h"

/* Seconds from submission to start: the openb trace has a median of 2 s, a 95th percentile of
 * 277 s, a 99th of 1,109 s and a longest of 14,330 s. */
static const struct quantile waits[] = {
	{ 0, 0 }, { 300, 1 }, { 500, 2 }, { 800, 12 }, { 950, 277 }, { 990, 1109 },
	{ 1000, 14330 },
};

/* How a job that was not evicted ends; a fifth fails, as in openb (23 % of pods). */
static enum outcome ending(const struct fleet *f, struct rng *r)
{
	uint32_t u = rng_below(r, 100);

	if (f->o.clean)
		return u < 1 ? OUT_FAILED : OUT_SUCCEEDED;
	return u < 24 ? OUT_FAILED : u < 31 ? OUT_CANCELLED : OUT_SUCCEEDED;
}

struct job {
	int work;
	int64_t from_s, to_s, wait_s;
	enum outcome outcome;
	int restarts;
};

static void place(struct fleet *f, const struct lane *l, const struct job *j)
{
	int run = f->next_run[j->work]++, rank = 0;
	uint64_t key = 0;

	for (int i = 0; i < l->n_nodes; i++) {
		struct pod *p = fleet_add_pod(f, j->work, l->node + i, l->cards);

		if (i == 0) {
			key = p->key;
			rank = p->rank;
		}
		p->key = key; /* a gang computes and writes its checkpoints in step */
		p->rank = rank;
		p->behaviour = l->behaviour;
		p->run = run;
		p->started_s = j->from_s;
		p->ended_s = j->to_s;
		p->submitted_s = j->from_s - j->wait_s;
		p->outcome = j->outcome;
		p->restarts = j->restarts;
		if (l->share_milli) {
			p->gpus_milli = l->share_milli;
			p->cpus_milli = l->share_milli * 6;
			p->memory_mib = l->share_milli * 24;
			p->sharing = "time_slice";
		}
	}
}

void lane_fill(struct fleet *f, const struct lane *l)
{
	struct rng r = { rng_key(rng_key((uint64_t)f->o.seed, l->tag, l->cards), "lane",
		(uint64_t)l->node) };
	int64_t t = l->from_s, least = l->first_length_s;
	int64_t gap = l->first_gap_s < 0 ? 0 : rng_between(&r, 0, l->first_gap_s);
	struct job j = { .work = l->works[rng_below(&r, (uint32_t)l->n_works)] };

	for (;;) {
		int64_t length = quantile_draw(l->length, &r);

		length = length < least ? least : length;
		if (l->first_gap_s < 0 && t == l->from_s) /* began before the lane does */
			t -= rng_between(&r, 0, length / 2);
		j.from_s = t + gap;
		j.to_s = j.from_s + length;
		j.wait_s = quantile_draw(waits, &r);
		j.outcome = ending(f, &r);
		if (j.from_s >= (l->to_s < f->end_s ? l->to_s : f->end_s) || f->failed)
			return;
		if (j.to_s > l->to_s) {
			j.to_s = l->to_s;
			j.outcome = l->evicted ? OUT_PREEMPTED : OUT_CANCELLED;
		}
		if (j.to_s > f->end_s) {
			j.to_s = FOREVER;
			j.outcome = OUT_RUNNING;
		}
		if (j.to_s > f->start_s)
			place(f, l, &j);
		if (j.to_s == FOREVER)
			return;
		t = j.to_s;
		least = 0;

		/* a failure is tried again soon, everything else is followed by other work */
		bool again = j.outcome == OUT_FAILED && j.restarts < 3;
		int64_t soon = rng_between(&r, 60, 600), later = quantile_draw(l->gap, &r);

		gap = again ? soon : later;
		j.restarts = again ? j.restarts + 1 : 0;
		if (!again)
			j.work = l->works[rng_below(&r, (uint32_t)l->n_works)];
	}
}
