#include "workfile.h"
#include "file.h"
#include "leftovers.h"
#include "text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int tt_workfile_open(const char *target, char *buf, size_t size, int *ret_fd, tt_err *err)
{
	struct stat st;

	for (int tries = 0; tries < 8; tries++) {
		TT_TRY(tt_temp_path(target, buf, size, err));
		unlink(buf); /* of a dead process that had our number, as containers do */
		tt_leftover_add(buf); /* before there is one: an interrupt may come between */
		int fd = open(buf, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0) {
			tt_fail(err, TT_EIO, "%s: %s", target, strerror(errno));
			tt_leftover_done(buf);
			return TT_EIO;
		}
		/* a file system without locks has no need of ours; and who swept it between
		 * these two lines has taken its name */
		(void)flock(fd, LOCK_EX | LOCK_NB);
		if (fstat(fd, &st) == 0 && st.st_nlink > 0) {
			*ret_fd = fd;
			return TT_OK;
		}
		tt_leftover_done(buf);
		close(fd);
	}
	return tt_fail(err, TT_EIO, "%s: its temporary file was removed", target);
}

/* Whether "PID-N" is all that the name says, and that process is not here. */
static bool is_of_nobody(const char *name)
{
	size_t n = strcspn(name, "-");
	int64_t pid, number;

	return name[n] == '-' && tt_parse_i64(name, n, &pid) && pid > 0 && pid <= INT_MAX &&
	       tt_parse_i64(name + n + 1, strlen(name + n + 1), &number) && number >= 0 &&
	       kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static void sweep(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlink(path);
	close(fd);
}

void tt_workfile_sweep(const char *target)
{
	const char *slash = strrchr(target, '/'), *name = slash ? slash + 1 : target;
	char folder[PATH_MAX] = ".", path[PATH_MAX];
	size_t n = strlen(name);
	struct dirent *e;
	DIR *d;

	if (slash)
		snprintf(folder, sizeof folder, "%.*s", slash == target ? 1 :
		         (int)(slash - target), target);
	d = opendir(folder);
	while (d && (e = readdir(d)) != NULL)
		if (strncmp(e->d_name, name, n) == 0 &&
		    strncmp(e->d_name + n, ".tmp-", 5) == 0 && is_of_nobody(e->d_name + n + 5) &&
		    tt_path_join(folder, e->d_name, path, sizeof path, NULL) == TT_OK)
			sweep(path);
	if (d)
		closedir(d);
}
