/* Made-up fleets: each builds and loads, has what it is called after, and is the same each
 * time. */
#include "host/made_up.h"
#include "base/file.h"
#include "snapshot/snapshot.h"
#include "t.h"

static size_t rows(const tt_snapshot *s, int table)
{
	return s->table[table].n;
}

static tt_snapshot *make(const char *folder, enum tt_made_up which, uint64_t seed, char file[300])
{
	tt_snapshot *s = NULL;
	tt_err err = { 0 };

	snprintf(file, 300, "%s/%d-%d.db", folder, (int)which, (int)seed);
	T_INT(TT_OK, tt_made_up_build(which, seed, folder, file, &err));
	T_STR("", err.text);
	T_INT(TT_OK, tt_snapshot_load(file, &s, &err));
	T_STR("", err.text);
	if (!s)
		exit(T_END()); /* there is nothing to look at */
	return s;
}

static int is_there(const char *folder, const char *name)
{
	char path[300];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return tt_is_file(path);
}

static void test_plain_ones(const char *folder)
{
	char file[300];
	tt_snapshot *s = make(folder, TT_MADE_UP_EMPTY, 0, file);

	T_INT(0, rows(s, TT_NODES));
	T_INT(0, s->n_carriers);
	tt_snapshot_close(s);
	s = make(folder, TT_MADE_UP_ONE_CARD, 0, file);
	T_INT(1, rows(s, TT_NODES));
	T_INT(2, s->n_carriers); /* the card, and the node for its CPUs */
	T_INT(15 * 24, s->usage_rows);
	tt_snapshot_close(s);
	s = make(folder, TT_MADE_UP_MISSING, 0, file);
	T_INT(3, rows(s, TT_NODES));
	T_INT(1, rows(s, TT_COMMITMENTS));
	T_OK(s->n_measures > 0);
	tt_snapshot_close(s);
	T_OK(!is_there(folder, "nodes.csv"));
	T_OK(!is_there(folder, "snapshot.yaml"));
}

/* Seeds that nobody has tried build as well: rows that contradict each other would be refused. */
static void test_random(const char *folder)
{
	char file[300];

	for (uint64_t seed = 0; seed < 12; seed++) {
		tt_snapshot *s = make(folder, TT_MADE_UP_RANDOM, seed, file);

		T_INT(7, rows(s, TT_NODES));
		T_INT(12, rows(s, TT_PODS));
		T_OK(s->n_carriers > 6);
		tt_snapshot_close(s);
	}
}

static void test_same(const char *folder)
{
	TT_CLEANUP(tt_buf_free) tt_buf first = { 0 };
	char file[300];

	for (int i = 0; i < 3; i++) {
		tt_snapshot *s = make(folder, TT_MADE_UP_RANDOM, i < 2 ? 5 : 6, file);
		tt_buf text = { 0 };

		for (size_t k = 0; k < s->n_measures; k++) {
			tt_stats stats;

			T_OK(tt_measure_stats(&s->measures[k], &stats, NULL) <= 0);
			tt_buf_printf(&text, "%d %lld %a %a;", stats.metric, (long long)stats.n,
			              stats.mean, stats.p95);
		}
		if (i == 0)
			first = text;
		else if (i == 1)
			T_STR(tt_buf_text(&first), tt_buf_text(&text));
		else
			T_OK(strcmp(tt_buf_text(&first), tt_buf_text(&text)) != 0);
		if (i)
			tt_buf_free(&text);
		tt_snapshot_close(s);
	}
}

int main(void)
{
	char folder[256];

	t_folder(folder, sizeof folder);
	test_plain_ones(folder);
	test_random(folder);
	test_same(folder);
	t_folder_remove(folder);
	return T_END();
}
