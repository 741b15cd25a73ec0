#include "change/needs.h"
#include "base/memory.h"
#include "bill/activity.h"
#include <math.h>
#include <string.h>

static const double PER_BIN = 512;
/* A series is kept to 0.5 %: what may not be exceeded is taken to be that much more. */
static const double SERIES_SLACK = 1.01;

/* The last series that were unpacked: pods of a node follow each other, and each asks for several
 * metrics of all of its cards. As many as fit into so much memory. */
enum { UNPACKED_MOST = 64, UNPACKED_LEAST = 16, UNPACKED_BYTES = 32 << 20 };

struct unpacked {
	const tt_measure *of;           /* NULL: none yet */
	double *mean, *max;             /* [steps], in one piece */
	tt_stretch known;               /* NaN outside of it */
};

struct tt_needs {
	const tt_snapshot *s;
	size_t steps;
	struct unpacked unpacked[UNPACKED_MOST];
	size_t n_unpacked, oldest;
	double *tensor, *dram;          /* [steps] */
	double *most_mib;               /* [holdings] read of memory meanwhile; NaN: nothing */
	bool *has_most;                 /* [carriers] whether that is there of its holdings */
	uint32_t *cards; size_t n_cards, cap_cards;
};

int tt_needs_open(const tt_snapshot *s, tt_needs **ret, tt_err *err)
{
	TT_CLEANUP(tt_needs_closep) tt_needs *n = tt_zalloc(1, sizeof *n);

	if (!n)
		return tt_no_memory(err);
	n->s = s;
	n->steps = tt_snapshot_steps(s);
	n->n_unpacked = UNPACKED_BYTES / (2 * (n->steps + 1) * sizeof *n->tensor);
	if (n->n_unpacked < UNPACKED_LEAST)
		n->n_unpacked = UNPACKED_LEAST;
	if (n->n_unpacked > UNPACKED_MOST)
		n->n_unpacked = UNPACKED_MOST;
	n->tensor = tt_zalloc(n->steps + 1, sizeof *n->tensor);
	n->dram = tt_zalloc(n->steps + 1, sizeof *n->dram);
	if (!n->tensor || !n->dram)
		return tt_no_memory(err);
	*ret = n;
	n = NULL;
	return TT_OK;
}

void tt_needs_close(tt_needs *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < UNPACKED_MOST; i++)
		tt_free(n->unpacked[i].mean);
	tt_free(n->tensor);
	tt_free(n->dram);
	tt_free(n->most_mib);
	tt_free(n->has_most);
	tt_free(n->cards);
	tt_free(n);
}

void tt_needs_closep(tt_needs **n)
{
	tt_needs_close(*n);
}

/* --- Cards ------------------------------------------------------------------------------ */

static bool held(const tt_snapshot *s, const tt_carrier *k, size_t pod)
{
	for (size_t i = 0; i < k->n_holdings; i++)
		if (s->holdings[k->first_holding + i].pod_index == pod)
			return true;
	return false;
}

int tt_needs_cards(tt_needs *n, size_t pod, const uint32_t **ret, size_t *ret_n, tt_err *err)
{
	const tt_pod_row *p = tt_pod_at(n->s, pod);
	const uint32_t node = n->s->placed.node_of_pod[pod];
	size_t first = 0, count = 0, named = 0;

	if (node != UINT32_MAX)
		tt_node_carriers(n->s, node, &first, &count);
	for (size_t i = first; i < first + count; i++)
		named += n->s->carriers[i].n_holdings;
	const bool all = count && !named && tt_millionths(p->gpus) > 0 &&
	                 tt_millionths(p->gpus) >= tt_node_cards_u6(n->s, node);

	n->n_cards = 0;
	for (size_t i = first; i < first + count; i++) {
		if (!all && !held(n->s, &n->s->carriers[i], pod))
			continue;
		if (!TT_GROW(n->cards, n->n_cards, n->cap_cards))
			return tt_no_memory(err);
		n->cards[n->n_cards++] = (uint32_t)i;
	}
	*ret = n->cards;
	*ret_n = n->n_cards;
	return TT_OK;
}

/* --- Series ----------------------------------------------------------------------------- */

