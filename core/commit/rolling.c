#include "commit/rolling.h"
#include "maths/elementary.h"
#include "maths/layer_curve.h"
#include <math.h>

enum { LEVELS = 9 };
#define PARTS INT64_C(1000000000)   /* of a unit, in samples of demand */
#define MOST 4e6                    /* units; so that parts of all samples fit */
#define MICRO 1000000

/* Equally likely, but for the ends: the tails are a little heavier than ninths. */
static const double chances[LEVELS] = { .05, .15, .25, .35, .5, .65, .75, .85, .95 };

tt_level_settings tt_rolling_level(void)
{
	tt_level_settings s = tt_level_defaults();

	s.growth_seasons = 52;
	s.profile_seasons = 8;
	s.damping = 0.7;
	s.spread_most = 0.2;
	s.spread_unknown = 0.2;
	return s;
}

typedef struct planner {
	const tt_rolling *r;
	tt_arena *arena;
	double *profile;
	tt_level level;
	int64_t *samples;           /* [LEVELS * season_h] of one segment */
} planner;

/* What segment `q` may use above what is in force, as if each sample were an hour of it. */
static void sample(const planner *p, size_t q)
{
	const size_t season_h = p->r->level.season_h;
	const double held = p->r->held ? (double)p->r->held[q] : 0;

	for (size_t k = 0; k < LEVELS; k++) {
		const double level = tt_level_at(&p->level, q, tt_normal_quantile(chances[k]));

		for (size_t h = 0; h < season_h; h++) {
			const double units = fmin(level * p->profile[h] - held, MOST);

			p->samples[k * season_h + h] =
				units > 0 ? llround(units * (double)PARTS) : 0;
		}
	}
}

static int segment(planner *p, size_t q, tt_ladder_segment *ret, tt_err *err)
{
	const size_t n = LEVELS * p->r->level.season_h;
	tt_layer_curve c;

	sample(p, q);
	TT_TRY(tt_layer_curve_make(&(tt_layers_demand){ p->samples, n, PARTS }, p->arena, &c, err));

	tt_ladder_layer *layers = tt_arena_alloc(p->arena, (c.n + 1) * sizeof *layers);

	if (!layers)
		return tt_no_memory(err);
	for (size_t i = 0; i < c.n; i++) {
		/* price x hours: busy is at most n samples, so this is at most the price of
		 * the segment */
		const tt_i128 cost = tt_div_half_even(p->r->price_per_hour / MICRO *
			(tt_i128)p->r->segment_h * c.v[i].busy, (tt_i128)n * PARTS);

		layers[i] = (tt_ladder_layer){ c.v[i].units, (int64_t)cost };
	}
	*ret = (tt_ladder_segment){ layers, c.n };
	return TT_OK;
}

static int offers(const planner *p, tt_ladder_offer *v, tt_err *err)
{
	const tt_rolling *r = p->r;

	for (size_t q = 0; q < r->segments; q++)
		for (size_t k = 0; k < r->n_offers; k++) {
			const size_t most = r->segments - q, asked = r->offers[k].segments;
			const size_t segments = asked < most ? asked : most;
			tt_ladder_offer *o = &v[q * r->n_offers + k];

			*o = (tt_ladder_offer){ .start = q, .end = q + segments,
				.most = TT_FLOW_MANY };
			TT_TRY(tt_cost_micro(r->offers[k].rate_per_hour,
			                     (int64_t)(segments * r->segment_h) * 3600,
			                     &o->cost_micro, err));
		}
	return TT_OK;
}

int tt_rolling_plan(const tt_rolling *r, tt_arena *arena, tt_ladder *ret_ladder,
                    tt_ladder_plan *ret, tt_err *err)
{
	const size_t season_h = r->level.season_h;
	planner p = { .r = r, .arena = arena,
		.profile = tt_arena_alloc(arena, season_h * sizeof *p.profile + 1),
		.samples = tt_arena_alloc(arena, LEVELS * season_h * sizeof *p.samples + 1) };
	tt_ladder_segment *segments =
		tt_arena_alloc(arena, (r->segments + 1) * sizeof *segments);
	tt_ladder_offer *v =
		tt_arena_alloc(arena, (r->segments * r->n_offers + 1) * sizeof *v);

	if (!p.profile || !p.samples || !segments || !v)
		return tt_no_memory(err);
	TT_TRY(tt_level_fit(r->y, r->n, &r->level, p.profile, &p.level, err));
	for (size_t q = 0; q < r->segments; q++)
		TT_TRY(segment(&p, q, &segments[q], err));
	TT_TRY(offers(&p, v, err));

	const tt_ladder l = { segments, r->segments, v, r->segments * r->n_offers, NULL, 0 };

	TT_TRY(tt_ladder_solve(&l, arena, ret, err));
	if (ret_ladder)
		*ret_ladder = l;
	return TT_OK;
}
