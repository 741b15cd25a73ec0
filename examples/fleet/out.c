/* out.c - see out.h. */
#include "out.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t)1 << 18)

bool out_open(struct out *o, const char *folder, const char *name)
{
	*o = (struct out){ .fd = -1 };
	if (snprintf(o->path, sizeof o->path, "%s/%s", folder, name) >= (int)sizeof o->path) {
		o->error = ENAMETOOLONG;
		return false;
	}
	o->buf = malloc(BUFFER_BYTES);
	if (!o->buf) {
		o->error = ENOMEM;
		return false;
	}
	o->fd = open(o->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (o->fd < 0)
		o->error = errno;
	return o->fd >= 0;
}

static void flush(struct out *o)
{
	for (size_t at = 0; at < o->n && !o->error;) {
		ssize_t n = write(o->fd, o->buf + at, o->n - at);

		if (n >= 0)
			at += (size_t)n;
		else if (errno != EINTR)
			o->error = errno;
	}
	o->n = 0;
}

bool out_close(struct out *o)
{
	if (o->fd >= 0) {
		flush(o);
		if (close(o->fd) != 0 && !o->error)
			o->error = errno;
	}
	free(o->buf);
	o->buf = NULL;
	o->fd = -1;
	return o->error == 0;
}

void out_bytes(struct out *o, const char *s, size_t n)
{
	if (n > BUFFER_BYTES - o->n)
		flush(o);
	memcpy(o->buf + o->n, s, n);
	o->n += n;
}

void out_text(struct out *o, const char *s)
{
	out_bytes(o, s, strlen(s));
}

void out_char(struct out *o, char c)
{
	if (o->n == BUFFER_BYTES)
		flush(o);
	o->buf[o->n++] = c;
}

void out_int(struct out *o, int64_t v)
{
	out_fixed(o, v, 0);
}

void out_fixed(struct out *o, int64_t v, int decimals)
{
	char digits[32];
	size_t at = sizeof digits;
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	for (int done = 0; left > 0 || done <= decimals; done++) {
		if (done == decimals && decimals > 0)
			digits[--at] = '.';
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	}
	if (v < 0)
		digits[--at] = '-';
	out_bytes(o, digits + at, sizeof digits - at);
}

void out_short(struct out *o, int64_t v, int decimals)
{
	for (; decimals > 0 && v % 10 == 0; decimals--)
		v /= 10;
	out_fixed(o, v, decimals);
}

static void two_digits(char *p, int64_t v)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
}

void time_text(int64_t t_s, char *ret)
{
	/* days to year, month and day, with years that start in March */
	int64_t z = t_s / 86400 + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9, year = yoe + era * 400 + (month <= 2);
	int64_t s = t_s % 86400;

	memcpy(ret, "0000-00-00T00:00:00Z", OUT_TIME_SIZE);
	two_digits(ret, year / 100);
	two_digits(ret + 2, year % 100);
	two_digits(ret + 5, month);
	two_digits(ret + 8, doy - (153 * mp + 2) / 5 + 1);
	two_digits(ret + 11, s / 3600);
	two_digits(ret + 14, s / 60 % 60);
	two_digits(ret + 17, s % 60);
}

void out_time(struct out *o, int64_t t_s)
{
	char text[OUT_TIME_SIZE];

	time_text(t_s, text);
	out_bytes(o, text, sizeof text);
}
