/* The CSV reader: what RFC 4180 allows, where faults are, and that memory is bounded. */
#include "base/csv.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "t.h"
#include <sys/resource.h>

static char folder[256], path[320];
static tt_err err;

static void put(const char *s, size_t n)
{
	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_file_write(path, s, n, &err));
}

/* Every record of the text as "a|b\n", faults as "!message\n"; in `out`. */
static const char *dump_n(const char *s, size_t n)
{
	static char out[4096];
	size_t used = 0;
	out[0] = '\0';
	put(s, n);
	tt_csv *c = NULL;
	if (tt_csv_open(path, "t.csv", &c, &err) < 0) {
		snprintf(out, sizeof out, "!%s\n", err.text);
		return out;
	}
	const tt_csv_field *f;
	for (;;) {
		err = (tt_err){ 0 };
		const int rc = tt_csv_next(c, &f, &err);
		if (rc == 0)
			break;
		if (rc < 0)
			used += (size_t)snprintf(out + used, sizeof out - used, "!%s\n", err.text);
		for (size_t i = 0; rc == 1 && i < tt_csv_columns(c); i++)
			used += (size_t)snprintf(out + used, sizeof out - used, "%.*s%c",
			(int)f[i].n,
				f[i].p, i + 1 < tt_csv_columns(c) ? '|' : '\n');
		if (rc < 0 && !tt_csv_resumable(c))
			break;
	}
	tt_csv_close(c);
	return out;
}

static const char *dump(const char *s)
{
	return dump_n(s, strlen(s));
}

static void test_forms(void)
{
	T_STR("1|2\n3|4\n", dump("a,b\n1,2\n3,4\n"));
	T_STR("1|2\n", dump("a,b\n1,2"));
	T_STR("1|2\n3|4\n", dump("\xef\xbb\xbf" "a,b\r\n1,2\r\n3,4\r\n"));
	T_STR("1|2\n", dump("a,b\r\n1,2\r"));
	T_STR("1|\n|\n", dump("a,b\n1,\n,\n"));
	T_STR("1|2\n", dump("a,b\n1,2\n\n\r\n\n"));
	T_STR("", dump("a,b\n"));
	T_STR("", dump("a,b"));
	T_STR("x,y|say \"hi\"\n", dump("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n"));
	T_STR("|\"\n", dump("a,b\n\"\",\"\"\"\"\n"));
	T_STR("x\ny|2\n3|4\n", dump("a,b\n\"x\ny\",2\n3,4\n"));
	T_STR("x\r\ny|2\n", dump("a,b\r\n\"x\r\ny\",\"2\"\r\n"));
	T_STR("1|2\n", dump("a,b\n\"1\",\"2\""));
	T_STR("1|2\n", dump("a,b\n1,\"2\"\r"));
	T_STR("\xc3\xa9|\xf0\x9f\x98\x80\n", dump("a,b\n\xc3\xa9,\xf0\x9f\x98\x80\n"));
	/* In a file of one column a blank line is a record, but not at the end. */
	T_STR("1\n\n\n2\n", dump("a\n1\n\n\n2\n\n\n"));
}

