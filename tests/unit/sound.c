/* sound.c - what a snapshot file may hold. Every edit that a person could make in the
 * database and that no build can have written is refused as damage; and what a build does
 * write, with names of every kind, is found again. */
#include "base/file.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"
#include "snapshot/store.h"
#include "t.h"
#include <unistd.h>

static char folder[512];
static tt_err err;

static const char *in_folder(const char *name)
{
	static char path[4][1024];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
	return path[turn];
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in_folder(name), "w");

	T_OK(f && fputs(text, f) >= 0);
	fclose(f);
}

static int build(void)
{
	static const char *const names[] = { "nodes", "pods", "demand", "traffic", "revenue",
		"spot_availability", "gpu_usage", "node_usage" };
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;
	tt_build_options o = { .threads = 2 };
	char file[64];

	err = (tt_err){ 0 };
	TT_TRY(tt_builder_open(in_folder("out.db"), &o, &b, &err));
	tt_builder_source(b, "test");
	TT_TRY(tt_builder_window(b, in_folder("snapshot.yaml"), &err));
	for (size_t i = 0; i < TT_COUNT(names); i++) {
		snprintf(file, sizeof file, "%s.csv", names[i]);
		if (tt_is_file(in_folder(file)))
			TT_TRY(tt_builder_read_csv(b, in_folder(file), names[i], NULL, 0, &err));
	}
	return tt_builder_finish(b, NULL, &err);
}

