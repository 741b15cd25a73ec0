/* csv.c - the CSV reader. Most lines hold no quote: those are found and split by
 * memchr(); the others go through split_quoted(), byte by byte. Both give up with
 * MORE when the record is not yet whole in the buffer, and start again after fill():
 * a record is at most 1 MiB, so little is read twice. */
#include "base/csv.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define FIRST_BUFFER ((size_t)256 << 10)
#define MORE 2 /* the record goes on behind the end of the buffer */

struct tt_csv {
	tt_reader *in;
	char *name;
	char *buf;
	size_t pos, end, cap;     /* unread bytes are buf[pos..end)                */
	bool at_end;              /* nothing follows buf[end]                      */
	bool resumable;
	int64_t line;             /* of buf[pos]                                   */
	int64_t record_line;
	int64_t blank;            /* blank lines just before buf[pos]              */
	tt_names *header;         /* distinct names of the columns                 */
	const char **columns;     /* [n_columns]                                   */
	size_t n_columns;
	tt_csv_field *fields;
	size_t n_fields, cap_fields;
};

static int fault(tt_csv *c, bool resumable, int64_t line, size_t column, const char *text,
                 tt_err *err)
{
	c->resumable = resumable;
	return tt_fail(err, TT_EDATA, "%s:%lld:%zu: %s", c->name, (long long)line, column, text);
}

/* --- The buffer ------------------------------------------------------------------ */
static int fill(tt_csv *c, tt_err *err)
{
	memmove(c->buf, c->buf + c->pos, c->end - c->pos);
	c->end -= c->pos;
	c->pos = 0;
	if (c->end == c->cap) {
		char *p = tt_realloc(c->buf, c->cap * 2, 1);
		if (!p)
			return tt_no_memory(err);
		c->buf = p;
		c->cap *= 2;
	}
	size_t n = 0;
	TT_TRY(tt_reader_read(c->in, c->buf + c->end, c->cap - c->end, &n, err));
	c->at_end = n < c->cap - c->end;
	c->end += n;
	return TT_OK;
}

/* Past the next line end, however far away it is: what remains of a bad record. */
static int skip_line(tt_csv *c, tt_err *err)
{
	for (;;) {
		char *nl = memchr(c->buf + c->pos, '\n', c->end - c->pos);
		if (nl) {
			c->pos = (size_t)(nl - c->buf) + 1;
			c->line++;
			return TT_OK;
		}
		c->pos = c->end;
		if (c->at_end)
			return TT_OK;
		TT_TRY(fill(c, err));
	}
}

/* Pass over blank lines, counting them. Returns 1 when a record follows, 0 at the end. */
static int skip_blank(tt_csv *c, tt_err *err)
{
	for (;;) {
		if (c->end - c->pos < 2 && !c->at_end)
			TT_TRY(fill(c, err));
		const char *s = c->buf + c->pos;
		const size_t n = c->end - c->pos;
		const size_t width = n && s[0] == '\n' ? 1
			: n >= 2 && s[0] == '\r' && s[1] == '\n' ? 2 : 0;
		if (!width)
			return n > 0;
		c->pos += width;
		c->line++;
		c->blank++;
	}
}

/* --- Bytes ------------------------------------------------------------------------- */
/* Whether every byte is 1..127, eight at a time. */
static bool is_plain(const char *s, size_t n)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
	uint64_t bad = 0, w;
	size_t i = 0;
	for (; i + sizeof w <= n; i += sizeof w) {
		memcpy(&w, s + i, sizeof w);
		bad |= w | ((w - ones) & ~w);
	}
	for (; i < n; i++)
		if ((signed char)s[i] <= 0)
			return false;
	return !(bad & tops);
}

/* Check the n bytes of the record at `s` for NUL and invalid UTF-8. */
static int check_bytes(tt_csv *c, const char *s, size_t n, tt_err *err)
{
	if (is_plain(s, n) || tt_utf8_ok(s, n))
		return TT_OK;
	int64_t line = c->record_line;
	size_t start = 0, i = 0;
	for (size_t width; i < n && (width = tt_utf8_next(s + i, n - i)) > 0;) {
		i += width;
		if (s[i - 1] == '\n') {
			line++;
			start = i;
		}
	}
	if (i < n && s[i] == '\0')
		return fault(c, true, line, i - start + 1, "NUL byte, expected text", err);
	return fault(c, true, line, i - start + 1, "not valid UTF-8", err);
}

