/* file.c - reading plain and gzip files in blocks of any size, damaged ones too, and
 * writing without anything half-written ever being seen. */
#include "base/file.h"
#include "base/memory.h"
#include "t.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <zlib.h>

static char folder[512];

static const char *in_folder(const char *name)
{
	static char paths[4][600];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	T_INT(TT_OK, tt_path_join(folder, name, path, sizeof paths[0], NULL));
	return path;
}

static void put(const char *name, const void *s, size_t n, const char *mode)
{
	FILE *f = fopen(in_folder(name), mode);

	T_OK(f && fwrite(s, 1, n, f) == n);
	if (f)
		fclose(f);
}

/* One gzip member of n bytes at s; its length. */
static size_t gzip(const void *s, size_t n, unsigned char *ret, size_t cap)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)s, .avail_in = (unsigned)n,
		       .next_out = ret, .avail_out = (unsigned)cap };

	T_INT(Z_OK, deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY));
	T_INT(Z_STREAM_END, deflate(&z, Z_FINISH));
	deflateEnd(&z);
	return z.total_out;
}

/* Read all of `name` in blocks of `block` bytes; the count of bytes, -1 on failure. */
static long long read_all(const char *name, size_t block, char *ret, size_t cap, tt_err *err)
{
	TT_CLEANUP(tt_reader_closep) tt_reader *r = NULL;
	size_t n = 0, got = block;

	if (tt_reader_open(in_folder(name), &r, err) < 0)
		return -1;
	while (got == block && n + block <= cap) {
		if (tt_reader_read(r, ret + n, block, &got, err) < 0)
			return -1;
		n += got;
	}
	T_INT(TT_OK, tt_reader_read(r, ret + n, 1, &got, err));
	T_INT(0, got);
	T_INT(tt_reader_size_bytes(r), tt_reader_offset_bytes(r));
	return (long long)n;
}

enum { N = 700000 };
static char text[N], back[2 * N];
static unsigned char zipped[N + 1000];

static void plain_files(void)
{
	const size_t blocks[] = { 1000, 65536, 262144, 700000, 700500 };

	for (size_t i = 0; i < N; i++)
		text[i] = (char)('a' + i * i % 26);
	put("plain", text, N, "w");
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
		memset(back, 0, sizeof back);
		T_INT(N, read_all("plain", blocks[i], back, sizeof back, NULL));
		T_INT(0, memcmp(text, back, N));
	}

	tt_reader *r = NULL;
	size_t n = 0;
	T_INT(TT_OK, tt_reader_open(in_folder("plain"), &r, NULL));
	T_OK(tt_reader_fd(r) >= 0);
	T_INT(N, tt_reader_size_bytes(r));
	T_INT(0, tt_reader_offset_bytes(r));
	T_INT(TT_OK, tt_reader_read(r, back, 10, &n, NULL));
	T_INT(10, tt_reader_offset_bytes(r));
	tt_reader_close(r);
	tt_reader_close(NULL);

	for (size_t len = 0; len < 3; len++) { /* too short for magic bytes */
		put("short", "\x1f" "a", len, "w");
		T_INT(len, read_all("short", 100, back, sizeof back, NULL));
	}
}

static void missing_files(void)
{
	tt_reader *r = NULL;
	tt_err err = { 0 };
	char want[600];

	T_INT(TT_EIO, tt_reader_open(in_folder("nothing.csv"), &r, &err));
	snprintf(want, sizeof want, "%s/nothing.csv: No such file or directory", folder);
	T_STR(want, err.text);
	err = (tt_err){ 0 };
	T_INT(TT_EIO, tt_reader_open(folder, &r, &err));
	T_HAS("Is a directory", err.text);
	T_OK(r == NULL);
}

