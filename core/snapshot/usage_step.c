#include "snapshot/usage_step.h"
#include <stdlib.h>

static int compare_distance(const void *a, const void *b)
{
	const tt_distance *x = a, *y = b;
	return (x->s > y->s) - (x->s < y->s);
}

int32_t tt_distance_median(tt_distance *d, size_t n)
{
	uint64_t total = 0, sum = 0;

	for (size_t i = 0; i < n; i++)
		total += d[i].n;
	if (n > 0)
		qsort(d, n, sizeof *d, compare_distance);
	for (size_t i = 0; i < n; i++) {
		sum += d[i].n;
		if (2 * sum >= total)
			return d[i].s;
	}
	return 0;
}

int tt_distance_add(tt_distance **d, size_t *n, size_t *cap, int32_t s, uint32_t times)
{
	size_t i = 0;

	while (i < *n && (*d)[i].s != s)
		i++;
	if (i == *n) {
		if (!TT_GROW(*d, *n, *cap))
			return TT_ENOMEM;
		(*d)[(*n)++] = (tt_distance){ .s = s };
	}
	(*d)[i].n += times;
	if (i > 0 && (*d)[i].n > (*d)[0].n) { /* the usual one first */
		tt_distance x = (*d)[0];
		(*d)[0] = (*d)[i];
		(*d)[i] = x;
	}
	return TT_OK;
}

int tt_usage_fleet_median(const tt_usage *u, int32_t *ret, tt_err *err)
{
	tt_distance *all = NULL;
	size_t n = 0, cap = 0;
	int rc = TT_OK;

	for (size_t i = 0; rc == TT_OK && i < tt_names_count(u->carriers); i++) {
		const tt_usage_carrier *c = u->state[i];
		for (size_t k = 0; c && rc == TT_OK && k < c->n_distances; k++)
			rc = tt_distance_add(&all, &n, &cap, c->distances[k].s, c->distances[k].n);
		for (size_t k = 0; c && rc == TT_OK && k + 1 < c->n; k++)
			rc = tt_distance_add(&all, &n, &cap, c->t[k + 1] - c->t[k], 1);
	}
	*ret = tt_distance_median(all, n);
	tt_free(all);
	return rc < 0 ? tt_no_memory(err) : TT_OK;
}

int32_t tt_usage_fleet_step(const tt_usage *u, int32_t otherwise_s)
{
	tt_err err = { .status = TT_OK };
	int32_t s = 0;

	return tt_usage_fleet_median(u, &s, &err) == TT_OK && s > 0 ? s : otherwise_s;
}
