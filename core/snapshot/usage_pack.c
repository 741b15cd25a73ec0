#include "snapshot/usage_pack.h"
#include "snapshot/pack.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Order ----------------------------------------------------------------------- */

static int kind_of_part(const char *s, size_t n) /* nothing, a number, other text */
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return 2;
	return n > 0;
}

static int compare_text(const char *a, size_t na, const char *b, size_t nb)
{
	int order = memcmp(a, b, na < nb ? na : nb);

	return order ? order : (na > nb) - (na < nb);
}

int tt_card_name_compare(const char *a, size_t na, const char *b, size_t nb)
{
	int kind_a = kind_of_part(a, na), kind_b = kind_of_part(b, nb);

	if (kind_a != kind_b)
		return kind_a - kind_b;
	if (kind_a == 1 && na != nb)
		return na < nb ? -1 : 1; /* 2 before 10 */
	return compare_text(a, na, b, nb);
}

/* Nodes stand as in the table of nodes, because what a node has is looked up by its name;
 * its cards and their slices as a person counts them. */
static int compare_key(const void *pa, const void *pb, void *ctx)
{
	const tt_usage *u = ctx;
	const char *a = tt_names_at(u->carriers, *(const uint32_t *)pa);
	const char *b = tt_names_at(u->carriers, *(const uint32_t *)pb);

	for (int part = 0;; part++) {
		size_t na = strcspn(a, "\x1f"), nb = strcspn(b, "\x1f");
		int order = part ? tt_card_name_compare(a, na, b, nb) : compare_text(a, na, b, nb);
		if (order || a[na] == 0 || b[nb] == 0)
			return order;
		a += na + 1;
		b += nb + 1;
	}
}

int tt_usage_order(const tt_usage *u, uint32_t **ret, size_t *ret_n, tt_err *err)
{
	size_t n = tt_names_count(u->carriers), used = 0;
	uint32_t *v = tt_alloc(n * sizeof *v);

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (u->state[i])
			v[used++] = (uint32_t)i;
	qsort_r(v, used, sizeof *v, compare_key, (void *)(uintptr_t)u);
	*ret = v;
	*ret_n = used;
	return TT_OK;
}

/* --- Ids ------------------------------------------------------------------------- */

typedef struct named { char *id; const tt_usage *u; const char *key; } named;

/* "node/gpu/slice" of a key, as snapshot.h has it. */
static char *id_of(const char *key)
{
	char *id = tt_strdup(key);

	for (char *p = id; p && (p = strchr(p, '\x1f')) != NULL;)
		*p = p[1] && p[1] != '\x1f' ? '/' : 0;
	return id;
}

static int compare_named(const void *a, const void *b)
{
	const named *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	return order ? order : strcmp(x->key, y->key);
}

static size_t list_ids(const tt_usage *u, named *to, tt_err *err)
{
	size_t n = 0, all = u ? tt_names_count(u->carriers) : 0;

	for (size_t i = 0; i < all && !err->status; i++) {
		if (!u->state[i])
			continue;
		to[n] = (named){ .u = u, .key = tt_names_at(u->carriers, (uint32_t)i) };
		to[n].id = id_of(to[n].key);
		if (!to[n++].id)
			tt_no_memory(err);
	}
	return n;
}

static void describe(const named *c, char *buf, size_t size)
{
	const char *gpu = strchr(c->key, '\x1f') + 1, *slice = strchr(gpu, '\x1f') + 1;

	snprintf(buf, size, "%s%.*s%s%.*s%snode \"%.*s\" in %s", *slice ? "slice \"" : "",
	         (int)strnlen(slice, 100), slice, *slice ? "\" of card \"" : *gpu != '\x1f' ?
	         "card \"" : "", (int)strcspn(gpu, "\x1f"), gpu, *gpu != '\x1f' ? "\" of " : "",
	         (int)strcspn(c->key, "\x1f"), c->key, c->u->file);
}

static int refuse(const named *a, const named *b, tt_err *err)
{
	char one[400], other[400];

	describe(a, one, sizeof one);
	describe(b, other, sizeof other);
	return tt_fail(err, TT_EDATA, "%s and %s would both be called \"%s\"", one, other, a->id);
}

int tt_usage_check_ids(const tt_usage *gpu, const tt_usage *node, tt_err *err)
{
	size_t room = (gpu ? tt_names_count(gpu->carriers) : 0) +
	              (node ? tt_names_count(node->carriers) : 0), n;
	named *v = tt_zalloc(room + 1, sizeof *v);
	tt_err own = { 0 };

	if (!v)
		return tt_no_memory(err);
	n = list_ids(gpu, v, &own);
	n += list_ids(node, v + n, &own);
	if (!own.status && n)
		qsort(v, n, sizeof *v, compare_named);
	for (size_t i = 1; i < n && !own.status; i++)
		if (strcmp(v[i - 1].id, v[i].id) == 0)
			refuse(&v[i - 1], &v[i], &own);
	for (size_t i = 0; i < n; i++)
		tt_free(v[i].id);
	tt_free(v);
	return own.status ? tt_fail(err, own.status, "%s", own.text) : TT_OK;
}

