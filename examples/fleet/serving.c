/* serving.c - inference services by day and by night, notebooks, daemons and CPU pods. */
#include "money.h"
#include "plan.h"
#include "usage.h"
#include <stdio.h>

/* A pod that runs the whole window on `cards`. */
static struct pod *resident(struct fleet *f, int work, int node, unsigned cards,
	enum behaviour behaviour)
{
	struct pod *p = fleet_add_pod(f, work, node, cards);

	p->behaviour = behaviour;
	return p;
}

/* Replicas that the autoscaler adds on weekdays, for the day. */
static void by_day(struct fleet *f, int work, int node, unsigned cards)
{
	for (int64_t day = 0; day < f->o.days; day++) {
		int64_t midnight = f->start_s + day * DAY_S;

		if (day % 7 >= 5)
			continue;

		struct pod *p = resident(f, work, node, cards, DOES_SERVE);
		struct rng r = { p->key };

		p->started_s = midnight + rng_between(&r, 6 * HOUR_S, 9 * HOUR_S);
		p->submitted_s = p->started_s - rng_between(&r, 2, 60);
		p->ended_s = midnight + rng_between(&r, 18 * HOUR_S, 22 * HOUR_S);
		p->outcome = OUT_RUNNING; /* removed while it ran */
		p->fb_milli = 480 + p->fb_milli / 10;
	}
}

static void service(struct fleet *f, int i, int node, unsigned cards)
{
	static const int works[] = { WORK_IMAGE_GEN, WORK_CHAT, WORK_IMAGE_GEN, WORK_EMBED,
		WORK_CREATIVE };
	int work = works[i % 5];

	if (i / 5 % 2 == 1)
		by_day(f, work, node, cards);
	else
		resident(f, work, node, cards, DOES_SERVE)->fb_milli = 480 + i * 37 % 100;
}

void plan_tell_card(struct fleet *f, const char *kind, int node, int card, const char *more)
{
	const struct node *n = &f->nodes[node];
	char subject[64];

	snprintf(subject, sizeof subject, "%s/%d", n->name, card);
	/* 0.4 % is the highest reading, 1 % the threshold; the node stays, so nothing is saved */
	fleet_plant(f, &(struct planted){ "idle_gpu", kind, "card", subject, 2500,
		money_spend(f, n, 1, ALWAYS, FOREVER), 0 }, "gpus: 1, gpu_hours: %d, %s",
		(int)f->o.days * 24, more);
}

void plan_tell_idle_node(struct fleet *f, int node)
{
	const struct node *n = &f->nodes[node];
	int64_t spend = money_spend(f, n, 0, ALWAYS, FOREVER);
	int gpus = groups[n->group].gpus;

	/* what keeps the node has to go first */
	fleet_plant(f, &(struct planted){ "idle_gpu", "idle", "node", n->name, 2500, spend,
		node == f->kept_node ? 0 : spend }, "gpus: %d, gpu_hours: %d, "
		"sm_active_ratio_max: 0.004, fb_used_pct_max: 1, held: false", gpus,
		(int)f->o.days * 24 * gpus);
}

/* The cards of serving node i that do something else than serve; returns their mask. */
static unsigned plant(struct fleet *f, int i)
{
	int node = f->first[GROUP_L40S] + i;
	char more[160];
	unsigned taken = 0;

	if (f->o.clean)
		return 0;
	if (i % 11 == 0) { /* asks for two cards and uses one */
		struct pod *p = resident(f, WORK_DUAL, node, 0x03, DOES_SERVE);

		p->idle_cards = 0x02;
		snprintf(more, sizeof more, "sm_active_ratio_max: 0.004, fb_used_pct_max: 3, "
			"held: true, pod: %s", p->name);
		plan_tell_card(f, "idle", node, 1, more);
		taken |= 0x03;
	}
	if (i % 10 == 0 && f->o.days >= 7) {
		struct pod *p = resident(f, WORK_STANDBY, node, 0x04, DOES_BURST);

		p->fb_milli = 520;
		snprintf(more, sizeof more, "burst_every_h: 48, burst_h: 1.4, "
			"burst_sm_active_ratio_min: 0.300, pod: %s", p->name);
		plan_tell_card(f, "burst_reserve", node, 2, more);
		taken |= 0x04;
	}
	if (i % 6 == 1 && !(taken & 0x01)) {
		struct pod *p = resident(f, WORK_LEGACY_EMBED, node, 0x01, DOES_HOLD);

		p->fb_milli = 620 + i * 53 % 260;
		snprintf(more, sizeof more, "sm_active_ratio_max: 0.004, fb_used_pct_min: 60, "
			"fb_used_pct_max: 90, pod: %s", p->name);
		plan_tell_card(f, "holding", node, 0, more);
		taken |= 0x01;
	}
	if (i % 8 == 1) {
		plan_tell_card(f, "idle", node, 3,
			"sm_active_ratio_max: 0.004, fb_used_pct_max: 1, held: false");
		taken |= 0x08;
	}
	return taken;
}

