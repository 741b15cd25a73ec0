#include "snapshot/usage_hold.h"

int tt_usage_run_close(tt_usage_carrier *c, size_t i, tt_usage_shard *sh, tt_err *err)
{
	TT_TRY(tt_spill_put(sh->scratch.spill, &c->closed_runs, &c->runs[i],
	                    (uint32_t)sizeof c->runs[i], err));
	c->runs[i] = c->runs[--c->n_runs];
	return TT_OK;
}

bool tt_usage_holds(const tt_usage_carrier *c, uint32_t at, uint32_t pod)
{
	if (c->pod[at] == pod)
		return true;
	for (size_t i = 0; i < c->n_extras; i++)
		if (c->extras[i].at == at && c->extras[i].pod == pod)
			return true;
	return false;
}

static void run_extend(const tt_usage *u, const tt_usage_carrier *c, tt_run *r, size_t from,
                       size_t to)
{
	for (int b = 0; b < TT_BUSY_METRICS; b++) {
		const tt_series_state *s = u->busy[b] < 0 ? NULL : c->series[u->busy[b]];
		for (size_t i = from; s && i < to; i++) {
			int64_t v = s->value[i];
			if (v == TT_USAGE_MISSING)
				continue;
			r->measured_s[b] += c->d[i];
			r->busy_micro_s[b] += (tt_i128)v * c->d[i];
			r->bins_s[b][(v + 999999) / 1000000] += (uint32_t)c->d[i];
		}
	}
	r->to_s = c->t[to - 1] + c->d[to - 1];
}

static int run_of(tt_usage_carrier *c, uint32_t pod, int32_t from_s, tt_run **ret, tt_err *err)
{
	for (size_t i = 0; i < c->n_runs; i++)
		if (c->runs[i].pod == pod) {
			*ret = &c->runs[i];
			return TT_OK;
		}
	if (!TT_GROW(c->runs, c->n_runs, c->cap_runs))
		return tt_no_memory(err);
	c->runs[c->n_runs] = (tt_run){ .pod = pod, .from_s = from_s };
	*ret = &c->runs[c->n_runs++];
	return TT_OK;
}

int tt_usage_hold(tt_usage *u, tt_usage_carrier *c, tt_usage_shard *sh, size_t n, tt_err *err)
{
	size_t e = 0; /* next extra; they are in the order of rows */
	tt_run *r = NULL;

	for (size_t i = 0, j; i < n; i = j) {
		bool shared = e < c->n_extras && c->extras[e].at == i;
		for (size_t k = c->n_runs; k-- > 0;)
			if (!tt_usage_holds(c, (uint32_t)i, c->runs[k].pod))
				TT_TRY(tt_usage_run_close(c, k, sh, err));
		for (j = i + 1; j < n && !shared && c->pod[j] == c->pod[i] &&
		     !(e < c->n_extras && c->extras[e].at == j); j++)
			;
		if (c->pod[i]) {
			TT_TRY(run_of(c, c->pod[i], c->t[i], &r, err));
			run_extend(u, c, r, i, j);
		}
		for (; e < c->n_extras && c->extras[e].at == i; e++) {
			TT_TRY(run_of(c, c->extras[e].pod, c->t[i], &r, err));
			run_extend(u, c, r, i, i + 1);
		}
	}
	return TT_OK;
}
