/* ladder.c - how long the exact ladder of one pool takes, beside two LP solvers on the same
 * question, and that of many pools.
 *
 *   ladder one RUNS          17,520 hours, 8 quarters, offers for 1, 4 and 8 of them
 *   ladder many POOLS RUNS   26,280 hours each, 12 quarters, four offers
 *   ladder courses POOLS COURSES RUNS
 *                            the same, each quarter a week's profile at so many levels
 *
 * The solvers get it in two ways: a row for each hour, as it is mostly written, and a row for
 * each quarter with a column for each layer, as we see it. Only solving is timed, not
 * loading; ours is timed from the hours. All must find the same cost. */
#include "base/threads.h"
#include "commit/ladder.h"
#include "maths/order_stats.h"
#include <coin/Clp_C_Interface.h>
#include <glpk.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { QUARTER_H = 2190, WEEK_H = 168, MOST_QUARTERS = 12, MOST_OFFERS = 4 };
#define PRICE_MICRO 1000000

typedef struct task {
	size_t quarters, n_offers;
	size_t hours;               /* samples of a quarter, each worth QUARTER_H / hours */
	int64_t unit;               /* parts of one unit */
	int64_t *demand;            /* [quarters * hours] in parts */
	size_t terms[MOST_OFFERS];  /* in quarters */
	int64_t rates_micro[MOST_OFFERS];
	tt_ladder_offer offers[MOST_QUARTERS * MOST_OFFERS];
	tt_ladder_segment segments[MOST_QUARTERS];
	tt_ladder l;
} task;

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int rc, const tt_err *err)
{
	if (rc < 0) {
		fprintf(stderr, "ladder: %s\n", err->text);
		exit(1);
	}
}

static void *have(void *p)
{
	if (!p) {
		fputs("ladder: out of memory\n", stderr);
		exit(4);
	}
	return p;
}

static uint64_t next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return *state >> 33;
}

static void make_offers(task *t)
{
	for (size_t q = 0; q < t->quarters; q++)
		for (size_t k = 0; k < t->n_offers; k++) {
			const size_t end = q + t->terms[k] < t->quarters ? q + t->terms[k]
			                                                 : t->quarters;

			t->offers[q * t->n_offers + k] = (tt_ladder_offer){ q, end,
				t->rates_micro[k] * QUARTER_H * (int64_t)(end - q), TT_FLOW_MANY,
				0 };
		}
	t->l = (tt_ladder){ t->segments, t->quarters, t->offers, t->quarters * t->n_offers,
		NULL, 0 };
}

static double day(size_t hour)
{
	return sin(2 * 3.14159265358979 * (double)(hour % 24) / 24);
}

/* About a thousand units that grow, with days, weeks and noise. */
static void make(task *t, uint64_t seed)
{
	const size_t hours = t->quarters * QUARTER_H;
	double level = 700 + (double)(next(&seed) % 200);

	t->demand = have(malloc(hours * sizeof *t->demand));
	for (size_t h = 0; h < hours; h++) {
		const double week = h / 24 % 7 < 5 ? 1 : .8;
		const double noise = (double)(next(&seed) % 1000) / 1000 - .5;

		level *= 1 + ((double)(next(&seed) % 1000) / 1000 - .495) / 150;
		t->demand[h] = (int64_t)(level * week * (1 + .1 * day(h) + .05 * noise));
	}
	t->hours = QUARTER_H;
	t->unit = 1;
	make_offers(t);
}

/* A week's profile at levels that spread the farther out a quarter is, in 10^-9 of a unit. */
static void make_courses(task *t, size_t courses, uint64_t seed)
{
	const double mean = 700 + (double)(next(&seed) % 200);

	t->hours = courses * WEEK_H;
	t->unit = 1000000000;
	t->demand = have(malloc(t->quarters * t->hours * sizeof *t->demand));
	for (size_t q = 0; q < t->quarters; q++)
		for (size_t c = 0; c < courses; c++) {
			const double z = (double)(next(&seed) % 1000) / 1000 - .5;
			const double level = mean * exp(.2 * z * sqrt((double)q + .5));

			for (size_t h = 0; h < WEEK_H; h++)
				t->demand[(q * courses + c) * WEEK_H + h] =
					llround(1e9 * level * (1 + .1 * day(h)));
		}
	make_offers(t);
}

/* --- Ours ---------------------------------------------------------------------------------- */

static int64_t ours(task *t, tt_arena *arena)
{
	tt_ladder_plan p;
	tt_err err = { 0 };

	for (size_t q = 0; q < t->quarters; q++) {
		const tt_layers_demand d = { t->demand + q * t->hours, t->hours, t->unit };

		must(tt_ladder_segment_make(&d, (tt_i128)PRICE_MICRO * QUARTER_H,
		                            (tt_i128)t->unit * (int64_t)t->hours, arena,
		                            &t->segments[q], &err), &err);
	}
	must(tt_ladder_solve(&t->l, arena, &p, &err), &err);
	return p.cost_micro;
}

