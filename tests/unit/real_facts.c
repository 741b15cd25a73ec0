/* Facts of the real fleets that stand in packed curves, histograms and aligned series:
 * what SQL over the snapshot file can't see (for the rest: integration/real_fleets.sh).
 * Every figure is computed from a loaded snapshot, so the way through the file is part
 * of it. Quantiles are the smallest sample whose cumulative count is at least q of all. */
#include "maths/bins.h"
#include "real_fleet.h"
#include "snapshot/pack.h"

/* --- Samples ----------------------------------------------------------------------------- */
static int compare_f64(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double *samples(size_t n)
{
	double *v = tt_zalloc(n + 1, sizeof *v);

	if (!v)
		exit(1);
	return v;
}

/* Facts PREFIX.pQ.order for `n` samples, which are sorted. */
static void same_quantiles(const fleet *f, const char *prefix, double *v, size_t n,
                           const int *percent)
{
	char path[300];

	qsort(v, n, sizeof *v, compare_f64);
	for (; *percent; percent++) {
		size_t at = 0;
		while ((at + 1) * 100 < (size_t)*percent * n)
			at++;
		same(f, PATH(path, "%s.p%d.order", prefix, *percent), v[at], 0);
	}
}

static size_t hour_of(const fleet *f, int64_t t)
{
	return (size_t)((t - f->s->start_s) / 3600);
}

/* Units in each hour, of what has this owner, region and type; NULL: of all. */
static double *demand(const fleet *f, const char *owner, const char *region, const char *type,
                      size_t *ret_with_rows)
{
	const tt_rows *rows = &f->s->table[TT_DEMAND];
	double *v = samples(f->hours), *seen = samples(f->hours);

	*ret_with_rows = 0;
	for (size_t i = 0; i < rows->n; i++) {
		const tt_demand_row *r = TT_ROW(rows, const tt_demand_row, i);
		if ((owner && strcmp(owner, r->owner) != 0) ||
		    (region && strcmp(region, r->region) != 0) ||
		    (type && strcmp(type, r->instance_type) != 0))
			continue;
		v[hour_of(f, r->time)] += r->units;
		*ret_with_rows += seen[hour_of(f, r->time)] == 0;
		seen[hour_of(f, r->time)] = 1;
	}
	tt_free(seen);
	return v;
}

static double largest(const double *v, size_t n)
{
	double max = v[0];

	for (size_t i = 1; i < n; i++)
		max = fmax(max, v[i]);
	return max;
}

static double total(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum;
}

/* --- Fleets known as curves ------------------------------------------------------------------ */
static void see_demand(const fleet *f)
{
	size_t n;
	double *v = demand(f, NULL, NULL, NULL, &n);

	same(f, "demand.value.mean", total(v, f->hours) / (double)f->hours, 0);
	same(f, "demand.value.max", largest(v, f->hours), 0);
	same_quantiles(f, "demand.value", v, f->hours, (const int[]){ 5, 50, 95, 0 });
	same(f, "demand.value.min", v[0], 0);
	tt_free(v);
}

static void see_dlrm(void)
{
	fleet f;

	open_fleet(&f, "dlrm");
	see_demand(&f);
	close_fleet(&f);
}

static void see_helios(void)
{
	const tt_rows *rows;
	size_t n, zeros = 0;
	char path[300];
	fleet f;

	open_fleet(&f, "helios");
	see_demand(&f);
	double *v = demand(&f, NULL, NULL, NULL, &n);
	T_INT(f.hours, n);
	for (size_t h = 0; h < f.hours; h++)
		if (v[h] == 0)
			same_time(&f, PATH(path, "zero_hours.value.list[%zu]", zeros++),
			          f.s->start_s + (int64_t)h * 3600);
	same(&f, "zero_hours.value.count", (double)zeros, 0);
	tt_free(v);
	rows = &f.s->table[TT_NODES];
	for (size_t i = 0; i < rows->n; i++) {
		const char *team = TT_ROW(rows, const tt_node_row, i)->node_group;
		if (i > 0 && strcmp(team, TT_ROW(rows, const tt_node_row, i - 1)->node_group) == 0)
			continue;
		v = demand(&f, team, NULL, NULL, &n);
		same(&f, PATH(path, "by_team.value.%s.peak_hour_gpus", team),
		     largest(v, f.hours), 0);
		tt_free(v);
	}
	close_fleet(&f);
}

static void see_shavedice(void)
{
	static const char *const region[] = { "r1", "r2" };
	char path[300], type[2] = "A";
	fleet f;

	open_fleet(&f, "shavedice");
	for (int r = 0; r < 2; r++) {
		size_t n, seen = 0;
		double *v = demand(&f, NULL, region[r], NULL, &n);
		same(&f, PATH(path, "by_region.value.%s.hours_with_rows", region[r]), (double)n, 0);
		same_quantiles(&f, PATH(path, "by_region.value.%s", region[r]), v, f.hours,
		               (const int[]){ 5, 50, 95, 0 });
		same(&f, PATH(path, "by_region.value.%s.max", region[r]), v[f.hours - 1], 0);
		tt_free(v);
		for (type[0] = 'A'; type[0] <= 'L'; type[0]++) {
			v = demand(&f, NULL, region[r], type, &n);
			if (n > 0)
				same(&f, PATH(path, "by_region_and_type.value.\"%s %s\".max",
				              region[r], type), largest(v, f.hours), 0);
			seen += n > 0;
			tt_free(v);
		}
		T_INT(r == 0 ? 11 : 12, seen);
	}
	close_fleet(&f);
}

/* --- Spot --- */
/* Rows [from, to) are the probes of one zone and type, in time order. */
static void see_zone(const fleet *f, const tt_rows *rows, size_t from, size_t to)
{
	const tt_spot_row *first = TT_ROW(rows, const tt_spot_row, from);
	const int64_t step_s = TT_ROW(rows, const tt_spot_row, from + 1)->time - first->time;
	double any = 0, drops = 0, rises = 0, most = 0, run = 0, longest = 0, units = 0;
	char path[300], zone[200];

	snprintf(zone, sizeof zone, "by_zone_and_type.value.\"%s %s\"", first->zone,
	         first->instance_type);
	for (size_t i = from; i < to; i++) {
		const tt_spot_row *r = TT_ROW(rows, const tt_spot_row, i);
		const double before = i > from ? r[-1].available_units : r->available_units;
		if (i > from)
			T_INT(step_s, r->time - r[-1].time);
		any += r->available_units >= 1;
		drops += r->available_units < before;
		rises += r->available_units > before;
		most = fmax(most, r->available_units);
		units += r->available_units;
		run = r->available_units >= 1 ? run + 1 : 0;
		longest = fmax(longest, run);
	}
	same(f, PATH(path, "%s.step_seconds", zone), (double)step_s, 0);
	same(f, PATH(path, "%s.share_with_any", zone), any / (double)(to - from), 0);
	same(f, PATH(path, "%s.max_units", zone), most, 0);
	same(f, PATH(path, "%s.mean_units", zone), units / (double)(to - from), 0);
	same(f, PATH(path, "%s.drops", zone), drops, 0);
	same(f, PATH(path, "%s.rises", zone), rises, 0);
	same(f, PATH(path, "%s.longest_with_any_hours", zone), longest * (double)step_s / 3600, 0);
	same(f, PATH(path, "%s.drops_per_available_day", zone),
	     drops / (any * (double)step_s / 86400), 0);
}

static void see_spot(void)
{
	size_t zones = 0;
	fleet f;

	open_fleet(&f, "spot-availability");
	const tt_rows *rows = &f.s->table[TT_SPOT_AVAILABILITY];
	for (size_t from = 0, to; from < rows->n; from = to, zones++) {
		const tt_spot_row *a = TT_ROW(rows, const tt_spot_row, from);
		for (to = from + 1; to < rows->n; to++) {
			const tt_spot_row *b = TT_ROW(rows, const tt_spot_row, to);
			if (strcmp(a->zone, b->zone) != 0 ||
			    strcmp(a->instance_type, b->instance_type) != 0)
				break;
		}
		see_zone(&f, rows, from, to);
	}
	T_INT(9, zones);
	close_fleet(&f);
}

/* --- Traffic --- */
static void see_azure(void)
{
	const tt_traffic_row *input = NULL, *output = NULL;
	double zeros = 0;
	fleet f;

	open_fleet(&f, "azure-llm");
	const tt_rows *rows = &f.s->table[TT_TRAFFIC];
	double *v[3];
	for (int k = 0; k < 3; k++)
		v[k] = samples(rows->n);
	for (size_t i = 0; i < rows->n; i++) {
		const tt_traffic_row *r = TT_ROW(rows, const tt_traffic_row, i);
		v[0][i] = r->requests;
		v[1][i] = r->input_tokens;
		v[2][i] = r->output_tokens;
		zeros += r->requests == 0;
		input = !input || r->input_tokens > input->input_tokens ? r : input;
		output = !output || r->output_tokens > output->output_tokens ? r : output;
		T_(isnan(r->cached_tokens) && isnan(r->latency_p95_ms), "a missing field is known");
	}
	same(&f, "minutes_without_requests.value", zeros, 0);
	same_time(&f, "peak_minute_by_input.value.time", input->time);
	same(&f, "peak_minute_by_input.value.requests", input->requests, 0);
	same(&f, "peak_minute_by_input.value.input_tokens", input->input_tokens, 0);
	same(&f, "peak_minute_by_input.value.output_tokens", input->output_tokens, 0);
	same_time(&f, "peak_minute_by_output.value.time", output->time);
	same(&f, "peak_minute_by_output.value.output_tokens", output->output_tokens, 0);
	for (int k = 0; k < 3; k++) {
		static const char *const name[] = { "requests_per_minute.value",
			"input_tokens_per_minute.value", "output_tokens_per_minute.value" };
		same_quantiles(&f, name[k], v[k], rows->n, (const int[]){ 50, 95, 0 });
		tt_free(v[k]);
	}
	close_fleet(&f);
}

/* --- Measured cards --- */
static const tt_measure *measure_of(const fleet *f, size_t card, int metric)
{
	return tt_snapshot_measure(f->s, &f->s->carriers[card], metric);
}

static void unpack(const tt_measure *m, enum tt_scale scale, tt_weight *ret)
{
	tt_err err = { 0 };

	T_INT(TT_OK, tt_unpack_histogram(m->histogram, m->histogram_bytes, ret, tt_codes(scale),
	                                 &err));
}

/* Quantile by count, in units of the metric. */
static double quantile(const tt_weight *w, enum tt_scale scale, int64_t n, int percent)
{
	const size_t code = tt_quantile_code(&w[0].n, 2, tt_codes(scale), (uint64_t)n,
	                                     (uint32_t)percent * 10000);

	return (double)tt_code_micro(scale, (uint16_t)code) / 1e6;
}

static void see_pod(const fleet *f, const char *pod, const tt_measure *m, const tt_weight *w)
{
	char path[300];

	same(f, PATH(path, "by_pod.value.\"%s\".zero_share", pod),
	     (double)w[0].n / (double)m->n, 0);
	same(f, PATH(path, "by_pod.value.\"%s\".p95_order", pod),
	     quantile(w, TT_SCALE_PCT, m->n, 95), 0.05);
	if (m->n % 2) /* then the linear median is a sample as well */
		same(f, PATH(path, "by_pod.value.\"%s\".p50", pod),
		     quantile(w, TT_SCALE_PCT, m->n, 50), 0.05);
}

/* All cards' histograms as one, and each pod's. */
static void see_utilization(const fleet *f)
{
	tt_weight w[TT_PCT_CODES], all[TT_PCT_CODES] = { { 0 } };
	int64_t n = 0, below_20 = 0;
	char path[300];

	for (size_t i = 0; i < f->s->n_cards; i++) {
		const tt_measure *m = measure_of(f, i, TT_GPU_UTIL_PCT);
		if (!m)
			continue;
		unpack(m, TT_SCALE_PCT, w);
		for (size_t k = 0; k < TT_PCT_CODES; k++) {
			all[k].n += w[k].n;
			all[k].seconds += w[k].seconds;
		}
		n += m->n;
		below_20 += quantile(w, TT_SCALE_PCT, m->n, 95) < 20;
		T_INT(1, f->s->carriers[i].n_holdings);
		see_pod(f, f->s->holdings[f->s->carriers[i].first_holding].pod, m, w);
	}
	same(f, "util_zero_samples.value", all[0].n, 0);
	same(f, "util_zero_share.value", all[0].n / (double)n, 0);
	same(f, "zero_hours.value", all[0].seconds / 3600.0, 0);
	same(f, "zero_cost_usd.value", all[0].seconds / 3600.0 * 1.861, 0);
	same(f, "pods_util_p95_below_20.value.order", (double)below_20, 0);
	for (int i = 0; i < 4; i++) {
		static const int percent[] = { 50, 90, 95, 99 };
		same(f, PATH(path, "util_quantiles.value.p%d.order", percent[i]),
		     quantile(all, TT_SCALE_PCT, n, percent[i]), 0.05);
	}
}

static void see_memory(const fleet *f)
{
	tt_weight *w = tt_zalloc(TT_LOG_CODES, sizeof *w);
	tt_weight *all = tt_zalloc(TT_LOG_CODES, sizeof *w);
	const int64_t card_micro = 46068 * INT64_C(1000000);
	const size_t edge = tt_code_of(TT_SCALE_LOG, card_micro);
	int64_t n = 0, over = 0;
	char path[300];

	if (!w || !all)
		exit(1);
	for (size_t i = 0; i < f->s->n_cards; i++) {
		const tt_measure *m = measure_of(f, i, TT_FB_USED_MIB);
		unpack(m, TT_SCALE_LOG, w);
		for (size_t k = 0; k < TT_LOG_CODES; k++)
			all[k].n += w[k].n;
		n += m->n;
	}
	for (int i = 0; i < 3; i++) {
		static const int percent[] = { 50, 95, 99 };
		PATH(path, "memory_quantiles_mib.value.p%d.order", percent[i]);
		same(f, path, quantile(all, TT_SCALE_LOG, n, percent[i]), 0.005 * number(f, path));
	}
	/* a limit inside a bucket: the count can only be told from both sides */
	for (size_t k = edge + 1; k < TT_LOG_CODES; k++)
		over += all[k].n;
	const double want = number(f, "memory_over_card_samples.value");
	T_((double)over <= want && want <= (double)(over + all[edge].n),
	   "memory_over_card_samples is %.0f, not in %lld..%lld", want, (long long)over,
	   (long long)over + all[edge].n);
	tt_free(w);
	tt_free(all);
}

/* What happens at the same time: the aligned series, whose step is the sampling step. */
static void see_together(const fleet *f)
{
	const size_t steps = tt_snapshot_steps(f->s);
	double *busy = samples(steps), *reporting = samples(steps), *util = samples(steps),
	       *fb = samples(steps), *max = samples(steps), both = 0, holding = 0;
	tt_err err = { 0 };

	T_INT(57, f->s->step_s);
	for (size_t i = 0; i < f->s->n_cards; i++) {
		const tt_measure *u = measure_of(f, i, TT_GPU_UTIL_PCT);
		const tt_measure *m = measure_of(f, i, TT_FB_USED_MIB);
		T_INT(TT_OK, tt_snapshot_series(f->s, u, util, max, &err));
		T_INT(TT_OK, tt_snapshot_series(f->s, m, fb, max, &err));
		for (size_t k = 0; k < steps; k++) {
			if (isnan(util[k]))
				continue;
			busy[k] += util[k] / 100;
			reporting[k]++;
			both += !isnan(fb[k]);
			holding += util[k] == 0 && fb[k] > 20480;
		}
	}
	/* memory is kept within half a percent, so some samples change sides of the limit */
	same(f, "idle_but_holding_samples.value", holding,
	     0.005 * number(f, "idle_but_holding_samples.value"));
	same(f, "idle_but_holding_share.value", holding / both,
	     0.005 * number(f, "idle_but_holding_share.value"));
	qsort(reporting, steps, sizeof *reporting, compare_f64);
	same(f, "fleet_reporting.value.min", reporting[0], 0);
	same(f, "fleet_reporting.value.max", reporting[steps - 1], 0);
	/* each card is within 0.05 point */
	qsort(busy, steps, sizeof *busy, compare_f64);
	const double within = 0.0005 * reporting[steps - 1];
	same(f, "fleet_busy_cards.value.p50.order", busy[(steps + 1) / 2 - 1], within);
	same(f, "fleet_busy_cards.value.p95.order", busy[(steps * 95 + 99) / 100 - 1], within);
	same(f, "fleet_busy_cards.value.max", busy[steps - 1], within);
	tt_free(busy);
	tt_free(reporting);
	tt_free(util);
	tt_free(fb);
	tt_free(max);
}

static void see_requests(const fleet *f)
{
	const tt_rows *rows = &f->s->table[TT_TRAFFIC];
	const size_t n = (size_t)(f->s->end_s - f->s->start_s);
	double *at = samples(n);
	size_t best = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const tt_traffic_row *r = TT_ROW(rows, const tt_traffic_row, i);
		at[r->time - f->s->start_s] += r->requests;
	}
	for (size_t t = 1; t < n; t++)
		best = at[t] > at[best] ? t : best;
	same(f, "requests_peak.value.requests", at[best], 0);
	same_time(f, "requests_peak.value.time", f->s->start_s + (int64_t)best);
	tt_free(at);
}

static void see_genai(void)
{
	fleet f;

	open_fleet(&f, "genai");
	T_INT(80, f.s->n_cards);
	see_utilization(&f);
	see_memory(&f);
	see_together(&f);
	see_requests(&f);
	close_fleet(&f);
}

int main(void)
{
	find_fleets();
	see_azure();
	see_dlrm();
	see_helios();
	see_shavedice();
	see_spot();
	see_genai();
	t_folder_remove(scratch);
	return T_END();
}
