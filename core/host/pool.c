/* pool.c - see pool.h. Workers are forked from a process with one thread, read nothing
 * from the parent and write frames into a pipe. What cannot be forked is run here. */
#include "host/pool.h"
#include "host/confine.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a detector may say in bytes, so that the limit on findings is also one on memory. */
#define OUTPUT_BYTES_MAX (INT64_C(256) << 20)

enum { WORKERS_MAX = 64, POLL_MS = 200, WALL_FACTOR = 10, READ_BYTES = 65536 };

/* --- Harvest -------------------------------------------------------------------- */

int tt_harvest_init(tt_harvest *h, const tt_job *job, tt_err *err)
{
	*h = (tt_harvest){ .job = job, .of = tt_zalloc(job->n_detectors + 1, sizeof *h->of) };
	return h->of ? TT_OK : tt_fail(err, TT_ENOMEM, "running detectors: %s",
	                               tt_status_text(TT_ENOMEM));
}

void tt_harvest_clear(tt_harvest *h)
{
	memset(h->of, 0, h->job->n_detectors * sizeof *h->of);
	h->bytes.n = 0;
	h->n_raw = 0;
}

void tt_harvest_free(tt_harvest *h)
{
	tt_free(h->of);
	tt_free(h->raw);
	tt_buf_free(&h->bytes);
}

/* Keep the text of the first subject: the same whatever the number of workers. */
static void keep_first(char text[512], uint64_t *at, int seen, const tt_frame *f,
                       const void *bytes)
{
	size_t n = f->n_bytes < 511 ? (size_t)f->n_bytes : 511;

	if (seen && *at <= f->subject)
		return;
	*at = f->subject;
	if (n)
		memcpy(text, bytes, n);
	text[n] = '\0';
}

static void too_much(tt_harvest_of *of, const tt_frame *f, int64_t limit, const char *what)
{
	of->failed = 1;
	of->failed_at = f->subject;
	snprintf(of->failed_why, sizeof of->failed_why, "has more than %lld %s",
	         (long long)limit, what);
}

static int harvest_found(tt_harvest *h, tt_harvest_of *of, const tt_frame *f, const void *bytes)
{
	if (of->failed)
		return TT_OK;
	if (++of->n_found > h->job->o.output_limit) {
		too_much(of, f, h->job->o.output_limit, "findings");
		return TT_OK;
	}
	of->n_bytes += (int64_t)f->n_bytes;
	if (of->n_bytes > OUTPUT_BYTES_MAX) {
		too_much(of, f, OUTPUT_BYTES_MAX, "bytes of findings");
		return TT_OK;
	}
	if (!TT_GROW(h->raw, h->n_raw, h->cap_raw))
		return TT_ENOMEM;
	h->raw[h->n_raw++] = (tt_raw){ f->detector, h->bytes.n, (size_t)f->n_bytes };
	tt_buf_add(&h->bytes, bytes, (size_t)f->n_bytes);
	return h->bytes.failed ? TT_ENOMEM : TT_OK;
}

/* A frame about a detector; TT_EDATA when it makes no sense. */
static int harvest(tt_harvest *h, const tt_frame *f, const void *bytes)
{
	tt_harvest_of *of;

	if (f->detector >= h->job->n_detectors || !h->job->active[f->detector] ||
	    f->subject >= h->job->subjects->n)
		return TT_EDATA;
	of = &h->of[f->detector];
	switch (f->type) {
	case TT_FRAME_FOUND:
		return harvest_found(h, of, f, bytes);
	case TT_FRAME_FAILED:
		keep_first(of->failed_why, &of->failed_at, of->failed, f, bytes);
		of->failed = 1;
		return TT_OK;
	case TT_FRAME_UNDECIDED:
		keep_first(of->undecided_why, &of->undecided_at, of->undecided_why[0], f, bytes);
		return TT_OK;
	case TT_FRAME_DECIDED:
		of->decided = 1;
		return TT_OK;
	default:
		return TT_EDATA;
	}
}

/* --- Workers ---------------------------------------------------------------------- */

typedef struct process {
	size_t from, to;         /* its stretch of the subjects */
	pid_t pid;               /* 0: runs in this process */
	int fd;                  /* reading end; -1: closed */
	tt_watch *watch;
	tt_buf in;               /* bytes that are no whole frame yet */
	int ended;               /* said TT_FRAME_END */
	int damaged, stuck;      /* sent nonsense; did not return in time */
	char error[512];         /* of the host, in TT_FRAME_ERROR; or as follows */
	int unreadable;          /* said TT_FRAME_UNREADABLE */
	int status;              /* as waitpid() gave it */
} process;

typedef struct pool {
	const tt_job *job;
	tt_harvest *harvest;
	process *v;
	size_t n;
	tt_watch *watches;
} pool;