static void test_faults(void)
{
	T_STR("!t.csv:1:1: the file is empty, expected a header line\n", dump(""));
	T_STR("!t.csv:1:1: the file is empty, expected a header line\n", dump("\n\n"));
	T_STR("!t.csv:1:1: blank line, expected a header line\n", dump("\na,b\n"));
	T_STR("!t.csv:1:5: column \"a\" is there twice\n", dump("a,b,a\n"));
	T_STR("!t.csv:2:2: record has 1 field, the header has 2\n3|4\n", dump("a,b\n1\n3,4\n"));
	T_STR("!t.csv:2:5: record has 4 fields, the header has 2\n3|4\n",
		dump("a,b\n1,2,3,4\n3,4\n"));
	T_STR("!t.csv:3:1: blank line, expected a record\n3|4\n!t.csv:5:1: blank line, "
		"expected a record\n5|6\n", dump("a,b\n1,2\n\n3,4\n\n\n5,6\n") + 4);
	T_STR("!t.csv:2:3: NUL byte, expected text\n3|4\n",
		dump_n("a,b\n1,\0\n3,4\n", 12));
	T_STR("!t.csv:2:4: not valid UTF-8\n3|4\n", dump("a,b\n1,x\xff\n3,4\n"));
	T_STR("!t.csv:3:2: not valid UTF-8\n3|4\n", dump("a,b\n1,\"x\ny\xc0\x80\"\n3,4\n"));
	T_STR("!t.csv:2:1: not valid UTF-8\n", dump("a,b\n\xed\xa0\x80,2\n"));
	T_STR("!t.csv:2:4: quote inside an unquoted field\n3|4\n", dump("a,b\n1,x\"y\"\n3,4\n"));
	T_STR("!t.csv:2:4: text behind a closing quote\n3|4\n", dump("a,b\n\"1\"x,2\n3,4\n"));
	T_STR("!t.csv:2:3: quote that is never closed\n", dump("a,b\n1,\"x\n3,4\n"));
	T_HAS("t.csv:2:2: carriage return inside a field", dump("a,b\n1\r2,3\n"));
	T_HAS("t.csv:2:2: carriage return inside a field", dump("a,b\n1\r2,\"3\"\n"));
	T_HAS("t.csv:4:5: quote inside", dump("a,b\n\"x\ny\",1\n3,4 \"\n"));

	tt_csv *c = NULL;
	err = (tt_err){ 0 };
	remove(path);
	T_INT(TT_EIO, tt_csv_open(path, "t.csv", &c, &err));
	T_OK(!c);
}

static void test_positions(void)
{
	const char *s = "a,b,c\nx,\"1\n2\",\"y\"\n";
	const tt_csv_field *f = NULL;
	tt_csv *c = NULL;
	put(s, strlen(s));
	T_INT(TT_OK, tt_csv_open(path, NULL, &c, &err));
	T_INT(3, tt_csv_columns(c));
	T_STR("b", tt_csv_column(c, 1));
	T_INT(1, tt_csv_next(c, &f, &err));
	T_INT(2, tt_csv_line(c));
	T_INT(2, f[1].line); T_INT(3, f[1].column); T_OK(f[1].quoted); T_OK(!f[0].quoted);
	T_INT(3, f[2].line); T_INT(4, f[2].column);
	T_INT(0, tt_csv_next(c, &f, &err));
	T_INT(0, tt_csv_next(c, &f, &err));
	tt_csv_close(c);
}

/* A line of `n` bytes 'x' between "a,b\n1," and "\n3,4\n", quoted or not. */
static int read_long(size_t n, int quoted, tt_csv **ret)
{
	FILE *f = fopen(path, "wb");
	char block[4096];
	memset(block, 'x', sizeof block);
	fputs(quoted ? "a,b\n1,\"" : "a,b\n1,", f);
	for (size_t left = n; left;) {
		const size_t k = left < sizeof block ? left : sizeof block;
		fwrite(block, 1, k, f);
		left -= k;
	}
	fputs(quoted ? "\"\n3,4\n" : "\n3,4\n", f);
	fclose(f);
	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_csv_open(path, "t.csv", ret, &err));
	const tt_csv_field *field;
	return tt_csv_next(*ret, &field, &err);
}

static void test_long_lines(void)
{
	tt_csv *c = NULL;
	const tt_csv_field *f;
	for (int quoted = 0; quoted < 2; quoted++) {
		T_INT(1, read_long(TT_CSV_RECORD_MAX - 4, quoted, &c));
		T_INT(1, tt_csv_next(c, &f, &err));
		T_INT(3, f[0].line);
		tt_csv_close(c);
		T_INT(TT_EDATA, read_long(TT_CSV_RECORD_MAX + 4, quoted, &c));
		T_STR("t.csv:2:1: line longer than 1048576 bytes", err.text);
		tt_csv_close(c);
		struct rusage before, after; /* ru_maxrss is in KiB */
		getrusage(RUSAGE_SELF, &before);
		T_INT(TT_EDATA, read_long(100 * TT_CSV_RECORD_MAX, quoted, &c));
		getrusage(RUSAGE_SELF, &after);
		T_OK(after.ru_maxrss - before.ru_maxrss < 32 << 10);
		T_STR("t.csv:2:1: line longer than 1048576 bytes", err.text);
		T_OK(!tt_csv_resumable(c));
		tt_csv_close(c);
	}
}

