/* csv - a folder of CSV files: the plainest way to give a fleet.
 *
 * What the folder holds: snapshot.yaml and, each of them optional, one file for each
 * table, with the names that the tables and their fields have in the snapshot. So there
 * is nothing to translate here: every file is read as it stands.
 * charges.csv is a bill in FOCUS columns, as its exporter wrote them. */
#include <trimtab/plugin.h>

#define WINDOW "snapshot.yaml"
#define TABLE(name) { name, name ".csv", NULL, 0 }

/* Entities come before what refers to them, measured series last. */
static const tt_table tables[] = {
	TABLE("nodes"),       TABLE("pods"),    TABLE("node_groups"),
	TABLE("workloads"),   TABLE("prices"),  TABLE("commitments"),
	TABLE("quotas"),      TABLE("budgets"), TABLE("volumes"),
	TABLE("demand"),      TABLE("traffic"), TABLE("spot_availability"),
	TABLE("revenue"),     TABLE("charges"), TABLE("node_usage"),
	TABLE("gpu_usage"),
};

static int probe(const tt_host *h, tt_call *c, const char *location)
{
	if (h->has_file(c, location, WINDOW))
		return 1;
	h->fail(c, TT_ENODATA, "there is no " WINDOW);
	return 0;
}

static int read_folder(const tt_host *h, tt_call *c, const char *location, const void *params)
{
	int rc = h->read_window(c, location, WINDOW);

	(void)params;
	for (size_t i = 0; i < sizeof tables / sizeof *tables && rc == TT_OK; i++)
		rc = h->read_csv(c, location, &tables[i]);
	return rc;
}

static const tt_source self = {
	TT_SOURCE_HEAD,
	.info = { .id = "csv", .version = "1.0.0",
	          .summary = "A folder of CSV files with a snapshot.yaml" },
	.probe = probe,
	.read = read_folder,
};
TT_REGISTER(self)
