/* measure.c - run a command and say what it cost: wall seconds, CPU seconds, peak memory
 * and how busy others kept the machine meanwhile, one line of name=value in FILE. The
 * command's own output is left alone. With a count it runs that many times and the
 * figures are medians (peak: the largest). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct cost { double wall_s, cpu_s, foreign_cores; long peak_kib; } cost;

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds that all processors together have been busy since the machine started; -1
 * where that is not told. */
static double busy_s(void)
{
	double field[8] = { 0 };
	char line[512] = "";
	FILE *f = fopen("/proc/stat", "r");

	if (!f)
		return -1;
	char *at = fgets(line, sizeof line, f);
	fclose(f);
	if (!at || strncmp(line, "cpu ", 4) != 0)
		return -1;
	at = line + 4;
	for (int i = 0; i < 8; i++)
		field[i] = strtod(at, &at);
	/* user, nice, system, (idle, iowait,) irq, softirq, steal */
	return (field[0] + field[1] + field[2] + field[5] + field[6] + field[7]) /
		(double)sysconf(_SC_CLK_TCK);
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int run(char **command, cost *ret)
{
	struct rusage use;
	int status;
	double busy = busy_s(), start = now_s();
	pid_t pid = fork();

	if (pid == 0) {
		execvp(command[0], command);
		fprintf(stderr, "measure: %s: %s\n", command[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) < 0)
		return 126;
	ret->wall_s = now_s() - start;
	ret->cpu_s = seconds(use.ru_utime) + seconds(use.ru_stime);
	ret->peak_kib = use.ru_maxrss;
	double others = busy_s() - busy - ret->cpu_s;
	ret->foreign_cores = busy < 0 || others < 0 ? 0 : others / ret->wall_s;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, compare);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

int main(int argc, char **argv)
{
	long times = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
	double wall[1000], cpu[1000], foreign[1000];
	long peak_kib = 0;

	if (times < 1 || times > 1000) {
		fprintf(stderr, "usage: measure FILE TIMES COMMAND...    (at most 1000 times)\n");
		return 2;
	}
	for (long i = 0; i < times; i++) {
		cost c = { 0 };
		int rc = run(argv + 3, &c);
		if (rc != 0)
			return rc;
		wall[i] = c.wall_s;
		cpu[i] = c.cpu_s;
		foreign[i] = c.foreign_cores;
		peak_kib = c.peak_kib > peak_kib ? c.peak_kib : peak_kib;
	}
	FILE *f = fopen(argv[1], "w");
	if (!f) {
		fprintf(stderr, "measure: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	size_t n = (size_t)times;
	fprintf(f, "wall_s=%.6f cpu_s=%.6f peak_kib=%ld foreign_cores=%.2f\n", median(wall, n),
	        median(cpu, n), peak_kib, median(foreign, n));
	return fclose(f) == 0 ? 0 : 1;
}
