#include "snapshot/spill.h"
#include "base/file.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES (256u << 10)

struct tt_spill {
	int fd;
	uint64_t written;      /* bytes in the file */
	size_t n;              /* bytes waiting in buf */
	char folder[512];      /* for messages */
	char buf[BUFFER_BYTES];
};

typedef struct piece {
	uint64_t prev;
	uint32_t n, pad;
} piece;

/* A file without a name; on a file system that has none, a name for an instant. */
static int nameless(const char *folder, tt_err *err)
{
	char path[PATH_MAX];
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

	if (fd >= 0)
		return fd;
	TT_TRY(tt_path_join(folder, "trimtab-spill-XXXXXX", path, sizeof path, err));
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return tt_fail(err, TT_EIO, "%s: can't make a temporary file: %s", folder,
		               strerror(errno));
	unlink(path);
	return fd;
}

int tt_spill_open(const char *folder, tt_spill **ret, tt_err *err)
{
	int fd = nameless(folder, err);

	if (fd < 0)
		return fd;
	tt_spill *s = tt_zalloc(1, sizeof *s);
	if (!s) {
		close(fd);
		return tt_no_memory(err);
	}
	snprintf(s->folder, sizeof s->folder, "%s", folder);
	s->fd = fd;
	*ret = s;
	return TT_OK;
}

void tt_spill_close(tt_spill *s)
{
	if (!s)
		return;
	close(s->fd);
	tt_free(s);
}

static int write_all(tt_spill *s, const char *p, size_t n, tt_err *err)
{
	while (n > 0) {
		ssize_t w = write(s->fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return tt_fail(err, TT_EIO, "%s: can't write temporary data: %s",
			               s->folder, strerror(errno));
		p += w;
		n -= (size_t)w;
		s->written += (uint64_t)w;
	}
	return TT_OK;
}

int tt_spill_flush(tt_spill *s, tt_err *err)
{
	size_t n = s->n;

	s->n = 0;
	return write_all(s, s->buf, n, err);
}

int tt_spill_append(tt_spill *s, const void *p, size_t n, uint64_t *ret_offset, tt_err *err)
{
	*ret_offset = s->written + s->n;
	if (s->n + n > BUFFER_BYTES)
		TT_TRY(tt_spill_flush(s, err));
	if (n > BUFFER_BYTES)
		return write_all(s, p, n, err);
	memcpy(s->buf + s->n, p, n);
	s->n += n;
	return TT_OK;
}

int tt_spill_put(tt_spill *s, uint64_t *chain, const void *p, uint32_t n, tt_err *err)
{
	piece head = { .prev = *chain, .n = n };
	uint64_t at, body;

	TT_TRY(tt_spill_append(s, &head, sizeof head, &at, err));
	TT_TRY(tt_spill_append(s, p, n, &body, err));
	*chain = at + 1;
	return TT_OK;
}

int tt_spill_read(const tt_spill *s, uint64_t offset, void *buf, size_t n, tt_err *err)
{
	char *p = buf;

	while (n > 0) {
		ssize_t r = pread(s->fd, p, n, (off_t)offset);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return tt_fail(err, TT_EIO, "%s: can't read temporary data back: %s",
			               s->folder, r < 0 ? strerror(errno) : "unexpected end");
		p += r;
		n -= (size_t)r;
		offset += (uint64_t)r;
	}
	return TT_OK;
}

int tt_spill_get(const tt_spill *s, uint64_t chain, void *buf, uint32_t cap, uint32_t *ret_n,
                 uint64_t *ret_prev, tt_err *err)
{
	piece head;

	TT_TRY(tt_spill_read(s, chain - 1, &head, sizeof head, err));
	if (head.n > cap)
		return tt_fail(err, TT_EINTERNAL, "spilled piece of %u bytes, room for %u",
		               head.n, cap);
	TT_TRY(tt_spill_read(s, chain - 1 + sizeof head, buf, head.n, err));
	*ret_n = head.n;
	*ret_prev = head.prev;
	return TT_OK;
}
