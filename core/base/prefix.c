#include "prefix.h"
#include "file.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

int tt_prefix_path(const char *under, char *buf, size_t size, tt_err *err)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n < 0)
		return tt_fail(err, TT_EIO, "/proc/self/exe: %s", strerror(errno));
	self[n] = '\0';
	for (int up = 0; up < 2; up++) { /* the file name, then bin */
		char *slash = strrchr(self, '/');

		if (slash)
			*slash = '\0';
	}
	return tt_path_join(self, under, buf, size, err);
}
