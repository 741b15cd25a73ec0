/* batch.c - short jobs: on spot nodes that come and go, on shared cards and in the cellar. */
#include "money.h"
#include "plan.h"

static const struct quantile job_length[] = {
	{ 0, 60 }, { 300, 600 }, { 500, 1800 }, { 900, 14400 }, { 1000, 43200 },
};
static const struct quantile job_gap[] = {
	{ 0, 10 }, { 500, 1500 }, { 900, 9000 }, { 1000, 14400 },
};
static const struct quantile session_length[] = {
	{ 0, 300 }, { 500, 3000 }, { 900, 10800 }, { 1000, 28800 },
};
static const struct quantile session_gap[] = {
	{ 0, 60 }, { 500, 2400 }, { 900, 9000 }, { 1000, 18000 },
};

/* About one job in six without its team label; some say who made them. */
static const int spot_works[] = { WORK_FEATURES, WORK_TRANSCODE, WORK_EVAL, WORK_EVAL,
	WORK_FEATURES, WORK_TRANSCODE, WORK_EVAL, WORK_FEATURES, WORK_TRANSCODE, WORK_EVAL,
	WORK_FEATURES, WORK_TRANSCODE, WORK_EVAL, WORK_FEATURES, WORK_TRANSCODE, WORK_EVAL,
	WORK_EVAL, WORK_FEATURES, WORK_TRANSCODE, WORK_EVAL, WORK_LABELLING, WORK_ALICE,
	WORK_BOB, WORK_ONEOFF };
static const int shared_works[] = { WORK_DEV, WORK_GPU_TEST, WORK_DEV };
static const int cellar_works[] = { WORK_SIMULATE };

static void spot(struct fleet *f)
{
	int first = f->first[GROUP_A10], n = f->count[GROUP_A10];

	for (int i = 0; i < n && !f->failed; i++) {
		const struct node *node = &f->nodes[first + i];

		for (int card = 0; card < groups[GROUP_A10].gpus; card++)
			lane_fill(f, &(struct lane){ .node = first + i, .n_nodes = 1,
				.cards = 1u << card, .works = spot_works,
				.n_works = sizeof spot_works / sizeof *spot_works,
				.length = job_length, .gap = job_gap,
				.from_s = node->started_s < f->start_s ? f->start_s :
					node->started_s,
				.to_s = node->ended_s, .first_gap_s = 120,
				.first_length_s = HOUR_S, .behaviour = DOES_BATCH,
				.evicted = true, .tag = "spot" });
	}
}

/* Every other card of the small group is cut into a half and two quarters. */
static void shared(struct fleet *f)
{
	static const struct { int share; const char *tag; } parts[] = {
		{ 500, "half card" }, { 250, "quarter" }, { 250, "other quarter" },
	};

	for (int i = 1; i < f->count[GROUP_L4]; i += 2) {
		for (int k = 0; k < 3; k++)
			lane_fill(f, &(struct lane){ .node = f->first[GROUP_L4] + i,
				.n_nodes = 1, .cards = 1, .works = shared_works, .n_works = 3,
				.length = session_length, .gap = session_gap,
				.from_s = f->start_s, .to_s = FOREVER, .first_gap_s = 900,
				.share_milli = parts[k].share, .behaviour = DOES_BATCH,
				.tag = parts[k].tag });
	}
}

/* Seconds of nodes that an idle timeout saves, counted from the end of a run: of a pause that is
 * shorter the boot less what it is longer than the drain, that was paid for anyway; each other
 * end of a node waits for the timeout first. */
static int64_t kept_s(const struct fleet *f, int64_t timeout_s)
{
	const struct group *g = &groups[GROUP_CI];
	const struct node *first = &f->nodes[f->first[GROUP_CI]];
	int64_t sum = 0;

	for (int i = 0; i < f->count[GROUP_CI]; i++) {
		int64_t gap_s = i + 1 < f->count[GROUP_CI] ?
			first[i + 1].started_s - first[i].ended_s : DAY_S;

		sum += gap_s + g->drain_s <= timeout_s ? g->boot_s - gap_s : -timeout_s;
	}
	return sum;
}

