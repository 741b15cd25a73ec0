#include "snapshot/usage_parse.h"
#include "snapshot/usage_fast.h"
#include "base/clock.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define BETWEEN '\x1f' /* the parts of a carrier's key */

struct tt_usage_parser {
	tt_usage *u;
	const tt_usage_layout *l;
	const tt_rows *nodes;
	tt_usage_fast fast;
	char *scratch; size_t scratch_cap; /* unquoted fields of one record */
};

/* --- Life ---------------------------------------------------------------------------- */

int tt_usage_parser_new(tt_usage *u, const tt_usage_layout *l, const tt_rows *nodes,
                        tt_usage_parser **ret, tt_err *err)
{
	tt_usage_parser *p = tt_zalloc(1, sizeof *p);

	if (!p)
		return tt_no_memory(err);
	*p = (tt_usage_parser){ .u = u, .l = l, .nodes = nodes };
	int rc = tt_usage_fast_init(&p->fast, u, l, err);
	if (rc < 0) {
		tt_usage_parser_free(p);
		return rc;
	}
	*ret = p;
	return TT_OK;
}

void tt_usage_parser_free(tt_usage_parser *p)
{
	if (!p)
		return;
	tt_usage_fast_free(&p->fast);
	tt_free(p->scratch);
	tt_free(p);
}

void tt_usage_blank_text(const tt_usage_layout *l, char buf[TT_USAGE_BLANK_TEXT])
{
	snprintf(buf, TT_USAGE_BLANK_TEXT, "is blank, the header has %zu fields", l->n);
}

void tt_usage_block_free(tt_usage_block *b)
{
	for (int i = 0; i < TT_USAGE_SHARDS; i++)
		tt_free(b->out[i]);
}

/* --- Faults ------------------------------------------------------------------------------- */

static void fault_at(tt_usage_block *b, uint32_t line, const char *kind, size_t column,
                     const char *text)
{
	for (size_t i = 0; i < b->n_faults; i++)
		if (strcmp(b->fault[i].kind, kind) == 0) {
			b->fault[i].n++;
			return;
		}
	if (b->n_faults == TT_USAGE_FAULTS)
		return;
	tt_usage_fault *f = &b->fault[b->n_faults++];
	*f = (tt_usage_fault){ .kind = kind, .n = 1, .line = line, .column = column };
	snprintf(f->text, sizeof f->text, "%s", text);
}

static void fault(tt_usage_block *b, const char *kind, size_t column, const char *text)
{
	fault_at(b, b->lines, kind, column, text);
}

/* --- The slow path --------------------------------------------------------------------- */

typedef struct field { const char *p; size_t n, column; } field;
typedef struct flaw { const char *kind; size_t column; } flaw; /* kind NULL: none */

static bool ends_record(const char *s)
{
	return *s == '\n' || (*s == '\r' && s[1] == '\n');
}

static void note_flaw(flaw *ret, const char *kind, const char *start, const char *s)
{
	if (!ret->kind)
		*ret = (flaw){ kind, (size_t)(s - start) + 1 };
}

/* Split the record at `s` into fields, unquoting into p->scratch. Returns what follows
 * the record, NULL when a quoted field does not end before `end`. */
static const char *split(tt_usage_parser *p, const char *s, const char *end, field *f,
                         size_t *ret_n, uint32_t *ret_lines, flaw *ret_flaw)
{
	const char *start = s;
	char *to = p->scratch;
	size_t n = 0;

	*ret_flaw = (flaw){ NULL, 0 };
	*ret_lines = 1;
	for (;; s++) {
		field x = { .p = s, .column = (size_t)(s - start) + 1 };
		if (*s == '"') {
			x.p = to;
			for (s++; s < end && !(*s == '"' && s[1] != '"'); s++) {
				s += *s == '"';
				*ret_lines += *s == '\n';
				*to++ = *s;
			}
			if (s >= end)
				return NULL;
			x.n = (size_t)(to - x.p);
			s++;
			if (*s != ',' && !ends_record(s))
				note_flaw(ret_flaw, "text behind a closing quote", start, s);
		}
		const char *from = s;
		for (; *s != ',' && !ends_record(s); s++)
			if (*s == '"')
				note_flaw(ret_flaw, "quote inside an unquoted field", start, s);
			else if (*s == '\r')
				note_flaw(ret_flaw, "carriage return inside a field, expected a "
				          "line feed behind it", start, s);
		if (x.p == from)
			x.n = (size_t)(s - from);
		if (n < TT_USAGE_COLUMNS)
			f[n] = x;
		n++;
		if (*s != ',')
			break;
	}
	*ret_n = n;
	return s + (*s == '\r') + 1;
}

