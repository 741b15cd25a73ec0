/* The bills of real fleets whose tables are all that it takes: cost, unknown cost and
 * idle time as their facts say. Skipped where the fleets are not at hand. */
#include "bill/bill.h"
#include "base/clock.h"
#include "base/file.h"
#include "snapshot/table_csv.h"
#include "fleet.h"

static char folder[900];
static tt_settings *settings;

static int64_t at(const char *time)
{
	int64_t s = 0;

	T_OK(tt_time_parse(time, strlen(time), &s));
	return s;
}

static tt_bill *read_bill(fleet *f, const char *name, const char *start, const char *end)
{
	tt_rejects rejects = { 0 };
	tt_buf notes = { 0 };
	tt_err err = { 0 };
	tt_bill *b = NULL;
	tt_case c;

	fleet_open(f, at(start), at(end));
	for (int i = 0; i < TT_TABLE_COUNT; i++) {
		const tt_table_def *d = tt_table_def_at((enum tt_table_id)i);
		char path[1024];

		snprintf(path, sizeof path, "%s/%s/%s.csv", folder, name, d->name);
		if (tt_is_file(path))
			T_INT(TT_OK, tt_table_read_csv(path, d, NULL, 0, &f->s.table[i], &rejects,
						       &notes, &err));
	}
	fleet_ready(f);
	tt_case_init(&c, &f->s, settings);
	T_INT(TT_OK, tt_bill_make(&c, settings, &b, &err));
	T_STR("", err.text);
	tt_buf_free(&notes);
	if (!b)
		exit(1);
	return b;
}

static void test_helios(void)
{
	fleet f;
	tt_bill *b = read_bill(&f, "helios", "2020-05-01T00:00:00Z", "2020-06-01T00:00:00Z");
	const double half = 48 * 0.5; /* a micro-unit a node */
	int64_t team = 0;

	T_INT(874229760000, b->total_micro);
	T_F64(329121768000.0, (double)b->bucket_micro[0][TT_UNALLOCATED_IDLE], half);
	T_F64(545107992000.0, (double)b->reason_micro[0][TT_NO_TELEMETRY], half);
	T_INT(0, b->reason_micro[0][TT_NO_ALLOCATION_DATA]);
	T_F64(285696, b->gpu_hours, 1e-6);
	T_STR("prices.csv 2017-11-12T00:00:00Z", b->nodes[0].price_from);
	for (size_t i = 0; i < b->n_cells[0]; i++) {
		const tt_cell *c = &b->cells[0][i];

		if (strcmp(c->owner, "vcJkd") == 0 && c->bucket == TT_UNALLOCATED_IDLE)
			team += c->cost_micro;
	}
	T_F64(36116772000.0, (double)team, 1);
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_openb(void)
{
	fleet f;
	tt_bill *b = read_bill(&f, "openb", "2023-01-01T00:00:00Z", "2023-05-30T08:09:20Z");

	T_F64(6601648949466.666, (double)b->total_micro, 0.5 * 491);
	T_INT(1032, b->unknown_nodes);
	T_F64(4969 * 3584.155555556, b->unknown_gpu_hours, 1e-3);
	/* no pod has a node: nothing is idle, nothing is known */
	T_INT(b->total_micro, b->reason_micro[0][TT_NO_ALLOCATION_DATA]);
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_azure(void)
{
	fleet f;
	tt_bill *b = read_bill(&f, "azure-llm", "2023-11-16T18:15:00Z", "2023-11-16T19:15:00Z");

	T_INT(131080000, b->total_micro);
	tt_bill_free(b);
	fleet_close(&f);
}

int main(void)
{
	const char *shared = getenv("TT_SHARED");

	snprintf(folder, sizeof folder, "%s/data/snapshots", shared ? shared : "");
	if (!tt_is_folder(folder)) {
		printf("skipped: there are no real fleets in \"%s\"\n", folder);
		return 77;
	}
	if (tt_settings_load(NULL, &settings, NULL) < 0)
		return 1;
	test_helios();
	test_openb();
	test_azure();
	tt_settings_free(settings);
	return T_END();
}
