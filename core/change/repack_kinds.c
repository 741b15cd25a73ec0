#include "change/repack_kinds.h"
#include "snapshot/labels.h"
#include <math.h>
#include <string.h>

static bool same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool same_label(const tt_node_row *a, const tt_node_row *b, const char *key)
{
	tt_label x, y;
	const bool in_a = tt_labels_find(a->labels, key, &x);

	if (tt_labels_find(b->labels, key, &y) != in_a)
		return false;
	return !in_a || (x.value_n == y.value_n && memcmp(x.value, y.value, x.value_n) == 0);
}

bool tt_repack_same_kind(const tt_names *keys, const tt_node_row *a, const tt_node_row *b)
{
	if (strcmp(a->cluster, b->cluster) != 0 || strcmp(a->provider, b->provider) != 0 ||
	    strcmp(a->region, b->region) != 0 || strcmp(a->gpu_model, b->gpu_model) != 0 ||
	    !same_number(a->gpu_memory_mib, b->gpu_memory_mib) ||
	    strcmp(a->taints, b->taints) != 0)
		return false;
	for (size_t i = 0; i < tt_names_count(keys); i++) {
		if (!same_label(a, b, tt_names_at(keys, i)))
			return false;
	}
	return true;
}

/* Whether `list` has the n bytes at `s` between its `split`s. */
static bool is_listed(const char *list, char split, const char *s, size_t n)
{
	while (*list) {
		const char *end = strchr(list, split);
		const size_t length = end ? (size_t)(end - list) : strlen(list);

		if (length == n && memcmp(list, s, n) == 0)
			return true;
		list += length + (end != NULL);
	}
	return false;
}

/* What keeps pods off the new node kept them off the old one, too. */
static bool taints_known(const tt_node_row *from, const tt_node_row *to)
{
	static const char prefers[] = ":PreferNoSchedule";

	for (const char *at = to->taints; *at;) {
		const char *end = strchr(at, ';');
		const size_t n = end ? (size_t)(end - at) : strlen(at);
		const bool hard = n < sizeof prefers - 1 ||
				  memcmp(at + n - (sizeof prefers - 1), prefers,
					 sizeof prefers - 1) != 0;

		if (n && hard && !is_listed(from->taints, ';', at, n))
			return false;
		at += n + (end != NULL);
	}
	return true;
}

static bool selector_holds(const tt_pod_row *p, const tt_node_row *to)
{
	const char *at = p->node_selector, *labels;
	tt_label want, has;

	while (tt_labels_next(&at, &want)) {
		bool found = false;

		labels = to->labels;
		while (!found && tt_labels_next(&labels, &has))
			found = has.key_n == want.key_n && has.value_n == want.value_n &&
				memcmp(has.key, want.key, want.key_n) == 0 &&
				memcmp(has.value, want.value, want.value_n) == 0;
		if (!found)
			return false;
	}
	return true;
}

bool tt_repack_may_be_on(const tt_pod_row *p, bool with_cards, const tt_node_row *from,
			 const tt_node_row *to)
{
	if (strcmp(from->cluster, to->cluster) != 0 ||
	    strcmp(from->provider, to->provider) != 0 ||
	    strcmp(from->region, to->region) != 0 || !taints_known(from, to) ||
	    !selector_holds(p, to))
		return false;
	if (!with_cards)
		return true;
	if (!isnan(from->gpu_memory_mib) && !(to->gpu_memory_mib >= from->gpu_memory_mib))
		return false;
	return *p->gpu_model ?
	       is_listed(p->gpu_model, '|', to->gpu_model, strlen(to->gpu_model)) :
	       strcmp(from->gpu_model, to->gpu_model) == 0;
}
