/* oom.h - memory that runs out at every allocation in turn: the n-th, for each n until a
 * run gets by with fewer, alone and together with all that follow it. Whatever is tried ends
 * in TT_ENOMEM with one line, or, where it can do without that memory, as a run ends that
 * had it: with the very answer, or refusing the same input in the same words. Nothing is
 * left open, running or behind in the folder. */
#ifndef OOM_H
#define OOM_H
#include "base/memory.h"
#include "base/text.h"
#include "t.h"
#include <dirent.h>
#include <sys/wait.h>

typedef struct oom_try {
	const char *what;
	int (*run)(tt_err *err);      /* with memory that runs out */
	void (*answer)(tt_buf *out);  /* after TT_OK, with memory again: all that came of it */
	void (*reset)(void);          /* after every run; gets by with whatever there is */
	const char *folder;           /* NULL: none is watched */
	int (*also_good)(void);       /* NULL, or: whether another answer does as well */
	uint64_t at_least;            /* go on to this allocation: what fails in a process
	                               * that was forked is not counted in this one */
	uint64_t stride[2];           /* try every so many: failing alone, with all after it;
	                               * 0: 1. Only for what is slow */
} oom_try;

static inline int oom_names_(const char *folder, tt_buf *ret)
{
	struct dirent **v = NULL;
	int n = scandir(folder, &v, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (ret)
			tt_buf_printf(ret, "%s ", v[i]->d_name);
		free(v[i]);
	}
	free(v);
	return n;
}

static inline int oom_same_(const tt_buf *a, const tt_buf *b)
{
	return a->n == b->n && memcmp(tt_buf_text(a), tt_buf_text(b), a->n) == 0;
}

/* One run and all that came of it, with memory again. */
static inline int oom_run_(const oom_try *t, tt_err *err, tt_buf *ret)
{
	const int rc = t->run(err);

	tt_alloc_fail_at(0, 0);
	tt_buf_printf(ret, "%d %d %s\n", rc, err->status, err->text);
	if (rc == TT_OK)
		t->answer(ret);
	return rc;
}

/* With allocation n failing; whether it did. */
static inline int oom_once_(const oom_try *t, uint64_t n, int sticky, const tt_buf *want,
                            const tt_buf *names, int files)
{
	static int said; /* not a thousand lines */
	TT_CLEANUP(tt_buf_free) tt_buf got = { 0 }, left = { 0 };
	const char *after = sticky ? " and all after" : "";
	tt_err err = { 0 };

	tt_alloc_fail_at(n, sticky);
	const int rc = oom_run_(t, &err, &got), failed = tt_alloc_failed() > 0;
	const int good = oom_same_(&got, want) ||
		(rc == TT_OK && t->also_good && t->also_good()) ||
		(rc == TT_ENOMEM && failed && err.status == rc && err.text[0] &&
		 !strchr(err.text, '\n'));
	T_OK(good);
	if (!good && said++ < 10)
		printf("%s: allocation %llu%s: %.200s\n", t->what, (unsigned long long)n, after,
		       tt_buf_text(&got));
	t->reset();
	if (t->folder)
		oom_names_(t->folder, &left);
	const int open = oom_names_("/proc/self/fd", NULL);
	const int tidy = oom_same_(&left, names) && open == files &&
			 waitpid(-1, NULL, WNOHANG) == -1;
	T_OK(tidy);
	if (!tidy && said++ < 10)
		printf("%s: allocation %llu%s: leaves %s, %d files open of %d\n", t->what,
		       (unsigned long long)n, after, tt_buf_text(&left), open, files);
	return failed;
}

static inline void oom(oom_try t)
{
	TT_CLEANUP(tt_buf_free) tt_buf want = { 0 }, names = { 0 };
	tt_err err = { 0 };

	T_OK(oom_run_(&t, &err, &want) != TT_ENOMEM && !want.failed);
	t.reset();
	const int files = oom_names_("/proc/self/fd", NULL);
	if (t.folder)
		oom_names_(t.folder, &names);
	for (int sticky = 0; sticky < 2; sticky++) {
		uint64_t n = 1;

		while (oom_once_(&t, n, sticky, &want, &names, files) || n < t.at_least)
			n += t.stride[sticky] ? t.stride[sticky] : 1;
		T_OK(n > 1);
		if (!sticky)
			printf("%s: %llu allocations; %.*s\n", t.what, (unsigned long long)n - 1,
			       (int)strcspn(tt_buf_text(&want), "\n"), tt_buf_text(&want));
	}
}
#endif