/* --- The rivals ---------------------------------------------------------------------------- */

/* Columns with their bounds and costs, and where they stand in rows that are all >= something.
 * Money in units, for that is how one would write it. */
typedef struct lp {
	int n_rows, n_cols;
	double *least;              /* [n_rows] */
	double *most, *cost;        /* [n_cols]; from 0 */
	int *start;                 /* [n_cols + 1] */
	int *row;                   /* [start[n_cols]], all coefficients are 1 */
	double *one;
} lp;

static lp lp_alloc(int rows, int cols, int entries)
{
	return (lp){ .n_rows = rows, .least = have(calloc((size_t)rows, sizeof(double))),
		.most = have(calloc((size_t)cols, sizeof(double))),
		.cost = have(calloc((size_t)cols, sizeof(double))),
		.start = have(calloc((size_t)cols + 1, sizeof(int))),
		.row = have(calloc((size_t)entries, sizeof(int))),
		.one = have(calloc((size_t)entries, sizeof(double))) };
}

static void lp_free(lp *p)
{
	free(p->least);
	free(p->most);
	free(p->cost);
	free(p->start);
	free(p->row);
	free(p->one);
}

static void column(lp *p, double most, double cost, int from, int to)
{
	int at = p->start[p->n_cols];

	p->most[p->n_cols] = most;
	p->cost[p->n_cols] = cost;
	for (int r = from; r < to; r++) {
		p->row[at] = r;
		p->one[at++] = 1;
	}
	p->start[++p->n_cols] = at;
}

static lp by_hour(const task *t)
{
	const int hours = (int)(t->quarters * QUARTER_H), n = (int)t->l.n_offers;
	lp p = lp_alloc(hours, hours + n, hours * (n + 1));

	for (int j = 0; j < n; j++)
		column(&p, INFINITY, (double)t->offers[j].cost_micro / 1e6,
		       (int)t->offers[j].start * QUARTER_H, (int)t->offers[j].end * QUARTER_H);
	for (int h = 0; h < hours; h++) {
		p.least[h] = (double)t->demand[h];
		column(&p, INFINITY, PRICE_MICRO / 1e6, h, h + 1);
	}
	return p;
}

static lp by_layer(const task *t)
{
	const int n = (int)t->l.n_offers, quarters = (int)t->quarters;
	int layers = 0;

	for (size_t q = 0; q < t->quarters; q++)
		layers += (int)t->segments[q].n;

	lp p = lp_alloc(quarters, layers + n, layers + n * quarters);

	for (int j = 0; j < n; j++)
		column(&p, INFINITY, (double)t->offers[j].cost_micro / 1e6,
		       (int)t->offers[j].start, (int)t->offers[j].end);
	for (int q = 0; q < quarters; q++)
		for (size_t i = 0; i < t->segments[q].n; i++) {
			const tt_ladder_layer *x = &t->segments[q].layers[i];

			p.least[q] += (double)x->units;
			column(&p, (double)x->units, (double)x->cost_micro / 1e6, q, q + 1);
		}
	return p;
}

static double clp(const lp *p, double *ret_s)
{
	Clp_Simplex *m = have(Clp_newModel());
	double *low = have(calloc((size_t)p->n_cols, sizeof *low));
	double *high = have(calloc((size_t)p->n_rows, sizeof *high));
	double cost;

	for (int r = 0; r < p->n_rows; r++)
		high[r] = INFINITY;
	Clp_setLogLevel(m, 0);
	Clp_loadProblem(m, p->n_cols, p->n_rows, p->start, p->row, p->one, low, p->most, p->cost,
	                p->least, high);
	*ret_s = now_s();
	Clp_dual(m, 0);
	*ret_s = now_s() - *ret_s;
	cost = Clp_objectiveValue(m);
	Clp_deleteModel(m);
	free(low);
	free(high);
	return cost;
}

static double glpk(const lp *p, double *ret_s)
{
	glp_prob *m = glp_create_prob();
	int *row = have(calloc((size_t)p->n_rows + 1, sizeof *row));
	glp_smcp how;
	double cost;

	glp_init_smcp(&how);
	how.msg_lev = GLP_MSG_OFF;
	how.meth = GLP_DUALP;
	glp_add_rows(m, p->n_rows);
	glp_add_cols(m, p->n_cols);
	for (int r = 0; r < p->n_rows; r++)
		glp_set_row_bnds(m, r + 1, GLP_LO, p->least[r], 0);
	for (int c = 0; c < p->n_cols; c++) {
		const int n = p->start[c + 1] - p->start[c];

		for (int k = 0; k < n; k++)
			row[k + 1] = p->row[p->start[c] + k] + 1;
		glp_set_mat_col(m, c + 1, n, row, p->one - 1);
		glp_set_obj_coef(m, c + 1, p->cost[c]);
		glp_set_col_bnds(m, c + 1, isinf(p->most[c]) ? GLP_LO : GLP_DB, 0, p->most[c]);
	}
	*ret_s = now_s();
	glp_simplex(m, &how);
	*ret_s = now_s() - *ret_s;
	cost = glp_get_obj_val(m);
	glp_delete_prob(m);
	free(row);
	return cost;
}