static void gzip_files(void)
{
	size_t n = gzip(text, N, zipped, sizeof zipped);
	const size_t blocks[] = { 1000, 65536, 700000, 700500 };

	put("whole.gz", zipped, n, "w");
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
		memset(back, 0, sizeof back);
		T_INT(N, read_all("whole.gz", blocks[i], back, sizeof back, NULL));
		T_INT(0, memcmp(text, back, N));
	}
	tt_reader *r = NULL;
	T_INT(TT_OK, tt_reader_open(in_folder("whole.gz"), &r, NULL));
	T_INT(-1, tt_reader_fd(r));
	T_INT(n, tt_reader_size_bytes(r));
	tt_reader_close(r);

	unsigned char one[200];
	n = gzip("first,", 6, one, sizeof one);
	put("several", one, n, "w"); /* told by the bytes, not by the name */
	n = gzip("", 0, one, sizeof one);
	put("several", one, n, "a");
	n = gzip("second", 6, one, sizeof one);
	put("several", one, n, "a");
	T_INT(12, read_all("several", 5, back, sizeof back, NULL));
	T_INT(0, memcmp("first,second", back, 12));
	put("several", "\0\0\0\0", 4, "a"); /* padding is no damage */
	T_INT(12, read_all("several", 500, back, sizeof back, NULL));
	put("several", "x", 1, "a");
	tt_err err = { 0 };
	T_INT(-1, read_all("several", 500, back, sizeof back, &err));
	T_INT(TT_EDATA, err.status);
}

/* A .gz cut off after any number of bytes, or with any byte changed, never gives
 * back other text than was put in. */
static void damaged_gzip(void)
{
	unsigned char one[300];
	size_t n = gzip("node,gpu\na,0\nb,1\n", 17, one, sizeof one);

	for (size_t len = 2; len < n; len++) {
		char want[100];
		tt_err err = { 0 };

		put("cut.csv.gz", one, len, "w");
		T_INT(-1, read_all("cut.csv.gz", 100, back, sizeof back, &err));
		T_INT(TT_EDATA, err.status);
		snprintf(want, sizeof want,
			 "cut.csv.gz: cut off or damaged gzip data after %zu bytes", len);
		T_HAS(want, err.text);
	}
	for (size_t i = 10; i < n; i++) { /* past the header, whose time and system may differ */
		one[i] ^= 0x55;
		put("bad.csv.gz", one, n, "w");
		tt_err err = { 0 };
		T_INT(-1, read_all("bad.csv.gz", 100, back, sizeof back, &err));
		T_INT(TT_EDATA, err.status);
		one[i] ^= 0x55;
	}
}

static void small_files(void)
{
	char *s = NULL;
	size_t n = 0;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_file_read(in_folder("plain"), N, &s, &n, NULL));
	T_INT(N, n);
	T_OK(s && memcmp(s, text, N) == 0 && s[N] == '\0');
	tt_free(s);
	s = NULL;
	T_INT(TT_EDATA, tt_file_read(in_folder("plain"), N - 1, &s, &n, &err));
	T_HAS("plain: more than the 699999 bytes that are allowed", err.text);
	put("empty", "", 0, "w");
	T_INT(TT_OK, tt_file_read(in_folder("empty"), 10, &s, &n, NULL));
	T_INT(0, n);
	T_STR("", s);
	tt_free(s);

	for (uint64_t nth = 1;; nth++) {
		tt_alloc_fail_at(nth, 0);
		s = NULL;
		int rc = tt_file_read(in_folder("whole.gz"), N, &s, &n, NULL);
		tt_alloc_fail_at(0, 0);
		tt_free(s);
		if (rc == TT_OK)
			break;
		T_INT(TT_ENOMEM, rc);
	}
}

/* How many names in the folder hold `part`. */
static int count_names(const char *part)
{
	DIR *d = opendir(folder);
	int n = 0;

	for (struct dirent *e; d && (e = readdir(d)) != NULL;)
		n += strstr(e->d_name, part) != NULL;
	if (d)
		closedir(d);
	return n;
}

