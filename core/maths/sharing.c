#include "maths/sharing.h"
#include <math.h>
#include <stdlib.h>

#define MILLION 1000000
#define ROUNDING 1e-9 /* what adding a few ratios may be off */

/* Everybody's activity at a step. */
static double sum_at(const tt_sharing_member *members, size_t n, size_t resource, size_t step)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		const double *v = members[i].activity[resource];

		sum += v ? v[step] : (double)NAN;
	}
	return sum;
}

size_t tt_sharing_add(const tt_sharing_member *members, size_t n, size_t n_steps,
                      enum tt_sharing_resource resource, double *ret)
{
	size_t known = 0;

	for (size_t t = 0; t < n_steps; t++) {
		ret[t] = sum_at(members, n, resource, t);
		known += isnan(ret[t]) ? 0 : 1;
	}
	return known;
}

static int ascending(const void *pa, const void *pb)
{
	const double *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

/* Which of `known` sorted values is the quantile, from 1. known / MILLION apart, so that the
 * product does not overflow. */
static size_t rank_of(size_t known, uint32_t q_millionths)
{
	const size_t q = q_millionths < MILLION ? q_millionths : MILLION;
	const size_t rank = known / MILLION * q + (known % MILLION * q + MILLION - 1) / MILLION;

	return rank ? rank : 1;
}

double tt_sharing_quantile(double *v, size_t n, uint32_t q_millionths)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(v[i]))
			v[known++] = v[i];
	for (size_t i = known; i < n; i++)
		v[i] = (double)NAN;
	if (known == 0)
		return (double)NAN;
	qsort(v, known, sizeof *v, ascending);
	return v[rank_of(known, q_millionths) - 1];
}

static bool known_enough(size_t known, size_t n, uint32_t least_millionths)
{
	return known > 0 && (double)known * MILLION >= (double)n * least_millionths;
}

static tt_sharing_sum judge_sum(const tt_sharing_member *members, size_t n, size_t n_steps,
                                enum tt_sharing_resource resource, const tt_sharing_card *card,
                                double *room)
{
	const double most = card->activity_most_ratio + ROUNDING;
	tt_sharing_sum ret = { .max_ratio = (double)NAN };

	ret.n_known = tt_sharing_add(members, n, n_steps, resource, room);
	ret.n_missing = n_steps - ret.n_known;
	for (size_t t = 0; t < n_steps; t++) {
		if (isnan(room[t]))
			continue;
		if (!(room[t] <= ret.max_ratio))
			ret.max_ratio = room[t];
		if (room[t] > most)
			ret.co_peak_s += card->step_s;
	}
	ret.quantile_ratio = tt_sharing_quantile(room, n_steps, card->quantile_millionths);
	if (!known_enough(ret.n_known, n_steps, card->known_least_millionths))
		ret.verdict = TT_SHARING_UNKNOWN;
	else if (ret.quantile_ratio > most)
		ret.verdict = TT_SHARING_FAILS;
	else
		ret.verdict = TT_SHARING_FITS;
	return ret;
}

/* Where some maxima are not known the known ones may be too much already. */
static void judge_memory(const tt_sharing_member *members, size_t n, const tt_sharing_card *card,
                         tt_sharing_result *ret)
{
	const int64_t margin = card->memory_margin_millionths;
	double need = 0, limit = (double)card->memory_mib * (double)(MILLION - margin);
	bool known = true;

	for (size_t i = 0; i < n; i++) {
		need += (double)members[i].processes * (double)card->context_mib;
		known = known && members[i].memory_mib >= 0;
		need += members[i].memory_mib > 0 ? (double)members[i].memory_mib : 0;
	}
	ret->memory_mib = known ? (int64_t)need : -1;
	if (card->memory_mib >= 0 && need * MILLION > limit)
		ret->memory = TT_SHARING_FAILS;
	else if (!known || card->memory_mib < 0)
		ret->memory = TT_SHARING_UNKNOWN;
	else
		ret->memory = TT_SHARING_FITS;
}

static enum tt_sharing_verdict worse(enum tt_sharing_verdict a, enum tt_sharing_verdict b)
{
	if (a == TT_SHARING_FAILS || b == TT_SHARING_FAILS)
		return TT_SHARING_FAILS;
	return a == TT_SHARING_UNKNOWN ? a : b;
}

