/* offers.c - prices.csv and the workloads of the fleet for detectors, and how much of a demand
 * is worth a fixed rate. See tt_price, tt_card_work and tt_layer_rule in plugin.h. */
#include "bill/price.h"
#include "change/commit.h"
#include "change/traffic.h"
#include "host/detector_services.h"
#include "maths/layers.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Prices ---------------------------------------------------------------------------- */

static int out_of_memory(tt_call *c)
{
	return tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
}

/* Whether the bill goes by this row where it is looked for. */
static int counts(const tt_snapshot *s, const tt_price_row *p)
{
	const tt_node_row like = { .provider = p->provider, .region = p->region,
		                   .instance_type = p->instance_type,
		                   .gpu_model = p->gpu_model, .pricing = p->pricing };

	return *p->instance_type && tt_price_offered(s, &like, p->pricing, p->payment) == p;
}

static const char *name_offer(tt_call *c, const tt_price_row *p)
{
	TT_CLEANUP(tt_buf_free) tt_buf name = { 0 };

	if (strncmp(p->pricing, "commit_", 7) != 0)
		return "";
	tt_offer_name(p, &name);
	return name.failed ? NULL : tt_arena_text(c->arena, tt_buf_text(&name), name.n);
}

static int tell_price(tt_call *c, const tt_price_row *p, tt_price *to)
{
	char text[64];

	tt_decimal_format(p->price_per_hour, text, sizeof text);
	*to = (tt_price){
		.size = sizeof *to, .provider = p->provider, .region = p->region,
		.instance_type = p->instance_type, .gpu_model = p->gpu_model,
		.pricing = p->pricing, .payment = *p->payment ? p->payment : "none",
		.offer = name_offer(c, p), .gpus = p->gpus,
		.price_per_hour = tt_decimal_f64(p->price_per_hour),
		.price = tt_arena_text(c->arena, text, strlen(text)),
		.egress_per_gib = p->egress_per_gib == TT_DECIMAL_MISSING ? (double)NAN
			: tt_decimal_f64(p->egress_per_gib),
		.interruptions_per_h = p->interruptions_per_h,
	};
	return to->offer && to->price ? TT_OK : out_of_memory(c);
}

int tt_lend_prices(tt_call *c, const tt_price *const **ret, size_t *ret_n)
{
	const tt_price **v;
	const tt_rows *t;
	size_t n = 0;

	*ret_n = 0;
	TT_TRY(tt_call_of_detector(c, "prices"));
	t = &c->subjects->snapshot->table[TT_PRICES];
	v = tt_call_alloc(c, (t->n + 1) * sizeof *v);
	if (!v)
		return TT_ENOMEM;
	for (size_t i = 0; i < t->n; i++) {
		const tt_price_row *row = TT_ROW(t, tt_price_row, i);
		tt_price *p;

		if (!counts(c->subjects->snapshot, row))
			continue;
		p = tt_call_alloc(c, sizeof *p);
		if (!p)
			return TT_ENOMEM;
		TT_TRY(tell_price(c, row, p));
		v[n++] = p;
	}
	*ret = v;
	*ret_n = n;
	return TT_OK;
}

/* --- Workloads ------------------------------------------------------------------------- */

static void tell_work(const tt_call *c, const char *name, tt_card_work *to)
{
	const tt_snapshot *s = c->subjects->snapshot;
	tt_streams streams;
	const tt_workload_row *row = tt_workload_row_of(s, name);

	tt_traffic_sum(s, name, (tt_span){ s->start_s, s->end_s }, &streams);
	*to = (tt_card_work){ .size = sizeof *to, .workload = name,
		         .workload_kind = row ? row->workload_kind : "", .owner = "",
		         .interruptible = !row || isnan(row->interruptible) ? -1
		         	: row->interruptible > 0,
		         .checkpoint_interval_s = row ? row->checkpoint_interval_s : (double)NAN,
		         .checkpoint_s = row ? row->checkpoint_s : (double)NAN,
		         .restart_s = row ? row->restart_s : (double)NAN,
		         .slo_latency_ms = row ? row->slo_latency_ms : (double)NAN,
		         .requests = streams.requests };
}

