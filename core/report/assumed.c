#include "report/assumed.h"
#include "report/layout.h"
#include <math.h>
#include <stdio.h>

static void number(tt_buf *out, const char *before, double v)
{
	char text[TT_CELL_TEXT];

	tt_buf_printf(out, "%s%s", before, tt_format_f64(v, 6, text, sizeof text));
}

/* Bounds that are narrower than those that the name has anyway. */
static void put_bounds(const tt_dist_spec *s, const tt_assumption_def *d, tt_buf *out)
{
	if (s->min == 0 && s->max == 0)
		return;
	if (isfinite(s->min) && s->min > d->min)
		number(out, ", at least ", s->min);
	if (isfinite(s->max) && s->max < d->max)
		number(out, ", at most ", s->max);
}

static void put_two(const char *a_is, const char *b_is, const tt_dist_spec *s, tt_buf *out)
{
	tt_buf_printf(out, "%s, %s ", tt_dist_kind_text(s->kind), a_is);
	number(out, "", s->a);
	tt_buf_printf(out, ", %s ", b_is);
	number(out, "", s->b);
}

static void put_triangular(const tt_dist_spec *s, tt_buf *out)
{
	number(out, "triangular, ", s->a);
	number(out, " to ", s->c);
	number(out, ", most likely ", s->b);
}

void tt_assumed_text(enum tt_assumption of, const tt_assumed *a, tt_buf *out)
{
	const tt_dist_spec *s = &a->spec;

	switch (s->kind) {
	case TT_DIST_FIXED:
		number(out, "", s->a);
		return;
	case TT_DIST_NORMAL:
		put_two("mean", "sd", s, out);
		break;
	case TT_DIST_LOGNORMAL:
		put_two("median", "sigma", s, out);
		break;
	case TT_DIST_TRIANGULAR:
		put_triangular(s, out);
		return;
	case TT_DIST_BETA:
		put_two("alpha", "beta", s, out);
		break;
	case TT_DIST_EMPIRICAL:
		tt_buf_printf(out, "one of %zu values", s->n);
		return;
	case TT_DIST_BERNOULLI:
		number(out, "1 with probability ", s->a);
		return;
	case TT_DIST_END:
		return;
	}
	put_bounds(s, &tt_assumption_defs[of], out);
}

/* The text becomes a sentence of the list. */
static int keep(tt_buf *text, tt_arena *arena, tt_texts *to, tt_err *err)
{
	int rc = text->failed ? tt_no_memory(err)
	                      : tt_texts_add(to, arena, err, "%s", tt_buf_text(text));

	tt_buf_free(text);
	return rc;
}

static int add_growth(const tt_bound_growth *g, tt_arena *arena, tt_texts *to, tt_err *err)
{
	tt_buf text = { 0 };

	tt_buf_puts(&text, "demand of ");
	if (g->n_subjects == 1)
		tt_buf_printf(&text, "%s %s", tt_subject_kind_text(g->subjects[0].kind),
		              g->subjects[0].id);
	else if (g->n_subjects)
		tt_buf_printf(&text, "%zu %ss", g->n_subjects,
		              tt_subject_kind_text(g->subjects[0].kind));
	tt_buf_puts(&text, ", ratio per month: ");
	tt_assumed_text(TT_GROWTH, &g->from->ratio_per_month, &text);
	return keep(&text, arena, to, err);
}

static int add_cut(const tt_bound_cut *c, tt_arena *arena, tt_texts *to, tt_err *err)
{
	char when[TT_CELL_TEXT];
	tt_buf text = { 0 };

	tt_buf_printf(&text, "price cut on %.10s", tt_cell_time(c->at_s, when));
	if (c->prices.n_nodes)
		tt_buf_printf(&text, ", %zu node%s", c->prices.n_nodes,
		              c->prices.n_nodes == 1 ? "" : "s");
	if (c->prices.n_prices)
		tt_buf_printf(&text, ", %zu price%s", c->prices.n_prices,
		              c->prices.n_prices == 1 ? "" : "s");
	tt_buf_puts(&text, ", cut_ratio: ");
	tt_assumed_text(TT_CUT, &c->from->cut_ratio, &text);
	return keep(&text, arena, to, err);
}

int tt_assumed_list(const tt_bound_scenario *b, tt_arena *arena, tt_texts *ret, tt_err *err)
{
	for (int i = 0; i < TT_ASSUMPTIONS; i++) {
		const tt_assumed *a = &b->scenario->assumed[i];
		tt_buf text = { 0 };

		if (!a->at.file)
			continue;
		tt_buf_printf(&text, "%s: ", tt_assumption_defs[i].name);
		tt_assumed_text((enum tt_assumption)i, a, &text);
		TT_TRY(keep(&text, arena, ret, err));
	}
	for (size_t i = 0; i < b->n_growth; i++)
		TT_TRY(add_growth(&b->growth[i], arena, ret, err));
	for (size_t i = 0; i < b->n_cuts; i++)
		TT_TRY(add_cut(&b->cuts[i], arena, ret, err));
	return TT_OK;
}
