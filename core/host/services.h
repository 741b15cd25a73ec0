/* services.h - what the host does for a plugin while one of its functions runs: the
 * tt_host table and the tt_call behind it. A call is for a detector, for a source's
 * probe, or for a source's read; a service that it has no right to fails, it does not
 * crash. Checks everything that a plugin hands in. */
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

struct tt_call {
	enum tt_call_kind kind;
	tt_arena *arena;               /* scratch, dies with the call          */
	size_t left_bytes;
	tt_err err;                    /* why the call gives up, in its words  */
	tt_err broken;                 /* a rule that the plugin broke, or what
	                                * failed for it; it can't be hidden    */
	/* of a detector */
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
	tt_arena *spenders_arena;      /* made when first asked for            */
	tt_spenders spenders;
	/* of a source's read */
	tt_builder *builder;
};

extern const tt_host tt_host_table;

/* Give the call its scratch memory. Errors: TT_ENOMEM. */
int tt_call_open(tt_call *c, enum tt_call_kind kind, tt_err *err);
void tt_call_close(tt_call *c);

/* What became of a call that returned `rc`: TT_OK, TT_ENODATA (it can't decide; the
 * reason in *err), or the failure, be it the plugin's or of what it asked for. */
int tt_call_verdict(const tt_call *c, int rc, tt_err *err);

/* CPU time of this process so far. */
int64_t tt_cpu_ns(void);
#endif