/* -1: not a number, or out of range. Exact up to 12 digits after the point. */
static int64_t slow_value(const field *f, const tt_metric_def *m)
{
	double v;
	int64_t micro;
	tt_decimal d;

	if (f->n > 0 && f->p[0] >= '0' && f->p[0] <= '9' && f->n < 40) {
		char text[48] = { 0 };
		memcpy(text, f->p, f->n);
		const char *e = tt_usage_fast_value(text, m, &micro);
		if (e && *e == 0 && e == text + f->n)
			return micro;
	}
	if (tt_decimal_parse(f->p, f->n, &d) == TT_DECIMAL_OK) {
		const int64_t one = tt_usage_power10[12 - m->decimals];
		const tt_decimal exact = (d + one / 2) / one;
		return d < 0 || exact > m->max_micro ? -1 : (int64_t)exact;
	}
	if (!tt_parse_f64(f->p, f->n, &v))
		return -1;
	v *= (double)tt_usage_power10[m->decimals];
	if (!(v >= 0) || v > (double)m->max_micro || v > 9.2e18)
		return -1;
	return (int64_t)llround(v);
}

static bool node_known(const tt_usage_parser *p, const field *f)
{
	size_t lo = 0, hi = p->nodes->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const char *name = TT_ROW(p->nodes, tt_node_row, mid)->node;
		int order = strncmp(name, f->p, f->n);
		if (order == 0)
			order = name[f->n] != 0;
		if (order == 0)
			return true;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static void fault_value(tt_usage_block *b, const char *kind, const field *f, const char *name,
                        const char *expected)
{
	char text[300];

	snprintf(text, sizeof text, "%s is \"%.*s\", expected %s", name,
	         tt_utf8_shown(f->p, f->n), f->p, expected);
	fault(b, kind, f->column, text);
}

/* Numbers of the carrier and pod that the key fields name. False after a fault. */
static bool slow_keys(tt_usage_parser *p, const field *const key[], tt_usage_block *b,
                      uint32_t *ret_carrier, uint32_t *ret_pod)
{
	static const field none = { .p = "" };
	char text[1024];
	const field *node = key[TT_ROLE_NODE], *gpu = key[TT_ROLE_GPU];
	const field *slice = key[TT_ROLE_SLICE] ? key[TT_ROLE_SLICE] : &none;
	int64_t carrier, pod = -1;

	if (node->n == 0 || (gpu && gpu->n == 0)) {
		fault_value(b, "missing value", node->n ? gpu : node, node->n ? "gpu" : "node",
		            node->n ? "a card's index or UUID" : "a node's name");
		return false;
	}
	if (p->nodes && !node_known(p, node)) {
		fault_value(b, "unknown node", node, "node", "a node of nodes.csv");
		return false;
	}
	if (!gpu)
		gpu = &none;
	if (memchr(node->p, BETWEEN, node->n) || memchr(gpu->p, BETWEEN, gpu->n) ||
	    memchr(slice->p, BETWEEN, slice->n)) {
		fault_value(b, "wrong value", node, "node", "a name without control characters, "
		            "and the same for gpu and slice");
		return false;
	}
	int n = snprintf(text, sizeof text, "%.*s\x1f%.*s\x1f%.*s", (int)node->n, node->p,
	                 (int)gpu->n, gpu->p, (int)slice->n, slice->p);
	if (n < 0 || (size_t)n >= sizeof text) {
		fault(b, "name too long", node->column, "the names of node, gpu and slice are over "
		      "1000 bytes together");
		return false;
	}
	carrier = tt_usage_carrier_number(p->u, text, (size_t)n);
	if (key[TT_ROLE_POD] && key[TT_ROLE_POD]->n > 0 && carrier >= 0)
		pod = tt_usage_pod_number(p->u, key[TT_ROLE_POD]->p, key[TT_ROLE_POD]->n);
	if (carrier < 0 || (key[TT_ROLE_POD] && key[TT_ROLE_POD]->n > 0 && pod < 0)) {
		tt_fail(&b->err, TT_ENOMEM, "out of memory for the names of cards and pods");
		return false;
	}
	*ret_carrier = (uint32_t)carrier;
	*ret_pod = (uint32_t)(pod + 1);
	return true;
}

static void slow_record(tt_usage_parser *p, const char *s, const field *f, tt_usage_block *b)
{
	const tt_usage_layout *l = p->l;
	const field *key[TT_ROLE_METRIC + 1] = { 0 };
	int64_t value[TT_METRIC_DEFS], t;
	uint32_t carrier, pod;

	for (size_t c = 0; c < l->n; c++) {
		const tt_metric_def *m = l->metric[l->column[c].metric];
		key[l->column[c].role] = &f[c];
		if (l->column[c].role != TT_ROLE_METRIC)
			continue;
		int64_t *v = &value[l->column[c].metric];
		*v = f[c].n == 0 ? TT_USAGE_MISSING : slow_value(&f[c], m);
		if (*v == -1) {
			fault_value(b, "wrong value", &f[c], m->column, m->expected);
			return;
		}
	}
	if (!tt_time_parse(key[TT_ROLE_TIME]->p, key[TT_ROLE_TIME]->n, &t) ||
	    t - p->u->start_s > INT32_MAX || t - p->u->start_s < INT32_MIN) {
		fault_value(b, "wrong time", key[TT_ROLE_TIME], "time",
		            "YYYY-MM-DDTHH:MM:SSZ or Unix seconds");
		return;
	}
	if (!slow_keys(p, key, b, &carrier, &pod))
		return;
	p->fast.time = (int32_t)(t - p->u->start_s);
	p->fast.time_n = 0; /* the text of the time was not kept */
	if (l->n_keys > 0) { /* without line ends: the fast path does not count those */
		const char *from = s + f[1].column - 1;
		const size_t n = f[1 + l->n_keys].column - f[1].column;
		if (!memchr(from, '\n', n))
			tt_usage_fast_learn(&p->fast, from, n, carrier, pod);
	}
	tt_usage_fast_put(&p->fast, b, carrier, pod, value);
}

/* The record [s, end) holds a byte that is no text. */
static void fault_text(tt_usage_block *b, const char *s, const char *end)
{
	size_t at = 0;

	for (size_t n; (n = tt_utf8_next(s + at, (size_t)(end - s) - at)) > 0;)
		at += n;
	if (s[at] == 0)
		fault(b, "NUL byte", at + 1, "NUL byte, expected text");
	else
		fault(b, "invalid UTF-8", at + 1, "not valid UTF-8, expected text");
}

/* The first field too many, or where the next one is missing. */
static size_t count_column(const field *f, const char *record, size_t n, size_t want)
{
	if (n > want)
		return want < TT_USAGE_COLUMNS ? f[want].column : 1;
	const field *last = &f[n - 1];
	return record[last->column - 1] == '"' ? last->column : last->column + last->n;
}

/* One record with every check. NULL: it does not end in this block. */
static const char *slow_row(tt_usage_parser *p, const char *s, const char *end,
                            tt_usage_block *b)
{
	field f[TT_USAGE_COLUMNS];
	size_t n, need = (size_t)(end - s);
	uint32_t lines;
	flaw flawed;
	char text[200];

	const char *line_end = memchr(s, '\n', need);
	if (line_end && memchr(s, '"', (size_t)(line_end - s)) == NULL)
		need = (size_t)(line_end - s) + 1;
	if (need > p->scratch_cap) {
		char *scratch = tt_realloc(p->scratch, need, 1);
		if (!scratch) {
			tt_fail(&b->err, TT_ENOMEM, "out of memory");
			return end;
		}
		p->scratch = scratch;
		p->scratch_cap = need;
	}
	const char *next = split(p, s, end, f, &n, &lines, &flawed);
	if (!next) {
		b->open_quote = true;
		return NULL;
	}
	if (!tt_utf8_ok(s, (size_t)(next - s))) {
		fault_text(b, s, next);
	} else if (flawed.kind) {
		fault(b, flawed.kind, flawed.column, flawed.kind);
	} else if (n != p->l->n) {
		snprintf(text, sizeof text, "record has %zu field%s, the header has %zu", n,
		         n == 1 ? "" : "s", p->l->n);
		fault(b, TT_USAGE_WRONG_COUNT, count_column(f, s, n, p->l->n), text);
	} else {
		slow_record(p, s, f, b);
	}
	b->lines += lines - 1;
	return next;
}

/* Blank lines are nothing at the end of the file only, and here is another line. */
static void refuse_blank(const tt_usage_parser *p, tt_usage_block *b)
{
	char text[TT_USAGE_BLANK_TEXT];

	for (tt_usage_blank_text(p->l, text); b->blank > 0; b->blank--)
		fault_at(b, b->lines - b->blank, TT_USAGE_WRONG_COUNT, 0, text);
}

void tt_usage_parse(tt_usage_parser *p, const char *s, size_t n, tt_usage_block *b)
{
	const char *end = s + n;
	bool usual = p->l->n_keys > 0;

	b->lines = b->rows = b->blank = 0;
	b->n_faults = 0;
	b->open_quote = false;
	b->err = (tt_err){ .status = TT_OK };
	memset(b->out_n, 0, sizeof b->out_n);
	while (s < end) {
		if (usual && b->blank == 0)
			s = tt_usage_fast_lines(&p->fast, s, end, b);
		if (s == end || b->err.status < 0)
			break;
		if (*s == '\n' || (*s == '\r' && s[1] == '\n')) {
			b->blank++;
			b->lines++;
			s += *s == '\r' ? 2 : 1;
			continue;
		}
		if (b->blank > 0 && (refuse_blank(p, b), !p->u->lenient))
			break;
		s = slow_row(p, s, end, b);
		if (!s || b->err.status < 0 || (b->n_faults > 0 && !p->u->lenient))
			break;
		b->lines++;
	}
}
