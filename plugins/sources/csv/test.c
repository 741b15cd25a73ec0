/* The csv source with a host that writes down what it is asked for. */
#include <trimtab/plugin.h>
#include "t.h"

struct tt_call {
	int windows, tables, fail_at, fails;
	char names[20][64];
};

/* Of the contract: every table. */
static const char *const contract[] = { "nodes", "pods", "gpu_usage", "node_usage", "traffic",
	"demand", "commitments", "prices", "spot_availability", "node_groups", "workloads",
	"quotas", "budgets", "revenue", "volumes", "charges" };

static int has_file(tt_call *c, const char *location, const char *name)
{
	(void)c;
	return strcmp(location, "fleet") == 0 &&
	       strcmp(name, "snapshot.yaml") == 0;
}

static int read_window(tt_call *c, const char *location, const char *name)
{
	T_STR("fleet", location);
	T_STR("snapshot.yaml", name);
	T_INT(0, c->tables); /* must come first */
	c->windows++;
	return TT_OK;
}

static int read_csv(tt_call *c, const char *location, const struct tt_table *t)
{
	char file[64];

	T_STR("fleet", location);
	snprintf(file, sizeof file, "%s.csv", t->name);
	T_STR(file, t->file);
	if (c->tables < 20)
		snprintf(c->names[c->tables], sizeof c->names[0], "%s", t->name);
	return ++c->tables == c->fail_at ? TT_EDATA : TT_OK;
}

static int fail(tt_call *c, int status, const char *fmt, ...) TT_PRINTF(3, 4);
static int fail(tt_call *c, int status, const char *fmt, ...)
{
	T_HAS("snapshot.yaml", fmt);
	c->fails++;
	return status;
}

/* Each table of the contract once, and none beside them. */
static void check_names(const tt_call *c)
{
	for (size_t i = 0; i < TT_COUNT(contract); i++) {
		int n = 0;

		for (int k = 0; k < c->tables && k < 20; k++)
			n += strcmp(c->names[k], contract[i]) == 0;
		if (n != 1)
			T_STR(contract[i], "read once");
	}
	T_INT(TT_COUNT(contract), c->tables);
}

int main(void)
{
	const tt_host h = { .size = sizeof h, .has_file = has_file, .read_csv = read_csv,
		            .read_window = read_window, .fail = fail };
	const tt_head *head = tt_plugin_entry();
	const tt_source *self = (const tt_source *)(const void *)head;
	tt_call c = { 0 };

	T_INT(TT_ABI_MAGIC, head->magic);
	T_INT(TT_KIND_SOURCE, head->kind);
	T_INT(1, self->probe(&h, &c, "fleet"));
	T_INT(0, self->probe(&h, &c, "elsewhere"));
	T_INT(1, c.fails);
	T_INT(TT_OK, self->read(&h, &c, "fleet", NULL));
	T_INT(1, c.windows);
	check_names(&c);

	c = (tt_call){ .fail_at = 2 }; /* the first failure ends it */
	T_INT(TT_EDATA, self->read(&h, &c, "fleet", NULL));
	T_INT(2, c.tables);
	return T_END();
}
