/* scenario.c - any bytes as a scenario, with a file that it may include behind a form feed.
 * What is accepted keeps its limits, its distributions can be drawn from, and it binds to a
 * small fleet or says in one line why not. */
#include "simulate/bind.h"
#include "base/clock.h"
#include "fuzz.h"
#include "unit/fleet.h"
#include <sys/stat.h>

static fleet f;
static tt_settings *settings;

static void make_fleet(void)
{
	if (settings)
		return;
	FUZZ_MUST(tt_settings_load(NULL, &settings, NULL) == TT_OK);
	fleet_open(&f, 0, 7 * 86400);
	for (int i = 0; i < 3; i++) {
		tt_node_row *n = fleet_node(&f, fleet_text(&f, "n%d", i), 2);
		tt_pod_row *p = fleet_pod(&f, fleet_text(&f, "p%d", i), n->node, 1);

		n->node_group = i ? "serve" : "train";
		n->gpu_model = i ? "a100" : "h100";
		n->provider = n->region = "x";
		n->instance_type = n->gpu_model;
		p->workload = i ? "chat" : "train";
		p->workload_kind = i ? "inference" : "training";
		p->namespace_ = "ml";
		p->labels = "team=ml";
		fleet_hold(&f, fleet_card(&f, n->node, "0", ""), p->pod, 0, 86400, 86400, i);
	}
	tt_price_row *p = fleet_row(&f, TT_PRICES);
	p->provider = p->region = "x";
	p->instance_type = "a100";
	p->pricing = "commit_1y";
	tt_commitment_row *c = fleet_row(&f, TT_COMMITMENTS);
	c->commitment = "held";
	tt_quota_row *q = fleet_row(&f, TT_QUOTAS);
	q->owner = "ml";
	q->gpus = 8;
	fleet_ready(&f);
}

static void check_dist(const tt_assumed *a, enum tt_assumption of)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	const tt_assumption_def *d = &tt_assumption_defs[of];
	tt_err err = { 0 };
	tt_dist dist;

	if (!a || (a->spec.kind == TT_DIST_FIXED && isnan(a->spec.a)))
		return;
	if (tt_dist_make(&a->spec, arena, &dist, &err) < 0)
		fprintf(stderr, "%s\n", err.text);
	FUZZ_MUST(err.status == TT_OK); /* what was read can be made */
	for (int i = 0; i <= 4; i++) {
		const double v = tt_dist_quantile(&dist, i == 0 ? 1e-12 : i == 4 ? 1 - 1e-12
								       : i / 4.0);
		FUZZ_MUST(v >= d->min && v <= d->max);
	}
}

static void check(const tt_scenario *s, tt_buf *out)
{
	FUZZ_MUST(s->n_changes <= TT_SCENARIO_ITEMS && s->n_budgets <= TT_SCENARIO_ITEMS);
	FUZZ_MUST(s->n_growth <= TT_SCENARIO_ITEMS && s->n_cuts <= TT_SCENARIO_ITEMS);
	FUZZ_MUST(s->n_profiles <= TT_SCENARIO_ITEMS && s->n_files <= TT_SCENARIO_FILES);
	FUZZ_MUST(s->horizon.months > 0 && s->horizon.months <= 120);
	for (int i = 0; i < TT_ASSUMPTIONS; i++)
		check_dist(&s->assumed[i], (enum tt_assumption)i);
	for (size_t i = 0; i < s->n_changes; i++)
		for (int k = TT_ADOPTION; k < TT_ASSUMPTIONS; k++)
			check_dist(s->changes[i].assumed[k], (enum tt_assumption)k);
	for (size_t i = 0; i < s->n_growth; i++)
		check_dist(&s->growth[i].ratio_per_month, TT_GROWTH);
	for (size_t i = 0; i < s->n_cuts; i++)
		check_dist(&s->cuts[i].cut_ratio, TT_CUT);
	for (size_t i = 0; i < s->n_budgets; i++) {
		FUZZ_MUST(s->budgets[i].amount_per_month >= 0);
		FUZZ_MUST(s->budgets[i].probability_ratio > 0 &&
			  s->budgets[i].probability_ratio < 1);
	}
	for (size_t i = 0; i < s->n_profiles; i++) {
		const tt_profile *p = &s->profiles[i];

		FUZZ_MUST(tt_scenario_profile(s, p->name) == p);
		FUZZ_MUST(p->runs ? isnan(p->mean_cards) : p->mean_cards > 0);
		if (p->runs)
			check_dist(&p->runs_per_month, TT_RUNS);
		tt_buf_printf(out, "%s %s %.9g\n", p->name, p->note, p->mean_cards);
	}
	tt_buf_printf(out, "%s %s %zu %zu\n", s->name, s->note, s->n_changes, s->n_files);
}

static void bind(const tt_scenario *s, tt_buf *out)
{
	TT_CLEANUP(tt_bound_scenario_freep) tt_bound_scenario *b = NULL;
	tt_err err = { 0 };

	fuzz_status(tt_scenario_bind(s, &f.s, settings, &b, &err), TT_ENODATA, &err);
	tt_buf_puts(out, err.text);
	if (!b)
		return;
	FUZZ_MUST(b->from_s < b->until_s && b->until_s <= TT_TIME_LAST);
	for (size_t i = 0; i < b->n_changes; i++) {
		const tt_bound_change *c = &b->changes[i];

		FUZZ_MUST(c->change.n_subjects > 0 && c->adoption_ratio && c->realisation_ratio &&
			  c->start_delay_days);
		tt_change_text(&c->change, out);
		tt_buf_putc(out, '\n');
	}
	for (size_t i = 0; i < b->n_cuts; i++)
		FUZZ_MUST(b->cuts[i].at_s >= b->from_s && b->cuts[i].at_s < b->until_s);
	tt_buf_printf(out, "%lld %zu\n", (long long)b->until_s, b->n_left_out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *split = size ? memchr(data, '\f', size) : NULL;
	const size_t n = split ? (size_t)(split - data) : size;
	char main_path[300], other[300];
	tt_buf out[2] = { { 0 } };

	make_fleet();
	fuzz_path(main_path, sizeof main_path, "s.yaml");
	fuzz_path(other, sizeof other, "o.yaml");
	fuzz_write(main_path, data, n);
	fuzz_write(other, split ? split + 1 : data, split ? size - n - 1 : 0);
	for (int i = 0; i < 2; i++) {
		TT_CLEANUP(tt_scenario_freep) tt_scenario *s = NULL;
		tt_err err = { 0 };

		fuzz_status(tt_scenario_load(main_path, &s, &err), TT_EIO, &err);
		tt_buf_puts(&out[i], err.text);
		if (s) {
			check(s, &out[i]);
			bind(s, &out[i]);
		}
	}
	fuzz_same(&out[0], &out[1]);
	for (int i = 0; i < 2; i++)
		tt_buf_free(&out[i]);
	return 0;
}
