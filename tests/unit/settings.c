/* trimtab.yaml: defaults, everything set, and each way to get it wrong. */
#include "bill/settings.h"
#include "base/file.h"
#include "t.h"
#include <trimtab/plugin.h>

static char folder[256];

static const char *write_yaml(const char *text)
{
	static char path[300];

	snprintf(path, sizeof path, "%s/trimtab.yaml", folder);
	T_INT(TT_OK, tt_file_write(path, text, strlen(text), NULL));
	return path;
}

static void test_defaults(void)
{
	TT_CLEANUP(tt_settings_freep) tt_settings *s = NULL;

	T_INT(TT_OK, tt_settings_load(NULL, &s, NULL));
	T_STR("team", s->owner_keys[0]);
	T_INT(TT_RULE_SHARE, s->rule);
	T_INT(TT_RISK_LOW, s->risk_allowed);
	T_INT(20, s->busy_above_pct[tt_workload_kind("training")]);
	T_INT(10, s->busy_above_pct[tt_workload_kind("")]);
	T_OK(s->detectors == NULL);
	T_OK(s->path == NULL);
	T_OK(tt_settings_is_system(s, "kube-system"));
	T_OK(tt_settings_is_system(s, "nvidia-gpu-driver"));
	T_OK(!tt_settings_is_system(s, "nvidi"));
	T_OK(!tt_settings_is_system(s, ""));
	T_OK(!tt_settings_is_system(s, "ml"));
}

static void test_all(void)
{
	TT_CLEANUP(tt_settings_freep) tt_settings *s = NULL;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_settings_load(write_yaml("owner_keys: [squad, team]\n"
						 "creator_keys: [by]\n"
						 "system_namespaces: []\n"
						 "namespace_owners:\n  web: shop\n"
						 "bucket_rule: threshold\n"
						 "busy_above_pct: { inference: 3 }\n"
						 "plan:\n  risk_allowed: high\n"
						 "detectors:\n  idle_gpu:\n    p99: 2\n"),
				      &s, &err));
	T_STR("", err.text);
	T_STR("squad", s->owner_keys[0]);
	T_OK(s->owner_keys[2] == NULL);
	T_OK(!tt_settings_is_system(s, "kube-system"));
	T_INT(TT_RULE_THRESHOLD, s->rule);
	T_INT(3, s->busy_above_pct[tt_workload_kind("inference")]);
	T_INT(20, s->busy_above_pct[tt_workload_kind("training")]);
	T_INT(TT_RISK_HIGH, s->risk_allowed);
	T_OK(tt_yaml_get(s->detectors, "idle_gpu") != NULL);
	T_HAS("trimtab.yaml", s->path);
}

static void test_owners(void)
{
	TT_CLEANUP(tt_settings_freep) tt_settings *s = NULL;
	TT_CLEANUP(tt_arena_freep) tt_arena *a = tt_arena_new();

	T_INT(TT_OK, tt_settings_load(write_yaml("namespace_owners: { web: shop }\n"), &s, NULL));
	T_STR("ml", tt_settings_owner(s, "app=x;owner=o;team=ml", "web", a));
	T_STR("o", tt_settings_owner(s, "app=x;owner=o;team=", "web", a));
	T_STR("shop", tt_settings_owner(s, "app=x;teams=ml", "web", a));
	T_STR("", tt_settings_owner(s, "", "other", a));
	s->namespace_owner[0] = ""; /* nodes are looked up without a namespace */
	T_STR("", tt_settings_owner(s, "", "", a));
	T_STR("a;b", tt_settings_owner(s, "team=a\\;b", "", a));
	T_STR("ann", tt_settings_creator(s, "created-by=ann;user=bob", a));
	T_STR("", tt_settings_creator(s, "team=ml", a));
}

/* What rules told is of these labels in that namespace and of no others. */
static void test_told(void)
{
	static const tt_told_owner told[] = {
		{ "", "lab", "vision" }, { "team=ml", "", "infra" }, { "team=ml", "web", "shop" } };
	TT_CLEANUP(tt_settings_freep) tt_settings *s = NULL;
	TT_CLEANUP(tt_arena_freep) tt_arena *a = tt_arena_new();

	T_INT(TT_OK, tt_settings_load(write_yaml("namespace_owners: { lab: x }\n"), &s, NULL));
	s->told = told;
	s->n_told = 3;
	T_STR("vision", tt_settings_owner(s, "", "lab", a));
	T_STR("shop", tt_settings_owner(s, "team=ml", "web", a));
	T_STR("infra", tt_settings_owner(s, "team=ml", "", a));
	T_STR("ml", tt_settings_owner(s, "team=ml", "lab", a));
	T_STR("x", tt_settings_owner(s, "app=y", "lab", a));
	T_STR("ml", tt_settings_label_owner(s, "team=ml", a));
	T_OK(!tt_settings_told(s, "team=ml", "lab"));
}

