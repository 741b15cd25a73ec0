#include "commit/replay.h"
#include "maths/online_commit.h"
#include <math.h>
#include <string.h>

enum { DAY_H = 24, AHEAD = 7 };
#define PARTS INT64_C(1000000000)
#define MICRO 1000000

const char *const tt_replay_words[TT_REPLAY_RULES] = {
	[TT_REPLAY_PLANNER] = "planner", [TT_REPLAY_AWS_7D] = "aws_7d",
	[TT_REPLAY_AWS_30D] = "aws_30d", [TT_REPLAY_AWS_60D] = "aws_60d",
	[TT_REPLAY_AZURE] = "azure", [TT_REPLAY_GCP] = "gcp_stable",
	[TT_REPLAY_FIFTH] = "fifth_percentile", [TT_REPLAY_ONLINE] = "online",
	[TT_REPLAY_NOTHING] = "nothing",
	[TT_REPLAY_CLAIRVOYANT] = "clairvoyant",
};

typedef struct replay {
	const tt_replay_task *t;
	tt_arena *arena;
	int64_t *parts;             /* [n] of y; not known: -1 */
	int64_t *known;             /* [n] room: those of a stretch that are */
	int64_t *held;              /* [segments + term + AHEAD] by the rule at hand */
	size_t start;               /* hour of the first segment */
} replay;

/* The known hours among the last `hours` before `now`. */
static tt_layers_demand look_back(const replay *r, size_t now, size_t hours)
{
	size_t n = 0;

	for (size_t h = now > hours ? now - hours : 0; h < now; h++)
		if (r->parts[h] >= 0)
			r->known[n++] = r->parts[h];
	return (tt_layers_demand){ r->known, n, PARTS };
}

static int64_t by_layers(const replay *r, size_t now, size_t days)
{
	const tt_layers_demand d = look_back(r, now, days * DAY_H);
	tt_layers best;

	tt_layers_best(&d, r->t->rate_per_hour, r->t->price_per_hour, &best);
	return best.units;
}

/* Whole units that are used in all but `spare_pct` percent of the hours of 30 days. */
static int64_t nearly_always(const replay *r, size_t now, size_t spare_pct)
{
	const tt_layers_demand d = look_back(r, now, 30 * DAY_H);
	int64_t low = 0, high = INT64_MAX / PARTS;

	if (!d.n)
		return 0;
	while (low < high) {
		const int64_t mid = low + (high - low + 1) / 2;
		size_t short_of = 0;

		for (size_t i = 0; i < d.n; i++)
			short_of += d.v[i] / PARTS < mid;
		if (short_of * 100 <= spare_pct * d.n)
			low = mid;
		else
			high = mid - 1;
	}
	return low;
}

static int plan(const replay *r, size_t q, int64_t *ret, tt_err *err)
{
	const tt_replay_task *t = r->t;
	const tt_rolling_offer offer = { .quarters = t->term, .rate_per_hour = t->rate_per_hour };
	tt_rolling_segment ahead[AHEAD];
	const tt_rolling task = { .y = t->y, .n = r->start + q * t->segment_h,
		.segments = ahead, .n_segments = AHEAD, .n_quarters = AHEAD,
		.price_per_hour = t->price_per_hour, .offers = &offer, .n_offers = 1,
		.level = t->level };
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_rolling_plan p;

	if (!arena)
		return tt_no_memory(err);
	for (size_t k = 0; k < AHEAD; k++)
		ahead[k] = (tt_rolling_segment){ .quarter = k,
			.hours = (int64_t)t->segment_h, .held = r->held[q + k] };

	const int rc = tt_rolling_make(&task, arena, &p, err);

	*ret = rc ? 0 : p.plan.bought[0];
	return rc;
}

static int buy(const replay *r, enum tt_replay_rule rule, size_t q, int64_t *ret, tt_err *err)
{
	const size_t now = r->start + q * r->t->segment_h;
	int64_t wanted = 0, other;

	switch (rule) {
	case TT_REPLAY_PLANNER:
		return plan(r, q, ret, err);
	case TT_REPLAY_AWS_7D:
		wanted = by_layers(r, now, 7);
		break;
	case TT_REPLAY_AWS_30D:
		wanted = by_layers(r, now, 30);
		break;
	case TT_REPLAY_AWS_60D:
		wanted = by_layers(r, now, 60);
		break;
	case TT_REPLAY_AZURE:
		wanted = by_layers(r, now, 30);
		other = by_layers(r, now, 3);
		wanted = other < wanted ? other : wanted;
		break;
	case TT_REPLAY_GCP:
		wanted = nearly_always(r, now, 0);
		break;
	case TT_REPLAY_FIFTH:
		wanted = nearly_always(r, now, 5);
		break;
	case TT_REPLAY_ONLINE:
	case TT_REPLAY_NOTHING:
	case TT_REPLAY_CLAIRVOYANT:
	case TT_REPLAY_RULES:
		break;
	}
	*ret = wanted > r->held[q] ? wanted - r->held[q] : 0;
	return TT_OK;
}