/* --- Cards that are too many --------------------------------------------------------- */

/* `key` is of a carrier of the node. */
static int count_strange(tt_strange_cards *to, const tt_rows *nodes, const char *key, size_t cards,
                         tt_err *err)
{
	char *name = tt_strdup(key);

	if (!name)
		return tt_no_memory(err);
	name[strcspn(name, "\x1f")] = 0;
	size_t at = tt_rows_find(nodes, name);
	double has = at == SIZE_MAX ? (double)NAN : TT_ROW(nodes, tt_node_row, at)->gpus;
	tt_free(name);
	if (!((double)cards > has)) /* not when it is not known */
		return TT_OK;
	if (to->nodes++ == 0) {
		to->first = at;
		to->seen = cards;
	}
	to->cards += cards - (size_t)has;
	return TT_OK;
}

int tt_usage_strange_cards(const tt_usage *u, const tt_rows *nodes, tt_strange_cards *ret,
                           tt_err *err)
{
	TT_CLEANUP(tt_freep) uint32_t *order = NULL;
	size_t n = 0, cards = 0;
	const char *last = NULL;

	*ret = (tt_strange_cards){ .cards = 0 };
	TT_TRY(tt_usage_order(u, &order, &n, err));
	for (size_t i = 0; i < n; i++) {
		const char *key = tt_names_at(u->carriers, order[i]);
		size_t node = strcspn(key, "\x1f");
		size_t gpu = node + 1 + strcspn(key + node + 1, "\x1f");
		bool same_node = last && strncmp(last, key, node + 1) == 0;
		if (last && !same_node) {
			TT_TRY(count_strange(ret, nodes, last, cards, err));
			cards = 0;
		}
		cards += !same_node || strncmp(last, key, gpu + 1) != 0; /* or a slice more */
		last = key;
	}
	return last ? count_strange(ret, nodes, last, cards, err) : TT_OK;
}

/* --- Parts of a series ------------------------------------------------------------- */

typedef struct parts {
	uint16_t *mean, *max;
	tt_packed_hour *hours;
	bool differ;
} parts;

static int read_cells(const tt_spill *spill, uint64_t chain, size_t n, parts *p, tt_err *err)
{
	struct {
		tt_part_head head;
		uint16_t v[2 * TT_PART_CELLS];
	} in;
	uint32_t got;

	memset(p->mean, 0xff, n * sizeof *p->mean);
	while (chain) {
		TT_TRY(tt_spill_get(spill, chain, &in, sizeof in, &got, &chain, err));
		size_t first = (size_t)in.head.first, cells = (size_t)in.head.n;
		if (first + cells > n)
			return tt_fail(err, TT_EINTERNAL, "aligned part past the window");
		memcpy(p->mean + first, in.v, cells * sizeof *in.v);
		if (in.head.has_max && !p->differ) {
			/* parts come last to first: the ones read so far were equal */
			memcpy(p->max, p->mean, n * sizeof *p->max);
			p->differ = true;
		}
		if (p->differ)
			memcpy(p->max + first, in.v + (in.head.has_max ? cells : 0),
			       cells * sizeof *in.v);
	}
	return TT_OK;
}

static int read_hours(const tt_spill *spill, uint64_t chain, size_t n, parts *p, tt_err *err)
{
	struct {
		tt_part_head head;
		tt_packed_hour v[TT_PART_HOURS];
	} in;
	uint32_t got;

	memset(p->hours, 0, n * sizeof *p->hours);
	while (chain) {
		TT_TRY(tt_spill_get(spill, chain, &in, sizeof in, &got, &chain, err));
		if ((size_t)in.head.first + (size_t)in.head.n > n)
			return tt_fail(err, TT_EINTERNAL, "hours past the window");
		memcpy(p->hours + in.head.first, in.v, (size_t)in.head.n * sizeof *in.v);
	}
	return TT_OK;
}

/* Quantile by seconds, kept between the exact minimum and maximum. */
static double quantile(const tt_series_state *s, uint32_t q_millionths)
{
	size_t at = tt_quantile_code(&s->histogram.v[0].seconds, 2, s->histogram.n,
	                             (uint64_t)s->seconds, q_millionths);
	int64_t micro = tt_code_micro(s->def->scale, (uint16_t)(s->histogram.lo + at));

	micro = micro < s->min_micro ? s->min_micro : micro;
	micro = micro > s->max_micro ? s->max_micro : micro;
	return (double)micro / 1e6;
}

