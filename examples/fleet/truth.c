/* truth.c - the answer sheet: truth.yaml lists every planted case with its strength. */
#include "money.h"
#include "tables.h"
#include <stdio.h>
#include <string.h>

/* What pods of a namespace without their team label paid for; `work` -1: of any workload. */
static int64_t unlabelled(const struct fleet *f, const char *namespace, int work, int *ret_pods,
	int64_t *ret_milli_s)
{
	int64_t spend = 0;

	*ret_pods = 0;
	*ret_milli_s = 0;
	for (int i = 0; i < f->n_pods; i++) {
		const struct pod *p = &f->pods[i];
		const struct workload *w = &workloads[p->workload];

		if (w->labelled || w->team == TEAM_SYSTEM || strcmp(w->namespace, namespace) != 0 ||
			(work >= 0 && p->workload != work) || p->node < 0)
			continue;

		const struct node *n = &f->nodes[p->node];
		int64_t node = money_spend(f, n, 1, p->started_s, p->ended_s);

		spend += node > 0 ? node / 1000 * p->gpus_milli : 0;
		*ret_milli_s += p->gpus_milli * fleet_within(f, p->started_s, p->ended_s);
		++*ret_pods;
	}
	return spend;
}

/* A workload whose pods lack the team label, and who its owner is. */
static void ownerless(struct fleet *f, int work, const char *plain_owner, const char *by)
{
	const struct workload *w = &workloads[work];
	int64_t milli_s, ignored, share;
	int pods;

	/* a place has to be a thousandth of the bill */
	share = unlabelled(f, w->namespace, -1, &pods, &ignored) / (money_fleet(f) / 1000000);

	int64_t spend = unlabelled(f, w->namespace, work, &pods, &milli_s);
	int64_t milli_h = (milli_s + 1800) / 3600;

	if (pods > 0)
		fleet_plant(f, &(struct planted){ "missing_owner", "unlabelled", "workload",
			w->name, share, spend, 0 }, "namespace: %s, created_by: %s, owner: %s, "
			"owner_told_by: %s, pods: %d, gpu_hours: %d.%03d", w->namespace,
			w->creator ? w->creator : "null", plain_owner, by, pods,
			(int)(milli_h / 1000), (int)(milli_h % 1000));
}

int64_t truth_lost_s(const struct fleet *f, const struct pod *p)
{
	const struct workload *w = &workloads[p->workload];
	int64_t s = fleet_within(f, p->started_s, p->ended_s);

	if (p->outcome == OUT_CANCELLED || s == 0)
		return s;
	if (p->outcome != OUT_FAILED && p->outcome != OUT_PREEMPTED)
		return 0;

	int64_t again = p->restarts > 0 ? w->restart_s : 0, age = p->ended_s - p->started_s;

	if (w->checkpoint_interval_s <= 0 || age <= again)
		return s;

	int64_t lost = again + (age - again) % w->checkpoint_interval_s;

	return lost < s ? lost : s;
}

/* Workloads of which more than 40 % of the card-hours, a card for a week and three runs came to
 * nothing. */
static void fruitless(struct fleet *f, int work)
{
	static const char *const verdicts[] = { [OUT_FAILED] = "failed",
		[OUT_CANCELLED] = "cancelled", [OUT_PREEMPTED] = "preempted" };
	int64_t lost[OUT_PENDING] = { 0 }, all = 0, sum, spend = 0, runs = 0;
	int most = OUT_FAILED;

	for (int i = 0; i < f->n_pods; i++) {
		const struct pod *p = &f->pods[i];

		if (p->workload != work || p->node < 0 || p->gpus_milli == 0)
			continue;

		int64_t s = truth_lost_s(f, p);
		int64_t card = money_spend(f, &f->nodes[p->node], 1, p->started_s,
			p->started_s == ALWAYS ? FOREVER : p->started_s + s);

		all += p->gpus_milli * fleet_within(f, p->started_s, p->ended_s) / 1000;
		if (s == 0)
			continue;
		lost[p->outcome] += p->gpus_milli * s / 1000;
		spend += card > 0 ? card / 1000 * p->gpus_milli : 0;
		runs++;
	}
	for (int i = OUT_FAILED; i <= OUT_PREEMPTED; i++)
		most = lost[i] > lost[most] ? i : most;
	sum = lost[OUT_FAILED] + lost[OUT_CANCELLED] + lost[OUT_PREEMPTED];
	if (all == 0)
		return;

	int64_t factor = sum * 2500 / all;

	if (factor > sum * 1000 / (168 * HOUR_S))
		factor = sum * 1000 / (168 * HOUR_S);
	/* what is close to the threshold may be said as well */
	if (factor >= 800 && runs >= 3)
		fleet_plant(f, &(struct planted){ "failed_runs", verdicts[most], "workload",
			workloads[work].name, factor, spend, -1 }, "runs_lost: %d, "
			"gpu_hours_lost: %d", (int)runs, (int)(sum / HOUR_S));
}

