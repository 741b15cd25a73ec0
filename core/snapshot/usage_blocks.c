#include "snapshot/usage_blocks.h"
#include <string.h>

enum { HEADER_STEP = 4096 }; /* bytes read at a time, up to the header's end */

int tt_usage_blocks_open(tt_usage_blocks *b, const char *path, bool careful, tt_err *err)
{
	*b = (tt_usage_blocks){ .careful = careful };
	b->carry = tt_alloc(TT_USAGE_LINE_MOST + HEADER_STEP);
	return b->carry ? tt_reader_open(path, &b->reader, err) : tt_no_memory(err);
}

void tt_usage_blocks_close(tt_usage_blocks *b)
{
	tt_free(b->carry);
	tt_reader_close(b->reader);
	*b = (tt_usage_blocks){ 0 };
}

/* --- The header ---------------------------------------------------------------------- */

int tt_usage_blocks_header(tt_usage_blocks *b, const char *file, int of_node,
                           const tt_column *renames, size_t n_renames, tt_usage_layout *ret,
                           tt_err *err)
{
	size_t n = 0, got = 1;

	/* read up to its end, keep the rest as the first begun line */
	while (got > 0 && n <= TT_USAGE_LINE_MOST && !memchr(b->carry, '\n', n)) {
		const size_t room = TT_USAGE_LINE_MOST + HEADER_STEP - n;

		TT_TRY(tt_reader_read(b->reader, b->carry + n,
		                      room < HEADER_STEP ? room : HEADER_STEP, &got, err));
		n += got;
	}
	if (n == 0)
		return tt_fail(err, TT_EDATA, "%s:1:1: the file is empty, expected a header line",
		               file);
	const size_t bom = n >= 3 && memcmp(b->carry, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	const char *end = memchr(b->carry, '\n', n);
	size_t len = end ? (size_t)(end - b->carry) : n;
	const size_t after = end ? len + 1 : n;

	if (len > TT_USAGE_LINE_MOST)
		return tt_fail(err, TT_EDATA, "%s:1: line longer than %u bytes", file,
		               TT_USAGE_LINE_MOST);
	if (len > 0 && b->carry[len - 1] == '\r')
		len--;
	if (tt_usage_layout_read(b->carry + bom, len - bom, of_node, renames, n_renames, ret,
	                         err) < 0)
		return tt_context(err, "%s:1", file);
	b->n_carry = n - after;
	memmove(b->carry, b->carry + after, b->n_carry);
	return TT_OK;
}

/* --- Blocks -------------------------------------------------------------------------- */

/* Where the last whole line of buf[n] ends, 0: none does; and where one starts that is too
 * long, if it ends in here: n where none does. */
static size_t whole_lines(const char *buf, size_t n, size_t n_carry, size_t *ret_long)
{
	const char *last = memrchr(buf, '\n', n);

	*ret_long = n;
	if (!last)
		return 0;
	/* only a line that was begun in an earlier block: see TT_USAGE_LINE_MOST */
	const char *before = memrchr(buf, '\n', n_carry);
	const char *start = before ? before + 1 : buf;
	const char *end = memchr(buf + n_carry, '\n', n - n_carry);

	if (end && (size_t)(end - start) > TT_USAGE_LINE_MOST)
		*ret_long = (size_t)(start - buf);
	return (size_t)(last - buf) + 1;
}

/* The same where line ends inside quotes are none. */
static size_t whole_records(const char *buf, size_t n, size_t *ret_long)
{
	size_t start = 0;
	bool quoted = false;

	*ret_long = n;
	for (size_t i = 0; i < n; i++) {
		quoted ^= buf[i] == '"';
		if (buf[i] != '\n' || quoted)
			continue;
		if (i - start > TT_USAGE_LINE_MOST && *ret_long == n)
			*ret_long = start;
		start = i + 1;
	}
	return start;
}

static int fail_too_long(const tt_usage_blocks *b, tt_err *err)
{
	return tt_fail(err, TT_EDATA, "line longer than %u bytes%s", TT_USAGE_LINE_MOST,
	               b->careful ? " (is there a quote without its end?)" : "");
}

int tt_usage_blocks_next(tt_usage_blocks *b, char *buf, size_t *ret_n, tt_err *err)
{
	size_t n = b->n_carry, whole = 0, at = n;

	if (b->too_long)
		return fail_too_long(b, err);
	memcpy(buf, b->carry, n);
	while (whole == 0 && !b->at_end && n <= TT_USAGE_LINE_MOST) {
		size_t got = 0;

		TT_TRY(tt_reader_read(b->reader, buf + n, TT_USAGE_BLOCK_BYTES, &got, err));
		b->at_end = got < TT_USAGE_BLOCK_BYTES;
		n += got;
		whole = b->careful ? whole_records(buf, n, &at)
		                   : whole_lines(buf, n, b->n_carry, &at);
	}
	if (at == n && n - whole > TT_USAGE_LINE_MOST)
		at = whole; /* the one that is begun */
	if (at < n) {
		b->too_long = true;
		memset(buf + at, 0, TT_USAGE_PAD);
		*ret_n = at;
		return at > 0 ? TT_OK : fail_too_long(b, err);
	}
	if (b->at_end && whole < n) { /* the last line has no end of its own */
		buf[n++] = '\n';
		whole = n;
	}
	b->n_carry = n - whole;
	memcpy(b->carry, buf + whole, b->n_carry);
	memset(buf + whole, 0, TT_USAGE_PAD);
	*ret_n = whole;
	return TT_OK;
}
