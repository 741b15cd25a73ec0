/* Blocks of whole lines: a line is as long as it is, wherever in a block it starts or ends.
 * What comes out is held against the file itself. */
#include "snapshot/usage_blocks.h"
#include "t.h"

enum { LIMIT = TT_USAGE_LINE_MOST, MIB = 1 << 20 };

static char *buf, *file;
static size_t n_file;

/* `n` bytes in lines of 50 and a rest, then the line in question, then `tail`. */
static void write_file(size_t n, size_t line, const char *fill, const char *tail)
{
	FILE *f = fopen("f.csv", "w");

	n_file = 0;
	memcpy(file, "time,node,gpu,gpu_util_pct\n", 27);
	n_file = 27;
	for (size_t i = 0; i < n; i++)
		file[n_file++] = i % 50 == 49 || i + 1 == n ? '\n' : 'x';
	for (size_t i = 0; i < line; i++)
		file[n_file++] = fill[i % strlen(fill)];
	memcpy(file + n_file, tail, strlen(tail));
	n_file += strlen(tail);
	T_OK(f && fwrite(file, 1, n_file, f) == n_file && fclose(f) == 0);
}

/* Read it: every block continues the file, and the lines end at `lines`, behind which there
 * is one too long, or nothing. */
static void expect(bool careful, size_t lines, bool too_long, size_t n, size_t line)
{
	tt_usage_blocks b;
	tt_usage_layout layout;
	tt_err err = { 0 };
	size_t at = 27, got = 1, seen = 0, wrong = 0;
	int rc = tt_usage_blocks_open(&b, "f.csv", careful, &err);

	if (rc == TT_OK)
		rc = tt_usage_blocks_header(&b, "f.csv", 0, NULL, 0, &layout, &err);
	T_INT(TT_OK, rc);
	while (rc == TT_OK && got > 0) {
		rc = tt_usage_blocks_next(&b, buf, &got, &err);
		for (size_t i = 0; rc == TT_OK && i < got; i++, at++) {
			wrong += at < n_file ? buf[i] != file[at] : buf[i] != '\n';
			seen += buf[i] == '\n';
		}
		for (size_t i = 0; rc == TT_OK && i < TT_USAGE_PAD; i++)
			wrong += buf[got + i] != 0;
	}
	T_(rc == (too_long ? TT_EDATA : TT_OK) && b.too_long == too_long,
	   "a line of %zu after %zu: %s", line, n, err.text);
	T_HAS(too_long ? "line longer than 1048576 bytes" : "", err.text);
	T_INT(0, wrong);
	T_(seen == lines, "%zu lines and not %zu before a line of %zu after %zu", seen, lines, line,
	   n);
	tt_usage_blocks_close(&b);
}

static void test_limit(void)
{
	static const size_t before[] = { 0, 50, 4000, 4069, 4100, 9000, MIB / 2, MIB - 4200,
		MIB - 27, MIB, MIB + 1, MIB + 4050, 2 * MIB - 30 };
	static const size_t lengths[] = { 10, LIMIT - 1, LIMIT, LIMIT + 1, LIMIT + 60,
		LIMIT + MIB / 2, 2 * LIMIT + 1 };
	static const char *const tails[] = { "\n1\n2\n", "\n", "" };

	for (size_t i = 0; i < sizeof before / sizeof *before; i++)
		for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
			for (size_t t = 0; t < sizeof tails / sizeof *tails; t++) {
				size_t lines = (before[i] + 49) / 50;
				bool too_long = lengths[k] > LIMIT;

				write_file(before[i], lengths[k], "y", tails[t]);
				if (!too_long)
					lines += t == 0 ? 3 : 1;
				expect(false, lines, too_long, before[i], lengths[k]);
				expect(true, lines, too_long, before[i], lengths[k]);
			}
}

/* Where quotes hold line ends together, a record is a line. */
static void test_quoted(void)
{
	const size_t n = MIB / 2, before = n / 50 + (n % 50 != 0);

	for (size_t k = 0; k < 3; k++) {
		size_t length = LIMIT - 4 + k * 4; /* whole ones of these four bytes */

		write_file(n, length, "\"\n\n\"", "\n3\n");
		expect(true, before + (k < 2 ? length / 2 + 2 : 0), k == 2, n, length);
	}
	write_file(0, 100, "\"", "\n");
	file[27] = 'q'; /* one quote is left open */
	FILE *f = fopen("f.csv", "w");
	T_OK(f && fwrite(file, 1, n_file, f) == n_file && fclose(f) == 0);
	expect(true, 2, false, 0, 100); /* an end is put behind it; the parser says what is open */
}

static void header(size_t length, const char *tail, int want)
{
	static const char names[] = "time,node,gpu,gpu_util_pct,";
	tt_usage_layout layout;
	tt_usage_blocks b;
	tt_err err = { 0 };
	FILE *f = fopen("f.csv", "w");

	memcpy(file, names, sizeof names - 1);
	memset(file + sizeof names - 1, 'z', length);
	T_OK(f && fwrite(file, 1, length, f) == length && fputs(tail, f) >= 0 && fclose(f) == 0);
	T_INT(TT_OK, tt_usage_blocks_open(&b, "f.csv", false, &err));
	T_INT(want, tt_usage_blocks_header(&b, "x", 0, NULL, 0, &layout, &err));
	T_HAS(want == TT_OK ? "" : "x:1: line longer than 1048576 bytes", err.text);
	tt_usage_blocks_close(&b);
}

int main(void)
{
	buf = malloc(TT_USAGE_BUF_BYTES);
	file = malloc(6 * MIB);
	T_OK(buf && file);
	test_limit();
	test_quoted();
	header(40, "\n", TT_OK);
	header(LIMIT, "\n1,n,0,1\n", TT_OK);
	header(LIMIT, "", TT_OK);
	header(LIMIT + 1, "\n", TT_EDATA);
	header(LIMIT + 1, "", TT_EDATA);
	header(LIMIT + 9000, "\n1,n,0,1\n", TT_EDATA);
	free(buf);
	free(file);
	return T_END();
}
