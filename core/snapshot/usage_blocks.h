/* usage_blocks.h - the file of a usage table as blocks of whole lines, for readers that
 * parse a block at a time. Knows lines and nothing of what is in them, but for the header;
 * one thread at a time. */
#ifndef TT_SNAPSHOT_USAGE_BLOCKS_H
#define TT_SNAPSHOT_USAGE_BLOCKS_H
#include "base/file.h"
#include "snapshot/usage_layout.h"
#include "snapshot/usage_parse.h"

/* Small enough for a block and its rows to stay in a processor's own cache; and a line that
 * starts in a block ends in it or is the begun one behind it, since neither is longer. */
#define TT_USAGE_BLOCK_BYTES (1u << 20)
#define TT_USAGE_LINE_MOST TT_USAGE_BLOCK_BYTES /* bytes of a line, without its end */
#define TT_USAGE_BUF_BYTES (TT_USAGE_BLOCK_BYTES + TT_USAGE_LINE_MOST + TT_USAGE_PAD + 1)

typedef struct tt_usage_blocks {
	tt_reader *reader;
	bool careful;          /* line ends may stand inside quotes */
	char *carry; size_t n_carry; /* the begun line behind the last block */
	bool at_end;
	bool too_long;         /* a line that is comes next */
} tt_usage_blocks;

/* Errors: TT_EIO, TT_ENOMEM. Close also then. */
int tt_usage_blocks_open(tt_usage_blocks *b, const char *path, bool careful, tt_err *err);
void tt_usage_blocks_close(tt_usage_blocks *b);

/* The header line, which is to be read first. Errors: TT_EDATA, which begin with `file`. */
int tt_usage_blocks_header(tt_usage_blocks *b, const char *file, int of_node,
                           const tt_column *renames, size_t n_renames, tt_usage_layout *ret,
                           tt_err *err);

/* The next block into buf[TT_USAGE_BUF_BYTES], as tt_usage_parse() takes it; *ret_n 0 at the
 * end. Lines before one that is too long come first, wherever in a block that is, and then
 * b->too_long: the caller knows its number and puts it before the message. TT_EDATA. */
int tt_usage_blocks_next(tt_usage_blocks *b, char *buf, size_t *ret_n, tt_err *err);
#endif
