/* The forecast behind the published comparison of policies, recomputed elsewhere with the
 * standard library's logarithms; and what missing hours do to it. */
#include "maths/level_forecast.h"
#include "maths/elementary.h"
#include "t.h"

enum { SEASON = 168, N = 30 * SEASON + 50, POINTS = 9 };

static tt_err err;

static void fill(double *y)
{
	for (int t = 0; t < N; t++)
		y[t] = (100 + 7919 * t % 23 + (t % SEASON < 120 ? 30 : 0)) * (1 + t / 20000.) *
		       (1 + .05 * (t / SEASON * 37 % 7));
}

typedef struct samples {
	double v[POINTS * SEASON], sum;
} samples;

static const samples *at(const tt_level *l, const double *profile, size_t q)
{
	static const double levels[POINTS] = { .05, .15, .25, .35, .5, .65, .75, .85, .95 };
	static samples s;

	s.sum = 0;
	for (size_t i = 0; i < POINTS; i++)
		for (size_t h = 0; h < SEASON; h++) {
			s.v[i * SEASON + h] = tt_level_at(l, q, tt_normal_quantile(levels[i])) *
			                      profile[h];
			s.sum += s.v[i * SEASON + h];
		}
	return &s;
}

static void test_published(void)
{
	static const struct {
		size_t q;
		double v[4], sum;
	} known[] = {
		{ 0, { 134.01546178194937, 128.98889159888472, 143.70448794590234,
		       289.799105554218 }, 280698.7039846981 },
		{ 1, { 104.53107729423826, 100.61038941729946, 146.87066909208602,
		       388.09317500939414 }, 301084.778279358 },
		{ 6, { 53.45945233404347, 51.45432780936372, 150.0044151486424,
		       791.5800925167118 }, 387551.5608032267 },
	};
	const tt_level_settings s = tt_level_defaults();
	double y[N], profile[SEASON];
	tt_level l;

	fill(y);
	T_OK(tt_level_fit(y, N, &s, profile, &l, &err) == TT_OK);
	T_INT(30, l.seasons);
	for (size_t i = 0; i < 3; i++) {
		const samples *f = at(&l, profile, known[i].q);

		T_F64(known[i].v[0], f->v[0], 1e-10);
		T_F64(known[i].v[1], f->v[5], 1e-10);
		T_F64(known[i].v[2], f->v[4 * SEASON + 100], 1e-10);
		T_F64(known[i].v[3], f->v[9 * SEASON - 1], 1e-9);
		T_F64(known[i].sum, f->sum, 1e-7);
	}
	/* six weeks: no growth is read from them, and nobody knows how sure they are */
	T_OK(tt_level_fit(y + N - 6 * SEASON - 3, 6 * SEASON + 3, &s, profile, &l, &err) == TT_OK);
	T_F64(0, l.growth, 0);
	T_F64(.4, l.spread, 0);
	T_F64(67.51279688115663, at(&l, profile, 2)->v[0], 1e-10);
	T_F64(280629.35897009197, at(&l, profile, 0)->sum, 1e-7);
	/* demand that began in week 20: what is before does not count */
	for (int t = 0; t <= 20 * SEASON; t++)
		y[t] = 0;
	T_OK(tt_level_fit(y, N, &s, profile, &l, &err) == TT_OK);
	T_INT(11, l.seasons);
	T_F64(88.35813865032044, at(&l, profile, 1)->v[0], 1e-10);
	T_F64(538370.7109526532, at(&l, profile, 1)->sum, 1e-7);
}

