/* fuzz.h - what the fuzz targets share. A target runs its input twice and demands the
 * same answer, byte for byte, and that documented limits hold; sanitizers see the rest.
 * With libFuzzer a target looks for new inputs, with replay.c it is a test. */
#ifndef FUZZ_H
#define FUZZ_H
#include "base/error.h"
#include "base/text.h"
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold, or this input is a bug. */
#define FUZZ_MUST(x)                                                             \
	do {                                                                     \
		if (!(x)) {                                                      \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__,       \
			        __LINE__, #x);                                   \
			abort();                                                 \
		}                                                                \
	} while (0)

/* A failure is one of bad data (or of what `also` allows) and says why in one line; what
 * went well says nothing. */
static inline void fuzz_status(int rc, int also, const tt_err *err)
{
	FUZZ_MUST(err->status == (rc < 0 ? rc : TT_OK));
	if (rc >= 0)
		return;
	if (rc != TT_EDATA && rc != also)
		fprintf(stderr, "%d: %s\n", rc, err->text);
	FUZZ_MUST(rc == TT_EDATA || rc == also);
	FUZZ_MUST(err->text[0] && !strpbrk(err->text, "\n\r\t"));
	FUZZ_MUST(strlen(err->text) < sizeof err->text - 1 ?
	          tt_utf8_ok(err->text, strlen(err->text)) : true);
}

static inline void fuzz_same(const tt_buf *a, const tt_buf *b)
{
	FUZZ_MUST(!a->failed && !b->failed);
	if (a->n != b->n || memcmp(tt_buf_text(a), tt_buf_text(b), a->n) != 0)
		fprintf(stderr, "--- one\n%s\n--- other\n%s\n", tt_buf_text(a), tt_buf_text(b));
	FUZZ_MUST(a->n == b->n && memcmp(tt_buf_text(a), tt_buf_text(b), a->n) == 0);
}

/* --- Files without a name -------------------------------------------------------------- *
 * Nothing stays behind, however the process ends. */
typedef struct fuzz_file { int fd; char path[40]; } fuzz_file;

static inline void fuzz_file_open(fuzz_file *f, const void *p, size_t n)
{
	f->fd = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_MUST(f->fd >= 0 && write(f->fd, p, n) == (ssize_t)n);
	snprintf(f->path, sizeof f->path, "/proc/self/fd/%d", f->fd);
}

/* --- A folder of one's own ------------------------------------------------------------- *
 * For what needs names: in TMPDIR, else in memory; removed when the program ends. */
static char fuzz_folder_[256];

static inline int fuzz_remove_(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline void fuzz_folder_remove_(void)
{
	nftw(fuzz_folder_, fuzz_remove_, 16, FTW_DEPTH | FTW_PHYS);
}

static inline const char *fuzz_path(char *buf, size_t size, const char *name)
{
	const char *base = getenv("TMPDIR");

	if (!fuzz_folder_[0]) {
		base = base && *base ? base : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
		snprintf(fuzz_folder_, sizeof fuzz_folder_, "%s/trimtab-fuzz-XXXXXX", base);
		FUZZ_MUST(mkdtemp(fuzz_folder_));
		atexit(fuzz_folder_remove_);
	}
	FUZZ_MUST(snprintf(buf, size, "%s/%s", fuzz_folder_, name) < (int)size);
	return buf;
}

static inline void fuzz_write(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	FUZZ_MUST(f && fwrite(p, 1, n, f) == n && fclose(f) == 0);
}

/* A whole file, of at least one byte, behind what `out` holds; false when there is none. */
static inline bool fuzz_read(const char *path, tt_buf *out)
{
	char block[65536];
	FILE *f = fopen(path, "rb");

	for (size_t n; f && (n = fread(block, 1, sizeof block, f)) > 0;)
		tt_buf_add(out, block, n);
	if (f)
		fclose(f);
	return f != NULL;
}
#endif
