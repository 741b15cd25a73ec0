/* training.c - training gangs, half-filled nodes, the stale group and the weekend run. */
#include "money.h"
#include "plan.h"

static const struct quantile gang_length[] = {
	{ 0, 7200 }, { 500, 54000 }, { 900, 172800 }, { 1000, 345600 },
};
static const struct quantile gang_gap[] = {
	{ 0, 1800 }, { 500, 25000 }, { 900, 72000 }, { 1000, 90000 },
};
static const struct quantile half_length[] = {
	{ 0, 900 }, { 500, 14400 }, { 900, 86400 }, { 1000, 172800 },
};
static const struct quantile half_gap[] = {
	{ 0, 120 }, { 500, 12600 }, { 900, 45000 }, { 1000, 64800 },
};

static const int big_works[] = { WORK_PRETRAIN, WORK_PRETRAIN, WORK_FINETUNE, WORK_DIFFUSION };
static const int half_works[] = { WORK_RANKER, WORK_ADS, WORK_SPEECH, WORK_RANKER, WORK_ADS,
	WORK_SPEECH, WORK_ONEOFF_TRAIN };
static const int legacy_works[] = { WORK_LEGACY_VISION };

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

int plan_idle_h100(const struct fleet *f)
{
	int n = f->count[GROUP_H100];

	return f->o.clean ? 0 : n < 20 ? 1 : n / 10;
}

/* Gangs of 4, 2 and 1 nodes; the last ones, bought on demand, have no pod. */
static void gangs(struct fleet *f)
{
	static const int sizes[] = { 4, 2, 1, 1 };
	int n = f->count[GROUP_H100], idle = plan_idle_h100(f);

	for (int i = 0, k = 0; i < n - idle; k++) {
		int size = smaller(sizes[k % 4], n - idle - i);

		lane_fill(f, &(struct lane){ .node = f->first[GROUP_H100] + i, .n_nodes = size,
			.cards = 0xff, .works = big_works, .n_works = 4, .length = gang_length,
			.gap = gang_gap, .from_s = f->start_s, .to_s = FOREVER,
			.first_gap_s = k % 3 == 2 ? 3 * HOUR_S : -1, .behaviour = DOES_TRAIN,
			.tag = "gang" });
		i += size;
	}
	for (int i = n - idle; i < n; i++) {
		struct node *node = &f->nodes[f->first[GROUP_H100] + i];

		node->pricing = "on_demand";
		plan_tell_idle_node(f, (int)(node - f->nodes));
	}
}

static void half_lane(struct fleet *f, int node, unsigned cards)
{
	lane_fill(f, &(struct lane){ .node = node, .n_nodes = 1, .cards = cards,
		.works = half_works, .n_works = 7, .length = half_length, .gap = half_gap,
		.from_s = f->start_s, .to_s = FOREVER,
		.first_gap_s = cards & 1 ? -1 : HOUR_S, .behaviour = DOES_TRAIN,
		.tag = "half" });
}

/* Nodes in lanes of 8, of twice 4 and, with cards 6 and 7 left over, of twice 3. */
static void halves(struct fleet *f)
{
	for (int i = 0; i < f->count[GROUP_A100]; i++) {
		int node = f->first[GROUP_A100] + i;

		if (i % 5 == 0 && !f->o.clean) {
			half_lane(f, node, 0x07);
			half_lane(f, node, 0x38);
			for (int card = 6; card < 8; card++)
				plan_tell_card(f, "idle", node, card, "sm_active_ratio_max: 0.004, "
					"fb_used_pct_max: 1, held: false");
		} else if (i % 2 == 0) {
			half_lane(f, node, 0x0f);
			half_lane(f, node, 0xf0);
		} else {
			half_lane(f, node, 0xff);
		}
	}
}

/* The whole group falls silent after the first fifth of the window. */
static void stale(struct fleet *f)
{
	int64_t until = f->o.clean ? FOREVER : f->start_s + f->o.days * DAY_S / 5;

	for (int i = 0; i < f->count[GROUP_V100]; i++)
		lane_fill(f, &(struct lane){ .node = f->first[GROUP_V100] + i, .n_nodes = 1,
			.cards = 0xff, .works = legacy_works, .n_works = 1,
			.length = half_length, .gap = half_gap, .from_s = f->start_s,
			.to_s = until, .first_gap_s = -1,
			.first_length_s = f->o.days * DAY_S / 5, .behaviour = DOES_TRAIN,
			.tag = "stale" });
	if (f->o.clean)
		return;

	char since[TIME_TEXT];

	fleet_time(until, since);

	int64_t idle_s = f->end_s - until, spend = 0;

	for (int i = 0; i < f->count[GROUP_V100]; i++)
		spend += money_spend(f, &f->nodes[f->first[GROUP_V100] + i], 0, until, FOREVER);
	fleet_plant(f, &(struct planted){ "stale_node_group", "stale", "node_group",
		groups[GROUP_V100].name, /* 24 h and 1 % are its thresholds */
		idle_s < 60 * HOUR_S ? idle_s * 1000 / DAY_S : 2500,
		money_group(f, GROUP_V100), spend }, "nodes: %d, gpus: %d, idle_since: %s, "
		"idle_h: %d, sm_active_ratio_max_since: 0.004", f->count[GROUP_V100],
		8 * f->count[GROUP_V100], since, (int)(idle_s / HOUR_S));
}

void plan_training(struct fleet *f)
{
	gangs(f);
	halves(f);
	stale(f);
}

void plan_weekend(struct fleet *f)
{
	int64_t begin = f->start_s + WEEKEND_DAY * DAY_S + 6 * HOUR_S;

	if (f->weekend_nodes == 0)
		return;

	char time[TIME_TEXT];
	uint64_t key = rng_key((uint64_t)f->o.seed, "weekend", 0);
	int64_t spend = 0;

	for (int i = 0; i < f->weekend_nodes && !f->failed; i++) {
		struct pod *p = fleet_add_pod(f, WORK_WEEKEND, f->first[GROUP_BURST] + i, 0xff);

		p->key = key;
		p->rank = 40000;
		p->run = 0;
		p->behaviour = DOES_TRAIN;
		p->outcome = OUT_CANCELLED;
		p->submitted_s = begin - 240;
		p->started_s = begin;
		p->ended_s = begin + 11 * HOUR_S;
		spend += money_spend(f, &f->nodes[p->node], 0, begin, p->ended_s);
	}
	fleet_time(begin, time);
	fleet_plant(f, &(struct planted){ "burst", "unowned", "workload",
		workloads[WORK_WEEKEND].name, f->weekend_nodes * 8000 / 32,
		spend, -1 },
		"node_group: burst-h100, namespace: scratch, owner: null, nodes: %d, gpus: %d, "
		"started_at: %s, run_h: 11, gpu_hours: %d, outcome: cancelled", f->weekend_nodes,
		8 * f->weekend_nodes, time, 88 * f->weekend_nodes);
}