static void test_missing(void)
{
	const tt_level_settings s = tt_level_defaults();
	double y[N], profile[SEASON], *end = y + N;
	tt_level l, m;

	for (int t = 0; t < N; t++)
		y[t] = (10 + (t - 50) % SEASON % 24) * exp(.01 * ((t - 50) / SEASON));
	T_OK(tt_level_fit(y, N, &s, profile, &l, &err) == TT_OK);
	T_F64(.13, l.growth, 1e-9);
	T_F64(0, l.spread, 1e-6);
	/* a week without telemetry, and one hour of the week that is never known */
	for (int t = 0; t < SEASON; t++)
		end[t - 3 * SEASON] = (double)NAN;
	T_OK(tt_level_fit(y, N, &s, profile, &m, &err) == TT_OK);
	T_INT(29, m.seasons);
	T_F64(l.growth, m.growth, 1e-9);
	T_F64(l.level, m.level, 1e-9);
	end[-3 * SEASON] = end[-1] = (double)NAN;
	for (int w = 1; w <= 6; w++)
		end[-w * SEASON + 7] = (double)NAN;
	T_OK(tt_level_fit(y, N, &s, profile, &m, &err) == TT_OK);
	T_F64(1, profile[7], 0);
	T_F64(l.level, m.level, .02 * l.level);
	/* the last week is not known at all */
	for (int t = 1; t <= SEASON; t++)
		end[-t] = (double)NAN;
	T_OK(tt_level_fit(y, N, &s, profile, &m, &err) == TT_OK);
	T_F64(.13, m.growth, 1e-3);
	/* nothing known is not no demand */
	for (int t = 0; t < N; t++)
		y[t] = (double)NAN;
	err = (tt_err){ 0 };
	T_INT(TT_ENODATA, tt_level_fit(y, N, &s, profile, &m, &err));
	T_HAS("no whole season", err.text);
	T_INT(TT_ENODATA, tt_level_fit(y, 100, &s, profile, &m, &err));
	const tt_level_settings zero = { .season_h = SEASON };

	T_INT(TT_EINVAL, tt_level_fit(y, N, &zero, profile, &m, &err));
	for (int t = 1; t <= SEASON; t++)
		end[-t] = 0;
	T_OK(tt_level_fit(y, N, &s, profile, &m, &err) == TT_OK);
	T_F64(0, tt_level_at(&m, 3, 1), 0);
}

/* Means at either end: noise in one week is no growth, and a spread off long steps does not take
 * it for one either. */
static void test_usual(void)
{
	const tt_level_settings s = tt_level_usual(), published = tt_level_defaults();
	double y[60 * SEASON], profile[SEASON];
	tt_level l, m;

	for (int t = 0; t < 60 * SEASON; t++)
		y[t] = 100 * exp(.005 * (t / SEASON)) * (t / SEASON % 2 ? 1.1 : 1 / 1.1);
	T_OK(tt_level_fit(y, 60 * SEASON, &s, profile, &l, &err) == TT_OK);
	T_F64(.005 * 13, l.growth, 1e-9);
	T_F64(log(1.21), l.spread, .01); /* 13 is odd: one up, one down */
	T_OK(tt_level_fit(y, 60 * SEASON, &published, profile, &m, &err) == TT_OK);
	T_F64(fmin(.6, log(1.21) * sqrt(13)), m.spread, .01);
	/* (1 + 0.65 / 2) x 0.65 of the growth by the middle of the second segment */
	T_F64(l.level * exp(l.growth * (.65 + .65 * .65 / 2)), tt_level_at(&l, 1, 0), 1e-9);
	/* 16 weeks: growth, but only three steps of 13 weeks */
	T_OK(tt_level_fit(y, 16 * SEASON, &s, profile, &l, &err) == TT_OK);
	T_F64(.005 * 13, l.growth, 1e-9);
	T_F64(.2, l.spread, 0);
	/* the same with a gap at either end */
	for (int t = 0; t < SEASON; t++)
		y[t] = y[58 * SEASON + t] = (double)NAN;
	T_OK(tt_level_fit(y, 60 * SEASON, &s, profile, &l, &err) == TT_OK);
	T_F64(.005 * 13, l.growth, .02);
	/* too few for ends that don't overlap */
	T_OK(tt_level_fit(y, 7 * SEASON, &s, profile, &l, &err) == TT_OK);
	T_F64(0, l.growth, 0);
}

int main(void)
{
	test_published();
	test_usual();
	test_missing();
	return T_END();
}
