/* usage_fast.h - lines of a usage table by what is likely.
 *
 * Scrapers write their series in the same order again and again. So each line is held
 * against what the last pass over the series makes likely: the same time text, the text
 * of the next series' key columns as the slow path (usage_parse.c) checked and learnt it
 * once. Values are read digit by digit. Whatever is not as foreseen stops here: this part
 * knows no messages and no rules of quoting. */
#ifndef TT_SNAPSHOT_USAGE_FAST_H
#define TT_SNAPSHOT_USAGE_FAST_H
#include "snapshot/usage_parse.h"

/* Key columns as they stand in the file. Small, and their text side by side elsewhere: all
 * that are in use should fit into the nearest cache. */
typedef struct tt_usage_key {
	uint32_t carrier, pod, next, text;
	uint16_t n, shard;
} tt_usage_key;

typedef struct tt_usage_fast {
	tt_usage *u;
	const tt_usage_layout *l;
	char time_text[64];
	size_t time_n;         /* of time_text with its comma; 0: none yet */
	int32_t time;          /* of the last row, from either path */
	tt_usage_key *cache;   /* [n_cache]; entry 0 is unused */
	uint32_t n_cache, cap_cache, last;
	uint32_t *hash;        /* [2 * cap_cache], 0 empty */
	char *text; uint32_t n_text; /* of the keys, each with its comma */
	uint64_t rows;         /* read here since the cache was empty */
} tt_usage_fast;

int tt_usage_fast_init(tt_usage_fast *f, tt_usage *u, const tt_usage_layout *l, tt_err *err);
void tt_usage_fast_free(tt_usage_fast *f);

/* Put out the rows of lines from `s` up to the first that is not as foreseen, and count
 * them in b->lines; returns where that one starts, or `end`. */
const char *tt_usage_fast_lines(tt_usage_fast *f, const char *s, const char *end,
                                tt_usage_block *b);
/* Remember that the n bytes at `s`, no line end among them, mean this carrier and pod. */
void tt_usage_fast_learn(tt_usage_fast *f, const char *s, size_t n, uint32_t carrier,
                         uint32_t pod);
/* A row of f->time for line b->lines; false: no memory, in b->err. */
bool tt_usage_fast_put(tt_usage_fast *f, tt_usage_block *b, uint32_t carrier, uint32_t pod,
                       const int64_t *value);

extern const int64_t tt_usage_power10[9];
/* Digits with an optional fraction into millionths, rounded half up; stops at the first
 * other character. NULL: not that simple, or out of range. */
const char *tt_usage_fast_value(const char *s, const tt_metric_def *m, int64_t *ret);
#endif