static int pack_series(const tt_series_state *s, const tt_spill *spill, int64_t usual_s,
                       size_t n_steps, size_t n_hours, parts *p, tt_packed_series *ret,
                       tt_err *err)
{
	static const uint32_t q[3] = { 500000, 950000, 990000 };

	ret->of = s;
	for (int i = 0; i < 3; i++)
		ret->quantile[i] = quantile(s, q[i]);
	tt_pack_histogram(&s->histogram, usual_s, &ret->histogram);
	TT_TRY(read_hours(spill, s->hour_parts, n_hours, p, err));
	TT_TRY(tt_pack_hours(p->hours, n_hours, &ret->hourly, err));
	if (n_steps > 0) {
		p->differ = false;
		TT_TRY(read_cells(spill, s->parts, n_steps, p, err));
		TT_TRY(tt_pack_codes(p->mean, n_steps, &ret->mean, err));
		if (p->differ)
			TT_TRY(tt_pack_codes(p->max, n_steps, &ret->max, err));
	}
	return ret->histogram.failed ? tt_no_memory(err) : TT_OK;
}

/* --- Holdings -------------------------------------------------------------------------- */

static int compare_run(const void *pa, const void *pb, void *ctx)
{
	const tt_usage *u = ctx;
	const tt_run *a = pa, *b = pb;

	if (a->from_s != b->from_s)
		return a->from_s < b->from_s ? -1 : 1;
	return strcmp(tt_names_at(u->pods, a->pod - 1), tt_names_at(u->pods, b->pod - 1));
}

static int read_runs(const tt_usage *u, const tt_spill *spill, uint64_t chain,
                     tt_packed_carrier *ret, tt_err *err)
{
	size_t cap = 0;
	uint32_t got;

	while (chain) {
		if (!TT_GROW(ret->runs, ret->n_runs, cap))
			return tt_no_memory(err);
		TT_TRY(tt_spill_get(spill, chain, &ret->runs[ret->n_runs], sizeof *ret->runs, &got,
		                    &chain, err));
		ret->n_runs++;
	}
	ret->pods = tt_zalloc(ret->n_runs, sizeof *ret->pods);
	if (!ret->pods)
		return tt_no_memory(err);
	if (ret->n_runs > 0)
		qsort_r(ret->runs, ret->n_runs, sizeof *ret->runs, compare_run,
		        (void *)(uintptr_t)u);
	for (size_t i = 0; i < ret->n_runs; i++)
		ret->pods[i] = tt_names_at(u->pods, ret->runs[i].pod - 1);
	return TT_OK;
}

/* --- A carrier --------------------------------------------------------------------------- */

static int split_key(const char *key, tt_packed_carrier *ret, tt_err *err)
{
	ret->key = tt_strdup(key);
	if (!ret->key)
		return tt_no_memory(err);
	char *gpu = strchr(ret->key, '\x1f');
	char *slice = strchr(gpu + 1, '\x1f');
	*gpu = *slice = 0;
	ret->node = ret->key;
	ret->gpu = gpu + 1;
	ret->slice = slice + 1;
	return TT_OK;
}

int tt_usage_pack(const tt_usage *u, uint32_t id, size_t n_steps, size_t n_hours,
                  tt_packed_carrier *ret, tt_err *err)
{
	const tt_usage_carrier *c = u->state[id];
	const tt_spill *spill = u->shard[tt_usage_shard_of(u, id)].scratch.spill;
	parts p = { .mean = tt_alloc(n_steps * 2), .max = tt_alloc(n_steps * 2),
		.hours = tt_alloc(n_hours * sizeof *p.hours) };
	int rc = p.mean && p.max && p.hours ? TT_OK : tt_no_memory(err);

	*ret = (tt_packed_carrier){ .of = c };
	if (rc == TT_OK)
		rc = split_key(tt_names_at(u->carriers, id), ret, err);
	if (rc == TT_OK)
		rc = read_runs(u, spill, c->closed_runs, ret, err);
	/* in the order of metrics, whatever the order of columns was */
	for (int metric = 1; metric < TT_METRIC_COUNT; metric++)
		for (size_t m = 0; rc == TT_OK && m < u->n_metrics; m++)
			if (u->metric[m]->metric == metric && c->series[m] && c->series[m]->n > 0)
				rc = pack_series(c->series[m], spill, c->usual_s, n_steps, n_hours,
				                 &p, &ret->series[ret->n_series++], err);
	tt_free(p.mean);
	tt_free(p.max);
	tt_free(p.hours);
	if (rc < 0)
		tt_packed_carrier_free(ret);
	return rc;
}

void tt_packed_carrier_free(tt_packed_carrier *c)
{
	for (size_t i = 0; i < c->n_series; i++) {
		tt_buf_free(&c->series[i].histogram);
		tt_buf_free(&c->series[i].hourly);
		tt_buf_free(&c->series[i].mean);
		tt_buf_free(&c->series[i].max);
	}
	tt_free(c->runs);
	tt_free(c->pods);
	tt_free(c->key);
	*c = (tt_packed_carrier){ .key = NULL };
}