/* Of one segment as it came: known hours alone. */
static tt_layers_demand came(const replay *r, size_t q)
{
	const size_t from = r->start + q * r->t->segment_h;
	size_t n = 0;

	for (size_t h = from; h < from + r->t->segment_h; h++)
		if (r->parts[h] >= 0)
			r->known[n++] = r->parts[h];
	return (tt_layers_demand){ r->known, n, PARTS };
}

static int to_micro(tt_i128 cost, int64_t *ret_micro, tt_err *err)
{
	cost = tt_div_half_even(cost, (tt_i128)PARTS * MICRO);
	if (cost > INT64_MAX)
		return tt_fail(err, TT_EDATA, "the cost of a replay does not fit: more than "
		               "9,223,372,036,854 units of money");
	*ret_micro = (int64_t)cost;
	return TT_OK;
}

static int bill(const replay *r, int64_t *ret_micro, tt_err *err)
{
	tt_i128 cost = 0;

	for (size_t q = 0; q < r->t->segments; q++) {
		const tt_layers_demand d = came(r, q);

		cost += tt_layers_cost(&d, r->held[q], r->t->rate_per_hour, r->t->price_per_hour);
	}
	return to_micro(cost, ret_micro, err);
}

static int follow(replay *r, enum tt_replay_rule rule, tt_replay *to, tt_err *err)
{
	const size_t n = r->t->segments;

	memset(r->held, 0, (n + r->t->term + AHEAD) * sizeof *r->held);
	for (size_t q = 0; q < n; q++) {
		TT_TRY(buy(r, rule, q, &to->bought[rule][q], err));
		for (size_t k = q; k < q + r->t->term; k++)
			r->held[k] += to->bought[rule][q];
	}
	return bill(r, &to->cost_micro[rule], err);
}

/* --- Without a forecast, hour by hour ------------------------------------------------------ */

/* The rule has seen one term, or what there is of it, before the first quarter. */
static int online(replay *r, tt_replay *to, tt_err *err)
{
	const tt_replay_task *t = r->t;
	const size_t term_h = t->term * t->segment_h, first = r->start < term_h ? r->start : term_h;
	const size_t from = r->start - first;
	tt_online_task task = { .n = t->n - from, .first = first, .term = term_h,
		.price_micro = (int64_t)tt_div_half_even(t->price_per_hour, MICRO) };
	int64_t *demand = tt_arena_alloc(r->arena, (task.n + 1) * sizeof *demand);
	tt_i128 cost = 0;
	tt_online o;

	if (!demand)
		return tt_no_memory(err);
	for (size_t h = 0; h < task.n; h++) {
		const int64_t parts = r->parts[from + h];

		demand[h] = parts < 0 ? -1 : (parts + PARTS / 2) / PARTS;
	}
	task.demand = demand;
	TT_TRY(tt_cost_micro(t->rate_per_hour, (int64_t)term_h * 3600, &task.fee_micro, err));
	TT_TRY(tt_online_run(&task, tt_online_patience(&task), r->arena, &o, err));
	for (size_t h = first; h < task.n; h++) {
		const int64_t parts = r->parts[from + h], held = o.held[h];

		to->bought[TT_REPLAY_ONLINE][(h - first) / t->segment_h] += o.bought[h];
		if (parts < 0)
			continue;
		cost += (tt_i128)held * PARTS * t->rate_per_hour;
		if (parts / PARTS >= held)
			cost += (tt_i128)(parts - held * PARTS) * t->price_per_hour;
	}
	return to_micro(cost, &to->cost_micro[TT_REPLAY_ONLINE], err);
}

/* --- Who had known it all ------------------------------------------------------------------ */

