/* truth.c - the answer sheet: truth.yaml lists every planted case with its strength. */
#include "tables.h"
#include <stdio.h>

/* The card-hours of a workload whose pods lack the team label, and who its owner is. */
static void ownerless(struct fleet *f, int work, const char *plain_owner, const char *by)
{
	const struct workload *w = &workloads[work];
	int64_t milli_s = 0;
	int pods = 0;

	for (int i = 0; i < f->n_pods; i++) {
		const struct pod *p = &f->pods[i];

		if (p->workload != work)
			continue;
		milli_s += p->gpus_milli * fleet_within(f, p->started_s, p->ended_s);
		pods++;
	}
	if (pods == 0)
		return;

	int64_t milli_h = (milli_s + 1800) / 3600;

	fleet_tell(f, "  - { detector: missing_owner, kind: unlabelled, subject_kind: workload, "
		"subject: %s, namespace: %s, created_by: %s, owner: %s, owner_told_by: %s, "
		"pods: %d, gpu_hours: %d.%03d }\n", w->name, w->namespace,
		w->creator ? w->creator : "null", plain_owner, by, pods,
		(int)(milli_h / 1000), (int)(milli_h % 1000));
}

static void volumes(struct fleet *f)
{
	for (int64_t i = 2; i < 6 + f->o.gpus / 16; i += 3)
		fleet_tell(f, "  - { detector: experiment_sprawl, kind: orphaned_volume, "
			"subject_kind: volume, subject: vol-%d, unread_days_min: 70 }\n",
			(int)(1000 + i));
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
		fleet_tell(f, "  - { detector: stranded_commitment, kind: half_used, "
			"subject_kind: commitment, subject: res-a100, units: %d, units_used: %d, "
			"utilization_ratio: 0.5 }\n", 2 * f->count[GROUP_A100],
			f->count[GROUP_A100]);
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
