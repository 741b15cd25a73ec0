/* kinds.c - kinds of waste that a fleet has with --every-kind alone, so that the proof of the
 * detectors knows each verdict.
 *
 * As in sides.c, each group stands for one kind. What is told follows from what happened here:
 * who worked when, what a run kept of its hours, which cards stood free while a pod waited. */
#include "money.h"
#include "plan.h"
#include "tables.h"
#include <stdio.h>

#define GUEST_NODES 16
#define GUEST_DAY 2                 /* Wednesday night */
#define WAIT_DAYS_MIN 7             /* of the shortest window in which pods wait long enough */

static const struct steady busy = { 620, 860, 150, 280, 0 };
static const struct steady drawn = { 20, 40, 4, 8, 0 };       /* a screen, nobody at it */
static const struct steady starved = { 200, 300, 40, 90, 0 }; /* waits for its host */

static const struct { int group, nodes; } kinds[] = {
	{ GROUP_TERM, 2 }, { GROUP_DESK, 2 }, { GROUP_TAB, 2 }, { GROUP_PREP, 2 },
	{ GROUP_ROOMY, 1 }, { GROUP_LOOSE, 3 }, { GROUP_SPLIT, 3 }, { GROUP_BESIDE, 2 },
	{ GROUP_OLD, 2 }, { GROUP_NEW, 1 },
};

static bool has_kinds(const struct fleet *f)
{
	return f->o.every_kind && !f->o.clean;
}

/* --- Nodes ----------------------------------------------------------------------------- */

/* They come for the night and go after it. */
static void guest_nodes(struct fleet *f)
{
	int64_t begin = f->start_s + GUEST_DAY * DAY_S + 22 * HOUR_S;

	if (f->o.days <= GUEST_DAY + 1)
		return;
	plan_standing(f, GROUP_GUEST, GUEST_NODES);
	for (int i = 0; i < GUEST_NODES && !f->failed; i++) {
		struct node *n = &f->nodes[f->first[GROUP_GUEST] + i];

		n->started_s = begin - groups[GROUP_GUEST].boot_s;
		n->ended_s = begin + 6 * HOUR_S + groups[GROUP_GUEST].drain_s;
	}
}

/* How long a node stands until it is taken: exponential, 2 hours in the mean. */
static int64_t until_taken_s(struct rng *r)
{
	static const struct quantile lives[] = {
		{ 0, 0 }, { 100, 759 }, { 250, 2071 }, { 500, 4991 }, { 700, 8669 },
		{ 850, 13659 }, { 940, 20256 }, { 980, 28166 }, { 1000, 43200 },
	};

	return quantile_draw(lives, r);
}

/* One after the other, each until the market takes it. */
static void scarce_nodes(struct fleet *f)
{
	const struct group *g = &groups[GROUP_SCARCE];
	struct rng r = { rng_key((uint64_t)f->o.seed, "scarce", 0) };
	int64_t t = f->start_s + rng_between(&r, 60, 600);

	f->first[GROUP_SCARCE] = f->n_nodes;
	for (int i = 0; t < f->end_s - HOUR_S && !f->failed; i++) {
		struct node *n = fleet_add_node(f, GROUP_SCARCE);

		snprintf(n->name, sizeof n->name, "%s-%04d", g->name, i);
		n->started_s = t;
		t += g->boot_s + 60 + until_taken_s(&r);
		n->ended_s = t < f->end_s ? t : FOREVER;
		t += rng_between(&r, 60, 300);
	}
	f->count[GROUP_SCARCE] = f->n_nodes - f->first[GROUP_SCARCE];
}

void plan_kinds_nodes(struct fleet *f)
{
	if (!has_kinds(f))
		return;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		plan_standing(f, kinds[i].group, kinds[i].nodes);
	guest_nodes(f);
	scarce_nodes(f);
}

/* --- What runs on them ------------------------------------------------------------------- */

static struct pod *put(struct fleet *f, int work, int node, unsigned cards,
	const struct steady *does)
{
	struct pod *p = fleet_add_pod(f, work, node, cards);

	p->behaviour = DOES_STEADY;
	p->steady = does;
	p->fb_milli = 700;
	return p;
}

/* A run from one time to another, of which nobody knew before. */
static struct pod *run(struct fleet *f, int work, int node, unsigned cards, int64_t from_s,
	int64_t to_s)
{
	struct pod *p = put(f, work, node, cards, &busy);

	p->run = f->next_run[work]++;
	p->submitted_s = p->started_s = from_s;
	p->ended_s = to_s < f->end_s ? to_s : FOREVER;
	p->outcome = to_s < f->end_s ? OUT_SUCCEEDED : OUT_RUNNING;
	return p;
}

/* One pod has a whole node, on each node of the group. */
static void residents(struct fleet *f, int group, int work, const struct steady *does,
	enum behaviour behaviour)
{
	for (int i = 0; i < f->count[group]; i++)
		put(f, work, f->first[group] + i, (1u << groups[group].gpus) - 1,
			does)->behaviour = behaviour;
}