/* A replica on each node, day and night. */
static void shop(struct fleet *f)
{
	int n = f->count[GROUP_SHOP];

	for (int i = 0; i < n; i++)
		resident(f, WORK_SHOP, f->first[GROUP_SHOP] + i, 1, DOES_SERVE)->fb_milli = 480;
	if (n > 0)
		fleet_plant(f, &(struct planted){ "peak_sized_pool", "oversized", "workload",
			workloads[WORK_SHOP].name, 3000, money_group(f, GROUP_SHOP),
			traffic_spare(f, WORK_SHOP, n, money_group(f, GROUP_SHOP)) },
			"node_group: shop-l4, replicas: %d, peak_use_ratio_max: 0.31", n);
}

void plan_serving(struct fleet *f)
{
	int n = f->count[GROUP_L40S];

	if (!f->o.clean && n > 2) /* scaled up once, never down */
		plan_tell_idle_node(f, f->first[GROUP_L40S] + --n);
	for (int i = 0, k = 0; i < n; i++) {
		unsigned taken = plant(f, i);

		for (int card = 0; card < 4; card++)
			if (!(taken & 1u << card))
				service(f, k++, f->first[GROUP_L40S] + i, 1u << card);
	}
	for (int i = 0; i < f->count[GROUP_L4]; i += 2) { /* time-sliced: three or four pods */
		for (int k = 0; k < 4 - i / 2 % 2; k++) {
			struct pod *p = resident(f, k % 2 ? WORK_TAGGER : WORK_SPELL,
				f->first[GROUP_L4] + i, 1, DOES_SERVE);

			p->gpus_milli = 250;
			p->cpus_milli = 1500;
			p->memory_mib = 4096;
			p->sharing = "time_slice";
			p->fb_milli = 180 + 10 * k;
		}
	}
	shop(f);
}

/* A notebook from Monday to Friday, some over the weekend, week after week. */
static void notebook(struct fleet *f, int work, int node, unsigned cards)
{
	for (int64_t week = 0; week * 7 < f->o.days; week++) {
		int64_t monday = f->start_s + week * 7 * DAY_S;
		struct pod *p = resident(f, work, node, cards, DOES_NOTEBOOK);
		struct rng r = { p->key };

		p->started_s = monday + rng_between(&r, 7 * HOUR_S, 10 * HOUR_S);
		p->submitted_s = p->started_s - rng_between(&r, 1, 60);
		p->ended_s = monday + 4 * DAY_S + rng_between(&r, 17 * HOUR_S, 23 * HOUR_S);
		p->outcome = OUT_CANCELLED;
		p->fb_milli /= 3;
		if (rng_below(&r, 3) == 0)
			p->ended_s = monday + 7 * DAY_S;
		if (p->ended_s >= f->end_s) {
			p->ended_s = FOREVER;
			p->outcome = OUT_RUNNING;
		}
	}
}

/* One card cut by MIG into three instances; two notebooks and a session live on them. */
static void mig_card(struct fleet *f, int node)
{
	static const struct { int id, milli; const char *profile; int work; } slices[] = {
		{ 1, 500, "mig:3g.40gb", WORK_NB_RESEARCH },
		{ 5, 250, "mig:2g.20gb", WORK_NB_VISION },
		{ 9, 125, "mig:1g.10gb", WORK_DEV },
	};

	for (int i = 0; i < 3; i++) {
		struct pod *p = resident(f, slices[i].work, node, 1, DOES_NOTEBOOK);

		p->slice = slices[i].id;
		p->gpus_milli = slices[i].milli;
		p->sharing = slices[i].profile;
		p->cpus_milli = 4000;
		p->memory_mib = 32768;
		p->fb_milli = p->fb_milli * slices[i].milli / 3000;
	}
}