/* What a team left behind, together: each was not read for 70 days before the window. */
static void orphans(struct fleet *f, int team)
{
	char subject[64];
	int64_t gib = 0;
	int n = 0;

	for (int64_t i = 0; i < market_n_volumes(f); i++) {
		if (!market_orphan(f, i) || market_volume_team(f, i) != team)
			continue;
		gib += market_volume_gib(f, i);
		n++;
	}
	if (n == 0)
		return;

	int64_t spend = gib * 100 * (f->o.days * 24); /* a GiB is 0.0001 an hour */

	snprintf(subject, sizeof subject, "volumes of %s", teams[team].name);
	fleet_plant(f, &(struct planted){ "experiment_sprawl", "orphaned_volume", "fleet", subject,
		(70 + f->o.days) * 1000 / 30, spend, spend }, "volumes: %d, unread_days_min: %d", n,
		(int)(70 + f->o.days));
}

static void volumes(struct fleet *f)
{
	int64_t spend = market_volume_gib(f, FORGOTTEN) * 100 * (f->o.days * 24);
	char subject[64];

	for (int i = 0; i < N_TEAMS; i++)
		orphans(f, i);
	snprintf(subject, sizeof subject, "volumes of %s",
		teams[market_volume_team(f, FORGOTTEN)].name);
	fleet_plant(f, &(struct planted){ "experiment_sprawl", "unread_volume", "fleet", subject,
		2220, spend, spend / 5 * 4 }, "volume: vol-%d, unread_days_min: 200",
		1000 + FORGOTTEN);
}

/* Half of the units have no node, and have to be paid for all the same. */
static void stranded(struct fleet *f)
{
	int n = f->count[GROUP_A100];
	int64_t price = money_parse(groups[GROUP_A100].price_per_hour);

	fleet_plant(f, &(struct planted){ "stranded_commitment", "stranded", "commitment",
		"res-a100", 2000, n * f->o.days * 24 * price, -1 },
		"units: %d, units_used: %d, utilization_ratio: 0.5", 2 * n, n);
	/* the same card in another size is paid on demand */
	fleet_plant(f, &(struct planted){ "stranded_commitment", "movable", "commitment",
		"res-a100", 2000, -1, -1 }, "node_group: lab-a100");
}

/* A quota that nobody uses, while research, which has a small one, waits for cards of any model. */
static void idle_quota(struct fleet *f)
{
	const char *model = groups[GROUP_H100].gpu_model;
	int64_t waited_s = 0, spend = 0, cards_s = 0;

	for (int i = 0; i < f->n_nodes; i++) {
		const struct node *n = &f->nodes[i];

		if (strcmp(groups[n->group].gpu_model, model) != 0)
			continue;
		spend += money_spend(f, n, 0, ALWAYS, FOREVER);
		cards_s += fleet_within(f, n->started_s, n->ended_s) * groups[n->group].gpus;
	}

	for (int i = 0; i < f->n_pods; i++)
		if (f->pods[i].outcome == OUT_PENDING && f->pods[i].workload == WORK_EVAL)
			waited_s += fleet_within(f, f->pods[i].submitted_s, f->pods[i].ended_s);

	int64_t factor = waited_s * 1000 / DAY_S;

	fleet_plant(f, &(struct planted){ "idle_quota", "idle_quota", "fleet",
		"quota of forecasting for h100", factor < 3300 ? factor : 3300,
		spend / (cards_s / HOUR_S) * IDLE_QUOTA * f->o.days * 24, -1 },
		"gpus: %d, used: 0", IDLE_QUOTA);
}

