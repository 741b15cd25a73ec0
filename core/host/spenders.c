/* spenders.c - see spenders.h. A workload stands for its pods only when all of them are
 * without an owner and of one namespace and creator: a label on a workload goes before
 * what its pods say themselves. */
#include "host/spenders.h"
#include <stdlib.h>
#include <string.h>

typedef struct pod { const tt_pod_row *row; const char *creator; int unowned; } pod;

static int by_workload(const void *a, const void *b)
{
	const pod *x = a, *y = b;
	int order = strcmp(x->row->workload, y->row->workload);

	return order ? order : strcmp(x->row->pod, y->row->pod);
}

static int by_key(const void *a, const void *b)
{
	const tt_spender *x = a, *y = b;
	int order = strcmp(x->namespace_, y->namespace_);

	order = order ? order : strcmp(x->creator, y->creator);
	return order ? order : strcmp(x->subject, y->subject);
}

/* kind:"id" as a change writes it. */
static const char *subject_text(const char *kind, const char *id, tt_arena *arena)
{
	size_t n = strlen(kind);
	char *out = tt_arena_alloc(arena, n + 2 * strlen(id) + 4), *q = out;

	if (!out)
		return NULL;
	memcpy(q, kind, n);
	q += n;
	*q++ = ':';
	*q++ = '"';
	for (; *id; *q++ = *id++)
		if (*id == '"' || *id == '\\')
			*q++ = '\\';
	*q = '"';
	return out;
}

static int read_pods(const tt_snapshot *s, const tt_settings *st, tt_arena *arena, pod *v)
{
	for (size_t i = 0; i < s->table[TT_PODS].n; i++) {
		const tt_pod_row *row = TT_ROW(&s->table[TT_PODS], tt_pod_row, i);
		const char *owner = tt_settings_owner(st, row->labels, row->namespace_, arena);
		const char *creator = tt_settings_creator(st, row->labels, arena);

		if (!owner || !creator)
			return TT_ENOMEM;
		v[i] = (pod){ row, creator, !*owner && *creator &&
		              !tt_settings_is_system(st, row->namespace_) };
	}
	return TT_OK;
}

/* Whether v[0..n) are all meant when one of them is. */
static int stand_together(const pod *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!v[i].unowned || strcmp(v[i].creator, v[0].creator) != 0 ||
		    strcmp(v[i].row->namespace_, v[0].row->namespace_) != 0)
			return 0;
	return *v[0].row->workload != '\0';
}

static int name_pods(const pod *v, size_t n, tt_arena *arena, tt_spender *out, size_t *ret_n)
{
	int whole = stand_together(v, n);

	for (size_t i = 0; i < (whole ? 1 : n); i++) {
		if (!v[i].unowned)
			continue;
		out[*ret_n] = (tt_spender){ v[i].row->namespace_, v[i].creator,
			whole ? subject_text("workload", v[i].row->workload, arena)
			      : subject_text("pod", v[i].row->pod, arena) };
		if (!out[(*ret_n)++].subject)
			return TT_ENOMEM;
	}
	return TT_OK;
}

int tt_spenders_make(const tt_snapshot *s, const tt_settings *st, tt_arena *arena,
                     tt_spenders *ret, tt_err *err)
{
	size_t n_pods = s->table[TT_PODS].n, n = 0;
	TT_CLEANUP(tt_freep) pod *pods = tt_zalloc(n_pods + 1, sizeof *pods);
	tt_spender *v = tt_arena_alloc(arena, (n_pods + 1) * sizeof *v);
	int rc = pods && v ? read_pods(s, st, arena, pods) : TT_ENOMEM;

	if (rc == TT_OK && n_pods)
		qsort(pods, n_pods, sizeof *pods, by_workload);
	for (size_t i = 0, end; rc == TT_OK && i < n_pods; i = end) {
		end = i + 1;
		while (end < n_pods &&
		       strcmp(pods[end].row->workload, pods[i].row->workload) == 0)
			end++;
		rc = name_pods(&pods[i], end - i, arena, v, &n);
	}
	if (rc < 0)
		return tt_fail(err, rc, "naming pods: %s", tt_status_text(rc));
	if (n)
		qsort(v, n, sizeof *v, by_key);
	*ret = (tt_spenders){ v, n };
	return TT_OK;
}

const char *tt_spenders_at(const tt_spenders *s, const char *namespace_, const char *creator,
                           size_t k)
{
	const tt_spender key = { namespace_, creator, "" };
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (by_key(&s->v[mid], &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (k >= s->n - low || strcmp(s->v[low + k].namespace_, namespace_) != 0 ||
	    strcmp(s->v[low + k].creator, creator) != 0)
		return NULL;
	return s->v[low + k].subject;
}