void plan_lab(struct fleet *f)
{
	static const int works[] = { WORK_NB_RESEARCH, WORK_NB_VISION, WORK_NB_ADS };

	for (int i = 0, k = 0; i < f->count[GROUP_LAB]; i++) {
		int node = f->first[GROUP_LAB] + i, card = 0;

		if (i == 0)
			mig_card(f, node);
		for (card = i == 0; card < 3; card++)
			notebook(f, works[k++ % 3], node, 1u << card);
		if (i % 3 == 0 && !f->o.clean) {
			struct pod *p = resident(f, WORK_NB_VISION, node, 0x08, DOES_HOLD);
			char more[160];

			p->fb_milli = 710;
			snprintf(more, sizeof more, "sm_active_ratio_max: 0.004, "
				"fb_used_pct_min: 60, fb_used_pct_max: 90, pod: %s", p->name);
			plan_tell_card(f, "holding", node, 3, more);
			/* 72 h without activity, to the end */
			fleet_plant(f, &(struct planted){ "experiment_sprawl", "abandoned",
				"pod", p->name, f->o.days * 1000 / 3, money_spend(f,
				&f->nodes[node], 1, ALWAYS, FOREVER), 0 }, "idle_h: %d",
				(int)f->o.days * 24);
		} else {
			notebook(f, works[k++ % 3], node, 0x08);
		}
	}
	for (int i = 0; i < f->count[GROUP_COLO]; i++) {
		notebook(f, WORK_NB_FORECAST, f->first[GROUP_COLO] + i, 0x04);
		notebook(f, WORK_NB_FORECAST, f->first[GROUP_COLO] + i, 0x08);
	}

	struct pod *check = resident(f, WORK_VALIDATOR, f->first[GROUP_LAB], 0x02, DOES_CHECK);

	check->submitted_s = check->started_s = f->start_s;
	check->ended_s = f->start_s + 1200;
	check->outcome = OUT_SUCCEEDED;
	check->cpus_milli = 500;
	check->memory_mib = 1024;
}

static void cpu_pod(struct fleet *f, int work, int node, int cpus_milli, int memory_mib)
{
	struct pod *p = fleet_add_pod(f, work, node, 0);

	p->cpus_milli = cpus_milli;
	p->memory_mib = memory_mib;
}

static void nightly(struct fleet *f, int node)
{
	for (int64_t day = 0; day < f->o.days; day++) {
		struct pod *p = fleet_add_pod(f, WORK_ETL, node, 0);
		struct rng r = { p->key };

		p->cpus_milli = 8000;
		p->memory_mib = 24576;
		p->submitted_s = f->start_s + day * DAY_S + 2 * HOUR_S;
		p->started_s = p->submitted_s + rng_between(&r, 2, 300);
		p->ended_s = p->started_s + rng_between(&r, 2 * HOUR_S, 4 * HOUR_S);
		p->outcome = rng_below(&r, 12) ? OUT_SUCCEEDED : OUT_FAILED;
	}
}

static void tell_cpu(struct fleet *f)
{
	int n = f->count[GROUP_WEB];

	if (n > 0) /* two are kept, since with one the pool goes when the node goes */
		fleet_plant(f, &(struct planted){ "cpu_pool", "slack", "node_group",
			groups[GROUP_WEB].name, 2170, money_group(f, GROUP_WEB),
			money_group(f, GROUP_WEB) / n * (n - 2) },
			"nodes: %d, cpu_util_ratio_max: 0.023", n);
	if (f->kept_node >= 0) {
		int64_t spend = money_spend(f, &f->nodes[f->kept_node], 0, ALWAYS, FOREVER);

		fleet_plant(f, &(struct planted){ "cpu_pool", "kept", "node",
			f->nodes[f->kept_node].name, f->o.days * 1000, spend, spend },
			"gpus: 4, gpu_hours: %d, other_pods: 2", (int)f->o.days * 24 * 4);
		plan_tell_idle_node(f, f->kept_node);
	}
}

void plan_system(struct fleet *f)
{
	int first = f->first[GROUP_CPU];

	for (int i = 0; i < f->count[GROUP_WEB]; i++)
		cpu_pod(f, WORK_GATEWAY, f->first[GROUP_WEB] + i, 1000, 4096);
	for (int i = 0; i < 2 && f->kept_node >= 0; i++)
		cpu_pod(f, WORK_GATEWAY, f->kept_node, 2000, 4096);
	tell_cpu(f);

	for (int i = 0; i < f->count[GROUP_CPU]; i++) {
		if (i < 2)
			cpu_pod(f, WORK_DNS, first + i, 100, 170);
		if (i % 8 == 0)
			cpu_pod(f, WORK_METRICS, first + i, 500, 1024);
		cpu_pod(f, WORK_GATEWAY, first + i, 2000, 4096);
		nightly(f, first + i);
	}
	for (int i = 0; i < f->n_nodes && !f->failed; i++) { /* a daemon on every node */
		cpu_pod(f, WORK_PROXY, i, 100, 128);

		struct pod *p = &f->pods[f->n_pods - 1];

		p->submitted_s = p->started_s = f->nodes[i].started_s;
		p->ended_s = f->nodes[i].ended_s;
	}
}