static const char *content(const char *name)
{
	static char s[100];
	long long n = read_all(name, 50, s, sizeof s - 50, NULL);

	s[n < 0 ? 0 : n] = '\0';
	return s;
}

static void writing(void)
{
	char a[700], b[700];
	tt_err err = { 0 };

	T_INT(TT_OK, tt_file_write(in_folder("out"), "first", 5, NULL));
	T_STR("first", content("out"));
	T_INT(TT_OK, tt_file_write(in_folder("out"), "2", 1, NULL));
	T_STR("2", content("out"));

	T_INT(TT_OK, tt_temp_path(in_folder("out"), a, sizeof a, NULL));
	T_INT(TT_OK, tt_temp_path(in_folder("out"), b, sizeof b, NULL));
	T_OK(strcmp(a, b) != 0);
	T_HAS("/out.tmp-", a);
	T_INT(TT_EINVAL, tt_temp_path(in_folder("out"), a, 20, NULL));

	T_INT(TT_EIO, tt_commit_file(in_folder("absent"), in_folder("out"), &err));
	T_HAS("out: No such file or directory", err.text);
	put("temp", "third", 5, "w");
	T_INT(TT_OK, tt_commit_file(in_folder("temp"), in_folder("out"), NULL));
	T_STR("third", content("out"));
	T_OK(!tt_is_file(in_folder("temp")));

	err = (tt_err){ 0 };
	T_INT(TT_EIO, tt_file_write(in_folder("no/such/folder"), "x", 1, &err));
	T_HAS("no/such/folder: No such file or directory", err.text);
	T_INT(0, count_names(".tmp-"));
}

/* A device or a folder is not replaced by a file, however much root could do it. */
static void odd_targets(void)
{
	tt_err err = { 0 };

	mkdir(in_folder("folder"), 0777);
	T_INT(TT_EIO, tt_file_write(in_folder("folder"), "x", 1, &err));
	T_HAS("folder: is there already and is not a regular file", err.text);
	T_INT(TT_EIO, tt_file_write("/dev/null", "x", 1, NULL));
	put("temp", "x", 1, "w");
	T_INT(TT_EIO, tt_commit_file(in_folder("temp"), in_folder("folder"), NULL));
	T_OK(tt_is_folder(in_folder("folder")));
	T_INT(0, count_names("temp"));
}

/* No room for the whole file: the old one stays, the temporary one goes. */
static void no_room(void)
{
	struct rlimit was, small = { 1000, 1000 };
	tt_err err = { 0 };

	T_INT(TT_OK, tt_file_write(in_folder("kept"), "old", 3, NULL));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small.rlim_max = was.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	int rc = tt_file_write(in_folder("kept"), text, N, &err);
	setrlimit(RLIMIT_FSIZE, &was);
	T_INT(TT_EIO, rc);
	T_HAS("kept: File too large", err.text);
	T_STR("old", content("kept"));
	T_INT(0, count_names(".tmp-"));
}

static void paths(void)
{
	char s[8];

	T_INT(TT_OK, tt_path_join("a", "b", s, sizeof s, NULL));
	T_STR("a/b", s);
	T_INT(TT_OK, tt_path_join("a/", "b", s, sizeof s, NULL));
	T_STR("a/b", s);
	T_INT(TT_OK, tt_path_join("", "b", s, sizeof s, NULL));
	T_STR("b", s);
	T_INT(TT_EINVAL, tt_path_join("1234", "567", s, sizeof s, NULL));
	T_OK(tt_is_folder(folder) && !tt_is_file(folder));
	T_OK(tt_is_file(in_folder("plain")) && !tt_is_folder(in_folder("plain")));
	T_OK(!tt_is_file(in_folder("nothing")) && !tt_is_folder(in_folder("nothing")));
}

int main(void)
{
	t_folder(folder, sizeof folder);
	plain_files();
	missing_files();
	gzip_files();
	damaged_gzip();
	small_files();
	writing();
	odd_targets();
	no_room();
	paths();
	t_folder_remove(folder);
	return T_END();
}
