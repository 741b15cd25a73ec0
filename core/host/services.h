/* services.h - what the host does for a plugin while one of its functions runs: the
 * tt_host table and the tt_call behind it. A call is for a detector, for a source's
 * probe, or for a source's read; a service that it has no right to fails, it does not
 * crash. Checks everything that a plugin hands in. What is lent to detectors is in
 * detector_services.h. */
#ifndef TT_HOST_SERVICES_H
#define TT_HOST_SERVICES_H
#include "finding/finding.h"
#include "host/spenders.h"
#include "host/subjects.h"
#include "snapshot/builder.h"

enum {
	TT_CALL_BYTES_MAX = 64 << 20,  /* scratch memory of one call           */
	TT_NAME_BYTES_MAX = 4096       /* of a location or file name           */
};

enum tt_call_kind { TT_CALL_DETECT, TT_CALL_PROBE, TT_CALL_READ };

typedef struct tt_call_series tt_call_series;
struct tt_kept;

struct tt_call {
	enum tt_call_kind kind;
	tt_arena *arena;               /* scratch, dies with the call          */
	size_t left_bytes;
	int over_budget;               /* asked for more than that             */
	int (*grant)(void *ctx);       /* for trial.c: asked before memory is given, 0
	                                * refuses it; NULL: always given       */
	void *grant_ctx;
	tt_err err;                    /* why the call gives up, in its words  */
	tt_err broken;                 /* a rule or limit that the plugin broke, or
	                                * what failed for it; it can't be hidden */
	/* of a detector */
	int unreadable;                /* the snapshot is damaged, so the detector is not
	                                * to blame for `broken` */
	const char *detector;
	const tt_subjects *subjects;
	int32_t scope;
	const tt_spend *lines; size_t n_lines;
	int64_t cpu_until_ns;          /* of the process; INT64_MAX: no limit  */
	int64_t left_findings;
	int64_t limit_findings;
	int (*put)(void *ctx, const tt_buf *finding); /* TT_*                  */
	void *put_ctx;
	tt_call_series *series;
	struct { char *text; size_t cap; } list; /* the last that subject() made longer */
	struct tt_kept *kept;          /* what calls before this one found out */
	tt_arena *spenders_arena;      /* made when first asked for            */
	tt_spenders spenders;
	/* of a source */
	tt_builder *builder;           /* NULL in a probe                      */
	struct { const char **v; size_t n, cap; } asked; /* names of files     */
};

extern const tt_host tt_host_table;

/* Give the call its scratch memory. Errors: TT_ENOMEM. */
int tt_call_open(tt_call *c, enum tt_call_kind kind, tt_err *err);
void tt_call_close(tt_call *c);

/* Zeroed scratch memory; NULL, and the call has failed, when over its budget or out of
 * memory. */
void *tt_call_alloc(tt_call *c, size_t bytes);

/* `s` in double quotes as in a change; "" when over the budget. */
const char *tt_call_quote(tt_call *c, const char *s);

/* The call has failed, whatever the plugin makes of it; returns `status`. */
int tt_call_break(tt_call *c, int status, const char *fmt, ...) TT_PRINTF(3, 4);

/* What became of a call that returned `rc`: TT_OK, TT_ENODATA (it can't decide; the
 * reason in *err), or the failure, be it the plugin's or of what it asked for. */
int tt_call_verdict(const tt_call *c, int rc, tt_err *err);

/* CPU time of this process so far. */
int64_t tt_cpu_ns(void);
#endif