static int take(pool *p, process *w, const tt_frame *f, const void *bytes)
{
	if (f->type == TT_FRAME_END) {
		w->ended = 1;
		return TT_OK;
	}
	if (f->type == TT_FRAME_ERROR || f->type == TT_FRAME_UNREADABLE) {
		w->unreadable = f->type == TT_FRAME_UNREADABLE;
		snprintf(w->error, sizeof w->error, "%.*s",
		         (int)(f->n_bytes < 500 ? f->n_bytes : 500), (const char *)bytes);
		return TT_OK;
	}
	return harvest(p->harvest, f, bytes);
}

typedef struct direct { pool *pool; process *worker; } direct;

static int put_direct(void *ctx, const tt_frame *f, const void *bytes)
{
	const direct *d = ctx;

	return take(d->pool, d->worker, f, bytes);
}

static int run_here(pool *p, process *w)
{
	direct d = { p, w };

	w->pid = 0;
	w->fd = -1;
	return tt_worker_run(p->job, w->from, w->to, NULL, put_direct, &d);
}

static int write_all(int fd, const void *bytes, size_t n)
{
	const char *s = bytes;

	while (n) {
		ssize_t k = write(fd, s, n);

		if (k < 0 && errno != EINTR)
			return TT_EIO;
		if (k > 0) {
			s += k;
			n -= (size_t)k;
		}
	}
	return TT_OK;
}

static int put_pipe(void *ctx, const tt_frame *f, const void *bytes)
{
	const int *fd = ctx;

	TT_TRY(write_all(*fd, f, sizeof *f));
	return write_all(*fd, bytes, (size_t)f->n_bytes);
}

static _Noreturn void child(const pool *p, const process *w, int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* out of the way of /dev/null */
	const tt_detect_options *o = &p->job->o;

	tt_confine((int64_t)(p->job->n_detectors + 1) * (o->cpu_limit_s + 2) + 3600,
	           o->memory_limit_mib);
	/* _exit(): what the parent has buffered is not the child's to write */
	if (high < 0 || tt_worker_run(p->job, w->from, w->to, w->watch, put_pipe, &high) < 0)
		_exit(1);
	_exit(0);
}

/* Starts the worker, or, where that can't be, does its work. */
static int start(pool *p, process *w)
{
	int fds[2];

	if (p->job->o.in_process || !p->watches || pipe2(fds, O_CLOEXEC) != 0)
		return run_here(p, w);
	w->pid = fork();
	if (w->pid == 0)
		child(p, w, fds[1]);
	close(fds[1]);
	if (w->pid < 0) {
		close(fds[0]);
		return run_here(p, w);
	}
	w->fd = fds[0];
	return TT_OK;
}

/* --- Collecting --------------------------------------------------------------------- */

static void stop(process *w)
{
	if (w->pid > 0 && w->fd >= 0)
		kill(w->pid, SIGKILL);
}

static int take_frames(pool *p, process *w)
{
	size_t at = 0;
	tt_frame f;
	int rc = TT_OK;

	while (w->in.n - at >= sizeof f && rc == TT_OK) {
		memcpy(&f, w->in.p + at, sizeof f);
		if (f.n_bytes > TT_FRAME_BYTES_MAX)
			rc = TT_EDATA;
		else if (w->in.n - at - sizeof f < f.n_bytes)
			break;
		else
			rc = take(p, w, &f, w->in.p + at + sizeof f);
		at += sizeof f + (size_t)f.n_bytes;
	}
	if (rc == TT_EDATA) {
		w->damaged = 1;
		stop(w);
		w->in.n = 0;
		return TT_OK;
	}
	if (rc == TT_OK && at) {
		memmove(w->in.p, w->in.p + at, w->in.n - at);
		w->in.n -= at;
	}
	return rc;
}

/* A worker has ended: was it at its end? When not, those behind it need not go on. */
static void reap(pool *p, process *w)
{
	close(w->fd);
	w->fd = -1;
	while (waitpid(w->pid, &w->status, 0) < 0 && errno == EINTR)
		;
	if (!w->ended)
		for (process *later = w + 1; later < p->v + p->n; later++)
			stop(later);
}

static int receive(pool *p, process *w)
{
	char block[READ_BYTES];
	ssize_t n = read(w->fd, block, sizeof block);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return TT_OK;
	if (n <= 0) {
		reap(p, w);
		return TT_OK;
	}
	if (w->damaged)
		return TT_OK;
	tt_buf_add(&w->in, block, (size_t)n);
	return w->in.failed ? TT_ENOMEM : take_frames(p, w);
}

