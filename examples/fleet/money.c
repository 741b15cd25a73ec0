/* money.c - see money.h. */
#include "money.h"
#include <string.h>

int64_t money_parse(const char *decimal)
{
	int64_t v = 0, unit = MICRO;
	bool behind = false;

	for (; *decimal; decimal++) {
		if (*decimal == '.') {
			behind = true;
			continue;
		}
		v = v * 10 + (*decimal - '0');
		if (behind)
			unit /= 10;
	}
	return v * unit;
}

int64_t money_list_price(const char *instance_type, const char *pricing)
{
	const struct price *newest = NULL;

	for (int i = 0; i < n_prices; i++) {
		const struct price *p = &prices[i];

		if (p->as_of && !p->region && strcmp(p->instance_type, instance_type) == 0 &&
			strcmp(p->pricing, pricing) == 0 &&
			(!newest || strcmp(p->as_of, newest->as_of) > 0))
			newest = p;
	}
	return newest ? money_parse(newest->price_per_hour) : -1;
}

int64_t money_node_price(const struct node *n)
{
	const struct group *g = &groups[n->group];

	if (*g->price_per_hour && strcmp(n->pricing, g->pricing) == 0)
		return money_parse(g->price_per_hour);
	return money_list_price(g->instance_type,
		strcmp(n->pricing, "reserved") == 0 ? "commit_1y" : n->pricing);
}

int64_t money_spend(const struct fleet *f, const struct node *n, int cards, int64_t from_s,
	int64_t to_s)
{
	int64_t price = money_node_price(n);
	int of = groups[n->group].gpus;

	if (price < 0)
		return -1;
	from_s = from_s < n->started_s ? n->started_s : from_s;
	to_s = to_s > n->ended_s ? n->ended_s : to_s;
	price = price / HOUR_S * fleet_within(f, from_s, to_s) +
		price % HOUR_S * fleet_within(f, from_s, to_s) / HOUR_S;
	return cards ? price * cards / of : price;
}

static int64_t add(const struct fleet *f, int group, bool all)
{
	int64_t sum = 0;

	for (int i = 0; i < f->n_nodes; i++) {
		if (!all && f->nodes[i].group != group)
			continue;

		int64_t spend = money_spend(f, &f->nodes[i], 0, ALWAYS, FOREVER);

		sum += spend > 0 ? spend : 0;
	}
	return sum;
}

int64_t money_group(const struct fleet *f, int group)
{
	return add(f, group, false);
}

int64_t money_fleet(const struct fleet *f)
{
	return add(f, 0, true);
}