static void sql(const char *text)
{
	sqlite3 *db = NULL;

	T_INT(SQLITE_OK, sqlite3_open(in_folder("out.db"), &db));
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		T_STR(text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static int load(tt_snapshot **ret)
{
	err = (tt_err){ 0 };
	return tt_snapshot_load(in_folder("out.db"), ret, &err);
}

static void tables(void)
{
	put("snapshot.yaml", "name: s\nstart: 1700000000\nend: 1700003600\ncurrency: USD\n");
	put("nodes.csv", "node,gpus,price_per_hour,started_at,ended_at\nn1,8,98.32,,\n"
	    "n2,2,1,1700000000,1700003000\n");
	put("pods.csv", "pod,node,workload_kind,gpus,cpus\np1,n1,batch,1,4\np2,n2,,1,\n");
	put("demand.csv", "time,instance_type,units\n1700000000,t,4\n1700003600,t,5\n");
	put("traffic.csv", "time,workload,requests,latency_p95_ms\n1700000000,w,4,9\n"
	    "1700000300,w,5,\n1700000300,x,,\n");
	put("revenue.csv", "time,workload,amount\n1700000000,w,0.100000000001\n"
	    "1700000300,w,-0.2\n");
	put("node_usage.csv", "time,node,cpu_util_ratio\n1700000000,n1,0.5\n1700000060,n1,0.25\n");
	put("gpu_usage.csv", "time,node,gpu,pod,gpu_util_pct\n1700000000,n1,0,p1,10\n"
	    "1700000060,n1,0,p1,30\n1700000120,n1,0,,0\n1700000000,n2,1,p2,50\n"
	    "1700000060,n2,1,p2,50\n");
}

/* Each of these was loaded without a word. */
static const char *const edits[] = {
	"UPDATE nodes SET price_per_hour = '-5'",
	"UPDATE nodes SET gpus = -5",
	"UPDATE nodes SET gpus = 1e300",
	"UPDATE nodes SET gpus = 1.5",
	"UPDATE nodes SET started_at = -9223372036854775807",
	"UPDATE nodes SET ended_at = 9223372036854775807",
	"UPDATE nodes SET ended_at = 1600000000 WHERE node = 'n2'",
	"UPDATE nodes SET pricing = 'free'",
	"UPDATE nodes SET row = 9 WHERE node = 'n1'",
	"DELETE FROM nodes",
	"DELETE FROM nodes WHERE node = 'n2'",
	"UPDATE pods SET gpus = -3",
	"UPDATE pods SET cpus = -1e300",
	"UPDATE pods SET workload_kind = 'bogus'",
	"UPDATE pods SET node = 'elsewhere' WHERE pod = 'p1'",
	"UPDATE about SET value = '' WHERE key = 'currency'",
	"UPDATE inputs SET rows = -9223372036854775807",
	"UPDATE inputs SET duplicates = -1 WHERE name = 'pods'",
	"INSERT INTO rejects VALUES (1, 'pods', 'k', 9223372036854775807, 'x')",
	"INSERT INTO rejects VALUES (1, 'pods', 'k', -1, 'x')",
	"UPDATE carriers SET node = 'zz' WHERE id = 1",
	"UPDATE carriers SET gpu = '' WHERE id = 2",
	"UPDATE carriers SET gpu = '2', node = 'n2' WHERE id = 1",
	"UPDATE carriers SET usual_step_s = 0",
	"UPDATE carriers SET usual_step_s = 9223372036854775807",
	"UPDATE carriers SET first_s = 1",
	"UPDATE carriers SET last_s = 1700003600",
	"UPDATE measures SET n = 9223372036854775807",
	"UPDATE measures SET seconds = 9223372036854775807",
	"UPDATE measures SET seconds = 3601",
	"UPDATE measures SET min_micro = max_micro + 1",
	"UPDATE measures SET min_micro = -1",
	"UPDATE measures SET max_micro = 100000001",
	"UPDATE measures SET sum_micro = '-1'",
	"UPDATE measures SET sum_micro_s = '99999999999999999999'",
	"UPDATE holdings SET from_s = -9223372036854775807",
	"UPDATE holdings SET to_s = from_s",
	"UPDATE holdings SET to_s = 1700003601",
	"UPDATE holdings SET from_s = 1700000059, to_s = 1700000060",
	"UPDATE holdings SET gpu_util_s = -1",
	"UPDATE holdings SET gpu_util_s = 60",
	"UPDATE holdings SET gpu_util_micro_s = -9223372036854775807",
	"UPDATE holdings SET gpu_util_micro_s = 9223372036854775807",
	"UPDATE holdings SET gpu_util_bins = NULL",
	"UPDATE holdings SET id = 1000 - id",
	"UPDATE measures SET id = 1000 - id",
};

static void edited(void)
{
	tt_snapshot *s = NULL;

	T_INT(TT_OK, build());
	T_INT(TT_OK, load(&s));
	tt_snapshot_close(s);
	for (size_t i = 0; i < TT_COUNT(edits); i++) {
		T_INT(TT_OK, build());
		sql(edits[i]);
		s = NULL;
		if (load(&s) != TT_EDATA || !strstr(err.text, "damaged: "))
			T_STR(edits[i], err.text);
		tt_snapshot_close(s);
	}
	T_INT(TT_OK, build());
	sql("PRAGMA user_version = 2");
	T_INT(TT_EDATA, load(&s));
	T_HAS("made by an older trimtab", err.text);
}

/* What could be true, and only the checksum knows that it is not. */
static void changed(void)
{
	static const char *const changes[] = {
		"UPDATE nodes SET price_per_hour = '98.33' WHERE node = 'n1'",
		"UPDATE nodes SET gpus = NULL WHERE node = 'n2'",
		"UPDATE measures SET mean = mean + 1e-9 WHERE id = 1",
		"UPDATE aligned SET max = mean WHERE measure = 1",
		"UPDATE about SET value = 'n' WHERE key = 'note'",
		"UPDATE about SET value = '00000000' WHERE key = 'checksum'",
		"DELETE FROM about WHERE key = 'checksum'",
		"DELETE FROM traffic WHERE workload = 'x'",
		"DROP VIEW v_pods",
	};
	tt_snapshot *s = NULL;

	T_INT(TT_OK, build());
	T_INT(TT_OK, load(&s));
	T_INT(TT_OK, tt_snapshot_verify(s, &err));
	tt_snapshot_close(s);
	for (size_t i = 0; i < TT_COUNT(changes); i++) {
		s = NULL;
		T_INT(TT_OK, build());
		sql(changes[i]);
		T_INT(TT_OK, load(&s));
		if (s && (tt_snapshot_verify(s, &err) != TT_EDATA || !strstr(err.text, "damaged")))
			T_STR(changes[i], err.text);
		tt_snapshot_close(s);
	}
}

/* --- Curves ------------------------------------------------------------------------------ */

static void asks(const char *query, const char *want)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;

	T_INT(SQLITE_OK, sqlite3_open(in_folder("out.db"), &db));
	T_INT(SQLITE_OK, sqlite3_prepare_v2(db, query, -1, &q, NULL));
	T_INT(SQLITE_ROW, sqlite3_step(q));
	const char *is = (const char *)sqlite3_column_text(q, 0);
	T_STR(want, is ? is : "NULL");
	sqlite3_finalize(q);
	sqlite3_close(db);
}

static void curves(void)
{
	tt_snapshot *s = NULL;

	T_INT(TT_OK, build());
	asks("SELECT sum_of_requests FROM traffic WHERE workload = 'w'", "9.0");
	asks("SELECT sum_of_requests FROM traffic WHERE workload = 'x'", "NULL");
	asks("SELECT sum_of_input_tokens FROM traffic", "NULL"); /* no such column in the file */
	asks("SELECT count(*) FROM pragma_table_info('traffic') WHERE name LIKE 'sum%latency%'",
	     "0");
	asks("SELECT sum_of_amount FROM revenue", "-0.099999999999"); /* money: exact */
	T_INT(TT_OK, load(&s));
	T_INT(2, s->table[TT_REVENUE].n);
	T_OK(TT_ROW(&s->table[TT_REVENUE], tt_revenue_row, 0)->amount ==
	     (tt_decimal)100000000001);
	T_OK(TT_ROW(&s->table[TT_REVENUE], tt_revenue_row, 1)->amount ==
	     -(tt_decimal)200000000000);
	T_F64((double)NAN, TT_ROW(&s->table[TT_TRAFFIC], tt_traffic_row, 1)->latency_p95_ms, 0);
	tt_snapshot_close(s);

	put("revenue.csv", "time,workload,amount\n1700000000,w,1e3\n");
	T_INT(TT_EDATA, build());
	T_HAS("revenue.csv:2:14: amount is \"1e3\", expected a decimal number", err.text);
	put("revenue.csv", "time,workload,amount\n1700000000,w,0.1234567890123\n");
	T_INT(TT_EDATA, build());
	T_HAS("at most 12 are kept exactly", err.text);
	tables();
}

/* --- Names ------------------------------------------------------------------------------- */

/* Nodes that a person sorts as numbers and strcmp() does not. */
static void names(void)
{
	static const char *const node[] = { "2", "10", "1a", "a-2", "1", "a/2", "aws:///eu/i-1" };
	static const char *const gpu[] = { "0", "2", "10", "GPU-a" };
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;
	char text[8000] = "node,gpus\n", id[64];
	size_t first, n, used = strlen(text);

	for (size_t i = 0; i < TT_COUNT(node); i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s,4\n", node[i]);
	put("nodes.csv", text);
	unlink(in_folder("pods.csv"));
	used = (size_t)snprintf(text, sizeof text, "time,node,gpu,gpu_util_pct\n");
	for (size_t i = 0; i < TT_COUNT(node) * TT_COUNT(gpu); i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "1700000000,%s,%s,7\n",
		                         node[i % TT_COUNT(node)], gpu[i / TT_COUNT(node)]);
	put("gpu_usage.csv", text);
	put("node_usage.csv", "time,node,cpu_util_ratio\n1700000000,2,0.5\n1700000000,10,0.5\n");
	T_INT(TT_OK, build());
	T_INT(TT_OK, load(&s));
	T_INT(28, s->n_cards);
	for (size_t i = 0; i < TT_COUNT(node); i++) {
		tt_snapshot_cards_of(s, node[i], &first, &n);
		T_INT(4, n);
		for (size_t k = 0; k < n && n == 4; k++) {
			T_STR(node[i], s->carriers[first + k].node);
			T_STR(gpu[k], s->carriers[first + k].gpu); /* as a person sorts */
			snprintf(id, sizeof id, "%s/%s", node[i], gpu[k]);
			T_INT(first + k, tt_snapshot_find_carrier(s, id));
		}
		T_OK((tt_snapshot_node_carrier(s, node[i]) == SIZE_MAX) == (i > 1));
	}
	T_STR("2", s->carriers[tt_snapshot_find_carrier(s, "2")].node);
	T_OK(tt_snapshot_find_carrier(s, "2/11") == SIZE_MAX);
	T_OK(tt_snapshot_find_carrier(s, "") == SIZE_MAX);
	T_OK(tt_snapshot_find_carrier(s, "1a") == SIZE_MAX);
	tt_snapshot_cards_of(s, "1", &first, &n);
	T_INT(4, n);
	tt_snapshot_cards_of(s, "0", &first, &n);
	T_INT(0, n);
}

/* Cards that a node does not have are read, and said. */
static void strange_cards(void)
{
	static const struct { const char *rows, *note; } cases[] = {
		{ "1700000000,n1,0,,1\n1700000000,n1,1,,1\n", "" },
		{ "1700000000,n1,0,a,1\n1700000000,n1,0,b,1\n1700000000,n1,1,,1\n", "" },
		{ "1700000000,n1,0,,1\n1700000000,n1,1,,1\n1700000000,n1,7,,1\n"
		  "1700000000,n2,0,,1\n1700000000,n2,nan,,1\n1700000000,n3,0,,1\n",
		  "gpu_usage.csv: 2 cards on 2 nodes more than nodes.csv says (n1 has 2, and 3 "
		  "report)" },
		{ "1700000000,n4,0,,1\n", "gpu_usage.csv: 1 card on 1 node more than nodes.csv "
		  "says (n4 has 0, and 1 report)" },
	};
	char text[400];

	put("nodes.csv", "node,gpus\nn1,2\nn2,1\nn3,\nn4,0\n");
	unlink(in_folder("pods.csv"));
	unlink(in_folder("node_usage.csv"));
	for (size_t i = 0; i < TT_COUNT(cases); i++) {
		TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;

		snprintf(text, sizeof text, "time,node,gpu,slice,gpu_util_pct\n%s", cases[i].rows);
		put("gpu_usage.csv", text);
		T_INT(TT_OK, build());
		T_INT(TT_OK, load(&s));
		T_STR(cases[i].note, s->n_notes ? s->notes[0] : "");
	}
}

/* A file without a row does not say how far apart rows are. */
static void step_of_rows(void)
{
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;

	tables();
	put("gpu_usage.csv", "time,node,gpu,gpu_util_pct\n");
	put("node_usage.csv", "time,node,cpu_util_ratio\n1700000000,n1,0.5\n1700000300,n1,0.25\n"
	    "1700000600,n1,0.25\n");
	T_INT(TT_OK, build());
	T_INT(TT_OK, load(&s));
	T_INT(300, s->step_s);
}

static void one_name_twice(void)
{
	static const struct { const char *gpu, *node, *want; } cases[] = {
		{ "1700000000,a,b,c,1\n1700000000,a/b,c,,1\n", "", "slice \"c\" of card \"b\" of "
		  "node \"a\" in gpu_usage.csv and card \"c\" of node \"a/b\" in gpu_usage.csv "
		  "would both be called \"a/b/c\"" },
		{ "1700000000,a,b,,1\n", "1700000000,a/b,1\n", "card \"b\" of node \"a\" in "
		  "gpu_usage.csv and node \"a/b\" in node_usage.csv would both" },
	};
	char text[200];

	put("nodes.csv", "node,gpus\na,4\na/b,4\n");
	for (size_t i = 0; i < TT_COUNT(cases); i++) {
		snprintf(text, sizeof text, "time,node,gpu,slice,gpu_util_pct\n%s", cases[i].gpu);
		put("gpu_usage.csv", text);
		snprintf(text, sizeof text, "time,node,cpu_util_ratio\n%s", cases[i].node);
		put("node_usage.csv", text);
		T_INT(TT_EDATA, build());
		T_HAS(cases[i].want, err.text);
	}
}

int main(void)
{
	t_folder(folder, sizeof folder);
	tables();
	edited();
	changed();
	curves();
	names();
	one_name_twice();
	strange_cards();
	step_of_rows();
	t_folder_remove(folder);
	return T_END();
}
