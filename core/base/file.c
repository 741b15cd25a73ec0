/* file.c - blocks of bytes from plain and gzip files, and whole files written at
 * once. The only file that knows zlib. */
#include "file.h"
#include "leftovers.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { BLOCK_BYTES = 256 * 1024 };

struct tt_reader {
	int fd;
	bool regular, gzip;
	bool ended;             /* the file's last byte was read into `block` */
	bool in_member;         /* gzip: between a member's first and last byte */
	int64_t size_bytes;
	int64_t read_bytes;     /* of the file, so far */
	size_t at, n;           /* what of `block` is not handed out yet: [at, n) */
	z_stream z;
	char *path;
	unsigned char block[BLOCK_BYTES];
};

static int fail_errno(tt_err *err, const char *path)
{
	return tt_fail(err, TT_EIO, "%s: %s", path, strerror(errno));
}

static void close_fdp(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void *z_alloc(void *unused, unsigned n, unsigned size)
{
	(void)unused;
	return tt_zalloc(n, size);
}

static void z_free(void *unused, void *p)
{
	(void)unused;
	tt_free(p);
}

static int read_some(tt_reader *r, void *buf, size_t cap, size_t *ret_n, tt_err *err)
{
	ssize_t n;

	do
		n = read(r->fd, buf, cap < SSIZE_MAX ? cap : SSIZE_MAX);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail_errno(err, r->path);
	r->ended = n == 0;
	r->read_bytes += n;
	*ret_n = (size_t)n;
	return TT_OK;
}

/* Make sure that at least `want` bytes are in the block, unless the file ends. */
static int fill_block(tt_reader *r, size_t want, tt_err *err)
{
	if (r->at == r->n)
		r->at = r->n = 0;
	while (r->n - r->at < want && !r->ended) {
		size_t n = 0;

		TT_TRY(read_some(r, r->block + r->n, sizeof r->block - r->n, &n, err));
		r->n += n;
	}
	return TT_OK;
}

static int open_file(tt_reader *r, tt_err *err)
{
	struct stat st;

	r->fd = open(r->path, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0 || fstat(r->fd, &st) < 0)
		return fail_errno(err, r->path);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return fail_errno(err, r->path);
	}
	r->regular = S_ISREG(st.st_mode);
	r->size_bytes = st.st_size;
	if (r->regular)
		posix_fadvise(r->fd, 0, 0, POSIX_FADV_SEQUENTIAL);

	TT_TRY(fill_block(r, 2, err));
	if (r->n < 2 || r->block[0] != 0x1f || r->block[1] != 0x8b)
		return TT_OK;
	r->z.zalloc = z_alloc;
	r->z.zfree = z_free;
	if (inflateInit2(&r->z, 16 + MAX_WBITS) != Z_OK)
		return tt_fail(err, TT_ENOMEM, "%s: out of memory", r->path);
	r->gzip = true;
	return TT_OK;
}

int tt_reader_open(const char *path, tt_reader **ret, tt_err *err)
{
	TT_CLEANUP(tt_reader_closep) tt_reader *r = tt_alloc(sizeof *r);

	if (!r)
		return tt_fail(err, TT_ENOMEM, "%s: out of memory", path);
	memset(r, 0, offsetof(tt_reader, block)); /* the block is written before it is read */
	r->fd = -1;
	r->path = tt_strdup(path);
	if (!r->path)
		return tt_fail(err, TT_ENOMEM, "%s: out of memory", path);
	TT_TRY(open_file(r, err));
	*ret = r;
	r = NULL;
	return TT_OK;
}

static int read_plain(tt_reader *r, char *buf, size_t cap, size_t *ret_n, tt_err *err)
{
	size_t got = r->n - r->at < cap ? r->n - r->at : cap;

	memcpy(buf, r->block + r->at, got);
	r->at += got;
	while (got < cap && !r->ended) {
		size_t n = 0;

		TT_TRY(read_some(r, buf + got, cap - got, &n, err));
		got += n;
	}
	*ret_n = got;
	return TT_OK;
}

