#include "host/confine.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)

static timer_t timer;     /* of this process, which tt_confine() made one that has it */
static int has_timer;

static int64_t address_space_bytes(void)
{
	char text[128] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
	int64_t pages = 0;

	if (fd >= 0)
		close(fd);
	for (const char *s = text; n > 0 && *s >= '0' && *s <= '9'; s++)
		pages = pages * 10 + (*s - '0');
	return pages * sysconf(_SC_PAGESIZE);
}

static void set_limit(int what, int64_t value)
{
	struct rlimit old, r = { .rlim_cur = (rlim_t)value, .rlim_max = (rlim_t)value };

	if (getrlimit((__rlimit_resource_t)what, &old) == 0 && old.rlim_max < r.rlim_max)
		r.rlim_cur = r.rlim_max = old.rlim_max;
	setrlimit((__rlimit_resource_t)what, &r);
}

void tt_confine(int64_t cpu_limit_s, int64_t memory_limit_mib)
{
	struct sigevent profile = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF };
	int null_fd = open("/dev/null", O_RDWR);
	int64_t now_bytes = address_space_bytes();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGPROF, SIG_DFL);
	has_timer = timer_create(CLOCK_PROCESS_CPUTIME_ID, &profile, &timer) == 0;
	for (int fd = 0; fd < 3 && null_fd >= 0; fd++)
		dup2(null_fd, fd);
	if (null_fd >= 3)
		close(null_fd);
	set_limit(RLIMIT_CORE, 0);
	set_limit(RLIMIT_CPU, cpu_limit_s);
	if (now_bytes > 0)
		set_limit(RLIMIT_AS, now_bytes + memory_limit_mib * 1048576);
}

/* On the clock that tt_cpu_ns() reads. ITIMER_PROF counts ticks, which on a busy or virtual
 * machine are by a tenth too many: it would end who is within the limit. */
void tt_confine_timer(int64_t ns)
{
	const struct itimerspec t = { .it_value = { ns / NS_PER_S, ns % NS_PER_S } };
	const struct itimerval ticks = { .it_value = { ns / NS_PER_S, ns % NS_PER_S / 1000 } };

	if (!has_timer || timer_settime(timer, 0, &t, NULL) != 0)
		setitimer(ITIMER_PROF, &ticks, NULL);
}

void tt_confine_death(int status, int64_t cpu_limit_s, char why[512])
{
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGXCPU))
		snprintf(why, 512, "used more than %lld s of CPU time", (long long)cpu_limit_s);
	else if (WIFSIGNALED(status))
		snprintf(why, 512, "crashed: signal %d (%s)", WTERMSIG(status),
		         strsignal(WTERMSIG(status)));
	else
		snprintf(why, 512, "ended its process with code %d", WEXITSTATUS(status));
}
