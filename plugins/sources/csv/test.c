/* The csv source with a host that writes down what it is asked for. */
#include "csv.c"
#include "t.h"

struct tt_call {
	int windows, tables, fail_at;
	char last[64];
};

static int has_file(tt_call *c, const char *location, const char *name)
{
	(void)c;
	return strcmp(location, "fleet") == 0 && strcmp(name, "snapshot.yaml") == 0;
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
	T_OK(strcmp(t->name, "charges") != 0);
	snprintf(c->last, sizeof c->last, "%s", t->name);
	return ++c->tables == c->fail_at ? TT_EDATA : TT_OK;
}

int main(void)
{
	const tt_host h = { .size = sizeof h, .has_file = has_file, .read_csv = read_csv,
		            .read_window = read_window };
	const tt_head *head = tt_plugin_entry();
	tt_call c = { 0 };

	T_INT(TT_ABI_MAGIC, head->magic);
	T_INT(TT_KIND_SOURCE, head->kind);
	T_INT(1, self.probe(&h, &c, "fleet"));
	T_INT(0, self.probe(&h, &c, "elsewhere"));
	T_INT(TT_OK, self.read(&h, &c, "fleet", NULL));
	T_INT(1, c.windows);
	T_INT(15, c.tables);
	T_STR("gpu_usage", c.last);

	c = (tt_call){ .fail_at = 2 }; /* the first failure ends it */
	T_INT(TT_EDATA, self.read(&h, &c, "fleet", NULL));
	T_INT(2, c.tables);
	return T_END();
}
