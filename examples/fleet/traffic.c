/* traffic.c - what the services did and earned; see usage.h. */
#include "usage.h"
#include <errno.h>
#include <stdlib.h>

#define INTERVAL_S 900

/* Requests of one replica at full load in an interval, by service. */
static int64_t per_replica(const struct workload *w)
{
	/* the planted one is sized for three times its demand */
	return (int64_t)w->capacity_milli * INTERVAL_S / (w == &workloads[WORK_SHOP] ? 3000 : 1000);
}

static int64_t requests(const struct fleet *f, int work, int64_t t_s, int replicas)
{
	uint64_t u = rng_key((uint64_t)f->o.seed, workloads[work].name, (uint64_t)t_s);
	int64_t mean = per_replica(&workloads[work]) * replicas *
		(work >= WORK_EDGE && work <= WORK_JOIN ? 850 : fleet_load(t_s)) / 1000;

	if (work == WORK_LEGACY_EMBED) /* loaded and never asked */
		return 0;
	if (work == WORK_STANDBY) {
		int64_t at = (t_s - WINDOW_START_S) % (2 * DAY_S) - 14 * HOUR_S;

		mean = at >= 0 && at < 84 * 60 ? per_replica(&workloads[work]) * replicas : 0;
	}
	return mean * (int64_t)(850 + (u & 0xffff) * 300 / 65536) / 1000;
}

int64_t traffic_spare(const struct fleet *f, int work, int n, int64_t amount)
{
	const struct workload *w = &workloads[work];
	int64_t intervals = (f->end_s - f->start_s) / INTERVAL_S, spare = 0;

	for (int64_t i = 0; i < intervals; i++) {
		int64_t asked = requests(f, work, f->start_s + i * INTERVAL_S, n);
		int64_t busy = asked * 1000 / ((int64_t)w->capacity_milli * INTERVAL_S) + 1;

		busy = busy < w->min_replicas ? w->min_replicas : busy;
		spare += busy < n ? n - busy : 0;
	}
	return amount / n * spare / intervals;
}

/* Replicas of each service at each interval: starts and ends added up, then summed. */
static int *replicas(const struct fleet *f, int64_t n)
{
	int *count = calloc((size_t)(n + 1) * N_WORKLOADS, sizeof *count);

	for (int i = 0; count && i < f->n_pods; i++) {
		const struct pod *p = &f->pods[i];
		int64_t from = p->started_s, to = p->ended_s;

		if (workloads[p->workload].kind != KIND_INFERENCE)
			continue;
		from = from < f->start_s ? 0 : (from - f->start_s + INTERVAL_S - 1) / INTERVAL_S;
		to = to > f->end_s ? n : (to - f->start_s) / INTERVAL_S;
		if (to <= from)
			continue;
		count[from * N_WORKLOADS + p->workload]++;
		count[to * N_WORKLOADS + p->workload]--;
	}
	for (int64_t i = N_WORKLOADS; count && i < n * N_WORKLOADS; i++)
		count[i] += count[i - N_WORKLOADS];
	return count;
}

static void traffic_row(const struct fleet *f, struct out *o, int work, int64_t t_s, int n)
{
	const struct workload *w = &workloads[work];
	int64_t asked = requests(f, work, t_s, n);

	out_time(o, t_s);
	out_char(o, ',');
	out_text(o, w->name);
	out_char(o, ',');
	out_int(o, asked);
	out_char(o, ',');
	if (w->input_tokens)
		out_int(o, asked * w->input_tokens);
	out_char(o, ',');
	if (w->output_tokens)
		out_int(o, asked * w->output_tokens);
	out_char(o, ',');
	if (w->output_tokens)
		out_int(o, asked * w->input_tokens / 5);
	out_char(o, ',');
	if (asked)
		out_int(o, (int64_t)w->slo_latency_ms * (350 + fleet_load(t_s) * 4 / 10) / 1000);
	out_char(o, '\n');
}

void usage_traffic(const struct fleet *f, struct out *o)
{
	int64_t n = (f->end_s - f->start_s) / INTERVAL_S;
	int *count = replicas(f, n);

	if (!count)
		o->error = ENOMEM;
	out_text(o, "time,workload,requests,input_tokens,output_tokens,cached_tokens,"
		"latency_p95_ms\n");
	for (int64_t i = 0; i < n && count && !o->error; i++)
		for (int w = 0; w < N_WORKLOADS; w++)
			if (count[i * N_WORKLOADS + w] > 0)
				traffic_row(f, o, w, f->start_s + i * INTERVAL_S,
					count[i * N_WORKLOADS + w]);
	free(count);
}

void usage_revenue(const struct fleet *f, struct out *o)
{
	int64_t n = (f->end_s - f->start_s) / INTERVAL_S, a_day = DAY_S / INTERVAL_S;
	int *count = replicas(f, n);

	if (!count)
		o->error = ENOMEM;
	out_text(o, "time,workload,amount\n");
	for (int64_t day = 0; day < f->o.days && count; day++) {
		for (int w = 0; w < N_WORKLOADS; w++) {
			int64_t asked = 0;

			if (workloads[w].revenue_micro == 0)
				continue;
			for (int64_t i = day * a_day; i < (day + 1) * a_day; i++)
				asked += requests(f, w, f->start_s + i * INTERVAL_S,
					count[i * N_WORKLOADS + w]);
			out_time(o, f->start_s + day * DAY_S);
			out_char(o, ',');
			out_text(o, workloads[w].name);
			out_char(o, ',');
			out_fixed(o, asked * workloads[w].revenue_micro / 10000, 2);
			out_char(o, '\n');
		}
	}
	free(count);
}
