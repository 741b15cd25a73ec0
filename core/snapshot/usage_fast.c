#include "snapshot/usage_fast.h"
#include "base/clock.h"
#include "base/memory.h"
#include <string.h>

#define CACHE_LEAST 1024u
#define CACHE_MOST 65536u  /* unless there are more carriers */
#define CACHE_WORTH 64u    /* rows for each key learnt that make a cache large enough */
#define KEY_MOST 240u      /* longer keys are for the slow path every time */
#define TEXT_EACH 64u      /* room for text by key; a quarter of the keys may be the longest */

const int64_t tt_usage_power10[9] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
	100000000 };

/* --- Life ---------------------------------------------------------------------------- */

static bool cache_grow(tt_usage_fast *f, uint32_t cap)
{
	const uint32_t old = f->cap_cache;
	tt_usage_key *cache = tt_realloc(f->cache, cap, sizeof *cache);

	if (!cache)
		return false;
	f->cache = cache;
	uint32_t *hash = tt_realloc(f->hash, 2 * (size_t)cap, sizeof *hash);
	if (!hash)
		return false;
	f->hash = hash;
	char *text = tt_realloc(f->text, cap, TEXT_EACH);
	if (!text)
		return false;
	f->text = text;
	f->cap_cache = cap;
	/* touched at once, so that memory does not depend on how many keys come with time */
	memset(cache + old, 0, (cap - old) * sizeof *cache);
	memset(text + (size_t)old * TEXT_EACH, 0, (size_t)(cap - old) * TEXT_EACH);
	return true;
}

static void cache_clear(tt_usage_fast *f)
{
	memset(f->hash, 0, 2 * (size_t)f->cap_cache * sizeof *f->hash);
	f->cache[0] = (tt_usage_key){ .next = 0 }; /* stands for none */
	f->n_cache = 1;
	f->n_text = 0;
	f->last = 0;
	f->rows = 0;
}

int tt_usage_fast_init(tt_usage_fast *f, tt_usage *u, const tt_usage_layout *l, tt_err *err)
{
	*f = (tt_usage_fast){ .u = u, .l = l };
	if (!cache_grow(f, CACHE_LEAST))
		return tt_no_memory(err);
	cache_clear(f);
	return TT_OK;
}

void tt_usage_fast_free(tt_usage_fast *f)
{
	tt_free(f->cache);
	tt_free(f->hash);
	tt_free(f->text);
}

/* --- Text ---------------------------------------------------------------------------- */

typedef uint64_t two_words __attribute__((vector_size(16)));

static inline two_words differ16(const char *a, const char *b)
{
	two_words x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x ^ y;
}

/* Whether n bytes are the same. Lengths change from line to line: a loop that ends with
 * the text is guessed wrong nearly every time, so four pieces of 16 bytes are compared that
 * overlap as they must. */
static inline bool same_text(const char *a, const char *b, size_t n)
{
	if (n < 16 || n > 64)
		return memcmp(a, b, n) == 0;
	const size_t last = n - 16, second = last < 16 ? last : 16, third = last < 32 ? last : 32;
	const two_words x = differ16(a, b) | differ16(a + second, b + second) |
		differ16(a + third, b + third) | differ16(a + last, b + last);
	return (x[0] | x[1]) == 0;
}

/* The same for the length of a time. */
static inline bool same_time(const char *a, const char *b, size_t n)
{
	if (n < 16 || n > 32)
		return n > 0 && memcmp(a, b, n) == 0;
	const two_words x = differ16(a, b) | differ16(a + n - 16, b + n - 16);
	return (x[0] | x[1]) == 0;
}

static inline uint32_t text_hash(const char *s, size_t n)
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

/* --- The cache of key columns --------------------------------------------------------- */

static inline uint32_t cache_find(const tt_usage_fast *f, const char *s, size_t n)
{
	const uint32_t mask = 2 * f->cap_cache - 1;

	for (uint32_t i = text_hash(s, n) & mask; f->hash[i]; i = (i + 1) & mask) {
		const tt_usage_key *e = &f->cache[f->hash[i]];
		if (e->n == n && same_text(f->text + e->text, s, n))
			return f->hash[i];
	}
	return 0;
}

static void cache_insert(tt_usage_fast *f, uint32_t id)
{
	const tt_usage_key *e = &f->cache[id];
	const uint32_t mask = 2 * f->cap_cache - 1;
	uint32_t i = text_hash(f->text + e->text, e->n) & mask;

	while (f->hash[i])
		i = (i + 1) & mask;
	f->hash[i] = id;
}

/* The cache is full. Pods come and go, so it starts afresh, lest memory grows with time;
 * unless it was full too soon, as with rows of any time in any order. */