bool tt_needs_had(const tt_needs *n, size_t pod, uint32_t carrier, tt_needs_steps *at)
{
	const tt_snapshot *s = n->s;
	const tt_carrier *k = &s->carriers[carrier];
	const size_t done = at->end;
	tt_span ran;

	if (!k->n_holdings) { /* the whole node */
		if (at->holding++ || !tt_pod_ran(s, tt_pod_at(s, pod), &ran))
			return false;
		tt_activity_range(s, ran, &at->first, &at->end);
		return at->first < at->end;
	}
	while (at->holding < k->n_holdings) { /* by time */
		const tt_holding *h = &s->holdings[k->first_holding + at->holding++];

		if (h->pod_index != pod)
			continue;
		tt_activity_range(s, (tt_span){ h->from_s, h->to_s }, &at->first, &at->end);
		at->first = at->first > done ? at->first : done;
		if (at->first < at->end)
			return true;
		at->end = done;
	}
	return false;
}

/* Forget the steps in which the pod did not have the carrier. */
static void keep_held(const tt_needs *n, size_t pod, uint32_t carrier, double *v)
{
	tt_needs_steps at = { 0 };
	size_t next = 0;

	while (tt_needs_had(n, pod, carrier, &at)) {
		for (; next < at.first; next++)
			v[next] = (double)NAN;
		next = at.end;
	}
	for (; next < n->steps; next++)
		v[next] = (double)NAN;
}

static int unpack(tt_needs *n, const tt_measure *m, const struct unpacked **ret, tt_err *err)
{
	struct unpacked *u = NULL;

	for (size_t i = 0; i < n->n_unpacked && !u; i++)
		if (n->unpacked[i].of == m)
			u = &n->unpacked[i];
	*ret = u;
	if (u)
		return TT_OK;
	u = &n->unpacked[n->oldest++ % n->n_unpacked];
	if (!u->mean) {
		u->mean = tt_alloc(2 * (n->steps + 1) * sizeof *u->mean);
		u->known = (tt_stretch){ 0, n->steps };
	}
	if (!u->mean)
		return tt_no_memory(err);
	u->max = u->mean + n->steps + 1;
	u->of = NULL;
	TT_TRY(tt_snapshot_series_anew(n->s, m, u->mean, u->max, &u->known, err));
	u->of = m;
	*ret = u;
	return TT_OK;
}

int tt_needs_lend(tt_needs *n, uint32_t carrier, int metric, const double **ret_mean,
                  const double **ret_max, tt_err *err)
{
	const tt_measure *m = tt_snapshot_measure(n->s, &n->s->carriers[carrier], metric);
	const struct unpacked *u;

	*ret_mean = *ret_max = NULL;
	if (!m || !n->steps)
		return TT_OK;
	TT_TRY(unpack(n, m, &u, err));
	*ret_mean = u->mean;
	*ret_max = u->max;
	return TT_OK;
}

int tt_needs_series(tt_needs *n, size_t pod, uint32_t carrier, int metric, double *ret_mean,
                    bool *ret_any, tt_err *err)
{
	const double *all_mean, *all_max;

	TT_TRY(tt_needs_lend(n, carrier, metric, &all_mean, &all_max, err));
	*ret_any = all_mean != NULL;
	if (!all_mean)
		return TT_OK;
	memcpy(ret_mean, all_mean, n->steps * sizeof *ret_mean);
	keep_held(n, pod, carrier, ret_mean);
	return TT_OK;
}

/* --- Memory ------------------------------------------------------------------------------ */

static double largest(const double *v, size_t first, size_t end, double most)
{
	for (size_t i = first; i < end; i++)
		if (!isnan(v[i]) && !(v[i] <= most))
			most = v[i];
	return most;
}

/* Of all holdings of a carrier at once: the next pods to be asked about had it as well. */
static int read_most(tt_needs *n, uint32_t carrier, tt_err *err)
{
	const tt_carrier *k = &n->s->carriers[carrier];
	const double *mean, *max;

	if (!n->most_mib)
		n->most_mib = tt_zalloc(n->s->n_holdings + 1, sizeof *n->most_mib);
	if (!n->has_most)
		n->has_most = tt_zalloc(n->s->n_carriers + 1, sizeof *n->has_most);
	if (!n->most_mib || !n->has_most)
		return tt_no_memory(err);
	if (n->has_most[carrier])
		return TT_OK;
	TT_TRY(tt_needs_lend(n, carrier, TT_FB_USED_MIB, &mean, &max, err));
	for (size_t i = k->first_holding; i < k->first_holding + k->n_holdings; i++) {
		const tt_holding *h = &n->s->holdings[i];
		size_t first = 0, end = 0;

		if (max)
			tt_activity_range(n->s, (tt_span){ h->from_s, h->to_s }, &first, &end);
		n->most_mib[i] = largest(max, first, end, (double)NAN);
	}
	n->has_most[carrier] = true;
	return TT_OK;
}

