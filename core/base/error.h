/* error.h - how every function of the core reports failure.
 *
 * A function that can fail returns int (a TT_* status) and takes a
 * `tt_err *err` last. On failure it fills *err once, at the place where the
 * reason is known; callers add context on the way up, never replace it.
 * `ret` parameters are written on success only. */
#ifndef TT_BASE_ERROR_H
#define TT_BASE_ERROR_H
#include <trimtab/plugin.h>

typedef struct tt_err {
	int status;       /* TT_OK or the first failure's status             */
	char text[1024];  /* "context: context: reason", one line, UTF-8     */
} tt_err;

/* Record a failure and return its status. The first call wins; err may be NULL.
 * Control characters in the text are replaced, so it stays one line. */
int tt_fail(tt_err *err, int status, const char *fmt, ...) TT_PRINTF(3, 4);

/* Put "fmt: " before the recorded reason; returns err->status. */
int tt_context(tt_err *err, const char *fmt, ...) TT_PRINTF(2, 3);

/* The one failure that has no reason of its own: TT_ENOMEM, "out of memory". */
int tt_no_memory(tt_err *err);

/* Short text of a status: "out of memory". Never NULL. */
const char *tt_status_text(int status);

/* Run f(*p) when `p` goes out of scope. Never across a Lua call that can
 * raise: longjmp skips it. */
#define TT_CLEANUP(f) __attribute__((cleanup(f)))

/* Return at once when `expr` failed. */
#define TT_TRY(expr)                        \
	do {                                \
		int try_rc_ = (expr);       \
		if (try_rc_ < 0)            \
			return try_rc_;     \
	} while (0)
#endif
