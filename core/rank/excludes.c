#include "rank/excludes.h"
#include <stdio.h>
#include <string.h>

int tt_excludes_open(tt_excludes *e, tt_err *err)
{
	e->taken = tt_names_new();
	e->banned = tt_names_new();
	return e->taken && e->banned ? TT_OK : tt_no_memory(err);
}

void tt_excludes_close(tt_excludes *e)
{
	tt_names_free(e->taken);
	tt_names_free(e->banned);
}

/* The next id in a comma separated list, or NULL at its end. */
static const char *next_id(const char **at, size_t *ret_n)
{
	while (**at == ',' || **at == ' ')
		(*at)++;
	if (!**at)
		return NULL;

	const char *id = *at;

	*ret_n = strcspn(id, ", ");
	*at = id + *ret_n;
	return id;
}

int tt_excludes_why(const tt_excludes *e, const tt_ranked *r, char why[TT_WHY_MAX])
{
	const char *id;
	size_t n;

	if (tt_names_find(e->banned, r->found->id, strlen(r->found->id)) >= 0) {
		snprintf(why, TT_WHY_MAX, "a finding in the plan excludes it");
		return 1;
	}
	for (size_t i = 0; i < r->n_changes; i++) {
		for (const char *at = r->changes[i]->excludes; (id = next_id(&at, &n));) {
			if (tt_names_find(e->taken, id, n) < 0)
				continue;
			snprintf(why, TT_WHY_MAX, "it excludes %.*s, which is in the plan", (int)n,
			         id);
			return 1;
		}
	}
	return 0;
}

int tt_excludes_take(tt_excludes *e, const tt_ranked *r, tt_err *err)
{
	const char *id;
	size_t n;

	if (tt_names_add(e->taken, r->found->id, strlen(r->found->id)) < 0)
		return tt_no_memory(err);
	for (size_t i = 0; i < r->n_changes; i++)
		for (const char *at = r->changes[i]->excludes; (id = next_id(&at, &n));)
			if (tt_names_add(e->banned, id, n) < 0)
				return tt_no_memory(err);
	return TT_OK;
}

/* Whether a change of `a` names finding `b` as one that it excludes. */
static int excludes(const tt_ranked *a, const tt_ranked *b)
{
	const char *id, *other = b->found->id;
	size_t n;

	for (size_t i = 0; i < a->n_changes; i++)
		for (const char *at = a->changes[i]->excludes; (id = next_id(&at, &n));)
			if (strlen(other) == n && memcmp(id, other, n) == 0)
				return 1;
	return 0;
}

int tt_exclude_each_other(const tt_ranked *a, const tt_ranked *b)
{
	return excludes(a, b) || excludes(b, a);
}

size_t tt_excludes_set_apart(tt_candidate **c, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		tt_candidate *next = c[i];
		size_t j = 0;

		while (j < kept && !tt_exclude_each_other(c[j]->r, next->r))
			j++;
		if (j < kept)
			continue;
		memmove(c + kept + 1, c + kept, (i - kept) * sizeof(tt_candidate *));
		c[kept++] = next;
	}
	return kept;
}
