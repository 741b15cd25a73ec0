/* newlines.c - the yardstick: how fast the lines of a file can be counted at all.
 *
 * Threads take 1 MiB blocks in turn, read them and look for line ends with memchr. Two
 * rates come out: of the search alone, over blocks that were just read (what a reader
 * can never beat), and with the reading from the page cache. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOCK_BYTES (1u << 20)
#define THREADS_MOST 64

static int fd;
static size_t file_bytes;
static atomic_size_t next_block;

typedef struct counter {
	pthread_t thread;
	uint64_t lines;
	double search_s;
	int failed;
} counter;

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t count(const char *s, const char *end)
{
	uint64_t n = 0;

	while (s < end && (s = memchr(s, '\n', (size_t)(end - s))) != NULL) {
		s++;
		n++;
	}
	return n;
}

static void *work(void *ctx)
{
	counter *c = ctx;
	char *buf = malloc(BLOCK_BYTES);

	c->failed = !buf;
	while (!c->failed) {
		size_t at = BLOCK_BYTES * atomic_fetch_add(&next_block, 1), n = 0;
		if (at >= file_bytes)
			break;
		size_t want = file_bytes - at < BLOCK_BYTES ? file_bytes - at : BLOCK_BYTES;
		while (n < want) {
			ssize_t got = pread(fd, buf + n, want - n, (off_t)(at + n));
			if (got <= 0)
				break;
			n += (size_t)got;
		}
		c->failed = n < want;
		double start = now_s();
		c->lines += count(buf, buf + n);
		c->search_s += now_s() - start;
	}
	free(buf);
	return NULL;
}

int main(int argc, char **argv)
{
	long threads = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	counter c[THREADS_MOST] = { { 0 } };
	struct stat st;
	uint64_t lines = 0;
	double search_s = 0;

	if (threads < 1 || threads > THREADS_MOST) {
		fprintf(stderr, "usage: newlines FILE THREADS\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || fstat(fd, &st) != 0) {
		fprintf(stderr, "newlines: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	file_bytes = (size_t)st.st_size;
	double start = now_s();
	for (long i = 0; i < threads; i++)
		if (pthread_create(&c[i].thread, NULL, work, &c[i]) != 0)
			return 1;
	for (long i = 0; i < threads; i++) {
		pthread_join(c[i].thread, NULL);
		lines += c[i].lines;
		search_s += c[i].search_s;
		if (c[i].failed)
			return 1;
	}
	double all_s = now_s() - start, gb = (double)file_bytes / 1e9;
	printf("lines=%llu bytes=%zu search_gb_per_s=%.3f file_gb_per_s=%.3f\n",
	       (unsigned long long)lines, file_bytes, gb / (search_s / (double)threads),
	       gb / all_s);
	return 0;
}