/* Records that lie across the reader's buffers come out whole. */
static void test_buffers(void)
{
	tt_buf b = { 0 };
	const int n = 30000;
	tt_buf_puts(&b, "i,text\r\n");
	for (int i = 0; i < n; i++)
		tt_buf_printf(&b, i % 3 ? "%d,plain %d\r\n" : "%d,\"quoted \"\"%d\"\"\r\n, "
		"two\"\r\n", i, i);
	put(b.p, b.n);
	tt_csv *c = NULL;
	const tt_csv_field *f;
	T_INT(TT_OK, tt_csv_open(path, NULL, &c, &err));
	int wrong = 0, i = 0;
	for (; tt_csv_next(c, &f, &err) == 1; i++) {
		char want[64];
		snprintf(want, sizeof want, i % 3 ? "plain %d" : "quoted \"%d\"\r\n, two", i);
		wrong += strlen(want) != f[1].n || memcmp(want, f[1].p, f[1].n) != 0;
		wrong += f[0].line != 2 + i + (i + 2) / 3;
	}
	T_INT(n, i);
	T_INT(0, wrong);
	tt_csv_close(c);
	tt_buf_free(&b);
}

/* The same record with the end of the first 256 KiB at each of its bytes. */
static void test_every_cut(void)
{
	static const char record[] = "\"a\"\"\nb\",\"c\r\n\"\"\"\r\n";
	for (size_t cut = 0; cut <= sizeof record; cut++) {
		tt_buf b = { 0 };
		tt_buf_puts(&b, "x,y\n1,");
		while (b.n < ((size_t)256 << 10) - cut - 1)
			tt_buf_putc(&b, 'z');
		tt_buf_printf(&b, "\n%s%s", record, record);
		put(b.p, b.n);
		tt_csv *c = NULL;
		const tt_csv_field *f = NULL;
		T_INT(TT_OK, tt_csv_open(path, NULL, &c, &err));
		T_INT(1, tt_csv_next(c, &f, &err));
		for (int i = 0; i < 2; i++) {
			T_INT(1, tt_csv_next(c, &f, &err));
			T_INT(3 + 3 * i, tt_csv_line(c));
			T_OK(f[0].n == 4 && !memcmp(f[0].p, "a\"\nb", 4));
			T_OK(f[1].n == 4 && !memcmp(f[1].p, "c\r\n\"", 4));
		}
		T_INT(0, tt_csv_next(c, &f, &err));
		tt_csv_close(c);
		tt_buf_free(&b);
	}
}

static void test_memory(void)
{
	const char *s = "a,b\n1,2\n\"3\",4\n";
	put(s, strlen(s));
	for (int sticky = 0; sticky < 2; sticky++) {
		int rc = TT_ENOMEM;
		for (uint64_t nth = 1; rc == TT_ENOMEM && nth < 100; nth++) {
			const tt_csv_field *f;
			tt_csv *c = NULL;
			err = (tt_err){ 0 };
			tt_alloc_fail_at(nth, sticky);
			rc = tt_csv_open(path, NULL, &c, &err);
			while (rc >= 0 && (rc = tt_csv_next(c, &f, &err)) == 1)
				;
			tt_alloc_fail_at(0, 0);
			tt_csv_close(c);
		}
		T_INT(TT_OK, rc);
	}
}

int main(void)
{
	t_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/t.csv", folder);
	test_forms();
	test_faults();
	test_positions();
	test_long_lines();
	test_buffers();
	test_every_cut();
	test_memory();
	t_folder_remove(folder);
	return T_END();
}
