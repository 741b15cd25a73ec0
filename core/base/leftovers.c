/* leftovers.c - see leftovers.h. The handler may run at any instruction, so a slot is
 * FREE, or FILLING (owned by the one who turned it so), or SET and then not written to. */
#include "leftovers.h"
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { SLOTS = 8, PATH_BYTES = 4096 };
enum { FREE, FILLING, SET };

static struct {
	atomic_int state;
	char path[PATH_BYTES];
} slots[SLOTS];
static pid_t owner;

/* Only what a signal handler may call (signal-safety(7)). */
static void interrupted(int number)
{
	for (int i = SLOTS; getpid() == owner && i-- > 0;)
		if (atomic_load(&slots[i].state) == SET && unlink(slots[i].path) != 0)
			rmdir(slots[i].path);
	signal(number, SIG_DFL);
	raise(number);
}

void tt_leftovers_watch(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	struct sigaction act = { .sa_handler = interrupted }, old;

	owner = getpid();
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(numbers[i], &act, NULL);
}

void tt_leftover_add(const char *path)
{
	size_t n = strlen(path) + 1;

	for (int i = 0; i < SLOTS && n <= PATH_BYTES; i++) {
		int was = FREE;
		if (!atomic_compare_exchange_strong(&slots[i].state, &was, FILLING))
			continue;
		memcpy(slots[i].path, path, n);
		atomic_store(&slots[i].state, SET);
		return;
	}
}

void tt_leftover_done(const char *path)
{
	for (int i = 0; i < SLOTS; i++)
		if (atomic_load(&slots[i].state) == SET && strcmp(slots[i].path, path) == 0) {
			atomic_store(&slots[i].state, FREE);
			return;
		}
}
