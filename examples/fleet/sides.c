/* sides.c - groups of their own, each for one kind of waste and for nothing else.
 *
 * They stand beside the cards that --gpus counts, are full and busy all the time, and are left
 * out with --clean. What else could be said of them is kept from being said: replicas have the
 * demand that they are for, cards are never idle. */
#include "money.h"
#include "plan.h"
#include <stdio.h>

const struct side sides[] = {
	/* on demand, though it is interruptible and writes checkpoints */
	{ GROUP_TUNE, 2, WORK_TUNER, 4, 1, 24000, 131072, 820, { 680, 970, 180, 300, 0 } },
	/* on spot, though its callers wait */
	{ GROUP_EDGE, 3, WORK_EDGE, 1, 1, 6000, 16384, 720, { 520, 700, 120, 250, 0 } },
	/* a card that is too large: a fifth of its memory and a seventh of the rest would do */
	{ GROUP_CAPTION, 1, WORK_CAPTION, 1, 4, 6000, 16384, 200, { 120, 280, 40, 60, 0 } },
	/* no smaller card is to be had, and a tenth of it would do */
	{ GROUP_MINI, 6, WORK_MINI, 1, 1, 1500, 4096, 95, { 70, 120, 20, 40, 0 } },
	/* nine of ten runs fail, and nothing is kept of them */
	{ GROUP_FLAKY, 2, WORK_FLAKY, 4, 1, 24000, 131072, 780, { 620, 950, 170, 300, 0 } },
	/* a host with eight times the processors and memory for the same card */
	{ GROUP_WIDE, 3, WORK_VOICE, 1, 1, 4000, 8192, 760, { 560, 740, 150, 300, 0 } },
	/* waits for its host to make its data ready */
	{ GROUP_FEED, 1, WORK_LOADER, 4, 1, 44000, 131072, 700, { 70, 970, 15, 40, 18000 } },
	/* the same card is had for less than half elsewhere */
	{ GROUP_ASR, 2, WORK_ASR, 1, 4, 8000, 32768, 740, { 560, 760, 140, 280, 0 } },
	/* paid half as much again as the list says */
	{ GROUP_RENDER, 2, WORK_RENDER, 1, 4, 8000, 32768, 730, { 600, 820, 150, 300, 0 } },
	/* one pod takes the host, so three cards have no room for another */
	{ GROUP_DENSE, 2, WORK_JOIN, 1, 1, 60000, 425984, 710, { 580, 800, 150, 300, 0 } },
};
const int n_sides = sizeof sides / sizeof *sides;

static struct pod *side_pod(struct fleet *f, const struct side *s, int node, int at)
{
	unsigned mask = ((1u << s->cards_a_pod) - 1) << (at * s->cards_a_pod);
	struct pod *p = fleet_add_pod(f, s->work, node, mask);

	p->behaviour = DOES_STEADY;
	p->steady = &s->does;
	p->cpus_milli = s->cpus_milli;
	p->memory_mib = s->memory_mib;
	p->fb_milli = s->fb_milli;
	return p;
}

/* Runs of five to nine hours, one after the other, of which nine fail at their end and the
 * tenth is done. */
static void flaky(struct fleet *f, const struct side *s, int node)
{
	struct rng r = { rng_key((uint64_t)f->o.seed, "flaky", (uint64_t)node) };
	int64_t t = f->start_s + rng_between(&r, 0, HOUR_S);

	for (int i = 0; t < f->end_s && !f->failed; i++) {
		struct pod *p = side_pod(f, s, node, 0);

		p->run = f->next_run[s->work]++;
		p->submitted_s = t - 30;
		p->started_s = t;
		t += rng_between(&r, 5 * HOUR_S, 9 * HOUR_S);
		p->restarts = i % 10;
		p->outcome = i % 10 == 9 ? OUT_SUCCEEDED : OUT_FAILED;
		p->ended_s = t;
		if (t >= f->end_s) {
			p->ended_s = FOREVER;
			p->outcome = OUT_RUNNING;
		}
		t += rng_between(&r, 60, 300);
	}
}

/* The cards that idle_gpu sees: a pod took the host and left them. */
static void dark_cards(struct fleet *f, const struct side *s, int node)
{
	for (int card = s->cards_a_pod * s->pods_a_node; card < groups[s->group].gpus; card++)
		plan_tell_card(f, "idle", node, card, "sm_active_ratio_max: 0.004, "
			"fb_used_pct_max: 1, held: false");
}

/* Interruptions cost the restart and half of an interval between two checkpoints, so many an hour
 * of work as prices.csv says of spot. */
static void tell_rates(struct fleet *f)
{
	const struct workload *w = &workloads[WORK_TUNER];
	const char *type = groups[GROUP_TUNE].instance_type;
	int64_t spend = money_group(f, GROUP_TUNE), on_demand = money_list_price(type, "on_demand");
	int64_t lost_s = w->restart_s + w->checkpoint_interval_s / 2; /* 0.02 of them an hour */
	int64_t spot = money_list_price(type, "spot") * (180000 + lost_s) / 180000;

	fleet_plant(f, &(struct planted){ "rate_fit", "spot_fits", "workload", w->name,
		(on_demand - spot) * 5000 / on_demand, spend,
		spend / on_demand * (on_demand - spot) },
		"node_group: tune-a10, checkpoint_interval_s: %d", w->checkpoint_interval_s);
	/* 0.08 interruptions an hour, each a restart of two minutes; a thousandth is allowed */
	fleet_plant(f, &(struct planted){ "rate_fit", "spot_service", "workload",
		workloads[WORK_EDGE].name, 2660, money_group(f, GROUP_EDGE), -1 },
		"node_group: edge-l4, slo_latency_ms: %d", workloads[WORK_EDGE].slo_latency_ms);
}

