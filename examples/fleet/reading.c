/* reading.c - see reading.h. */
#include "reading.h"

/* SM activity in 1/1000 of cards in training: Acme's Kalos cluster without its idle third. */
static const struct quantile train_sm[] = {
	{ 0, 4 }, { 130, 18 }, { 270, 335 }, { 420, 652 }, { 560, 713 }, { 710, 769 },
	{ 860, 850 }, { 1000, 960 },
};

/* GPU_UTIL in 1/10 % of the same cards: high whatever the SMs do. */
static const struct quantile train_util[] = {
	{ 0, 610 }, { 130, 970 }, { 270, 980 }, { 420, 990 }, { 710, 995 }, { 1000, 1000 },
};

/* GPU_UTIL in 1/10 % of GenTD26's inference samples that are not zero. */
static const struct quantile serve_util[] = {
	{ 0, 12 }, { 300, 105 }, { 700, 253 }, { 850, 347 }, { 970, 845 }, { 1000, 988 },
};

/* GPU_UTIL in 1/10 % of batch jobs: Philly's cards without its idle third. */
static const struct quantile batch_util[] = {
	{ 0, 30 }, { 140, 222 }, { 290, 486 }, { 430, 694 }, { 570, 874 }, { 710, 965 },
	{ 1000, 1000 },
};

void reading_idle(uint64_t draw, struct reading *r)
{
	if ((draw & 0x1ff) == 0) {
		r->sm_milli += (int)(draw >> 9 & 3) + 1;
		r->util_deci += (int)(draw >> 11 & 3) + 1;
	}
}

/* Seconds of [0, x) that lie in the first dip_s of each interval. */
static int64_t dipped(int64_t x, int64_t every_s, int64_t dip_s)
{
	int64_t rest = x % every_s;

	return x / every_s * dip_s + (rest < dip_s ? rest : dip_s);
}

/* Share of the sample, in 1/1000, in which the job computes rather than loads its data at the
 * start or writes a checkpoint. */
static int computing(const struct pod *p, const struct moment *m)
{
	const struct workload *w = &workloads[p->workload];
	int64_t age = m->t_s - p->started_s;
	int64_t every = w->checkpoint_interval_s, dip = w->checkpoint_s;

	if (age < 300)
		return 0;
	age += dip; /* the first checkpoint is written at the end of the first interval */
	return (int)(1000 - (dipped(age + m->step_s, every, dip) - dipped(age, every, dip)) *
		1000 / m->step_s);
}

static void train(const struct pod *p, uint64_t draw, const struct moment *m, struct reading *r)
{
	/* half of the samples follow the job's own efficiency, half the whole distribution */
	int jitter = (int)(draw >> 16 & 0x1fff) - 4096, rank = p->rank + jitter;
	int on = computing(p, m);

	if (draw & 1)
		rank = (int)(draw >> 32 & 0xffff);
	rank = rank < 0 ? 0 : rank > 65535 ? 65535 : rank;

	int sm = (int)quantile_at(train_sm, (uint32_t)rank) * on / 1000;

	r->sm_milli += sm;
	r->util_deci += (int)quantile_at(train_util, (uint32_t)rank) * on / 1000;
	r->tensor_milli += sm * (240 + (int)(draw >> 48 & 63)) / 1000;
	r->dram_milli += sm * (400 + (int)(draw >> 54 & 127)) / 1000;
}

/* Whole half hours are quiet or lively, so that gaps look like gaps and not like noise. */
static bool lively(const struct pod *p, uint64_t card_key, const struct moment *m, int milli)
{
	uint64_t u = rng_mix(p->key ^ card_key ^ (uint64_t)(m->t_s / 1800) * RNG_GOLDEN);

	return (int)((u & 0xffff) * 1000 >> 16) < milli;
}

static void serve(const struct pod *p, uint64_t card_key, uint64_t draw,
	const struct moment *m, struct reading *r)
{
	if (!lively(p, card_key, m, m->load * 88 / 100) || (draw & 3) == 0)
		return;

	int util = (int)quantile_at(serve_util, (uint32_t)(draw >> 16 & 0xffff));

	if (p->gpus_milli < 1000)
		util = util * p->gpus_milli / 500;
	r->util_deci += util;
	r->sm_milli += util * (550 + (int)(p->key & 255)) / 1000;
}

