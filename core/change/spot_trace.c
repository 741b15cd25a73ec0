#include "change/spot_trace.h"
#include "base/memory.h"
#include "maths/lifetime.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct zone {                   /* readings of one, by time */
	const tt_spot_row **v;
	size_t n, cap;
};

static void free_zone(struct zone *z)
{
	tt_free(z->v);
}

static int by_zone_and_time(const void *pa, const void *pb)
{
	const tt_spot_row *a = *(const tt_spot_row *const *)pa;
	const tt_spot_row *b = *(const tt_spot_row *const *)pb;
	const int by = strcmp(a->zone, b->zone);

	return by ? by : (a->time > b->time) - (a->time < b->time);
}

struct sums {
	double up_h, seen_h, ended;
};

/* n readings of one zone. */
static int add_zone(const tt_spot_row *const *v, size_t n, struct sums *to, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *time_s = tt_alloc((n + 1) * sizeof *time_s);
	TT_CLEANUP(tt_freep) double *units = tt_alloc((n + 1) * sizeof *units);
	TT_CLEANUP(tt_freep) tt_lifetime_run *runs = tt_alloc((n + 1) * sizeof *runs);

	if (!time_s || !units || !runs)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		time_s[i] = v[i]->time;
		units[i] = v[i]->available_units;
	}
	const size_t n_runs = tt_lifetime_runs(time_s, units, n, 1, runs);
	for (size_t i = 0; i < n_runs; i++) {
		to->up_h += runs[i].h;
		to->ended += runs[i].ended;
	}
	to->seen_h += (double)(time_s[n - 1] - time_s[0]) / 3600;
	if (n > 1) /* the last reading stands as long as the one before */
		to->seen_h += (double)(time_s[n - 1] - time_s[n - 2]) / 3600;
	return TT_OK;
}

int tt_spot_trace_read(const tt_snapshot *s, const char *provider, const char *region,
		       const char *instance_type, tt_spot_trace *ret, tt_err *err)
{
	TT_CLEANUP(free_zone) struct zone z = { 0 };
	const tt_rows *t = &s->table[TT_SPOT_AVAILABILITY];
	struct sums sums = { 0 };

	*ret = (tt_spot_trace){ NAN, NAN };
	for (size_t i = 0; i < t->n; i++) {
		const tt_spot_row *r = TT_ROW(t, tt_spot_row, i);

		if (strcmp(r->provider, provider) != 0 || strcmp(r->region, region) != 0 ||
		    strcmp(r->instance_type, instance_type) != 0)
			continue;
		if (!TT_GROW(z.v, z.n, z.cap))
			return tt_no_memory(err);
		z.v[z.n++] = r;
	}
	if (z.n)
		qsort(z.v, z.n, sizeof *z.v, by_zone_and_time);
	for (size_t i = 0, n; i < z.n; i += n) {
		n = 1;
		while (i + n < z.n && strcmp(z.v[i + n]->zone, z.v[i]->zone) == 0)
			n++;
		TT_TRY(add_zone(z.v + i, n, &sums, err));
	}
	if (sums.up_h > 0 && sums.ended > 0) /* never seen to end is not never */
		ret->interruptions_per_h = sums.ended / sums.up_h;
	if (sums.ended > 0 && sums.seen_h > sums.up_h)
		ret->wait_s = (sums.seen_h - sums.up_h) / sums.ended * 3600;
	return TT_OK;
}