/* A layer of a segment that came: what it would have cost on demand. */
static int segment(const replay *r, size_t q, tt_ladder_segment *ret, tt_err *err)
{
	const tt_layers_demand d = came(r, q);

	return tt_ladder_segment_make(&d, r->t->price_per_hour, (tt_i128)PARTS * MICRO, r->arena,
	                              ret, err);
}

/* Committed hours in which usage is not known cost nothing, as for the other rules. */
static int clairvoyant(replay *r, tt_replay *to, tt_err *err)
{
	const tt_replay_task *t = r->t;
	const size_t n = t->segments;
	tt_ladder_segment *segments = tt_arena_alloc(r->arena, (n + 1) * sizeof *segments);
	tt_ladder_offer *offers = tt_arena_alloc(r->arena, (n + 1) * sizeof *offers);
	tt_ladder_plan p;

	if (!segments || !offers)
		return tt_no_memory(err);
	for (size_t q = 0; q < n; q++) {
		offers[q] = (tt_ladder_offer){ .start = q,
			.end = q + t->term < n ? q + t->term : n, .most = TT_FLOW_MANY };
		TT_TRY(segment(r, q, &segments[q], err));
	}
	for (size_t q = 0; q < n; q++) {
		int64_t hours = 0;

		for (size_t k = offers[q].start; k < offers[q].end; k++)
			hours += (int64_t)came(r, k).n;
		TT_TRY(tt_cost_micro(t->rate_per_hour, hours * 3600, &offers[q].cost_micro, err));
	}
	TT_TRY(tt_ladder_solve(&(tt_ladder){ segments, n, offers, n, NULL, 0 }, r->arena, &p, err));
	memcpy(to->bought[TT_REPLAY_CLAIRVOYANT], p.bought, n * sizeof *p.bought);
	memset(r->held, 0, (n + t->term + AHEAD) * sizeof *r->held);
	for (size_t q = 0; q < n; q++)
		for (size_t k = q; k < q + t->term; k++)
			r->held[k] += p.bought[q];
	return bill(r, &to->cost_micro[TT_REPLAY_CLAIRVOYANT], err);
}

/* --- All of it ----------------------------------------------------------------------------- */

static int make(replay *r, tt_replay *to, tt_err *err)
{
	const tt_replay_task *t = r->t;
	tt_arena *a = r->arena;

	if (!t->segment_h || !t->segments || t->n / t->segment_h < t->segments ||
	    t->n == t->segments * t->segment_h)
		return tt_fail(err, TT_ENODATA, "%zu hours of history are too short to replay %zu "
		               "quarters of %zu hours: nothing is known before the first of them",
		               t->n, t->segments, t->segment_h);
	r->start = t->n - t->segments * t->segment_h;
	r->parts = tt_arena_alloc(a, t->n * sizeof *r->parts);
	r->known = tt_arena_alloc(a, t->n * sizeof *r->known);
	r->held = tt_arena_alloc(a, (t->segments + t->term + AHEAD) * sizeof *r->held);
	for (int k = 0; k < TT_REPLAY_RULES; k++) {
		to->bought[k] = tt_arena_alloc(a, t->segments * sizeof *to->bought[k]);
		if (!to->bought[k])
			return tt_no_memory(err);
	}
	if (!r->parts || !r->known || !r->held)
		return tt_no_memory(err);
	for (size_t h = 0; h < t->n; h++) {
		if (t->y[h] > 4e9)
			return tt_fail(err, TT_EDATA, "%.0f units are used in one hour, at most "
			               "4,000,000,000 are expected", t->y[h]);
		r->parts[h] = isnan(t->y[h]) ? -1 : llround(t->y[h] * (double)PARTS);
		to->used_unit_hours += h >= r->start && !isnan(t->y[h]) ? t->y[h] : 0;
	}
	return TT_OK;
}

int tt_replay_run(const tt_replay_task *t, tt_arena *arena, tt_replay *ret, tt_err *err)
{
	replay r = { .t = t, .arena = arena };
	tt_replay to = { .used_unit_hours = 0 };

	TT_TRY(make(&r, &to, err));
	for (int k = 0; k < TT_REPLAY_CLAIRVOYANT; k++)
		TT_TRY(k == TT_REPLAY_ONLINE ? online(&r, &to, err)
		                             : follow(&r, (enum tt_replay_rule)k, &to, err));
	TT_TRY(clairvoyant(&r, &to, err));
	*ret = to;
	return TT_OK;
}