static int add_pod(tt_call *c, size_t pod, tt_span ran, tt_card_work *to)
{
	const tt_snapshot *s = c->subjects->snapshot;
	const tt_pod_row *p = tt_pod_at(s, pod);
	const uint32_t node = c->subjects->residents.node_of_pod[pod];
	const char *pricing = node == UINT32_MAX ? "owned" : tt_node_at(s, node)->pricing;
	const double card_h = p->gpus * (double)(ran.to_s - ran.from_s) / 3600;
	const char *owner = tt_settings_owner(c->subjects->settings, p->labels, p->namespace_,
	                                      c->arena);
	const double micro = tt_call_pod_micro(c, pod, ran);

	if (!owner)
		return out_of_memory(c);
	if (isnan(micro))
		to->cost_micro = TT_MONEY_UNKNOWN;
	else if (to->cost_micro != TT_MONEY_UNKNOWN)
		to->cost_micro += (int64_t)micro;
	to->owner = !to->n_pods++ ? owner : strcmp(to->owner, owner) == 0 ? owner : "";
	if (*p->workload_kind)
		to->workload_kind = p->workload_kind;
	if (!*pricing || strcmp(pricing, "on_demand") == 0)
		to->on_demand_card_h += card_h;
	else if (strcmp(pricing, "spot") == 0)
		to->spot_card_h += card_h;
	else
		to->other_card_h += card_h;
	return TT_OK;
}

static int by_name(const void *key, const void *at)
{
	return strcmp(key, *(const char *const *)at);
}

int tt_lend_works(tt_call *c, const tt_card_work *const **ret, size_t *ret_n)
{
	const tt_words *names = &c->subjects->workloads;
	const tt_snapshot *s = c->subjects->snapshot;
	const tt_card_work **v;
	tt_card_work *all;

	*ret_n = 0;
	TT_TRY(tt_call_of_detector(c, "works"));
	v = tt_call_alloc(c, (names->n + 1) * sizeof *v);
	all = tt_call_alloc(c, (names->n + 1) * sizeof *all);
	if (!v || !all)
		return TT_ENOMEM;
	for (size_t i = 0; i < names->n; i++)
		tell_work(c, names->v[i], &all[i]);
	for (size_t i = 0; i < s->table[TT_PODS].n && names->n; i++) {
		const tt_pod_row *p = tt_pod_at(s, i);
		const char *const *at = bsearch(p->workload, names->v, names->n, sizeof *names->v,
		                                by_name);
		tt_span ran;

		if (at && p->gpus > 0 && tt_pod_ran(s, p, &ran) && ran.from_s < ran.to_s)
			TT_TRY(add_pod(c, i, ran, &all[at - names->v]));
	}
	for (size_t i = 0; i < names->n; i++)
		if (all[i].n_pods)
			v[(*ret_n)++] = &all[i];
	*ret = v;
	return TT_OK;
}

/* --- The layer rule -------------------------------------------------------------------- */

int tt_lend_layers(tt_call *c, const double *units, size_t n, double rate_per_hour,
                   double price_per_hour, tt_layer_rule *ret)
{
	enum { PARTS = 1000000 };
	int64_t *v;
	tt_layers l;

	*ret = (tt_layer_rule){ .size = sizeof *ret };
	TT_TRY(tt_call_of_detector(c, "layers"));
	if (!(rate_per_hour >= 0 && rate_per_hour < 1e9) ||
	    !(price_per_hour >= 0 && price_per_hour < 1e9))
		return tt_call_break(c, TT_EINVAL, "called layers() with a rate of %g and a price "
		                     "of %g, expected 0 to 1e9", rate_per_hour, price_per_hour);
	v = tt_call_alloc(c, (n + 1) * sizeof *v);
	if (!v)
		return TT_ENOMEM;
	for (size_t i = 0; i < n; i++)
		v[i] = units[i] > 0 ? llround(fmin(units[i], 1e9) * PARTS) : 0;
	tt_layers_best(&(tt_layers_demand){ v, n, PARTS }, llround(rate_per_hour * 1e9),
	               llround(price_per_hour * 1e9), &l);

	const double hours = (double)n * PARTS, all = (double)l.all_busy;

	ret->units = l.units;
	ret->last_busy_ratio = n ? (double)l.last_busy / hours : 0;
	ret->next_busy_ratio = n ? (double)l.next_busy / hours : 0;
	ret->used_ratio = l.units ? (double)l.busy / hours / (double)l.units : 0;
	ret->covered_ratio = all > 0 ? (double)l.busy / all : (double)NAN;
	ret->cost_ratio = l.none_cost > 0 ? (double)l.cost / (double)l.none_cost : (double)NAN;
	return TT_OK;
}