static void notebook(const struct pod *p, uint64_t card_key, uint64_t draw,
	const struct moment *m, struct reading *r)
{
	if (!lively(p, card_key, m, m->work_hours ? 700 : 80) || (draw & 7) < 3)
		return;

	int util = 50 + (int)((draw >> 16 & 0xffff) * 900 >> 16);

	r->util_deci += util;
	r->sm_milli += util * 45 / 100;
}

static void batch(const struct pod *p, uint64_t draw, struct reading *r)
{
	uint32_t rank = draw & 1 ? (uint32_t)(draw >> 16 & 0xffff) : (uint32_t)p->rank;
	int util = (int)quantile_at(batch_util, rank);

	if (p->gpus_milli < 1000)
		util = util * p->gpus_milli / 1000;
	r->util_deci += util;
	r->sm_milli += util * (500 + (int)(p->key & 255)) / 1000;
}

/* An hour and 24 minutes from 14:00 on every other day: 2.9 % of the time. */
static void burst(uint64_t draw, const struct moment *m, struct reading *r)
{
	int64_t at = (m->t_s - WINDOW_START_S) % (2 * DAY_S) - 14 * HOUR_S;

	if (at < 0 || at >= 84 * 60)
		return;
	r->sm_milli += 300 + (int)((draw >> 16 & 0xffff) * 550 >> 16);
	r->util_deci += 600 + (int)(draw >> 40 & 0xff);
}

static void steady(const struct pod *p, uint64_t draw, struct reading *r)
{
	const struct steady *s = p->steady;
	int about = 900 + (int)((draw >> 16 & 0xffff) * 200 >> 16);

	r->sm_milli += s->sm * about / 1000;
	r->util_deci += s->util * about / 1000;
	r->tensor_milli += s->tensor * about / 1000;
	r->dram_milli += s->dram * about / 1000;
	r->pcie_mb_per_s += s->pcie_mb_per_s * about / 1000;
}

/* A screen that is drawn day and night, and somebody at work on it. */
static void desk(const struct pod *p, uint64_t draw, const struct moment *m, struct reading *r)
{
	steady(p, draw, r);
	if (!m->work_hours)
		return;
	r->sm_milli += 250 + (int)((draw >> 32 & 0xffff) * 200 >> 16);
	r->util_deci += 400 + (int)(draw >> 48 & 0xff);
}

static void cap(int *v)
{
	if (*v > 1000)
		*v = 1000;
}

void reading_add(const struct pod *p, unsigned card, uint64_t card_key, const struct moment *m,
	struct reading *r)
{
	uint64_t draw = rng_mix(p->key ^ card_key ^ (uint64_t)m->t_s * 0xD1B54A32D192ED03u);
	int fb = p->fb_milli + (int)(draw >> 58) % 8;

	if (p->idle_cards >> card & 1) {
		r->fb_milli += 18;
		reading_idle(draw, r);
		return;
	}
	switch (p->behaviour) {
	case DOES_NOTHING:
		return;
	case DOES_HOLD:
		reading_idle(draw, r);
		break;
	case DOES_TRAIN:
		train(p, draw, m, r);
		break;
	case DOES_SERVE:
		serve(p, card_key, draw, m, r);
		break;
	case DOES_NOTEBOOK:
		notebook(p, card_key, draw, m, r);
		break;
	case DOES_BATCH:
		batch(p, draw, r);
		fb = fb * p->gpus_milli / 1500;
		break;
	case DOES_BURST:
		burst(draw, m, r);
		break;
	case DOES_STEADY:
		steady(p, draw, r);
		break;
	case DOES_DESK:
		desk(p, draw, m, r);
		break;
	case DOES_CHECK:
		r->util_deci += 600 + (int)(draw >> 40 & 0xff);
		r->sm_milli += 400 + (int)(draw >> 32 & 0xff);
		break;
	}
	r->fb_milli += fb;
	cap(&r->util_deci);
	cap(&r->sm_milli);
	if (r->fb_milli > 985)
		r->fb_milli = 985;
}
