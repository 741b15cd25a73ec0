/* nodes.c - the nodes of every group, and the spot market that lets some come and go. */
#include "plan.h"
#include <stdio.h>

/* Exponential distribution of mean 1000 as points, from -ln(1 - q). */
static const struct quantile exponential[] = {
	{ 0, 0 }, { 250, 288 }, { 500, 693 }, { 750, 1386 }, { 900, 2303 }, { 970, 3507 },
	{ 990, 4605 }, { 1000, 6500 },
};

/* Mean stretch with and without capacity by zone: about 88, 60 and 17 % of the time with it,
 * lost about 2.5, 9 and 28 times a day of it: inside what V100 spot probes of nine zones show. */
static const struct { int64_t up_s, down_s; } zones[N_ZONES] = {
	{ 26500, 3400 }, { 8000, 5400 }, { 2400, 11500 },
};

static void spot_market(struct fleet *f)
{
	for (int z = 0; z < N_ZONES; z++) {
		struct rng r = { rng_key((uint64_t)f->o.seed, "zone", (uint64_t)z) };
		int64_t mean_up = zones[z].up_s, mean_down = zones[z].down_s;
		int64_t t = f->start_s - rng_below(&r, (uint32_t)mean_up);

		while (t < f->end_s) {
			int64_t up = 600 + mean_up * quantile_draw(exponential, &r) / 1000;
			int64_t down = 600 + mean_down * quantile_draw(exponential, &r) / 1000;

			if (t + up > f->start_s)
				fleet_add_run(f, z, t, t + up);
			t += up + down;
		}
	}
}

/* What stands all the time is committed to in a fleet without waste. */
bool plan_committed(int group)
{
	return group == GROUP_L40S || group == GROUP_L4 || group == GROUP_LAB ||
		group == GROUP_CPU;
}

void plan_standing(struct fleet *f, int group, int64_t count)
{
	f->first[group] = f->n_nodes;
	f->count[group] = (int)count;
	for (int i = 0; i < count; i++) {
		struct node *n = fleet_add_node(f, group);

		n->zone = zone_names[i % N_ZONES];
		if (f->o.clean && plan_committed(group))
			n->pricing = "reserved";
		snprintf(n->name, sizeof n->name, "%s-%04d", groups[group].name, i);
	}
}

/* Spot slots in the best zone: a node for each stretch of capacity worth booting for. */
static void spot_slots(struct fleet *f, int64_t slots)
{
	const struct runs *runs = &f->spot[0];

	if (f->o.clean) { /* as if there always were capacity */
		plan_standing(f, GROUP_A10, slots);
		return;
	}
	f->first[GROUP_A10] = f->n_nodes;
	for (int64_t slot = 0; slot < slots; slot++) {
		struct rng r = { rng_key((uint64_t)f->o.seed, "slot", (uint64_t)slot) };

		for (int i = 0; i < runs->n; i++) {
			int64_t boot = rng_between(&r, 120, 900);
			struct run run = runs->v[i];

			if (fleet_within(f, run.from_s, run.to_s) < 2 * HOUR_S ||
				run.from_s + boot > f->end_s - 2 * HOUR_S)
				continue;

			struct node *n = fleet_add_node(f, GROUP_A10);

			snprintf(n->name, sizeof n->name, "batch-a10-%03d-%03d", (int)slot, i);
			n->started_s = run.from_s + boot;
			n->ended_s = run.to_s < f->end_s ? run.to_s : FOREVER;
		}
	}
	f->count[GROUP_A10] = f->n_nodes - f->first[GROUP_A10];
}

/* The run takes 200 cards, or 25/32 of a fleet of less than 256, in whole nodes, on top of
 * --gpus: they were bought for it and went after it. */
static void weekend_nodes(struct fleet *f)
{
	int64_t cards = f->o.gpus < 256 ? f->o.gpus * 25 / 32 : 200;
	int64_t begin = f->start_s + WEEKEND_DAY * DAY_S + 6 * HOUR_S;

	if (f->o.clean || f->o.days <= WEEKEND_DAY)
		return;
	f->weekend_nodes = (int)((cards + 7) / 8);
	plan_standing(f, GROUP_BURST, f->weekend_nodes);
	if (f->failed)
		return;
	for (int i = 0; i < f->weekend_nodes; i++) {
		struct node *n = &f->nodes[f->first[GROUP_BURST] + i];
		struct rng r = { n->key };

		n->pricing = i % 3 == 2 ? "spot" : "on_demand";
		n->started_s = begin - rng_between(&r, 900, 1500);
		n->ended_s = begin + 11 * HOUR_S + rng_between(&r, 300, 900);
	}
}