void tt_sharing_judge(const tt_sharing_member *members, size_t n, size_t n_steps,
                      const tt_sharing_card *card, double *room, tt_sharing_result *ret)
{
	*ret = (tt_sharing_result){ 0 };
	judge_memory(members, n, card, ret);
	ret->verdict = ret->memory;
	for (unsigned r = 0; r < TT_SHARING_RESOURCES; r++) {
		if (!(card->resources >> r & 1))
			continue;
		ret->sum[r] = judge_sum(members, n, n_steps, (enum tt_sharing_resource)r, card,
		                        room);
		ret->verdict = worse(ret->verdict, ret->sum[r].verdict);
	}
}

/* As judge_sum(), by counting: the quantile is no more than it may be where no more steps than
 * those behind its rank are above that. More can't be allowed where fewer steps are known. */
static bool sum_fits(const tt_sharing_member *members, size_t n, size_t n_steps,
                     enum tt_sharing_resource resource, const tt_sharing_card *card)
{
	const double most = card->activity_most_ratio + ROUNDING;
	const size_t rank = rank_of(n_steps, card->quantile_millionths);
	const size_t allowed = n_steps < rank ? 0 : n_steps - rank;
	size_t known = 0, above = 0;

	for (size_t t = 0; t < n_steps && above <= allowed; t++) {
		const double sum = sum_at(members, n, resource, t);

		known += isnan(sum) ? 0 : 1;
		above += sum > most ? 1 : 0;
	}
	return n_steps && above <= allowed &&
	       known_enough(known, n_steps, card->known_least_millionths) &&
	       above <= known - rank_of(known, card->quantile_millionths);
}

bool tt_sharing_fits(const tt_sharing_member *members, size_t n, size_t n_steps,
                     const tt_sharing_card *card)
{
	tt_sharing_result result = { 0 };
	bool fits;

	judge_memory(members, n, card, &result);
	fits = result.memory == TT_SHARING_FITS;
	for (unsigned r = 0; r < TT_SHARING_RESOURCES && fits; r++)
		if (card->resources >> r & 1)
			fits = sum_fits(members, n, n_steps, (enum tt_sharing_resource)r, card);
	return fits;
}

/* fmax() would pass a NaN over. */
static double at_least_one(double v)
{
	return v < 1 ? 1 : v;
}

double tt_sharing_slowdown_turns(double sum_sm_ratio, double overhead_ratio)
{
	return at_least_one(sum_sm_ratio) * (1 + overhead_ratio);
}

double tt_sharing_slowdown_mps(const double *sum_ratio, unsigned resources, double overhead_ratio)
{
	double most = 1;

	for (unsigned r = 0; r < TT_SHARING_RESOURCES; r++) {
		if (!(resources >> r & 1))
			continue;
		if (isnan(sum_ratio[r]))
			return (double)NAN;
		most = sum_ratio[r] > most ? sum_ratio[r] : most;
	}
	return most * (1 + overhead_ratio);
}

double tt_sharing_slowdown_mig(double activity_ratio, unsigned compute, unsigned slices)
{
	if (compute == 0)
		return (double)NAN;
	return at_least_one(activity_ratio * slices / compute);
}

double tt_sharing_slowdown_mean(const tt_sharing_member *members, size_t n, size_t n_steps,
                                unsigned resources, bool turns, double overhead_ratio,
                                size_t *ret_n_known)
{
	double work = 0, time = 0;
	unsigned first = 0;

	*ret_n_known = 0;
	while (first < TT_SHARING_RESOURCES && !(resources >> first & 1))
		first++;
	if (first == TT_SHARING_RESOURCES)
		return (double)NAN;
	if (turns)
		resources = 1u << first;
	for (size_t t = 0; t < n_steps; t++) {
		double sum[TT_SHARING_RESOURCES] = { 0 };

		for (unsigned r = 0; r < TT_SHARING_RESOURCES; r++)
			if (resources >> r & 1)
				sum[r] = sum_at(members, n, r, t);

		const double s = tt_sharing_slowdown_mps(sum, resources, overhead_ratio);

		if (isnan(s))
			continue;
		++*ret_n_known;
		work += sum[first];
		time += sum[first] * s;
	}
	if (*ret_n_known == 0)
		return (double)NAN;
	return work > 0 ? time / work : 1;
}
