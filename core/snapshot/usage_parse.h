/* usage_parse.h - a block of lines of a usage table into rows.
 *
 * Lines that are as foreseen are read by usage_fast. Whatever is not goes through the slow
 * path here, which knows RFC 4180, every check and all the messages, and teaches the fast
 * one what it may expect. */
#ifndef TT_SNAPSHOT_USAGE_PARSE_H
#define TT_SNAPSHOT_USAGE_PARSE_H
#include "snapshot/usage.h"
#include "snapshot/usage_layout.h"

typedef struct tt_usage_fault {        /* rows of one kind that could not be read */
	const char *kind;
	uint32_t n, line;              /* how many; line of the first, from the block's start */
	size_t column;                 /* 0: the whole line */
	char text[300];
} tt_usage_fault;
#define TT_USAGE_FAULTS 12
#define TT_USAGE_WRONG_COUNT "wrong number of fields"
#define TT_USAGE_BLANK_TEXT 64
void tt_usage_blank_text(const tt_usage_layout *l, char buf[TT_USAGE_BLANK_TEXT]);

typedef struct tt_usage_block {        /* what came out of one block */
	int64_t number;                /* of the block in the file; -1: nothing */
	uint32_t lines, rows;
	uint32_t blank;                /* of the lines, blank ones behind the last that is not */
	char *out[TT_USAGE_SHARDS];    /* rows for each shard */
	size_t out_n[TT_USAGE_SHARDS], out_cap[TT_USAGE_SHARDS];
	tt_usage_fault fault[TT_USAGE_FAULTS];
	size_t n_faults;
	bool open_quote;               /* a quoted field goes on past the block */
	tt_err err;                    /* out of memory */
} tt_usage_block;
void tt_usage_block_free(tt_usage_block *b);

typedef struct tt_usage_parser tt_usage_parser;
/* `nodes`: rows by name, or NULL when any node will do. One per thread. */
int tt_usage_parser_new(tt_usage *u, const tt_usage_layout *l, const tt_rows *nodes,
                        tt_usage_parser **ret, tt_err *err);
void tt_usage_parser_free(tt_usage_parser *p);

#define TT_USAGE_PAD 256 /* readable bytes after a block */
/* Parse n bytes at `s`: whole lines, the last one ended, TT_USAGE_PAD zeros after them.
 * Stops at the first fault unless lenient. `first_line` is only for rows' line numbers
 * modulo 2^32 and may be relative. */
void tt_usage_parse(tt_usage_parser *p, const char *s, size_t n, tt_usage_block *b);
#endif
