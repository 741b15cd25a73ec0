#include "maths/outages.h"
#include <math.h>

enum seen { SEEN_USE, SEEN_ZEROS, SEEN_NOTHING };

static enum seen seen_at(const double *const *series, size_t n_series, size_t t)
{
	enum seen seen = SEEN_NOTHING;

	for (size_t i = 0; i < n_series; i++) {
		if (series[i][t] > 0)
			return SEEN_USE;
		if (!isnan(series[i][t]))
			seen = SEEN_ZEROS;
	}
	return seen;
}

int tt_outages_find(const double *const *series, size_t n_series, size_t n, size_t season_h,
                    tt_arena *arena, tt_outage **ret, size_t *ret_n, tt_err *err)
{
	if (!n_series || !season_h)
		return tt_fail(err, TT_EINVAL, "outages of %zu series with seasons of %zu h: "
		               "expected at least one, and a season", n_series, season_h);
	unsigned char *seen = tt_arena_alloc(arena, n + 1);
	size_t *idle = tt_arena_alloc(arena, season_h * sizeof *idle), k = 0;
	tt_outage *v = tt_arena_alloc(arena, (n + 1) * sizeof *v);

	if (!seen || !idle || !v)
		return tt_no_memory(err);
	for (size_t t = 0; t < n; t++) {
		seen[t] = (unsigned char)seen_at(series, n_series, t);
		idle[t % season_h] += seen[t] != SEEN_USE;
	}
	for (size_t t = 0; t < n; t++) {
		const size_t seasons = (n - t % season_h + season_h - 1) / season_h;
		const bool usual = seasons > 1 && 2 * (idle[t % season_h] - 1) >= seasons - 1;

		if (seen[t] == SEEN_USE)
			continue;
		if (!k || v[k - 1].to != t || v[k - 1].usual != usual)
			v[k++] = (tt_outage){ .from = t, .usual = usual };
		v[k - 1].to = t + 1;
		v[k - 1].missing += seen[t] == SEEN_NOTHING;
	}
	*ret = v;
	*ret_n = k;
	return TT_OK;
}
