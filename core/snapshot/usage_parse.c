#include "snapshot/usage_parse.h"
#include "base/clock.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PREFIX_BYTES 108
#define CACHE_MOST 32768u
#define BETWEEN '\x1f' /* the parts of a carrier's key */

typedef struct prefix {        /* key columns as they stand in the file, comma included */
	uint32_t carrier, pod, next, n;
	char text[PREFIX_BYTES];
} prefix;

struct tt_usage_parser {
	tt_usage *u;
	const tt_usage_layout *l;
	const tt_rows *nodes;
	char time_text[40];
	size_t time_n;         /* of time_text with its comma; 0: none yet */
	int32_t time;
	prefix *cache;         /* [n_cache]; entry 0 is unused */
	uint32_t n_cache, cap_cache, last;
	uint32_t *hash;        /* [2 * cap_cache], 0 empty */
	char *scratch; size_t scratch_cap; /* unquoted fields of one record */
};

/* --- Life ---------------------------------------------------------------------------- */

static int cache_reset(tt_usage_parser *p, uint32_t cap)
{
	if (cap != p->cap_cache) {
		prefix *cache = tt_realloc(p->cache, cap, sizeof *cache);
		uint32_t *hash = cache ? tt_realloc(p->hash, 2 * (size_t)cap, sizeof *hash) : NULL;
		if (cache)
			p->cache = cache;
		if (!hash)
			return TT_ENOMEM;
		p->hash = hash;
		p->cap_cache = cap;
	}
	memset(p->hash, 0, 2 * (size_t)p->cap_cache * sizeof *p->hash);
	p->n_cache = 1;
	p->last = 0;
	return TT_OK;
}

int tt_usage_parser_new(tt_usage *u, const tt_usage_layout *l, const tt_rows *nodes,
                        tt_usage_parser **ret, tt_err *err)
{
	tt_usage_parser *p = tt_zalloc(1, sizeof *p);

	if (!p)
		return tt_fail(err, TT_ENOMEM, "out of memory");
	p->u = u;
	p->l = l;
	p->nodes = nodes;
	if (cache_reset(p, 1024) < 0) {
		tt_usage_parser_free(p);
		return tt_fail(err, TT_ENOMEM, "out of memory");
	}
	*ret = p;
	return TT_OK;
}