/* What stands on demand all the time, of types that commitments are offered for: a third less is
 * paid for what is always used; a twentieth is the threshold. */
static void tell_baseload(struct fleet *f)
{
	static const int steady[] = { GROUP_L40S, GROUP_L4, GROUP_LAB, GROUP_RENDER };

	for (size_t i = 0; i < sizeof steady / sizeof *steady && f->o.days >= 14; i++) {
		const struct group *g = &groups[steady[i]];
		char subject[80];

		snprintf(subject, sizeof subject, "%s/%s/%s %s", g->provider, g->region,
			g->instance_type, g->gpu_model);
		fleet_plant(f, &(struct planted){ "rate_fit", "uncommitted", "fleet", subject,
			2000, -1, -1 }, "node_group: %s", g->name);
	}
	/* runs of the tests can be interrupted, and have their nodes for themselves */
	if (f->count[GROUP_CI] > 0)
		fleet_plant(f, &(struct planted){ "rate_fit", "spot_fits", "workload",
			workloads[WORK_GPU_TEST].name, 2500, money_group(f, GROUP_CI), -1 },
			"node_group: %s", groups[GROUP_CI].name);
}

static void tell_cards(struct fleet *f)
{
	int64_t spend = money_group(f, GROUP_CAPTION);
	int64_t here = money_list_price("ex.a100x4", "on_demand");
	int64_t there = 4 * money_list_price("ex.l4x1", "on_demand");

	/* a fifth less is what has to be saved */
	fleet_plant(f, &(struct planted){ "gpu_fit", "wrong_card", "workload",
		workloads[WORK_CAPTION].name, (here - there) * 5000 / here, spend,
		spend / here * (here - there) }, "node_group: caption-a100, then: l4, "
		"sm_active_ratio_max: 0.132, fb_used_pct_max: 21");
}

/* Prices: the same card elsewhere, less what its data cost once (1,000 GiB a node) and since then;
 * a price that is half as much again as the list's; a host that is too large for its card. */
static void tell_prices(struct fleet *f)
{
	int64_t asr = money_group(f, GROUP_ASR), render = money_group(f, GROUP_RENDER);
	int64_t wide = money_group(f, GROUP_WIDE), n = f->count[GROUP_ASR];
	int64_t gib = n * (1000 + ASR_BYTES_PER_S * f->o.days * DAY_S / (1 << 30));
	int64_t gap = asr / 240 * 130 - gib * MICRO / 20;

	if (gap > 0) /* from 15 % on */
		fleet_plant(f, &(struct planted){ "arbitrage", "cheaper_elsewhere", "node_group",
			groups[GROUP_ASR].name, gap * 1000 / asr * 100 / 15, asr, gap },
			"region: south, price_ratio: 0.458");
	fleet_plant(f, &(struct planted){ "price_drift", "above_list", "node_group",
		groups[GROUP_RENDER].name, 11000, render, render / 3 }, "price_ratio: 1.5");
	fleet_plant(f, &(struct planted){ "host_fit", "oversized", "node_group",
		groups[GROUP_WIDE].name, 2700, wide, wide / 3 * 2 },
		"cpu_util_ratio_max: 0.029, memory_used_ratio_max: 0.035");
	fleet_plant(f, &(struct planted){ "fragmentation", "dark", "node_group",
		groups[GROUP_DENSE].name, 7500, -1, -1 }, "gpus_dark: %d",
		3 * f->count[GROUP_DENSE]);
}

/* What is wrong with a group, as the detector for it says. */
static void tell(struct fleet *f)
{
	int64_t spend = money_group(f, GROUP_MINI);

	/* 45 % at p95 is the most; a card has room for four, by the processors of its node */
	fleet_plant(f, &(struct planted){ "gpu_sharing", "small", "node_group",
		groups[GROUP_MINI].name, 5800, spend, spend / 6 * 4 },
		"replicas: 6, sm_active_ratio_max: 0.077, fb_used_pct_max: 11");
	/* busy by the clock with a fifth of the 30 % of the multiprocessors; its host is at 97 % */
	fleet_plant(f, &(struct planted){ "gpu_bottleneck", "cpu_bound", "workload",
		workloads[WORK_LOADER].name, 2000, money_group(f, GROUP_FEED), -1 },
		"node_group: feed-a10, sm_active_ratio_max: 0.077, cpu_util_ratio_min: 0.960");
	tell_rates(f);
	tell_baseload(f);
	tell_cards(f);
	tell_prices(f);
}

void plan_sides(struct fleet *f)
{
	for (int i = 0; i < n_sides && !f->o.clean; i++) {
		const struct side *s = &sides[i];

		for (int k = 0; k < s->nodes; k++) {
			int node = f->first[s->group] + k;

			if (s->work == WORK_FLAKY) {
				flaky(f, s, node);
				continue;
			}
			for (int at = 0; at < s->pods_a_node; at++)
				side_pod(f, s, node, at);
			dark_cards(f, s, node);
		}
	}
	if (!f->o.clean)
		tell(f);
}