/* CPU time of the worker since its call began; 0 when it can't be told. */
static int64_t computed_ms(const process *w)
{
	struct timespec t = { 0 };
	clockid_t clock;

	if (clock_getcpuclockid(w->pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
		return 0;
	return ((int64_t)t.tv_sec * 1000000000 + t.tv_nsec -
	        atomic_load(&w->watch->since_cpu_ns)) / 1000000;
}

/* A call that neither computes nor returns is not seen by a limit on CPU time. One that
 * does compute, on a machine that lets it do so rarely, comes to that limit yet. */
static void stop_stuck(const pool *p, process *w)
{
	int64_t limit_ms = (int64_t)p->job->o.cpu_limit_s * WALL_FACTOR * 1000;
	int64_t wall_ms = tt_now_ms() - atomic_load(&w->watch->since_ms);

	if (w->fd < 0 || atomic_load(&w->watch->detector) < 0 || wall_ms <= limit_ms ||
	    (wall_ms <= limit_ms * WALL_FACTOR && computed_ms(w) > wall_ms / 100))
		return;
	w->stuck = 1;
	stop(w);
}

static int collect(pool *p)
{
	struct pollfd fds[WORKERS_MAX];
	process *who[WORKERS_MAX];

	for (;;) {
		nfds_t n = 0;

		for (size_t i = 0; i < p->n; i++) {
			if (p->v[i].fd < 0)
				continue;
			stop_stuck(p, &p->v[i]);
			who[n] = &p->v[i];
			fds[n++] = (struct pollfd){ .fd = p->v[i].fd, .events = POLLIN };
		}
		if (!n)
			return TT_OK;
		if (poll(fds, n, POLL_MS) < 0 && errno != EINTR)
			return TT_EIO;
		for (nfds_t i = 0; i < n; i++)
			if (fds[i].revents)
				TT_TRY(receive(p, who[i]));
	}
}

/* --- Blame --------------------------------------------------------------------------- */

static void say_why(const pool *p, const process *w, char why[512])
{
	long long cpu_s = p->job->o.cpu_limit_s;

	if (w->damaged)
		snprintf(why, 512, "sent what is no result");
	else if (w->stuck)
		snprintf(why, 512, "did not return within %lld s", cpu_s * WALL_FACTOR);
	else
		tt_confine_death(w->status, cpu_s, why);
}

/* With which subject a detector was called when its worker died. */
static void say_where(const pool *p, const process *w, char why[512])
{
	const tt_subjects *s = p->job->subjects;
	int64_t at = atomic_load(&w->watch->subject);
	size_t n = strlen(why);

	if (at >= 0 && (size_t)at < s->n && *tt_subject_id(s, (size_t)at))
		snprintf(why + n, 512 - n, " at %s \"%.*s\"", tt_scope_text(s->v[at].scope),
		         TT_SHOWN(tt_subject_id(s, (size_t)at)));
}

static void find_blame(pool *p, tt_blame *blame)
{
	*blame = (tt_blame){ .detector = TT_BLAME_NOBODY };
	for (size_t i = 0; i < p->n; i++) {
		const process *w = &p->v[i];
		int64_t d = w->watch ? atomic_load(&w->watch->detector) : -1;

		if (w->ended)
			continue;
		blame->detector = w->unreadable ? TT_BLAME_SNAPSHOT : TT_BLAME_HOST;
		if (w->error[0] || w->pid == 0) {
			snprintf(blame->why, sizeof blame->why, "%s", w->error);
			return;
		}
		say_why(p, w, blame->why);
		if (d >= 0 && d < (int64_t)p->job->n_detectors) {
			blame->detector = d;
			say_where(p, w, blame->why);
		}
		return;
	}
}

/* --- The round ------------------------------------------------------------------------ */

static void pool_free(pool *p)
{
	for (size_t i = 0; p->v && i < p->n; i++) {
		process *w = &p->v[i];

		if (w->pid > 0 && w->fd >= 0) {
			stop(w);
			close(w->fd);
			w->fd = -1;
			while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
				;
		}
		tt_buf_free(&w->in);
	}
	tt_free(p->v);
	if (p->watches)
		munmap(p->watches, WORKERS_MAX * sizeof *p->watches);
}

/* Without them nobody could be blamed, so nothing is forked then. */
static void make_watches(pool *p)
{
	void *shared = mmap(NULL, WORKERS_MAX * sizeof *p->watches, PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return;
	p->watches = shared;
	for (size_t i = 0; i < p->n; i++) {
		atomic_store(&p->watches[i].detector, -1);
		p->v[i].watch = &p->watches[i];
	}
}

static int run_pool(pool *p)
{
	size_t n = p->job->subjects->n;

	for (size_t i = 0; i < p->n; i++) {
		p->v[i].fd = -1;
		p->v[i].from = n / p->n * i + (i < n % p->n ? i : n % p->n);
		p->v[i].to = p->v[i].from + n / p->n + (i < n % p->n);
	}
	if (!p->job->o.in_process)
		make_watches(p);
	for (size_t i = 0; i < p->n; i++)
		TT_TRY(start(p, &p->v[i]));
	return collect(p);
}

int tt_pool_round(const tt_job *job, tt_harvest *h, tt_blame *blame, tt_err *err)
{
	TT_CLEANUP(pool_free) pool p = { .job = job, .harvest = h };
	size_t n = (size_t)(job->o.workers < WORKERS_MAX ? job->o.workers : WORKERS_MAX);

	if (n > job->subjects->n)
		n = job->subjects->n ? job->subjects->n : 1;
	p.v = tt_zalloc(n, sizeof *p.v);
	p.n = p.v ? n : 0;
	int rc = p.v ? run_pool(&p) : TT_ENOMEM;
	if (rc < 0)
		return tt_fail(err, rc, "running detectors: %s", tt_status_text(rc));
	find_blame(&p, blame);
	return TT_OK;
}