void tt_usage_parser_free(tt_usage_parser *p)
{
	if (!p)
		return;
	tt_free(p->cache);
	tt_free(p->hash);
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

/* --- The cache of key columns ------------------------------------------------------------ */

static inline uint32_t prefix_hash(const char *s, size_t n)
{
	uint64_t h = n * UINT64_C(0x9e3779b97f4a7c15), x;

	for (; n >= 8; s += 8, n -= 8) {
		memcpy(&x, s, 8);
		h = (h ^ x) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	x = 0;
	memcpy(&x, s, n);
	h = (h ^ x) * UINT64_C(0xff51afd7ed558ccd);
	return (uint32_t)(h ^ (h >> 32));
}

static inline uint32_t cache_find(const tt_usage_parser *p, const char *s, size_t n)
{
	uint32_t mask = 2 * p->cap_cache - 1;

	for (uint32_t i = prefix_hash(s, n) & mask; p->hash[i]; i = (i + 1) & mask) {
		const prefix *e = &p->cache[p->hash[i]];
		if (e->n == n && memcmp(e->text, s, n) == 0)
			return p->hash[i];
	}
	return 0;
}

static void cache_insert(tt_usage_parser *p, uint32_t id)
{
	const prefix *e = &p->cache[id];
	uint32_t mask = 2 * p->cap_cache - 1, i = prefix_hash(e->text, e->n) & mask;

	while (p->hash[i])
		i = (i + 1) & mask;
	p->hash[i] = id;
}

/* Remember that the n bytes at `s` mean this carrier and pod. When full, double up to a
 * bound and then start afresh: pods come and go, memory must not grow with time. */
static void cache_add(tt_usage_parser *p, const char *s, size_t n, uint32_t carrier,
                      uint32_t pod)
{
	if (n > PREFIX_BYTES || cache_find(p, s, n))
		return;
	if (p->n_cache == p->cap_cache) {
		uint32_t kept = p->n_cache;
		bool full = p->cap_cache == CACHE_MOST;
		if (cache_reset(p, full ? CACHE_MOST : 2 * p->cap_cache) < 0)
			return; /* no memory for more: the slow path reads it as well */
		for (uint32_t i = 1; !full && i < kept; i++)
			cache_insert(p, i);
		p->n_cache = full ? 1 : kept;
	}
	prefix *e = &p->cache[p->n_cache];
	*e = (prefix){ .carrier = carrier, .pod = pod, .n = (uint32_t)n };
	memcpy(e->text, s, n);
	cache_insert(p, p->n_cache);
	if (p->last)
		p->cache[p->last].next = p->n_cache;
	p->last = p->n_cache++;
}

/* --- Output --------------------------------------------------------------------------------- */

static int64_t *row_new(tt_usage_parser *p, tt_usage_block *b, uint32_t carrier, uint32_t pod)
{
	int sh = tt_usage_shard_of(p->u, carrier);

	if (b->out_n[sh] + p->u->row_bytes > b->out_cap[sh]) {
		size_t cap = b->out_cap[sh] ? 2 * b->out_cap[sh] : 1u << 20;
		char *out = tt_realloc(b->out[sh], cap, 1);
		if (!out) {
			tt_fail(&b->err, TT_ENOMEM, "out of memory");
			return NULL;
		}
		b->out[sh] = out;
		b->out_cap[sh] = cap;
	}
	tt_usage_row *row = (tt_usage_row *)(void *)(b->out[sh] + b->out_n[sh]);
	*row = (tt_usage_row){ .carrier = carrier, .t = p->time, .pod = pod, .line = b->lines };
	b->out_n[sh] += p->u->row_bytes;
	b->rows++;
	return (int64_t *)(void *)(row + 1);
}

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

/* --- The fast path ------------------------------------------------------------------------------ */

static const int64_t power10[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
	100000000 };

/* Digits with an optional fraction into millionths, rounded half up; stops at the first
 * other character. NULL: not that simple, or out of range. */
static inline const char *fast_value(const char *s, const tt_metric_def *m, int64_t *ret)
{
	const char *start = s;
	uint64_t x = 0; /* wraps where there are too many digits */
	int left = m->decimals;

	for (unsigned d; (d = (unsigned)(unsigned char)*s - '0') < 10; s++)
		x = x * 10 + d;
	if (s == start || s - start > 18 - left)
		return NULL;
	if (*s == '.') {
		unsigned d;
		const char *dot = s++;
		for (; left > 0 && (d = (unsigned)(unsigned char)*s - '0') < 10; s++, left--)
			x = x * 10 + d;
		if (left == 0 && (d = (unsigned)(unsigned char)*s - '0') < 10) {
			x += d >= 5;
			while ((unsigned)(unsigned char)*s - '0' < 10)
				s++;
		}
		if (s == dot + 1)
			return NULL;
	}
	*ret = (int64_t)x * power10[left];
	return *ret <= m->max_micro ? s : NULL;
}

/* The key columns at `s`; NULL when not met before. */
static inline const prefix *fast_keys(tt_usage_parser *p, const char *s)
{
	uint32_t next = p->last ? p->cache[p->last].next : 0;

	if (next && memcmp(s, p->cache[next].text, p->cache[next].n) == 0) {
		p->last = next;
		return &p->cache[next];
	}
	const char *q = s;
	for (size_t k = 0; k < p->l->n_keys; k++, q++) {
		while (*q != ',' && *q != '\n' && *q != '"')
			q++;
		if (*q != ',')
			return NULL;
	}
	uint32_t id = cache_find(p, s, (size_t)(q - s));
	if (!id)
		return NULL;
	if (p->last)
		p->cache[p->last].next = id;
	p->last = id;
	return &p->cache[id];
}

static inline bool fast_time(tt_usage_parser *p, const char *s, size_t *ret_n)
{
	int64_t t;

	if (p->time_n > 0 && memcmp(s, p->time_text, p->time_n) == 0) {
		*ret_n = p->time_n;
		return true;
	}
	const char *comma = memchr(s, ',', sizeof p->time_text);
	if (!comma || !tt_time_parse(s, (size_t)(comma - s), &t) ||
	    t - p->u->start_s > INT32_MAX || t - p->u->start_s < INT32_MIN)
		return false;
	p->time_n = *ret_n = (size_t)(comma - s) + 1;
	memcpy(p->time_text, s, p->time_n);
	p->time = (int32_t)(t - p->u->start_s);
	return true;
}

/* One line by what is likely. Returns the start of the next line, or NULL: nothing was
 * put out, take the slow path. */
static inline const char *fast_row(tt_usage_parser *p, const char *s, tt_usage_block *b)
{
	const tt_usage_layout *l = p->l;
	size_t n;

	if (!fast_time(p, s, &n))
		return NULL;
	s += n;
	const prefix *key = fast_keys(p, s);
	if (!key)
		return NULL;
	s += key->n;
	int64_t value[TT_METRIC_DEFS];
	for (size_t c = 1 + l->n_keys; c < l->n; c++) {
		size_t m = l->column[c].metric;
		if (l->column[c].role == TT_ROLE_SKIP) {
			while (*s != ',' && *s >= ' ' && *s != '"' && *s < 0x7f)
				s++;
		} else if (*s == ',' || *s == '\n' || *s == '\r') {
			value[m] = TT_USAGE_MISSING;
		} else {
			s = fast_value(s, l->metric[m], &value[m]);
			if (!s)
				return NULL;
		}
		if (c + 1 < l->n && *s++ != ',')
			return NULL;
	}
	if (*s == '\r')
		s++;
	if (*s != '\n')
		return NULL;
	int64_t *out = row_new(p, b, key->carrier, key->pod);
	if (out)
		for (size_t m = 0; m < l->n_metrics; m++)
			out[m] = value[m];
	return s + 1;
}

/* --- The slow path ---------------------------------------------------------------------------------- */

typedef struct field { const char *p; size_t n, column; } field;

/* Split the record at `s` into fields, unquoting into p->scratch. Returns what follows
 * the record, NULL when a quoted field does not end before `end`. A fault is in *ret_kind. */
static const char *split(tt_usage_parser *p, const char *s, const char *end, field *f,
                         size_t *ret_n, uint32_t *ret_lines, const char **ret_kind)
{
	const char *start = s;
	char *to = p->scratch;
	size_t n = 0;

	*ret_kind = NULL;
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
			if (*s != ',' && *s != '\n' && !(*s == '\r' && s[1] == '\n'))
				*ret_kind = "text after a closing quote";
		}
		const char *from = s;
		while (*s != ',' && *s != '\n' && !(*s == '\r' && s[1] == '\n')) {
			if (*s == '"')
				*ret_kind = "quote inside a field";
			s++;
		}
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
		const char *e = fast_value(text, m, &micro);
		if (e && *e == 0 && e == text + f->n)
			return micro;
	}
	if (tt_decimal_parse(f->p, f->n, &d) == TT_DECIMAL_OK) {
		const int64_t one = power10[12 - m->decimals];
		const tt_decimal exact = (d + one / 2) / one;
		return d < 0 || exact > m->max_micro ? -1 : (int64_t)exact;
	}
	if (!tt_parse_f64(f->p, f->n, &v))
		return -1;
	v *= (double)power10[m->decimals];
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
	p->time = (int32_t)(t - p->u->start_s);
	p->time_n = 0; /* the text of the time was not kept */
	if (l->n_keys > 0 && f[0].p == s && f[1 + l->n_keys].p > s) {
		const char *from = s + f[1].column - 1;
		size_t n = f[1 + l->n_keys].column - f[1].column;
		if (!memchr(from, '"', n))
			cache_add(p, from, n, carrier, pod);
	}
	int64_t *out = row_new(p, b, carrier, pod);
	if (out)
		memcpy(out, value, l->n_metrics * sizeof *out);
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

/* One record with every check. NULL: it does not end in this block. */
static const char *slow_row(tt_usage_parser *p, const char *s, const char *end,
                            tt_usage_block *b)
{
	field f[TT_USAGE_COLUMNS];
	size_t n, need = (size_t)(end - s);
	uint32_t lines;
	const char *kind;
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
	const char *next = split(p, s, end, f, &n, &lines, &kind);
	if (!next) {
		b->open_quote = true;
		return NULL;
	}
	if (!tt_utf8_ok(s, (size_t)(next - s))) {
		fault_text(b, s, next);
	} else if (kind) {
		fault(b, kind, 0, kind);
	} else if (n != p->l->n) {
		snprintf(text, sizeof text, "has %zu fields, the header has %zu", n, p->l->n);
		fault(b, TT_USAGE_WRONG_COUNT, 0, text);
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
		const char *next = usual ? fast_row(p, s, b) : NULL;
		if (!next && (*s == '\n' || (*s == '\r' && s[1] == '\n'))) {
			b->blank++;
			b->lines++;
			s += *s == '\r' ? 2 : 1;
			continue;
		}
		if (b->blank > 0 && (refuse_blank(p, b), !p->u->lenient))
			break;
		if (!next)
			next = slow_row(p, s, end, b);
		if (!next || b->err.status < 0 || (b->n_faults > 0 && !p->u->lenient))
			break;
		b->lines++;
		s = next;
	}
}