static int fail_gzip(const tt_reader *r, tt_err *err)
{
	return tt_fail(err, TT_EDATA, "%s: cut off or damaged gzip data after %" PRId64 " bytes",
		       r->path, tt_reader_offset_bytes(r));
}

/* Between two members: at the next one, or at the end. Zeros are passed over: tapes
 * and block devices leave them behind. Anything else that is no member is damage. */
static int next_member(tt_reader *r, bool *ret_more, tt_err *err)
{
	for (;;) {
		TT_TRY(fill_block(r, 1, err));
		if (r->at == r->n || r->block[r->at] != 0)
			break;
		r->at++;
	}
	*ret_more = r->at < r->n;
	return TT_OK;
}

/* Inflate what is in the block into the cap bytes at buf. */
static int inflate_some(tt_reader *r, char *buf, size_t cap, size_t *ret_n, tt_err *err)
{
	r->z.next_in = r->block + r->at;
	r->z.avail_in = (unsigned)(r->n - r->at);
	r->z.next_out = (unsigned char *)buf;
	r->z.avail_out = cap < UINT_MAX ? (unsigned)cap : UINT_MAX;

	int rc = inflate(&r->z, Z_NO_FLUSH);
	r->at = r->n - r->z.avail_in;
	*ret_n = (size_t)((char *)r->z.next_out - buf);
	if (rc == Z_MEM_ERROR)
		return tt_fail(err, TT_ENOMEM, "%s: out of memory", r->path);
	if (rc == Z_STREAM_END)
		r->in_member = false;
	else if (rc != Z_OK && rc != Z_BUF_ERROR)
		return fail_gzip(r, err);
	return TT_OK;
}

static int read_gzip(tt_reader *r, char *buf, size_t cap, size_t *ret_n, tt_err *err)
{
	size_t got = 0;

	while (got < cap) {
		size_t n = 0;

		if (!r->in_member) {
			bool more = false;

			TT_TRY(next_member(r, &more, err));
			if (!more)
				break;
			inflateReset(&r->z);
			r->in_member = true;
		}
		TT_TRY(fill_block(r, 1, err));
		bool dry = r->at == r->n; /* zlib may still hold some output back */
		TT_TRY(inflate_some(r, buf + got, cap - got, &n, err));
		got += n;
		if (dry && n == 0 && r->in_member)
			return fail_gzip(r, err);
	}
	*ret_n = got;
	return TT_OK;
}

int tt_reader_read(tt_reader *r, char *buf, size_t cap, size_t *ret_n, tt_err *err)
{
	if (r->gzip)
		return read_gzip(r, buf, cap, ret_n, err);
	return read_plain(r, buf, cap, ret_n, err);
}

int tt_reader_fd(const tt_reader *r)
{
	return r->regular && !r->gzip ? r->fd : -1;
}

int64_t tt_reader_size_bytes(const tt_reader *r)
{
	return r->size_bytes;
}

int64_t tt_reader_offset_bytes(const tt_reader *r)
{
	return r->read_bytes - (int64_t)(r->n - r->at);
}

void tt_reader_close(tt_reader *r)
{
	if (!r)
		return;
	if (r->gzip)
		inflateEnd(&r->z);
	close_fdp(&r->fd);
	tt_free(r->path);
	tt_free(r);
}

void tt_reader_closep(tt_reader **r)
{
	tt_reader_close(*r);
}