/* --- What is printed ----------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, ascending);
	return v[n / 2];
}

static void rival(const char *name, const lp *p, size_t runs, double (*solve)(const lp *, double *),
                  int64_t cost_micro)
{
	double *s = have(calloc(runs, sizeof *s)), cost = 0;

	for (size_t i = 0; i < runs; i++)
		cost = solve(p, &s[i]);
	if (!(fabs(cost * 1e6 - (double)cost_micro) <= 1e-9 * (double)cost_micro)) {
		fprintf(stderr, "ladder: %s finds a cost of %.6f, we %.6f\n", name, cost,
		        (double)cost_micro / 1e6);
		exit(1);
	}
	printf(" %s_ms=%.4f", name, median(s, runs) * 1e3);
	free(s);
}

static void one(size_t runs)
{
	task t = { .quarters = 8, .n_offers = 3, .terms = { 1, 4, 8 },
		.rates_micro = { 800000, 630000, 476190 } };
	double *s = have(calloc(runs, sizeof *s));
	tt_arena *arena = NULL;
	int64_t cost_micro = 0;

	make(&t, 1);
	for (size_t i = 0; i < runs; i++) {
		tt_arena_free(arena);
		arena = have(tt_arena_new());
		s[i] = now_s();
		cost_micro = ours(&t, arena);
		s[i] = now_s() - s[i];
	}

	lp hours = by_hour(&t), layers = by_layer(&t);
	const size_t few = runs < 3 ? runs : 3;

	printf("hours=%zu quarters=%zu offers=%zu cost_micro=%lld ours_ms=%.4f",
	       t.quarters * QUARTER_H, t.quarters, t.l.n_offers, (long long)cost_micro,
	       median(s, runs) * 1e3);
	rival("clp_hours", &hours, few, clp, cost_micro);
	rival("glpk_hours", &hours, 1, glpk, cost_micro);
	rival("clp_layers", &layers, runs, clp, cost_micro);
	rival("glpk_layers", &layers, few, glpk, cost_micro);
	putchar('\n');
	lp_free(&hours);
	lp_free(&layers);
	tt_arena_free(arena);
	free(t.demand);
	free(s);
}

typedef struct many {
	task *v;
	size_t n, threads;
} many;

static void share(void *ctx, int thread)
{
	const many *m = ctx;

	for (size_t i = (size_t)thread; i < m->n; i += m->threads) {
		tt_arena *arena = have(tt_arena_new());

		ours(&m->v[i], arena);
		tt_arena_free(arena);
	}
}

static void pools(size_t n, size_t courses, size_t runs)
{
	many m = { have(calloc(n, sizeof *m.v)), n, 0 };
	double *s = have(calloc(runs, sizeof *s));

	for (size_t i = 0; i < n; i++) {
		m.v[i] = (task){ .quarters = 12, .n_offers = 4, .terms = { 1, 4, 8, 12 },
			.rates_micro = { 800000, 630000, 550000, 476190 } };
		if (courses)
			make_courses(&m.v[i], courses, i + 1);
		else
			make(&m.v[i], i + 1);
	}
	printf("pools=%zu samples=%zu", n, 12 * m.v[0].hours);
	for (m.threads = 1; m.threads <= 2; m.threads++) {
		for (size_t i = 0; i < runs; i++) {
			s[i] = now_s();
			tt_run_threads((int)m.threads, share, &m);
			s[i] = now_s() - s[i];
		}
		printf(" threads_%zu_s=%.4f", m.threads, median(s, runs));
	}
	putchar('\n');
	for (size_t i = 0; i < n; i++)
		free(m.v[i].demand);
	free(m.v);
	free(s);
}

/* From 1; 0: it is none. */
static size_t number(const char *text)
{
	const int n = text ? atoi(text) : 0;

	return n > 0 ? (size_t)n : 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const int n = argc - 2;
	const size_t a = number(n > 0 ? argv[2] : NULL);
	const size_t b = number(n > 1 ? argv[3] : NULL), c = number(n > 2 ? argv[4] : NULL);

	if (strcmp(what, "one") == 0 && n == 1 && a) {
		one(a);
	} else if (strcmp(what, "many") == 0 && n == 2 && a && b) {
		pools(a, 0, b);
	} else if (strcmp(what, "courses") == 0 && n == 3 && a && b && c) {
		pools(a, b, c);
	} else {
		fputs("usage: ladder one RUNS | ladder many POOLS RUNS | "
		      "ladder courses POOLS COURSES RUNS\n", stderr);
		return 2;
	}
	return 0;
}