/* --- Records ----------------------------------------------------------------------- */
static int add_field(tt_csv *c, tt_csv_field f, tt_err *err)
{
	/* Of a record with too many fields the first one too many tells where. */
	if (c->n_columns && c->n_fields > c->n_columns) {
		c->n_fields++;
		return TT_OK;
	}
	if (!TT_GROW(c->fields, c->n_fields, c->cap_fields))
		return tt_no_memory(err);
	c->fields[c->n_fields++] = f;
	return TT_OK;
}

static int too_long(tt_csv *c, tt_err *err)
{
	return fault(c, false, c->record_line, 1, "line longer than 1048576 bytes", err);
}

/* The n bytes at `s` are a record without quotes. */
static int split_plain(tt_csv *c, const char *s, size_t n, tt_err *err)
{
	const char *end = s + n, *cr = memchr(s, '\r', n);
	if (cr)
		return fault(c, true, c->line, (size_t)(cr - s) + 1,
			"carriage return inside a field, expected a line feed behind it", err);
	for (const char *p = s;;) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma ? comma : end;
		TT_TRY(add_field(c, (tt_csv_field){ .p = p, .n = (size_t)(stop - p),
			.line = c->line, .column = p - s + 1 }, err));
		if (!comma)
			return TT_OK;
		p = comma + 1;
	}
}

/* "" to " in place; the record is whole and not looked at again. */
static size_t unescape(char *s, size_t n)
{
	size_t w = 0;
	for (size_t i = 0; i < n; i++) {
		s[w++] = s[i];
		i += s[i] == '"';
	}
	return w;
}

typedef struct cursor { /* in a record with quotes */
	char *s;
	size_t i, n;
	int64_t line;
	size_t line_start;
	bool at_end;      /* s[n] is the end of the file */
} cursor;

static int fault_at(tt_csv *c, const cursor *k, size_t i, const char *text, tt_err *err)
{
	c->pos += i; /* skip_line() goes on from here */
	c->line = k->line;
	const int rc = fault(c, true, k->line, i - k->line_start + 1, text, err);
	tt_err later = { 0 };
	if (skip_line(c, &later) < 0)
		c->resumable = false;
	return rc;
}

/* Move behind the quoted field that opens at k->i. */
static int take_quoted(tt_csv *c, cursor *k, tt_csv_field *f, tt_err *err)
{
	const size_t open = k->i;
	k->i++;
	for (;;) {
		char *q = memchr(k->s + k->i, '"', k->n - k->i);
		const size_t stop = q ? (size_t)(q - k->s) : k->n;
		if (!q && k->at_end)
			return fault(c, false, f->line, (size_t)f->column,
				"quote that is never closed", err);
		if (!q)
			return MORE;
		for (char *nl; (nl = memchr(k->s + k->i, '\n', stop - k->i)); k->line++)
			k->line_start = k->i = (size_t)(nl - k->s) + 1;
		k->i = stop + 1;
		if (k->i < k->n && k->s[k->i] == '"') {
			k->i++;
			continue;
		}
		f->p = k->s + open + 1;
		f->n = stop - open - 1;
		f->quoted = true;
		return TT_OK;
	}
}

static bool ends_plain(char b)
{
	return b == ',' || b == '\n' || b == '\r' || b == '"';
}

/* Split the record at c->pos, quotes and all. Returns its length with the line end in
 * *ret_n, or MORE. Fields are unescaped only once it is whole. */