int tt_file_read(const char *path, size_t max, char **ret, size_t *ret_n, tt_err *err)
{
	TT_CLEANUP(tt_reader_closep) tt_reader *r = NULL;
	TT_CLEANUP(tt_freep) char *s = NULL;
	size_t n = 0, cap = 0;

	TT_TRY(tt_reader_open(path, &r, err));
	for (;;) {
		size_t got = 0, more = cap ? cap * 2 : 16 * 1024;
		char *bigger = tt_realloc(s, more + 1, 1);

		if (!bigger)
			return tt_fail(err, TT_ENOMEM, "%s: out of memory", path);
		s = bigger;
		cap = more;
		TT_TRY(tt_reader_read(r, s + n, cap - n, &got, err));
		n += got;
		if (n > max)
			return tt_fail(err, TT_EDATA,
				       "%s: more than the %zu bytes that are allowed", path, max);
		if (n < cap)
			break;
	}
	s[n] = '\0';
	*ret = s;
	*ret_n = n;
	s = NULL;
	return TT_OK;
}

int tt_temp_path(const char *target, char *buf, size_t size, tt_err *err)
{
	static _Atomic unsigned counter; /* two threads may write beside each other */
	unsigned number = atomic_fetch_add(&counter, 1);
	int n = snprintf(buf, size, "%s.tmp-%ld-%u", target, (long)getpid(), number);

	if (n < 0 || (size_t)n >= size)
		return tt_fail(err, TT_EINVAL, "%s: path is too long", target);
	return TT_OK;
}

/* Renaming onto a device would replace it, and for root that succeeds. */
static int check_target(const char *target, tt_err *err)
{
	struct stat st;

	if (stat(target, &st) == 0 && !S_ISREG(st.st_mode))
		return tt_fail(err, TT_EIO, "%s: is there already and is not a regular file",
			       target);
	return TT_OK;
}

static int sync_path(const char *path, int flags)
{
	TT_CLEANUP(close_fdp) int fd = open(path, flags | O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	/* some file systems can't sync a folder, and there is nothing to do about it */
	if (fsync(fd) < 0 && !((flags & O_DIRECTORY) && errno == EINVAL))
		return -1;
	return 0;
}

/* No memory is asked for: the file has been replaced, and that must not end as a failure.
 * The path is one that rename() took, so it fits. */
static int sync_folder_of(const char *path, tt_err *err)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";

	if (slash) /* "/x" is in "/" */
		snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path),
		         path);
	if (sync_path(folder, O_DIRECTORY) < 0)
		return fail_errno(err, folder);
	return TT_OK;
}

int tt_commit_file(const char *temp, const char *target, tt_err *err)
{
	int rc = check_target(target, err);

	if (rc == TT_OK && (sync_path(temp, 0) < 0 || rename(temp, target) < 0))
		rc = fail_errno(err, target);
	if (rc < 0) {
		unlink(temp);
		return rc;
	}
	return sync_folder_of(target, err);
}

static int write_all(int fd, const char *s, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, s, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		s += done;
		n -= (size_t)done;
	}
	return 0;
}

int tt_file_write(const char *target, const char *s, size_t n, tt_err *err)
{
	char temp[PATH_MAX];

	TT_TRY(check_target(target, err));
	TT_TRY(tt_temp_path(target, temp, sizeof temp, err));

	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return fail_errno(err, target);

	int rc = TT_OK;
	tt_leftover_add(temp);
	if (write_all(fd, s, n) < 0)
		rc = fail_errno(err, target);
	if (close(fd) < 0 && rc == TT_OK)
		rc = fail_errno(err, target);
	if (rc < 0)
		unlink(temp);
	else
		rc = tt_commit_file(temp, target, err);
	tt_leftover_done(temp);
	return rc;
}

bool tt_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool tt_is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

int tt_path_join(const char *a, const char *b, char *buf, size_t size, tt_err *err)
{
	size_t len = strlen(a);
	bool slash = len > 0 && a[len - 1] != '/';
	int n = snprintf(buf, size, "%s%s%s", a, slash ? "/" : "", b);

	if (n < 0 || (size_t)n >= size)
		return tt_fail(err, TT_EINVAL, "%s/%s: path is too long", a, b);
	return TT_OK;
}

uint32_t tt_crc32(uint32_t crc, const void *p, size_t n)
{
	return (uint32_t)crc32_z(crc, p, n);
}
