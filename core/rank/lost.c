#include "rank/lost.h"
#include <stdlib.h>
#include <string.h>

static int compare_lost(const void *pa, const void *pb)
{
	const tt_lost *a = pa, *b = pb;

	if (a->micro != b->micro)
		return a->micro > b->micro ? -1 : 1;
	return strcmp(a->to->found->id, b->to->found->id);
}

void tt_lost_tidy(tt_lost *lost, size_t *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		size_t j = 0;

		while (j < kept && lost[j].to != lost[i].to)
			j++;
		if (j < kept)
			lost[j].micro += lost[i].micro;
		else
			lost[kept++] = lost[i];
	}
	*n = kept;
	if (kept)
		qsort(lost, kept, sizeof *lost, compare_lost);
}
