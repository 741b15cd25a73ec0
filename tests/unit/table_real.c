/* The tables of the real fleets read without a rejected row, none is lost, and they
 * fit together. Skipped where the fleets are not at hand. */
#include "snapshot/check.h"
#include "snapshot/table_csv.h"
#include "base/file.h"
#include "t.h"

static const struct fleet { const char *name; size_t rows[TT_TABLE_COUNT]; } fleets[] = {
	{ "azure-llm", { [TT_NODES] = 4, [TT_PODS] = 4, [TT_PRICES] = 8, [TT_TRAFFIC] = 60 } },
	{ "dlrm", { [TT_PRICES] = 3, [TT_DEMAND] = 94081 } },
	{ "genai", { [TT_NODES] = 80, [TT_PODS] = 80, [TT_PRICES] = 62, [TT_TRAFFIC] = 4876 } },
	{ "helios", { [TT_NODES] = 48, [TT_PRICES] = 21, [TT_DEMAND] = 5952 } },
	{ "openb", { [TT_NODES] = 1523, [TT_PODS] = 8152, [TT_PRICES] = 13 } },
	{ "shavedice", { [TT_PRICES] = 69, [TT_DEMAND] = 217708 } },
	{ "spot-availability", { [TT_SPOT_AVAILABILITY] = 181422 } },
};

static void read_fleet(const char *folder, const struct fleet *f)
{
	tt_rows rows[TT_TABLE_COUNT];
	tt_rejects rejects = { .lenient = 0 };
	tt_buf notes = { 0 };
	tt_err err = { 0 };
	for (int i = 0; i < TT_TABLE_COUNT; i++) {
		const tt_table_def *d = tt_table_def_at((enum tt_table_id)i);
		char path[1024];
		snprintf(path, sizeof path, "%s/%s/%s.csv", folder, f->name, d->name);
		if (!tt_is_file(path))
			snprintf(path, sizeof path, "%s/%s/%s.csv.gz", folder, f->name, d->name);
		T_INT(TT_OK, tt_rows_init(&rows[i], (enum tt_table_id)i, &err));
		if (tt_is_file(path))
			T_INT(TT_OK, tt_table_read_csv(path, d, NULL, 0, &rows[i], &rejects, &notes,
				&err));
		T_INT(f->rows[i], rows[i].n);
		T_INT(f->rows[i], rows[i].read);
	}
	/* The windows of the fleets lie between these two: 2020 and 2025. */
	T_INT(TT_OK, tt_check_tables(rows, 1577836800, 1767225600, &rejects, &err));
	T_INT(f->rows[TT_PODS], rows[TT_PODS].n);
	T_STR("", err.text);
	T_STR("", tt_buf_text(&notes));
	tt_buf_free(&notes);
	tt_rejects_free(&rejects);
	for (int i = 0; i < TT_TABLE_COUNT; i++)
		tt_rows_free(&rows[i]);
}

int main(void)
{
	const char *shared = getenv("TT_SHARED");
	char folder[900];
	snprintf(folder, sizeof folder, "%s/data/snapshots", shared ? shared : "");
	if (!tt_is_folder(folder)) {
		printf("skipped: there are no real fleets in \"%s\"\n", folder);
		return 77;
	}
	for (size_t i = 0; i < sizeof fleets / sizeof *fleets; i++)
		read_fleet(folder, &fleets[i]);
	return T_END();
}