static int split_quoted(tt_csv *c, size_t *ret_n, int64_t *ret_line, tt_err *err)
{
	cursor k = { .s = c->buf + c->pos, .n = c->end - c->pos, .line = c->line,
		.at_end = c->at_end };
	for (;;) {
		tt_csv_field f = { .p = k.s + k.i, .line = k.line,
			.column = (int64_t)(k.i - k.line_start) + 1 };
		if (k.i < k.n && k.s[k.i] == '"') {
			const int rc = take_quoted(c, &k, &f, err);
			if (rc != TT_OK)
				return rc;
		} else {
			const size_t from = k.i;
			while (k.i < k.n && !ends_plain(k.s[k.i]))
				k.i++;
			f.n = k.i - from;
		}
		if (k.i + 1 >= k.n && !k.at_end)
			return MORE; /* perhaps CR, and LF behind it; or "" */
		TT_TRY(add_field(c, f, err));
		const char b = k.i < k.n ? k.s[k.i] : '\n';
		if (b == '\r' && (k.i + 1 == k.n || k.s[k.i + 1] == '\n'))
			k.i++;
		else if (b != ',' && b != '\n')
			return fault_at(c, &k, k.i, f.quoted ? "text behind a closing quote"
				: b == '"' ? "quote inside an unquoted field"
				: "carriage return inside a field, expected a line feed behind it",
				err);
		if (b != ',')
			break;
		k.i++;
	}
	*ret_n = k.i < k.n ? k.i + 1 : k.n;
	*ret_line = k.line + 1;
	return TT_OK;
}

/* A record that needs more bytes than there are: fetch them or say it is too long. */
static int want_more(tt_csv *c, tt_err *err)
{
	if (c->end - c->pos > TT_CSV_RECORD_MAX + 2)
		return too_long(c, err);
	return fill(c, err);
}

static int read_quoted(tt_csv *c, tt_err *err)
{
	size_t n = 0;
	int64_t line = 0;
	for (;;) {
		c->n_fields = 0;
		const int rc = split_quoted(c, &n, &line, err);
		if (rc < 0)
			return rc;
		if (rc == TT_OK)
			break;
		TT_TRY(want_more(c, err));
	}
	char *s = c->buf + c->pos;
	if (n > TT_CSV_RECORD_MAX + 2)
		return too_long(c, err);
	c->pos += n;
	c->line = line;
	TT_TRY(check_bytes(c, s, n, err));
	const size_t stored = c->n_columns && c->n_fields > c->n_columns
		? c->n_columns + 1 : c->n_fields;
	for (size_t i = 0; i < stored; i++) {
		tt_csv_field *f = &c->fields[i];
		if (f->quoted && memchr(f->p, '"', f->n))
			f->n = unescape(s + (f->p - s), f->n);
	}
	return TT_OK;
}

/* The record at c->pos, which is not a blank line, into c->fields. */
static int read_record(tt_csv *c, tt_err *err)
{
	c->record_line = c->line;
	c->n_fields = 0;
	size_t seen = 0;
	char *nl;
	for (;;) {
		nl = memchr(c->buf + c->pos + seen, '\n', c->end - c->pos - seen);
		if (nl || c->at_end)
			break;
		seen = c->end - c->pos;
		TT_TRY(want_more(c, err));
	}
	char *s = c->buf + c->pos;
	size_t n = (size_t)((nl ? nl : c->buf + c->end) - s);
	if (memchr(s, '"', n))
		return read_quoted(c, err);
	c->pos += n + (nl ? 1 : 0);
	n -= n && s[n - 1] == '\r';
	if (n > TT_CSV_RECORD_MAX)
		return too_long(c, err);
	int rc = check_bytes(c, s, n, err);
	if (rc == TT_OK)
		rc = split_plain(c, s, n, err);
	c->line++;
	return rc;
}

static int check_count(tt_csv *c, tt_err *err)
{
	if (c->n_fields == c->n_columns)
		return TT_OK;
	char text[96];
	tt_csv_field at = c->fields[c->n_columns < c->n_fields ? c->n_columns : c->n_fields - 1];
	if (c->n_fields < c->n_columns && !at.quoted)
		at.column += (int64_t)at.n;
	snprintf(text, sizeof text, "record has %zu field%s, the header has %zu", c->n_fields,
		c->n_fields == 1 ? "" : "s", c->n_columns);
	return fault(c, true, at.line, (size_t)at.column, text, err);
}