/* Services and notebooks that do nothing for most of their time; what their cards cost is not
 * saved while others stay on the nodes. */
static void sleepers(struct fleet *f)
{
	static const struct { int work, factor_milli, idle_pct; } asleep[] = {
		{ WORK_IMAGE_GEN, 2500, 60 }, { WORK_CHAT, 2500, 60 }, { WORK_EMBED, 2500, 60 },
		{ WORK_CREATIVE, 2500, 60 }, { WORK_SHOP, 2500, 60 }, { WORK_DUAL, 2500, 60 },
		{ WORK_STANDBY, 4000, 95 }, { WORK_LEGACY_EMBED, 4500, 99 },
		{ WORK_SPELL, 1000, 30 }, { WORK_TAGGER, 1000, 30 },
		{ WORK_NB_RESEARCH, 2500, 75 }, { WORK_NB_VISION, 2500, 75 },
		{ WORK_NB_ADS, 2500, 75 }, { WORK_NB_FORECAST, 2500, 75 },
	};

	for (size_t i = 0; i < sizeof asleep / sizeof *asleep; i++)
		if (f->next_name[asleep[i].work] > 0)
			fleet_plant(f, &(struct planted){ "scale_to_zero", "sleeps", "workload",
				workloads[asleep[i].work].name, asleep[i].factor_milli, -1, -1 },
				"idle_pct_min: %d", asleep[i].idle_pct);
}

void truth_complete(struct fleet *f)
{
	const struct node *dark = &f->nodes[f->first[GROUP_L40S]];
	char from[TIME_TEXT], to[TIME_TEXT];

	if (!f->o.clean) {
		ownerless(f, WORK_LABELLING, "vision", "namespace");
		ownerless(f, WORK_ALICE, "search", "created-by");
		ownerless(f, WORK_BOB, "ads", "created-by");
		ownerless(f, WORK_ONEOFF, "null", "nothing");
		ownerless(f, WORK_ONEOFF_TRAIN, "null", "nothing");
		ownerless(f, WORK_WEEKEND, "null", "nothing");
		stranded(f);
		sleepers(f);
		idle_quota(f);
		charges_tell(f);
		for (int i = 0; i < N_WORKLOADS; i++)
			if (workloads[i].kind == KIND_TRAINING || workloads[i].kind == KIND_BATCH)
				fruitless(f, i);
		volumes(f);
	}
	/* not waste, but a report has to say so */
	fleet_tell(f, "  - { detector: null, kind: unknown_price, subject_kind: node_group, "
		"subject: colo-a40, nodes: %d, gpu_hours: %d }\n", f->count[GROUP_COLO],
		f->count[GROUP_COLO] * 4 * 24 * (int)f->o.days);
	fleet_time(dark->dark_from_s, from);
	fleet_time(dark->dark_to_s, to);
	fleet_tell(f, "  - { detector: null, kind: telemetry_gap, subject_kind: node, "
		"subject: %s, from: %s, to: %s, gpu_hours: 24 }\n", dark->name, from, to);
}

void truth_write(const struct fleet *f, struct out *o)
{
	out_text(o, "# What was planted in this fleet. Bounds end in _min and _max, the rest is "
		"exact.\ngpus: ");
	out_int(o, f->o.gpus);
	out_text(o, "\ndays: ");
	out_int(o, f->o.days);
	out_text(o, "\nseed: ");
	out_int(o, f->o.seed);
	out_text(o, f->o.clean ? "\nclean: true\ncases:\n" : "\nclean: false\ncases:\n");
	if (f->n_truth)
		for (int at = 0; at < f->n_truth; at += 4096)
			out_bytes(o, f->truth + at,
				f->n_truth - at < 4096 ? (size_t)(f->n_truth - at) : 4096);
}