static bool cache_turn(tt_usage_fast *f, uint32_t carrier)
{
	const bool soon = f->rows < (uint64_t)CACHE_WORTH * f->cap_cache;

	if (carrier < f->cap_cache / 4 && !(soon && f->cap_cache < CACHE_MOST)) {
		cache_clear(f);
		return true;
	}
	if (!cache_grow(f, 2 * f->cap_cache))
		return false;
	memset(f->hash, 0, 2 * (size_t)f->cap_cache * sizeof *f->hash);
	for (uint32_t i = 1; i < f->n_cache; i++)
		cache_insert(f, i);
	return true;
}

void tt_usage_fast_learn(tt_usage_fast *f, const char *s, size_t n, uint32_t carrier,
                         uint32_t pod)
{
	if (n > KEY_MOST || cache_find(f, s, n))
		return;
	if ((f->n_cache == f->cap_cache || f->n_text + KEY_MOST > f->cap_cache * TEXT_EACH) &&
	    !cache_turn(f, carrier))
		return; /* no memory for more: the slow path reads it as well */
	f->cache[f->n_cache] = (tt_usage_key){ .carrier = carrier, .pod = pod, .text = f->n_text,
		.n = (uint16_t)n, .shard = (uint16_t)tt_usage_shard_of(f->u, carrier) };
	memcpy(f->text + f->n_text, s, n);
	f->n_text += (uint32_t)n;
	cache_insert(f, f->n_cache);
	if (f->last)
		f->cache[f->last].next = f->n_cache;
	f->last = f->n_cache++;
}

/* --- Output ----------------------------------------------------------------------------- */

static bool more_room(const tt_usage_fast *f, tt_usage_block *b, uint32_t sh)
{
	const size_t cap = b->out_cap[sh] ? 2 * b->out_cap[sh] : 1u << 18;
	char *out = tt_realloc(b->out[sh], cap, 1);

	if (!out) {
		tt_fail(&b->err, TT_ENOMEM, "out of memory");
		return false;
	}
	b->out[sh] = out;
	b->out_cap[sh] = cap;
	return b->out_n[sh] + f->u->row_bytes <= cap;
}

/* Where the next row of this shard goes; it counts from row_end() on. NULL: no memory. */
static inline tt_usage_row *row_begin(const tt_usage_fast *f, tt_usage_block *b, uint32_t sh)
{
	if (b->out_n[sh] + f->u->row_bytes > b->out_cap[sh] && !more_room(f, b, sh))
		return NULL;
	return (tt_usage_row *)(void *)(b->out[sh] + b->out_n[sh]);
}

static inline void row_end(const tt_usage_fast *f, tt_usage_block *b, uint32_t sh,
                           tt_usage_row *row, uint32_t carrier, uint32_t pod)
{
	*row = (tt_usage_row){ .carrier = carrier, .t = f->time, .pod = pod, .line = b->lines };
	b->out_n[sh] += f->u->row_bytes;
	b->rows++;
}

bool tt_usage_fast_put(tt_usage_fast *f, tt_usage_block *b, uint32_t carrier, uint32_t pod,
                       const int64_t *value)
{
	const uint32_t sh = (uint32_t)tt_usage_shard_of(f->u, carrier);
	tt_usage_row *row = row_begin(f, b, sh);

	if (!row)
		return false;
	memcpy(row + 1, value, f->l->n_metrics * sizeof *value);
	row_end(f, b, sh, row, carrier, pod);
	return true;
}

/* --- Values ------------------------------------------------------------------------------ */

const char *tt_usage_fast_value(const char *s, const tt_metric_def *m, int64_t *ret)
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
	*ret = (int64_t)x * tt_usage_power10[left];
	return *ret <= m->max_micro ? s : NULL;
}

/* The same for a value that ends, with the character behind it, within eight bytes, and
 * without a branch for each digit. NULL: tt_usage_fast_value() has to look. */
static inline const char *short_value(const char *s, const tt_metric_def *m, int64_t *ret)
{
	uint64_t w;

	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return NULL;
	memcpy(&w, s, sizeof w);
	w ^= UINT64_C(0x3030303030303030); /* digits become 0 to 9 */
	/* the top bit of every byte that is no digit; exact up to the second of them */
	const uint64_t ends = ((w + UINT64_C(0x7676767676767676)) | w) &
		UINT64_C(0x8080808080808080);
	const uint64_t behind = ends & (ends - 1);
	if (behind == 0 || (ends & 0x80))
		return NULL;
	const unsigned whole = (unsigned)__builtin_ctzll(ends) - 7; /* bits before the first */
	const bool dot = (w >> whole & 0xff) == ('.' ^ 0x30);
	const unsigned all = dot ? (unsigned)__builtin_ctzll(behind) - 15 : whole;
	const uint64_t below = (UINT64_C(1) << whole) - 1;
	uint64_t digits = dot ? (w & below) | (w >> 8 & ~below) : w;
	digits <<= 64 - all; /* the digits before are zeros; then pairs, fours, all eight */
	digits = digits * 2561 >> 8 & UINT64_C(0x00ff00ff00ff00ff);
	digits = digits * 6553601 >> 16 & UINT64_C(0x0000ffff0000ffff);
	digits = digits * UINT64_C(42949672960001) >> 32;
	*ret = (int64_t)digits * tt_usage_power10[m->decimals - (int)((all - whole) / 8)];
	return *ret <= m->max_micro && !(dot && all == whole) ? s + all / 8 + dot : NULL;
}