/* A node for each run of the tests, on weekdays from 8 to 19: it goes at once when a run
 * ends, and the next comes before it would have been paid for to wait. */
static void ci_nodes(struct fleet *f)
{
	const struct group *g = &groups[GROUP_CI];

	f->first[GROUP_CI] = f->n_nodes;
	for (int64_t day = 0; day < f->o.days && !f->o.clean; day++) {
		struct rng r = { rng_key((uint64_t)f->o.seed, "ci day", (uint64_t)day) };
		int64_t t = f->start_s + day * DAY_S + 8 * HOUR_S + rng_between(&r, 0, HOUR_S);
		int64_t evening = f->start_s + day * DAY_S + 19 * HOUR_S;

		for (int i = 0; day % 7 < 5 && t < evening && !f->failed; i++) {
			struct node *n = fleet_add_node(f, GROUP_CI);

			snprintf(n->name, sizeof n->name, "ci-l40s-%02d-%03d", (int)day, i);
			n->started_s = t;
			n->ended_s = t + g->boot_s + rng_between(&r, 900, 1800) + g->drain_s;
			t = n->ended_s + rng_between(&r, 60, CI_GAP_S);
		}
	}
	f->count[GROUP_CI] = f->n_nodes - f->first[GROUP_CI];
}

/* Idle CPU nodes, a service of its own on nodes sized for a peak that never came, and a
 * node that was added for services and has none. */
static void spare_nodes(struct fleet *f)
{
	f->kept_node = -1;
	if (f->o.clean)
		return;
	plan_standing(f, GROUP_WEB, 6);
	plan_standing(f, GROUP_SHOP, 10);
	for (int i = 0; i < n_sides; i++)
		plan_standing(f, sides[i].group, sides[i].nodes);

	struct node *n = fleet_add_node(f, GROUP_L40S);

	snprintf(n->name, sizeof n->name, "%s-%04d", groups[GROUP_L40S].name,
		f->count[GROUP_L40S]);
	f->kept_node = f->failed ? -1 : f->n_nodes - 1;
}

static int64_t at_least(int64_t low, int64_t v)
{
	return v < low ? low : v;
}

void plan_nodes(struct fleet *f)
{
	int64_t gpus = f->o.gpus;
	int64_t a100 = at_least(1, gpus * 20 / 100 / 8), v100 = at_least(2, gpus * 6 / 100 / 8);
	int64_t l40s = at_least(2, gpus * 17 / 100 / 4), a10 = at_least(1, gpus * 11 / 100 / 4);
	int64_t lab = at_least(1, gpus * 6 / 100 / 4), colo = at_least(1, gpus * 4 / 100 / 4);
	int64_t rest = gpus - 8 * (a100 + v100) - 4 * (l40s + a10 + lab + colo);
	int64_t h100 = at_least(2, (rest - at_least(4, gpus * 5 / 100)) / 8);

	spot_market(f);
	plan_standing(f, GROUP_H100, h100);
	plan_standing(f, GROUP_A100, a100);
	plan_standing(f, GROUP_V100, v100);
	plan_standing(f, GROUP_L40S, l40s);
	plan_standing(f, GROUP_L4, rest - 8 * h100); /* nodes of one card take what is left */
	plan_standing(f, GROUP_LAB, lab);
	plan_standing(f, GROUP_COLO, colo);
	plan_standing(f, GROUP_CPU, at_least(3, gpus / 128));
	spot_slots(f, a10);
	weekend_nodes(f);
	ci_nodes(f);
	spare_nodes(f);
	plan_kinds_nodes(f);
	if (f->failed)
		return;

	struct node *dark = &f->nodes[f->first[GROUP_L40S]];

	dark->dark_from_s = f->start_s + f->o.days / 2 * DAY_S + 6 * HOUR_S;
	dark->dark_to_s = dark->dark_from_s + 6 * HOUR_S;
}