/* Seconds of the window in which somebody was at work. */
static int64_t worked_s(const struct fleet *f)
{
	int64_t s = 0;

	for (int64_t t = f->start_s; t < f->end_s; t += HOUR_S)
		s += fleet_work_hours(t) ? HOUR_S : 0;
	return s;
}

/* Screens that are drawn all the time: on some somebody works in the day. */
static void desks(struct fleet *f)
{
	int64_t spend = money_group(f, GROUP_DESK), window_s = f->end_s - f->start_s;
	int64_t unused = spend / window_s * (window_s - worked_s(f));

	residents(f, GROUP_DESK, WORK_DESK, &drawn, DOES_DESK);
	residents(f, GROUP_TAB, WORK_TAB, &drawn, DOES_STEADY);
	if (f->o.days < 7) /* a weekend is needed to tell */
		return;
	fleet_plant(f, &(struct planted){ "scale_to_zero", "off_hours", "workload",
		workloads[WORK_DESK].name, 2250, unused, unused },
		"node_group: desk-rtx, worked_h: %d, sm_active_ratio_max: 0.022",
		(int)(worked_s(f) / HOUR_S));
	fleet_plant(f, &(struct planted){ "scale_to_zero", "low_use", "workload",
		workloads[WORK_TAB].name, 2250, money_group(f, GROUP_TAB), -1 },
		"node_group: tab-rtx, sm_active_ratio_max: 0.022");
}

/* A night's work on many cards, of a team that nobody gave a budget. */
static void guests(struct fleet *f)
{
	int64_t begin = f->start_s + GUEST_DAY * DAY_S + 22 * HOUR_S, spend = 0;

	for (int i = 0; i < f->count[GROUP_GUEST]; i++) {
		struct pod *p = run(f, WORK_GUEST, f->first[GROUP_GUEST] + i, 0x0f, begin,
			begin + 6 * HOUR_S);

		spend += money_spend(f, &f->nodes[p->node], 0, p->started_s, p->ended_s);
	}
	if (f->count[GROUP_GUEST] > 0)
		fleet_plant(f, &(struct planted){ "burst", "unbudgeted", "workload",
			workloads[WORK_GUEST].name, GUEST_NODES * 4000 / 32, spend, -1 },
			"node_group: guest-rtx, owner: guests, gpus: %d, run_h: 6",
			GUEST_NODES * 4);
}

/* Each node that comes takes the run up where its last checkpoint left it. On demand the same
 * work would have been done without loss. */
static void scarce(struct fleet *f)
{
	const struct group *g = &groups[GROUP_SCARCE];
	int64_t price = money_list_price(g->instance_type, "on_demand"), kept = 0, lost = 0, paid;
	int n = f->count[GROUP_SCARCE], went = 0;

	for (int i = 0; i < n; i++) {
		const struct node *node = &f->nodes[f->first[GROUP_SCARCE] + i];
		bool stays = node->ended_s == FOREVER;
		struct pod *p = run(f, WORK_SCARCE, f->first[GROUP_SCARCE] + i, 0x0f,
			node->started_s + g->boot_s, stays ? FOREVER : node->ended_s);
		int64_t ran = fleet_within(f, p->started_s, p->ended_s);

		p->run = 0;
		p->restarts = i;
		p->outcome = stays ? OUT_RUNNING : OUT_PREEMPTED;
		lost += truth_lost_s(f, p);
		kept += ran - truth_lost_s(f, p);
		went += !stays;
	}
	if (n == 0 || kept == 0)
		return;

	int64_t spend = money_group(f, GROUP_SCARCE), there = price * (kept / 60) / 60;

	paid = spend / money_list_price(g->instance_type, "spot") * HOUR_S;
	fleet_plant(f, &(struct planted){ "rate_fit", "spot_loss", "workload",
		workloads[WORK_SCARCE].name, spend * 1000 / there, spend,
		spend > there ? spend - there : -1 },
		"node_group: scarce-rtx, interruptions: %d, kept_h: %d", went,
		(int)(kept / HOUR_S));
	lost += n * g->boot_s;

	int64_t a_day = went * 1000 / f->o.days / 2, share = lost * 1000 * 50 / (paid + 1);

	fleet_plant(f, &(struct planted){ "node_churn", "taken", "node_group", g->name,
		a_day < share ? a_day : share,
		lost * (money_node_price(&f->nodes[f->first[GROUP_SCARCE]]) / 100) / 36, -1 },
		"nodes_seen: %d, days: %d, boot_s: %d", n, (int)f->o.days, g->boot_s);
}

/* --- Pools with holes -------------------------------------------------------------------- */

