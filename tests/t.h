/* t.h - the whole test harness. Every .c file in tests/unit is one program: checks,
 * then `return T_END();`. A check that fails prints where and what, and goes on. */
#ifndef T_H
#define T_H
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int t_passed_ __attribute__((unused)), t_failed_ __attribute__((unused));

#define T_(ok, ...)                                              \
	do {                                                     \
		if (ok) {                                        \
			t_passed_++;                             \
			break;                                   \
		}                                                \
		t_failed_++;                                     \
		printf("%s:%d: ", __FILE__, __LINE__);           \
		printf(__VA_ARGS__);                             \
		putchar('\n');                                   \
	} while (0)

#define T_OK(x) T_((x), "not true: %s", #x)

#define T_INT(want, got)                                                           \
	do {                                                                       \
		long long w_ = (long long)(want), g_ = (long long)(got);           \
		T_(w_ == g_, "%s is %lld, want %lld", #got, g_, w_);               \
	} while (0)

#define T_STR(want, got)                                                           \
	do {                                                                       \
		const char *w_ = (want), *g_ = (got);                              \
		T_(g_ && strcmp(w_, g_) == 0, "%s is \"%s\", want \"%s\"", #got,   \
		   g_ ? g_ : "(null)", w_);                                        \
	} while (0)

#define T_HAS(part, got)                                                           \
	do {                                                                       \
		const char *w_ = (part), *g_ = (got);                              \
		T_(g_ && strstr(g_, w_), "%s is \"%s\", want it to say \"%s\"",    \
		   #got, g_ ? g_ : "(null)", w_);                                  \
	} while (0)

/* NaN is as good as NaN; an infinity only as the same infinity. */
#define T_F64(want, got, tolerance)                                                \
	do {                                                                       \
		double w_ = (want), g_ = (got), t_ = (tolerance);                  \
		T_((isnan(w_) && isnan(g_)) || w_ == g_ || fabs(w_ - g_) <= t_,    \
		   "%s is %.17g, want %.17g +- %g", #got, g_, w_, t_);             \
	} while (0)

#define T_END() (printf("%d passed, %d failed\n", t_passed_, t_failed_), t_failed_ != 0)

/* A fresh folder for this program's files, into buf; t_folder_remove() at the end. */
static inline char *t_folder(char *buf, size_t size)
{
	const char *base = getenv("TMPDIR");

	snprintf(buf, size, "%s/trimtab-test-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(buf)) {
		perror(buf);
		exit(1);
	}
	return buf;
}

static inline int t_remove_(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline void t_folder_remove(const char *path)
{
	nftw(path, t_remove_, 16, FTW_DEPTH | FTW_PHYS);
}
#endif
