#include "change/there.h"
#include "base/memory.h"
#include "bill/price.h"
#include "snapshot/catalogue.h"
#include <math.h>
#include <string.h>
#include <strings.h>

static const double MIB_OF_GB = 1e9 / (1024 * 1024);

bool tt_there_same_gpu(const tt_case *cs, const char *a, const char *b)
{
	const tt_catalogue *c = cs->settings->catalogue;
	const tt_gpu_row *row;

	if (!*a || !*b)
		return false;
	if (strcasecmp(a, b) == 0)
		return true;
	row = c ? tt_catalogue_gpu(c, a) : NULL;
	return row && row == tt_catalogue_gpu(c, b);
}

/* Memory of a card of the model: of the fleet's nodes the least that any says, else of the
 * catalogue. */
static double card_mib(const tt_case *cs, const char *model)
{
	const tt_catalogue *c = cs->settings->catalogue;
	const tt_gpu_row *row = c && *model ? tt_catalogue_gpu(c, model) : NULL;
	double mib = (double)NAN;

	for (size_t i = 0; i < cs->snapshot->table[TT_NODES].n; i++) {
		const tt_node_row *n = tt_node_at(cs->snapshot, i);

		if (n->gpu_memory_mib > 0 && tt_there_same_gpu(cs, n->gpu_model, model))
			mib = fmin(mib, n->gpu_memory_mib);
	}
	return isnan(mib) && row ? row->memory_gb * MIB_OF_GB : mib;
}

/* What nodes of the type tell of it: the least that any has. */
static void ask_nodes(const tt_case *cs, tt_there *t)
{
	double own_mib = (double)NAN;

	for (size_t i = 0; i < cs->snapshot->table[TT_NODES].n; i++) {
		const tt_node_row *n = tt_node_at(cs->snapshot, i);

		if (strcmp(n->instance_type, t->instance_type) != 0 ||
		    strcmp(n->provider, t->provider) != 0 || !*t->instance_type)
			continue;
		if (!*t->gpu_model)
			t->gpu_model = n->gpu_model;
		if (isnan(t->gpus))
			t->gpus = n->gpus;
		t->cpus = fmin(t->cpus, n->cpus);
		t->memory_mib = fmin(t->memory_mib, n->memory_mib);
		if (n->gpu_memory_mib > 0)
			own_mib = fmin(own_mib, n->gpu_memory_mib);
	}
	t->card_mib = isnan(own_mib) ? card_mib(cs, t->gpu_model) : own_mib;
}

static const char *pricing_of(const tt_node_row *n)
{
	return strcmp(n->pricing, "spot") == 0 ? "spot" : "on_demand";
}

/* The type at the node's place; false where prices.csv has none. */
static bool find_type(const tt_case *cs, const tt_node_row *node, const char *type,
                      const char *model, tt_there *ret)
{
	tt_node_row want = *node;
	const tt_price_row *row;

	want.instance_type = type;
	want.gpu_model = model ? model : "";
	want.pricing = pricing_of(node);
	row = tt_price_listed(cs->snapshot, &want);
	if (!row)
		return false;
	*ret = (tt_there){ .provider = row->provider, .region = row->region,
		           .instance_type = row->instance_type, .gpu_model = row->gpu_model,
		           .pricing = want.pricing, .price_per_hour = row->price_per_hour,
		           .gpus = row->gpus, .cpus = (double)NAN, .memory_mib = (double)NAN };
	ask_nodes(cs, ret);
	return true;
}

bool tt_there_has_room(const tt_there *t, const tt_room *room)
{
	return !(room->gpus > t->gpus) && !(room->cpus > t->cpus) &&
	       !(room->memory_mib > t->memory_mib);
}

static int none_listed(const tt_node_row *node, const char *what, const char *of, tt_err *err)
{
	return tt_fail(err, TT_ENODATA,
	               "retype: prices.csv has no price of %s %s in %s %s (%s)", what, of,
	               node->provider, node->region, pricing_of(node));
}

/* The instance type that prices.csv names at the node's place behind row *at, by name; NULL
 * when there is no more. */