/* --- Lines --------------------------------------------------------------------------------- */

/* What follows the field at `s` and the comma behind it; NULL: not that simple. */
static inline const char *skip_field(const char *s)
{
	if (*s == '"') {
		for (s++; *s != '"'; s++)
			if (*s == '\n')
				return NULL;
		s++;
	} else {
		while (*s != ',' && *s != '\n' && *s != '"')
			s++;
	}
	return *s == ',' ? s + 1 : NULL;
}

/* The key columns at `s` are not those that followed last time: which key they are; 0 when
 * not met before. */
static uint32_t other_key(const tt_usage_fast *f, const char *s, uint32_t last)
{
	const char *q = s;

	for (size_t k = 0; q && k < f->l->n_keys; k++)
		q = skip_field(q);
	const uint32_t id = q ? cache_find(f, s, (size_t)(q - s)) : 0;
	if (id && last)
		f->cache[last].next = id;
	return id;
}

/* The time at `s` is another one than that of the line before. */
static bool new_time(tt_usage_fast *f, const char *s)
{
	const char *comma = memchr(s, ',', sizeof f->time_text);
	const size_t n = comma ? (size_t)(comma - s) : 0;
	const bool quoted = n >= 2 && s[0] == '"' && s[n - 1] == '"';
	int64_t t;

	if (!comma || !tt_time_parse(s + quoted, n - (quoted ? 2 : 0), &t) ||
	    t - f->u->start_s > INT32_MAX || t - f->u->start_s < INT32_MIN)
		return false;
	f->time_n = n + 1;
	memcpy(f->time_text, s, f->time_n);
	f->time = (int32_t)(t - f->u->start_s);
	return true;
}

/* One field behind the keys, up to the character that ends it; `m` NULL: an unknown
 * column. NULL: not that simple. */
static inline const char *take_field(const char *s, const tt_metric_def *m, int64_t *ret)
{
	const bool quoted = *s == '"';

	s += quoted;
	if (!m) {
		while (*s != ',' && *s >= ' ' && *s != '"' && *s < 0x7f)
			s++;
	} else if (quoted ? *s == '"' : *s == ',' || *s == '\n' || *s == '\r') {
		*ret = TT_USAGE_MISSING;
	} else {
		const char *end = short_value(s, m, ret);
		s = end ? end : tt_usage_fast_value(s, m, ret);
		if (!s)
			return NULL;
	}
	return quoted && *s++ != '"' ? NULL : s;
}

/* The fields behind the keys; returns the start of the next line or NULL. */
static const char *take_fields(const tt_usage_layout *l, const char *s, int64_t *value)
{
	for (size_t c = 1 + l->n_keys; c < l->n; c++) {
		const size_t m = l->column[c].metric;
		const bool skip = l->column[c].role == TT_ROLE_SKIP;
		s = take_field(s, skip ? NULL : l->metric[m], &value[m]);
		if (!s || (c + 1 < l->n && *s++ != ','))
			return NULL;
	}
	s += *s == '\r';
	return *s == '\n' ? s + 1 : NULL;
}

const char *tt_usage_fast_lines(tt_usage_fast *f, const char *s, const char *end,
                                tt_usage_block *b)
{
	const tt_usage_layout *l = f->l;
	const bool one = l->n == l->n_keys + 2 && l->n_metrics == 1;
	const tt_metric_def *only = one ? l->metric[0] : NULL;
	const uint32_t before = b->rows;
	uint32_t last = f->last;

	while (s < end) {
		if (!same_time(s, f->time_text, f->time_n) && !new_time(f, s))
			break;
		const char *from = s + f->time_n, *next = NULL;
		const tt_usage_key *key = &f->cache[f->cache[last].next];
		if (key == f->cache || !same_text(from, f->text + key->text, key->n)) {
			const uint32_t id = other_key(f, from, last);
			if (id == 0)
				break;
			key = &f->cache[id];
		}
		last = (uint32_t)(key - f->cache);
		tt_usage_row *row = row_begin(f, b, key->shard);
		if (!row)
			break;
		int64_t *value = (int64_t *)(void *)(row + 1);
		if (only)
			next = short_value(from + key->n, only, value);
		next = next && *next == '\n' ? next + 1 : take_fields(l, from + key->n, value);
		if (!next)
			break;
		row_end(f, b, key->shard, row, key->carrier, key->pod);
		b->lines++;
		s = next;
	}
	f->last = last;
	f->rows += b->rows - before;
	return s;
}