static void refused(const char *text, const char *why)
{
	tt_settings *s = NULL;
	tt_err err = { 0 };

	T_INT(TT_EDATA, tt_settings_load(write_yaml(text), &s, &err));
	T_HAS("/trimtab.yaml:", err.text);
	T_HAS(why, err.text);
	T_OK(s == NULL);
}

static void test_refused(void)
{
	tt_settings *s = NULL;
	tt_err err = { 0 };

	refused("owner_keys: [a]\n\nowner_key: [b]\n",
		":3:1: \"owner_key\" is not a setting; known: owner_keys, creator_keys, ");
	refused("plan: { risk: low }\n",
		":1:9: \"risk\" is not a setting of plan; known: risk_allowed");
	refused("busy_above_pct:\n  trainings: 1\n",
		":2:3: \"trainings\" is not a setting of busy_above_pct; known: training, ");
	refused("busy_above_pct:\n  training: 100\n",
		":2:13: training is \"100\", expected a whole number from 0 to 99");
	refused("busy_above_pct:\n  training: 1.5\n", "is \"1.5\", expected a whole number");
	refused("busy_above_pct: 3\n", ":1:17: busy_above_pct is \"3\", expected keys with values");
	refused("owner_keys: team\n", ":1:13: owner_keys is \"team\", expected a list");
	refused("owner_keys:\n  a: b\n", "owner_keys is a map, expected a list");
	refused("owner_keys: [\"\"]\n", "owner_keys is \"\", expected a text that is not empty");
	refused("bucket_rule: both\n", "is \"both\", expected share or threshold");
	refused("plan: { risk_allowed: some }\n", "expected none, low, medium or high");
	refused("namespace_owners: [web]\n", "namespace_owners is a list, expected");
	refused("namespace_owners: { \"\": ghost }\n",
		":1:21: namespace_owners is \"\", expected a namespace before the colon");
	refused("namespace_owners: { web: [a] }\n", "is a list, expected an owner's name");
	refused("detectors: [idle_gpu]\n", "detectors is a list, expected a detector's name");
	refused("detectors: { idle_gpu: 3 }\n", "idle_gpu is \"3\", expected lines like");
	refused("- a\n", "the file is a list, expected keys with values");
	T_INT(TT_EIO, tt_settings_load("/nowhere/trimtab.yaml", &s, &err));
	T_HAS("/nowhere/trimtab.yaml", err.text);
}

static int same_list(const char **a, const char **b)
{
	size_t i = 0;

	while (a[i] && b[i] && strcmp(a[i], b[i]) == 0)
		i++;
	return !a[i] && !b[i];
}

/* The documented example says what holds without a file. */
static void test_example(void)
{
	const char *source = getenv("TT_SOURCE");
	TT_CLEANUP(tt_settings_freep) tt_settings *s = NULL, *d = NULL;
	tt_err err = { 0 };
	char path[512];

	snprintf(path, sizeof path, "%s/examples/trimtab.yaml", source ? source : ".");
	T_INT(TT_OK, tt_settings_load(path, &s, &err));
	T_STR("", err.text);
	T_INT(TT_OK, tt_settings_load(NULL, &d, NULL));
	if (!s || !d)
		return;
	T_OK(same_list(s->owner_keys, d->owner_keys));
	T_OK(same_list(s->creator_keys, d->creator_keys));
	T_OK(same_list(s->system_namespaces, d->system_namespaces));
	T_INT(d->rule, s->rule);
	T_INT(d->risk_allowed, s->risk_allowed);
	for (size_t i = 0; i < TT_WORKLOAD_KINDS; i++)
		T_INT(d->busy_above_pct[i], s->busy_above_pct[i]);
}

static void test_no_memory(void)
{
	const char *path = write_yaml("owner_keys: [a]\nnamespace_owners: { x: y }\n");

	for (uint64_t nth = 1;; nth++) {
		tt_settings *s = NULL;
		tt_err err = { 0 };

		tt_alloc_fail_at(nth, 0);
		int rc = tt_settings_load(path, &s, &err);
		tt_alloc_fail_at(0, 0);
		tt_settings_free(s);
		if (rc == TT_OK)
			break;
		if (rc != TT_ENOMEM || nth > 10000) {
			T_INT(TT_ENOMEM, rc);
			break;
		}
	}
}

int main(void)
{
	t_folder(folder, sizeof folder);
	test_defaults();
	test_all();
	test_owners();
	test_told();
	test_refused();
	test_example();
	test_no_memory();
	t_folder_remove(folder);
	return T_END();
}