static const char *next_type(const tt_case *cs, const tt_node_row *node, size_t *at,
                             const char *last)
{
	const tt_rows *prices = &cs->snapshot->table[TT_PRICES];

	while (*at < prices->n) { /* by provider, region, instance type */
		const tt_price_row *row = TT_ROW(prices, tt_price_row, (*at)++);

		if (strcmp(row->provider, node->provider) == 0 &&
		    strcmp(row->region, node->region) == 0 && *row->instance_type &&
		    strcmp(row->instance_type, last) != 0)
			return row->instance_type;
	}
	return NULL;
}

static int find_cheapest(const tt_case *cs, const tt_node_row *node, const char *model,
                         const tt_room *room, tt_there *ret, tt_err *err)
{
	bool any = false, found = false;
	const char *type = "";
	size_t at = 0;
	tt_there t;

	while ((type = next_type(cs, node, &at, type)) != NULL) {
		if (!find_type(cs, node, type, model, &t) ||
		    !tt_there_same_gpu(cs, t.gpu_model, model))
			continue;
		any = true;
		if (!tt_there_has_room(&t, room) ||
		    (found && t.price_per_hour >= ret->price_per_hour))
			continue;
		*ret = t;
		found = true;
	}
	if (!any)
		return none_listed(node, "an instance with", model, err);
	if (!found)
		return tt_fail(err, TT_EINVAL,
		               "retype: no instance with %s in %s %s has room for the largest pod "
		               "(%g cards, %g CPUs, %g MiB)", model, node->provider, node->region,
		               room->gpus, room->cpus, room->memory_mib);
	return TT_OK;
}

int tt_there_find(const tt_case *cs, const tt_node_row *node, const char *instance_type,
                  const char *gpu_model, const tt_room *room, tt_there *ret, tt_err *err)
{
	if (!instance_type)
		return find_cheapest(cs, node, gpu_model, room, ret, err);
	if (!find_type(cs, node, instance_type, gpu_model, ret))
		return none_listed(node, "instance type", instance_type, err);
	if (gpu_model && *ret->gpu_model && !tt_there_same_gpu(cs, ret->gpu_model, gpu_model))
		return tt_fail(err, TT_EINVAL, "retype: %s has %s, not %s", instance_type,
		               ret->gpu_model, gpu_model);
	if (gpu_model && !*ret->gpu_model) {
		ret->gpu_model = gpu_model;
		ask_nodes(cs, ret);
	}
	return TT_OK;
}

int tt_there_list(const tt_case *cs, const tt_node_row *node, tt_there **ret, size_t *ret_n,
                  tt_err *err)
{
	tt_there *v = NULL;
	size_t n = 0, cap = 0, at = 0;
	const char *type = "";

	*ret = NULL;
	*ret_n = 0;
	while ((type = next_type(cs, node, &at, type)) != NULL) {
		tt_there t;

		if (!find_type(cs, node, type, NULL, &t))
			continue;
		if (!TT_GROW(v, n, cap)) {
			tt_free(v);
			return tt_no_memory(err);
		}
		v[n++] = t;
	}
	*ret = v;
	*ret_n = n;
	return TT_OK;
}

void tt_there_same(const tt_case *cs, size_t node, tt_there *ret)
{
	const tt_node_row *n = tt_node_at(cs->snapshot, node);
	tt_node_price price;

	tt_price_of_another(cs->snapshot, node, &price);
	*ret = (tt_there){ .provider = n->provider, .region = n->region,
		           .instance_type = n->instance_type, .gpu_model = n->gpu_model,
		           .pricing = n->pricing, .price_per_hour = price.price_per_hour,
		           .gpus = n->gpus, .cpus = n->cpus, .memory_mib = n->memory_mib,
		           .card_mib = n->gpu_memory_mib };
	if (isnan(n->gpus))
		ret->gpus = (double)tt_node_cards_u6(cs->snapshot, node) / 1e6;
	if (!(n->gpu_memory_mib > 0))
		ret->card_mib = card_mib(cs, n->gpu_model);
}

tt_terms tt_there_terms(const tt_there *there)
{
	tt_terms t;

	tt_terms_init(&t);
	t.provider = there->provider;
	t.region = there->region;
	t.instance_type = there->instance_type;
	t.gpu_model = there->gpu_model;
	t.pricing = there->pricing;
	t.price_per_hour = there->price_per_hour;
	t.gpus = there->gpus;
	t.cpus = there->cpus;
	t.memory_mib = there->memory_mib;
	return t;
}
