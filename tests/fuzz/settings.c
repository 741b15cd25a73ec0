/* settings.c - any bytes as trimtab.yaml, and as snapshot.yaml. What is accepted is
 * within its ranges, and owners found by it are text. */
#include "bill/settings.h"
#include "fuzz.h"
#include "snapshot/window.h"

static void dump_list(const char *name, const char *const *v, tt_buf *out)
{
	for (; *v; v++) {
		FUZZ_MUST(tt_utf8_ok(*v, strlen(*v)));
		tt_buf_printf(out, "%s %s\n", name, *v);
	}
}

static void load_settings(const char *path, tt_buf *out)
{
	static const char labels[] = "app=web;created_by=ann;owner=o\\;1;team=t";
	TT_CLEANUP(tt_settings_freep) tt_settings *s = NULL;
	tt_err err = { 0 };

	int rc = tt_settings_load(path, &s, &err);
	fuzz_status(rc, TT_EDATA, &err);
	tt_buf_puts(out, err.text);
	if (rc < 0)
		return;
	dump_list("owner", s->owner_keys, out);
	dump_list("creator", s->creator_keys, out);
	dump_list("system", s->system_namespaces, out);
	dump_list("namespace", s->namespace_owner, out);
	FUZZ_MUST(s->rule < TT_RULES);
	FUZZ_MUST(s->risk_allowed >= TT_RISK_NONE && s->risk_allowed <= TT_RISK_HIGH);
	tt_buf_printf(out, "%d %d\n", (int)s->rule, s->risk_allowed);
	for (int k = 0; k < TT_WORKLOAD_KINDS; k++) {
		FUZZ_MUST(s->busy_above_pct[k] >= 0 && s->busy_above_pct[k] <= 100);
		tt_buf_printf(out, "%d\n", s->busy_above_pct[k]);
	}
	tt_buf_printf(out, "%s %s %d\n", tt_settings_owner(s, labels, "lab", s->arena),
	              tt_settings_creator(s, labels, s->arena),
	              tt_settings_is_system(s, "kube-system"));
}

static void read_window(const char *path, tt_buf *out)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_snapshot_window w = { 0 };
	tt_err err = { 0 };

	int rc = tt_window_read(path, "snapshot.yaml", arena, &w, &err);
	fuzz_status(rc, TT_EDATA, &err);
	tt_buf_puts(out, err.text);
	if (rc < 0)
		return;
	FUZZ_MUST(w.name[0] && tt_utf8_ok(w.name, strlen(w.name)));
	FUZZ_MUST(w.start_s >= 0 && w.end_s > w.start_s &&
	          w.end_s - w.start_s <= TT_WINDOW_MOST_S);
	FUZZ_MUST(w.step_s >= 0 && w.step_s <= 86400 && strlen(w.currency) == 3);
	tt_buf_printf(out, "%s %s %s %lld %lld %lld\n", w.name, w.currency, w.note,
	              (long long)w.start_s, (long long)w.end_s, (long long)w.step_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_file file;
	tt_buf out[2] = { { 0 } };

	fuzz_file_open(&file, data, size);
	for (int i = 0; i < 2; i++) {
		load_settings(file.path, &out[i]);
		read_window(file.path, &out[i]);
	}
	fuzz_same(&out[0], &out[1]);
	for (int i = 0; i < 2; i++)
		tt_buf_free(&out[i]);
	close(file.fd);
	return 0;
}
