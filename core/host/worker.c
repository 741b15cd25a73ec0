/* worker.c - see worker.h. Time is limited twice: a detector that asks cancelled() is
 * told in time, one that does not is ended by SIGPROF a second later. */
#include "host/worker.h"
#include "host/confine.h"
#include "host/kept.h"
#include <string.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

typedef struct state {           /* of one detector in this worker */
	int failed, decided, called;
	int64_t cpu_left_ns, left_findings;
	size_t undecided_at;     /* its first call that could not decide */
	char undecided[256];
} state;

typedef struct worker {
	const tt_job *job;
	tt_watch *watch;
	tt_put put;
	void *ctx;
	int put_rc;              /* of the first put that failed, or TT_ENOMEM */
	int unreadable;          /* the snapshot: nothing more is to be learned */
	state *states;
	size_t detector, subject; /* of the call that runs */
	tt_kept kept;
} worker;

int64_t tt_now_ms(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int put(worker *w, enum tt_frame_type type, const void *bytes, size_t n)
{
	const tt_frame f = { type, (uint32_t)w->detector, w->subject, n };

	if (w->put_rc == TT_OK)
		w->put_rc = w->put(w->ctx, &f, bytes);
	return w->put_rc;
}

static int put_text(worker *w, enum tt_frame_type type, const char *text)
{
	return put(w, type, text, strlen(text));
}

static int put_finding(void *ctx, const tt_buf *finding)
{
	worker *w = ctx;

	w->states[w->detector].left_findings--;
	return put(w, TT_FRAME_FOUND, finding->p, finding->n);
}

static void begin(worker *w, tt_call *c, int64_t start_ns)
{
	state *s = &w->states[w->detector];
	int64_t left_ns = s->cpu_left_ns > 0 ? s->cpu_left_ns : 0;

	if (!w->watch)
		return;
	c->cpu_until_ns = start_ns + left_ns;
	atomic_store(&w->watch->since_ms, tt_now_ms());
	atomic_store(&w->watch->since_cpu_ns, start_ns);
	atomic_store(&w->watch->subject, (int64_t)w->subject);
	atomic_store(&w->watch->detector, (int64_t)w->detector);
	tt_confine_timer(left_ns + NS_PER_S);
}

static void end(worker *w, int64_t start_ns)
{
	if (!w->watch)
		return;
	tt_confine_timer(0);
	atomic_store(&w->watch->detector, -1);
	w->states[w->detector].cpu_left_ns -= tt_cpu_ns() - start_ns;
}

/* What a call's end means for the detector. */
static int judge(worker *w, const tt_call *c, int rc)
{
	state *s = &w->states[w->detector];
	tt_err why = { 0 };

	s->called = 1;
	const int about = rc != TT_NOT_ABOUT;

	rc = tt_call_verdict(c, about ? rc : TT_OK, &why);
	if (rc == TT_OK) {
		s->decided |= about;
	} else if (rc == TT_ENODATA) {
		if (!s->undecided[0]) {
			memcpy(s->undecided, why.text, sizeof s->undecided - 1);
			s->undecided_at = w->subject;
		}
	} else if (!w->watch && c->broken.status == TT_ENOMEM && !c->over_budget) {
		/* what ran out is the program's memory, which nobody limited for it */
		w->put_rc = TT_ENOMEM;
	} else if (c->unreadable) {
		w->unreadable = 1;
		return put_text(w, TT_FRAME_UNREADABLE, why.text);
	} else {
		s->failed = 1;
		return put_text(w, TT_FRAME_FAILED, why.text);
	}
	return TT_OK;
}

static int call(worker *w, const tt_subject *subject, tt_err *err)
{
	const tt_job *job = w->job;
	const tt_plugin *p = job->detectors[w->detector];
	int64_t start_ns = w->watch ? tt_cpu_ns() : 0;
	tt_call c;

	TT_TRY(tt_call_open(&c, TT_CALL_DETECT, err));
	c.detector = p->info.id;
	c.subjects = job->subjects;
	c.scope = subject->scope;
	c.lines = job->lines;
	c.n_lines = job->n_lines;
	c.left_findings = w->states[w->detector].left_findings;
	c.limit_findings = job->o.output_limit;
	c.put = put_finding;
	c.put_ctx = w;
	c.kept = &w->kept;
	begin(w, &c, start_ns);
	int rc = p->d.detector.detect(&tt_host_table, &c, subject, job->params[w->detector]);
	end(w, start_ns);
	if (w->put_rc == TT_OK)
		judge(w, &c, rc);
	tt_call_close(&c);
	return w->put_rc;
}

/* Negative: the host failed, *err says why; or a put did. */
static int run_subjects(worker *w, size_t from, size_t to, tt_err *err)
{
	TT_CLEANUP(tt_decoder_reset) tt_decoder decoder = { .subjects = w->job->subjects };
	tt_subject subject;

	for (size_t i = from; i < to; i++) {
		int decoded = 0;

		for (size_t d = 0; d < w->job->n_detectors && !w->unreadable; d++) {
			if (!w->job->active[d] || w->states[d].failed ||
			    w->job->detectors[d]->d.detector.scope != w->job->subjects->v[i].scope)
				continue;
			if (!decoded)
				TT_TRY(tt_decode(&decoder, i, &subject, err));
			decoded = 1;
			w->detector = d;
			w->subject = i;
			TT_TRY(call(w, &subject, err));
		}
	}
	return TT_OK;
}

/* The workloads of subjects [from, to), which are numbered as they come. */
static size_t until_workload(const tt_subjects *s, size_t from, size_t to)
{
	size_t until = 0;

	for (size_t i = from; i < to; i++)
		if (s->v[i].scope == TT_SCOPE_WORKLOAD)
			until = s->v[i].index + 1;
	return until;
}

static void report_states(worker *w)
{
	for (size_t d = 0; d < w->job->n_detectors; d++) {
		const state *s = &w->states[d];

		if (!s->called || s->failed)
			continue;
		w->detector = d;
		w->subject = s->undecided_at;
		if (s->decided)
			put(w, TT_FRAME_DECIDED, NULL, 0);
		else if (s->undecided[0]) /* else it passed all of them by */
			put_text(w, TT_FRAME_UNDECIDED, s->undecided);
	}
}

int tt_worker_run(const tt_job *job, size_t from, size_t to, tt_watch *watch, tt_put put_,
                  void *ctx)
{
	worker w = { .job = job, .watch = watch, .put = put_, .ctx = ctx };
	TT_CLEANUP(tt_freep) state *states = tt_zalloc(job->n_detectors + 1, sizeof *states);
	tt_err err = { 0 };
	int rc;

	w.states = states;
	w.kept.until_workload = until_workload(job->subjects, from, to);
	for (size_t d = 0; states && d < job->n_detectors; d++) {
		states[d].cpu_left_ns = job->o.cpu_limit_s * NS_PER_S;
		states[d].left_findings = job->o.output_limit;
	}
	rc = states ? run_subjects(&w, from, to, &err)
	            : tt_fail(&err, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
	tt_kept_free(&w.kept);
	if (w.put_rc < 0)
		return w.put_rc;
	if (rc == TT_ENOMEM && !watch)
		return rc;
	if (rc < 0)
		return put_text(&w, TT_FRAME_ERROR, err.text);
	if (w.unreadable)
		return TT_OK;
	report_states(&w);
	return put(&w, TT_FRAME_END, NULL, 0);
}
