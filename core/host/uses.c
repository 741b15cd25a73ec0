/* uses.c - what cards did, for detectors: MIG slices are put together to the card that they
 * are cut from, and the cards of a node to one. See tt_use in plugin.h. */
#include "host/detector_services.h"
#include <math.h>
#include <string.h>

/* Of several the busiest, the fullest and the one measured least. fmax() passes over NaN:
 * what is not known of one does not hide the others. */
static void merge(tt_use *to, const tt_use *one)
{
	to->p95_activity_pct = fmax(to->p95_activity_pct, one->p95_activity_pct);
	to->p99_activity_pct = fmax(to->p99_activity_pct, one->p99_activity_pct);
	to->max_activity_pct = fmax(to->max_activity_pct, one->max_activity_pct);
	to->max_fb_used_mib = fmax(to->max_fb_used_mib, one->max_fb_used_mib);
	to->max_fb_used_ratio = fmax(to->max_fb_used_ratio, one->max_fb_used_ratio);
	to->coverage_ratio = fmin(to->coverage_ratio, one->coverage_ratio);
	to->known &= one->known;
	to->serves |= one->serves;
}

static tt_use nothing_of(const char *kind, const char *id, const tt_card *carriers)
{
	return (tt_use){ .size = sizeof(tt_use), .known = 1, .kind = kind, .id = id, .owner = "",
		         .cost_micro = TT_MONEY_UNKNOWN, .carriers = carriers, .pods = "",
		         .held_s = (double)NAN, .activity_metric = "", .coverage_ratio = 1,
		         .p95_activity_pct = (double)NAN, .p99_activity_pct = (double)NAN,
		         .max_activity_pct = (double)NAN, .max_fb_used_mib = (double)NAN,
		         .max_fb_used_ratio = (double)NAN };
}

/* One card or slice; NaN in its framebuffer where that was measured too little to say
 * that it was empty. */
static tt_use read_carrier(tt_call *c, const tt_card *k, double min_coverage_ratio)
{
	tt_use u = nothing_of("card", k->id, k);
	tt_stats activity, fb;

	tt_lend_stats(c, k->id, TT_ACTIVITY_PCT, &activity);
	tt_lend_stats(c, k->id, TT_FB_USED_MIB, &fb);
	u.n_carriers = 1;
	u.owner = k->owner;
	u.cost_micro = k->cost_micro;
	u.held_s = k->held_s;
	u.serves = *k->pod && strcmp(k->workload_kind, "inference") == 0;
	u.activity_metric = activity.metric == TT_SM_ACTIVE_PCT ? "sm_active"
		: activity.metric == TT_GPU_UTIL_PCT ? "gpu_util" : "";
	u.measured_s = activity.measured_s > 0 ? activity.measured_s : 0;
	u.coverage_ratio = u.measured_s > 0 ? fmin(1, u.measured_s / (double)k->alive_s) : 0;
	u.known = u.measured_s > 0 && u.coverage_ratio >= min_coverage_ratio;
	u.p95_activity_pct = activity.p95;
	u.p99_activity_pct = activity.p99;
	u.max_activity_pct = activity.max;
	if (fb.measured_s >= min_coverage_ratio * activity.measured_s)
		u.max_fb_used_mib = fb.max;
	return u;
}

/* Slices lie side by side on their card: memory and cost are sums, time is not. */
static void add_slice(tt_use *card, const tt_use *slice)
{
	double fb_mib = card->max_fb_used_mib + slice->max_fb_used_mib;
	int whole = !card->carriers->slice[0]; /* measured as a whole too: that counts */

	if (whole)
		fb_mib = card->max_fb_used_mib;
	if (card->cost_micro != TT_MONEY_UNKNOWN && slice->cost_micro != TT_MONEY_UNKNOWN)
		card->cost_micro += slice->cost_micro;
	merge(card, slice);
	card->max_fb_used_mib = fb_mib;
	card->measured_s = fmax(card->measured_s, slice->measured_s);
	card->held_s = fmax(card->held_s, slice->held_s);
	card->n_carriers++;
}

static void name_pod(tt_call *c, const tt_card *k, tt_use *u)
{
	if (*k->pod)
		u->pods = tt_lend_subject(c, u->pods, "pod", k->pod);
}

