/* Pods without an owner, named by creator: as workloads where that names no other pod. */
#include "host/spenders.h"
#include "t.h"

static tt_pod_row pod(const char *id, const char *ns, const char *workload, const char *labels)
{
	return (tt_pod_row){ .pod = id, .namespace_ = ns, .cluster = "", .node = "",
		.workload = workload, .workload_kind = "", .gpu_sharing = "", .gpu_model = "",
		.node_selector = "", .outcome = "", .labels = labels };
}

int main(void)
{
	tt_pod_row pods[] = {
		pod("a1", "x", "whole", "created-by=ann"),
		pod("a2", "x", "whole", "created-by=ann"),
		pod("b1", "x", "owned", "created-by=ann"),       /* its workload has */
		pod("b2", "x", "owned", "created-by=ann;team=q"), /* an owned pod too */
		pod("c1", "x", "two", "created-by=ann"),
		pod("c2", "x", "two", "created-by=bob"),
		pod("d \"1\"", "y", "", "created-by=ann"),       /* no workload */
		pod("e1", "x", "nobody", ""),                    /* no creator */
		pod("f1", "kube-system", "f", "created-by=ann"),
	};
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	TT_CLEANUP(tt_settings_freep) tt_settings *st = NULL;
	tt_snapshot s = { .currency = "USD" };
	tt_spenders got = { 0 };
	tt_err err = { 0 };

	s.table[TT_PODS].p = (char *)pods;
	s.table[TT_PODS].n = sizeof pods / sizeof *pods;
	T_INT(TT_OK, tt_settings_load(NULL, &st, &err));
	T_INT(TT_OK, tt_spenders_make(&s, st, arena, &got, &err));
	T_INT(5, got.n);
	T_STR("pod:\"b1\"", tt_spenders_at(&got, "x", "ann", 0));
	T_STR("pod:\"c1\"", tt_spenders_at(&got, "x", "ann", 1));
	T_STR("workload:\"whole\"", tt_spenders_at(&got, "x", "ann", 2));
	T_OK(!tt_spenders_at(&got, "x", "ann", 3));
	T_OK(!tt_spenders_at(&got, "x", "ann", SIZE_MAX));
	T_STR("pod:\"c2\"", tt_spenders_at(&got, "x", "bob", 0));
	T_STR("pod:\"d \\\"1\\\"\"", tt_spenders_at(&got, "y", "ann", 0));
	T_OK(!tt_spenders_at(&got, "x", "", 0));
	T_OK(!tt_spenders_at(&got, "kube-system", "ann", 0));

	s.table[TT_PODS].n = 0;
	T_INT(TT_OK, tt_spenders_make(&s, st, arena, &got, &err));
	T_OK(!tt_spenders_at(&got, "x", "ann", 0));
	return T_END();
}