int tt_csv_next(tt_csv *c, const tt_csv_field **ret, tt_err *err)
{
	c->resumable = false;
	const int rc = c->blank ? 1 : skip_blank(c, err);
	if (rc <= 0) {
		c->blank = 0;
		return rc;
	}
	if (c->blank) {
		c->record_line = c->line - c->blank;
		if (c->n_columns > 1) {
			c->blank = 0;
			return fault(c, true, c->record_line, 1,
				"blank line, expected a record", err);
		}
		c->blank--;
		c->fields[0] = (tt_csv_field){ .p = "", .line = c->record_line, .column = 1 };
		*ret = c->fields;
		return 1;
	}
	TT_TRY(read_record(c, err));
	TT_TRY(check_count(c, err));
	*ret = c->fields;
	return 1;
}

/* --- Opening ------------------------------------------------------------------------ */
static int take_header(tt_csv *c, tt_err *err)
{
	c->columns = tt_zalloc(c->n_fields, sizeof *c->columns);
	c->header = tt_names_new();
	if (!c->columns || !c->header)
		return tt_no_memory(err);
	for (size_t i = 0; i < c->n_fields; i++) {
		const tt_csv_field *f = &c->fields[i];
		const size_t known = tt_names_count(c->header);
		const int64_t id = tt_names_add(c->header, f->p, f->n);
		if (id < 0)
			return tt_no_memory(err);
		if ((size_t)id < known && f->n)
			return tt_fail(err, TT_EDATA,
				"%s:%lld:%lld: column \"%.*s\" is there twice", c->name,
				(long long)f->line, (long long)f->column,
				tt_utf8_shown(f->p, f->n), f->p);
	}
	for (size_t i = 0; i < c->n_fields; i++) {
		const tt_csv_field *f = &c->fields[i];
		const int64_t id = tt_names_find(c->header, f->p, f->n);
		c->columns[i] = tt_names_at(c->header, (size_t)id);
	}
	c->n_columns = c->n_fields;
	return TT_OK;
}

static int read_header(tt_csv *c, tt_err *err)
{
	TT_TRY(fill(c, err));
	if (c->end >= 3 && !memcmp(c->buf, "\xef\xbb\xbf", 3))
		c->pos = 3;
	const int rc = skip_blank(c, err);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return fault(c, false, 1, 1, "the file is empty, expected a header line", err);
	if (c->blank)
		return fault(c, false, 1, 1, "blank line, expected a header line", err);
	TT_TRY(read_record(c, err));
	return take_header(c, err);
}

int tt_csv_open(const char *path, const char *name, tt_csv **ret, tt_err *err)
{
	TT_CLEANUP(tt_csv_closep) tt_csv *c = tt_zalloc(1, sizeof *c);
	if (!c)
		return tt_no_memory(err);
	c->line = 1;
	c->cap = FIRST_BUFFER;
	c->name = tt_strdup(name ? name : path);
	c->buf = tt_alloc(c->cap);
	if (!c->name || !c->buf)
		return tt_no_memory(err);
	TT_TRY(tt_reader_open(path, &c->in, err));
	TT_TRY(read_header(c, err));
	*ret = c;
	c = NULL;
	return TT_OK;
}

void tt_csv_close(tt_csv *c)
{
	if (!c)
		return;
	tt_reader_close(c->in);
	tt_names_free(c->header);
	tt_free(c->columns);
	tt_free(c->fields);
	tt_free(c->name);
	tt_free(c->buf);
	tt_free(c);
}

void tt_csv_closep(tt_csv **c)
{
	tt_csv_close(*c);
	*c = NULL;
}

size_t tt_csv_columns(const tt_csv *c)
{
	return c->n_columns;
}

const char *tt_csv_column(const tt_csv *c, size_t i)
{
	return c->columns[i];
}

bool tt_csv_resumable(const tt_csv *c)
{
	return c->resumable;
}

int64_t tt_csv_line(const tt_csv *c)
{
	return c->record_line;
}