/* The largest that was read of it while the pod had it; NaN where nothing was. */
static int largest_held(tt_needs *n, size_t pod, uint32_t carrier, double *ret_mib, tt_err *err)
{
	const tt_carrier *k = &n->s->carriers[carrier];
	tt_needs_steps at = { 0 };
	const double *mean, *max;
	double own = (double)NAN;

	if (!k->n_holdings) { /* the whole node */
		TT_TRY(tt_needs_lend(n, carrier, TT_FB_USED_MIB, &mean, &max, err));
		while (max && tt_needs_had(n, pod, carrier, &at))
			own = largest(max, at.first, at.end, own);
		*ret_mib = own;
		return TT_OK;
	}
	TT_TRY(read_most(n, carrier, err));
	for (size_t i = k->first_holding; i < k->first_holding + k->n_holdings; i++)
		if (n->s->holdings[i].pod_index == pod)
			own = largest(n->most_mib, i, i + 1, own);
	*ret_mib = own;
	return TT_OK;
}

int tt_needs_memory(tt_needs *n, size_t pod, double enough_mib, double *ret_mib, tt_err *err)
{
	double most_mib = (double)NAN;
	const uint32_t *cards;
	size_t count;

	*ret_mib = (double)NAN;
	TT_TRY(tt_needs_cards(n, pod, &cards, &count, err));
	for (size_t i = 0; i < count; i++) {
		const tt_measure *m = tt_snapshot_measure(n->s, &n->s->carriers[cards[i]],
		                                          TT_FB_USED_MIB);
		double mib = m ? (double)m->max_micro / 1e6 : (double)NAN;
		double own;

		if (!m)
			return TT_OK;
		if (mib > enough_mib && n->steps) {
			TT_TRY(largest_held(n, pod, cards[i], &own, err));
			if (isnan(own))
				return TT_OK;
			mib = fmin(mib, own * SERIES_SLACK);
		}
		most_mib = fmax(most_mib, mib);
	}
	*ret_mib = most_mib;
	return TT_OK;
}

/* --- How busy ---------------------------------------------------------------------------- */

static void add_step(tt_needs_busy *sum, double here, double there)
{
	const double bin = ceil(there * PER_BIN - 1e-9);

	sum->bins[bin < TT_NEEDS_BINS - 1 ? (size_t)fmax(bin, 0) : TT_NEEDS_BINS - 1]++;
	sum->steps++;
	sum->here += here;
	sum->there += there;
}

int tt_needs_add_busy(tt_needs *n, size_t pod, const tt_gpu_speed *here,
                      const tt_gpu_speed *there, tt_needs_busy *sum, tt_err *err)
{
	const uint32_t *cards;
	size_t count;
	bool any;

	TT_TRY(tt_needs_cards(n, pod, &cards, &count, err));
	for (size_t i = 0; i < count; i++) {
		TT_TRY(tt_needs_series(n, pod, cards[i], TT_TENSOR_ACTIVE_PCT, n->tensor, &any,
		                       err));
		if (any)
			TT_TRY(tt_needs_series(n, pod, cards[i], TT_DRAM_ACTIVE_PCT, n->dram,
			                       &any, err));
		for (size_t k = 0; any && k < n->steps; k++) {
			const tt_gpu_busy busy = { .tensor_ratio = n->tensor[k] / 100,
				                   .dram_ratio = n->dram[k] / 100 };
			const double here_ratio = tt_gpu_busy_ratio(&busy, here, here);
			const double there_ratio = tt_gpu_busy_ratio(&busy, here, there);

			if (!isnan(here_ratio) && !isnan(there_ratio))
				add_step(sum, here_ratio, there_ratio);
		}
	}
	return TT_OK;
}

double tt_needs_busy_quantile(const tt_needs_busy *b, double ratio)
{
	const double want = ratio * (double)b->steps;
	double sum = 0;

	if (!b->steps)
		return (double)NAN;
	for (size_t i = 0; i < TT_NEEDS_BINS - 1; i++) {
		sum += b->bins[i];
		if (sum >= want)
			return (double)i / PER_BIN;
	}
	return INFINITY;
}