/* With the timeout that saves most. */
static void tell_churn(struct fleet *f)
{
	const struct group *g = &groups[GROUP_CI];
	const struct node *first = &f->nodes[f->first[GROUP_CI]];
	int64_t price = money_node_price(first), saved_s = 0, paid_s = 0;
	int n = f->count[GROUP_CI];

	for (int i = 0; i < n; i++) {
		int64_t with_s = kept_s(f, i + 1 < n ? first[i + 1].started_s - first[i].ended_s +
			g->drain_s : 0);

		paid_s += first[i].ended_s - first[i].started_s;
		saved_s = with_s > saved_s ? with_s : saved_s;
	}

	int64_t a_day = n * 1000 / f->o.days / 2, share = saved_s * 1000 * 50 / paid_s;

	fleet_plant(f, &(struct planted){ "node_churn", "churns", "node_group", g->name,
		a_day < share ? a_day : share, n * (g->boot_s + g->drain_s) * price / HOUR_S,
		saved_s * price / HOUR_S }, "nodes_seen: %d, days: %d, boot_s: %d, drain_s: %d, "
		"gap_s_max: %d", n, (int)f->o.days, g->boot_s, g->drain_s, CI_GAP_S);
}

/* A run of the tests takes the node that came for it. */
static void ci(struct fleet *f)
{
	for (int i = 0; i < f->count[GROUP_CI] && !f->failed; i++) {
		const struct node *node = &f->nodes[f->first[GROUP_CI] + i];
		struct pod *p = fleet_add_pod(f, WORK_GPU_TEST, f->first[GROUP_CI] + i, 0x0f);

		p->behaviour = DOES_BATCH;
		p->submitted_s = node->started_s - 20;
		p->started_s = node->started_s + groups[GROUP_CI].boot_s;
		p->ended_s = node->ended_s - groups[GROUP_CI].drain_s;
		p->outcome = OUT_SUCCEEDED;
	}
	if (f->count[GROUP_CI] > 0)
		tell_churn(f);
}

/* Asked for more than was free and never started: nothing was placed. */
static void never_started(struct fleet *f)
{
	int n = f->o.clean ? 0 : 2 + (int)(f->o.gpus * f->o.days / 100);

	for (int i = 0; i < n; i++) {
		struct rng r = { rng_key((uint64_t)f->o.seed, "pending", (uint64_t)i) };
		struct pod *p = fleet_add_pod(f, i % 3 ? WORK_EVAL : WORK_FINETUNE, -1,
			i % 3 ? 0x01 : 0xff);

		p->outcome = OUT_PENDING;
		p->submitted_s = f->start_s + rng_between(&r, 0, f->o.days * DAY_S - 1);

		int64_t gives_up = p->submitted_s + rng_between(&r, HOUR_S, 3 * DAY_S);

		p->ended_s = gives_up < f->end_s ? gives_up : FOREVER;
	}
}

/* What the nodes that the market took were paid for without anything to show: boots, drains and
 * the work that broke off, in seconds of nodes. */
static void tell_spot(struct fleet *f)
{
	const struct group *g = &groups[GROUP_A10];
	int64_t lost_s = 0, paid_s = 0;
	int n = f->count[GROUP_A10], went = 0;

	for (int i = 0; i < n; i++) {
		const struct node *node = &f->nodes[f->first[GROUP_A10] + i];

		paid_s += fleet_within(f, node->started_s, node->ended_s);
		went += node->ended_s < f->end_s;
		lost_s += g->boot_s + (node->ended_s < f->end_s ? g->drain_s : 0);
	}
	for (int i = 0; i < f->n_pods; i++) {
		const struct pod *p = &f->pods[i];

		if (p->outcome == OUT_PREEMPTED && p->node >= f->first[GROUP_A10] &&
			p->node < f->first[GROUP_A10] + n)
			lost_s += (p->ended_s - p->started_s) / g->gpus;
	}

	int64_t a_day = went * 1000 / f->o.days / 2, share = lost_s * 1000 * 50 / (paid_s + 1);

	fleet_plant(f, &(struct planted){ "node_churn", "taken", "node_group", g->name,
		a_day < share ? a_day : share,
		lost_s * (money_node_price(&f->nodes[f->first[GROUP_A10]]) / 100) / 36, -1 },
		"nodes_seen: %d, days: %d, boot_s: %d", n, (int)f->o.days, g->boot_s);
}

void plan_batch(struct fleet *f)
{
	spot(f);
	shared(f);
	for (int i = 0; i < f->count[GROUP_COLO]; i++) {
		for (int card = 0; card < 2; card++)
			lane_fill(f, &(struct lane){ .node = f->first[GROUP_COLO] + i,
				.n_nodes = 1, .cards = 1u << card, .works = cellar_works,
				.n_works = 1, .length = job_length, .gap = job_gap,
				.from_s = f->start_s, .to_s = FOREVER, .first_gap_s = HOUR_S,
				.behaviour = DOES_BATCH, .tag = "cellar" });
	}
	never_started(f);
	ci(f);
	if (f->count[GROUP_A10] > 0 && !f->o.clean)
		tell_spot(f);
}