/* The card that starts at k[0], of n carriers that may be its slices. */
static tt_use read_card(tt_call *c, const tt_card *k, size_t n, double min_coverage_ratio)
{
	tt_use u = read_carrier(c, &k[0], min_coverage_ratio);

	name_pod(c, &k[0], &u);
	for (size_t i = 1; i < n && strcmp(k[i].gpu, k->gpu) == 0; i++) {
		tt_use slice = read_carrier(c, &k[i], min_coverage_ratio);

		add_slice(&u, &slice);
		name_pod(c, &k[i], &u);
	}
	u.max_fb_used_ratio = u.max_fb_used_mib / k->gpu_memory_mib;
	return u;
}

/* All cards of a node; its cost is also that of cards that nothing is known of. */
static tt_use read_node(tt_call *c, const tt_node *node, const tt_use *cards, size_t n)
{
	tt_use u = nothing_of("node", node->id, node->cards);

	u.n_carriers = node->n_cards;
	u.owner = node->owner;
	u.cost_micro = node->cost_micro;
	for (size_t i = 0; i < n; i++) {
		merge(&u, &cards[i]);
		u.measured_s += cards[i].measured_s;
		u.held_s = i ? u.held_s + cards[i].held_s : cards[i].held_s;
		if (*cards[i].pods)
			u.pods = tt_call_append(c, u.pods, cards[i].pods);
	}
	u.known &= n > 0;
	if (n)
		u.activity_metric = cards[0].activity_metric;
	return u;
}

static int read_cards(tt_call *c, const tt_node *node, double min_coverage_ratio, tt_uses *ret)
{
	tt_use *v = tt_call_alloc(c, (node->n_cards + 1) * sizeof *v);
	size_t n = 0;

	if (!v)
		return TT_ENOMEM;
	for (size_t i = 0; i < node->n_cards; i += v[n++].n_carriers) {
		v[n] = read_card(c, &node->cards[i], node->n_cards - i, min_coverage_ratio);
		v[n].id = tt_host_table.text(c, "%s/%s", node->id, v[n].carriers->gpu);
	}
	*ret = (tt_uses){ sizeof *ret, v, n, read_node(c, node, v, n) };
	return TT_OK;
}

/* A slice is a subject of its own in scope CARD. */
static int read_one(tt_call *c, const tt_card *card, double min_coverage_ratio, tt_uses *ret)
{
	tt_use *v = tt_call_alloc(c, sizeof *v);

	if (!v)
		return TT_ENOMEM;
	*v = read_card(c, card, 1, min_coverage_ratio);
	*ret = (tt_uses){ sizeof *ret, v, 1, *v };
	return TT_OK;
}

int tt_lend_cards(tt_call *c, const tt_subject *s, double min_alive_h, double min_coverage_ratio,
                  tt_uses *ret)
{
	*ret = (tt_uses){ .size = sizeof *ret };
	TT_TRY(tt_call_of_detector(c, "cards"));
	if (!s->node)
		return tt_call_break(c, TT_EINVAL, "called cards(), which is for scopes node and "
		                     "card");
	if ((double)s->node->alive_s < min_alive_h * 3600)
		return tt_host_table.fail(c, TT_ENODATA, "no node lived for %.0f h in the window",
		                          min_alive_h);
	TT_TRY(s->card ? read_one(c, s->card, min_coverage_ratio, ret)
	               : read_cards(c, s->node, min_coverage_ratio, ret));
	for (size_t i = 0; i < ret->n; i++)
		if (ret->v[i].known)
			return TT_OK;
	return tt_host_table.fail(c, TT_ENODATA, "no card was measured for %.0f %% of its life",
	                          100 * min_coverage_ratio);
}

double tt_lend_confidence(const tt_call *c, double coverage_ratio, double seen_s,
                          double of_limit_ratio)
{
	double seen_ratio = fmax(0, fmin(1, seen_s / 604800));
	double close_ratio = fmax(0, fmin(1, of_limit_ratio)); /* NaN: 1 */
	double sure_ratio = fmax(0, fmin(1, coverage_ratio));

	(void)c;
	return sure_ratio * (0.5 + 0.5 * seen_ratio) * (1 - 0.2 * close_ratio);
}