/* On each node one pod for six hours on one card, then on the next: one node would do. */
static void loose(struct fleet *f)
{
	int n = f->count[GROUP_LOOSE];
	int64_t spend = money_group(f, GROUP_LOOSE);

	for (int k = 0; k < f->o.days * 4; k++)
		for (int i = 0; i < n; i++)
			run(f, WORK_LOOSE, f->first[GROUP_LOOSE] + i, 1u << (k + i) % 4,
				f->start_s + k * 6 * HOUR_S, f->start_s + (k + 1) * 6 * HOUR_S);
	fleet_plant(f, &(struct planted){ "fragmentation", "sparse", "node_group",
		groups[GROUP_LOOSE].name, (n - 1) * 10000 / n, spend / n * (n - 1),
		spend / n * (n - 1) }, "nodes: %d, nodes_needed: 1", n);
}

/* Three cards of each of three nodes are taken, by the day; who asks for three more waits, though
 * three are free. */
static void split(struct fleet *f)
{
	int n = f->count[GROUP_SPLIT], first = f->first[GROUP_SPLIT];
	int64_t days = f->o.days - 2, until_s = f->start_s + days * DAY_S;

	for (int k = 0; k < f->o.days; k++)
		for (int i = k >= days; i < n; i++)
			run(f, WORK_SPLIT, first + i, 0x0fu & ~(1u << (k + i) % 4),
				f->start_s + k * DAY_S, f->start_s + (k + 1) * DAY_S);
	run(f, WORK_SPLIT, first, 0x07, until_s, FOREVER)->submitted_s = f->start_s;
	fleet_plant(f, &(struct planted){ "fragmentation", "scattered", "node_group",
		groups[GROUP_SPLIT].name, days * 72 * 1000 / 168,
		3 * money_spend(f, &f->nodes[first], 1, f->start_s, until_s), 0 },
		"gpus_free: 3, waited_h: %d", (int)days * 24);
}

/* A full node, and one with three free cards beside a pod that waits for three. */
static void beside(struct fleet *f)
{
	int first = f->first[GROUP_BESIDE];
	int64_t days = f->o.days - 2, until_s = f->start_s + days * DAY_S;

	put(f, WORK_BESIDE, first, 0x0f, &busy);
	for (int k = 0; k < f->o.days; k++)
		run(f, WORK_BESIDE, first + 1, k < days ? 1u << k % 4 : 1,
			f->start_s + k * DAY_S, f->start_s + (k + 1) * DAY_S);
	run(f, WORK_BESIDE, first + 1, 0x0e, until_s, FOREVER)->submitted_s = f->start_s;
	fleet_plant(f, &(struct planted){ "fragmentation", "beside", "node_group",
		groups[GROUP_BESIDE].name, days * 72 * 1000 / 168,
		3 * money_spend(f, &f->nodes[first], 1, f->start_s, until_s), -1 },
		"gpus_free: 3, waited_h: %d", (int)days * 24);
}

/* --- Prices and hosts ---------------------------------------------------------------------- */

static void tell_prices(struct fleet *f)
{
	int64_t old = money_group(f, GROUP_OLD);
	int64_t here = money_list_price(groups[GROUP_OLD].instance_type, "on_demand");
	int64_t there = money_list_price(groups[GROUP_NEW].instance_type, "on_demand");

	fleet_plant(f, &(struct planted){ "price_drift", "old_generation", "node_group",
		groups[GROUP_OLD].name, (here - there) * 10000 / here, old,
		old / here * (here - there) }, "then: %s", groups[GROUP_NEW].instance_type);
	/* half a card's activity is what a card that waits has at most */
	fleet_plant(f, &(struct planted){ "host_fit", "starved", "node_group",
		groups[GROUP_PREP].name, 2270, money_group(f, GROUP_PREP), -1 },
		"cpu_util_ratio_min: 0.960, sm_active_ratio_max: 0.220");
	if (f->o.days >= 7)
		fleet_plant(f, &(struct planted){ "stranded_commitment", "expiring", "commitment",
			"res-rtx", 90000 / TERM_LEFT_DAYS, money_group(f, GROUP_TERM), -1 },
			"node_group: term-rtx, ends_in_days: %d", TERM_LEFT_DAYS);
}

void plan_kinds(struct fleet *f)
{
	if (!has_kinds(f) || f->failed)
		return;
	residents(f, GROUP_TERM, WORK_TERM, &busy, DOES_STEADY);
	residents(f, GROUP_PREP, WORK_PREP, &starved, DOES_STEADY);
	residents(f, GROUP_ROOMY, WORK_ROOMY, &busy, DOES_STEADY);
	residents(f, GROUP_OLD, WORK_OLD, &busy, DOES_STEADY);
	residents(f, GROUP_NEW, WORK_NEW, &busy, DOES_STEADY);
	desks(f);
	guests(f);
	scarce(f);
	loose(f);
	if (f->o.days >= WAIT_DAYS_MIN) {
		split(f);
		beside(f);
	}
	tell_prices(f);
}
