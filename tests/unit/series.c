/* Aligned series out of the file: it is opened once for any number of them, once for each
 * thread that reads meanwhile, and anew by a process that was forked. That the file is not
 * opened again is told by taking its name away. */
#include "base/threads.h"
#include "measured.h"
#include <dirent.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CARDS = 6, STEPS = 240, THREADS = 4, ROUNDS = 50 };

static const tt_snapshot *fleet;

/* What card `card` was told to do in step i; NaN: not measured. */
static double truth(int card, size_t i)
{
	if (i / 10 % 7 == (size_t)card)
		return (double)NAN;
	return (double)((i * 7 + (size_t)card * 13) % 101);
}

static void open_fleet(measured *m)
{
	measured_open(m, STEPS * 60, 60);
	measured_put(m, "nodes", "n,g,%d,on_demand,1,,", CARDS);
	for (size_t i = 0; i < STEPS; i++)
		for (int card = 0; card < CARDS; card++)
			if (!isnan(truth(card, i)))
				measured_put(m, "gpu_usage", "%lld,n,%d,,%g",
				             (long long)(m->start_s + (int64_t)i * 60), card,
				             truth(card, i));
	fleet = measured_ready(m);
}

/* Read each card's series; how many were not as they should be, or the status. */
static int read_all(tt_err *err)
{
	double mean[STEPS], max[STEPS];
	int wrong = 0;

	for (int card = 0; card < CARDS; card++) {
		const tt_carrier *k = &fleet->carriers[card];
		const tt_measure *m = tt_snapshot_measure(fleet, k, TT_GPU_UTIL_PCT);

		TT_TRY(tt_snapshot_series(fleet, m, mean, max, err));
		for (size_t i = 0; i < STEPS; i++) {
			double want = truth(card, i);

			/* where nothing was measured, the last reading may still stand */
			wrong += !isnan(want) && (mean[i] != want || max[i] != want);
			wrong += i % 10 == 9 && isnan(want) && !isnan(mean[i]);
		}
	}
	return wrong;
}

static int reads(tt_err *err)
{
	*err = (tt_err){ 0 };
	return read_all(err);
}

static int open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static void take_name(const measured *m, int away)
{
	char there[320], hidden[320];

	snprintf(there, sizeof there, "%s", measured_path(m, "out.tt"));
	snprintf(hidden, sizeof hidden, "%s", measured_path(m, "hidden.tt"));
	T_INT(0, away ? rename(there, hidden) : rename(hidden, there));
}

/* What f() returns in a process that is forked. */
static int forked(int (*f)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(f());
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* 0: it read everything, with a file of its own, which it opened once. */
static int child_reads(void)
{
	int before = open_files();
	tt_err err;

	for (int i = 0; i < 3; i++)
		if (reads(&err) != 0)
			return 1;
	return open_files() == before + 1 ? 0 : 2;
}

/* 0: it did not get at its parent's. */
static int child_is_refused(void)
{
	tt_err err;

	return reads(&err) == TT_EIO && err.status == TT_EIO ? 0 : 1;
}

static int failures[THREADS];

static void read_often(void *ctx, int i)
{
	tt_err err;

	(void)ctx;
	for (int k = 0; k < ROUNDS; k++)
		failures[i] += reads(&err) != 0;
}

/* One card's series over that of the one before is what it is alone; so is the first, and what
 * is known says where it is. */
static void anew(void)
{
	double mean[STEPS], max[STEPS], alone[2][STEPS];
	tt_stretch known = { 0, STEPS };
	size_t wrong = 0, outside = 0;
	tt_err err = { 0 };

	for (int card = 0; card < CARDS; card++) {
		const tt_measure *m = tt_snapshot_measure(fleet, &fleet->carriers[card],
		                                          TT_GPU_UTIL_PCT);

		T_INT(TT_OK, tt_snapshot_series(fleet, m, alone[0], alone[1], &err));
		T_INT(TT_OK, tt_snapshot_series_anew(fleet, m, mean, max, &known, &err));
		for (size_t i = 0; i < STEPS; i++) {
			wrong += isnan(alone[0][i]) != isnan(mean[i]) ||
				isnan(alone[1][i]) != isnan(max[i]) ||
				(!isnan(mean[i]) && (alone[0][i] != mean[i] ||
				                     alone[1][i] != max[i]));
			outside += (i < known.first || i >= known.end) && isnan(mean[i]);
			wrong += (i < known.first || i >= known.end) && !isnan(mean[i]);
		}
	}
	T_INT(0, wrong);
	T_OK(outside > 0); /* or nothing was tried */
}

int main(void)
{
	measured m;
	tt_err err;
	int before;

	open_fleet(&m);
	T_INT(CARDS, fleet->n_cards);
	before = open_files();
	take_name(&m, 1);
	T_INT(TT_EIO, reads(&err)); /* nothing was open yet */
	T_HAS("out.tt", err.text);
	take_name(&m, 0);
	T_INT(before, open_files());

	T_INT(0, reads(&err));
	T_INT(before + 1, open_files());
	T_INT(0, forked(child_reads));
	take_name(&m, 1);
	T_INT(0, reads(&err));
	T_INT(0, forked(child_is_refused));
	T_INT(0, reads(&err));
	T_INT(before + 1, open_files());
	take_name(&m, 0);

	tt_run_threads(THREADS, read_often, NULL);
	for (int i = 0; i < THREADS; i++)
		T_INT(0, failures[i]);
	T_OK(open_files() > before && open_files() <= before + THREADS);
	T_INT(0, reads(&err));
	anew();

	measured_close(&m);
	T_INT(before, open_files());
	return T_END();
}
