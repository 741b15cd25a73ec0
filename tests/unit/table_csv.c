/* A table from a CSV file: columns, types, ranges, duplicates, and that the order of
 * rows in the file changes nothing. */
#include "snapshot/table_csv.h"
#include "base/file.h"
#include "t.h"

static char folder[256];
static tt_rows rows;
static tt_rejects rejects;
static tt_buf notes;
static tt_err err;
static const tt_column *renames;
static size_t n_renames;
static int lenient;

static void clear(void)
{
	tt_rows_free(&rows);
	tt_rejects_free(&rejects);
	tt_buf_free(&notes);
	notes = (tt_buf){ 0 };
	err = (tt_err){ 0 };
}

static int take(enum tt_table_id id, const char *text)
{
	char path[320];
	const tt_table_def *d = tt_table_def_at(id);
	snprintf(path, sizeof path, "%s/%s.csv", folder, d->name);
	clear();
	rejects.lenient = lenient;
	T_INT(TT_OK, tt_file_write(path, text, strlen(text), &err));
	T_INT(TT_OK, tt_rows_init(&rows, id, &err));
	return tt_table_read_csv(path, d, renames, n_renames, &rows, &rejects, &notes, &err);
}

/* The message for a file of pods (or another table) that must be refused. */
static const char *refused(enum tt_table_id id, const char *text)
{
	T_INT(TT_EDATA, take(id, text));
	return err.text;
}

static const tt_pod_row *pod(size_t i)
{
	return TT_ROW(&rows, const tt_pod_row, i);
}

static void test_values(void)
{
	T_INT(TT_OK, take(TT_PODS,
		"\xef\xbb\xbf" "pod,gpus,gpu_sharing,labels,submitted_at,started_at,"
		"ended_at,outcome,namespace,priority\r\n"
		"b,0.25,mig:1g.10gb,team=x;app=a\\;b,"
		"1767571200,2026-01-05T08:00:00Z,,running,\"n,s\",-5\r\n"
		"a,,,,,,,,,"));
	T_STR("", err.text);
	T_INT(2, rows.n);
	T_INT(2, rows.read);
	T_STR("pods.csv", rows.file);
	T_STR("a", pod(0)->pod);
	T_INT(3, rows.line[0]);
	T_STR("b", pod(1)->pod);
	T_F64(0.25, pod(1)->gpus, 0);
	T_STR("mig:1g.10gb", pod(1)->gpu_sharing);
	T_STR("app=a\\;b;team=x", pod(1)->labels);
	T_INT(1767571200, pod(1)->submitted_at);
	T_INT(1767600000, pod(1)->started_at);
	T_OK(pod(1)->ended_at == TT_TIME_MISSING);
	T_STR("running", pod(1)->outcome);
	T_STR("n,s", pod(1)->namespace_);
	T_F64(-5, pod(1)->priority, 0);
	T_F64((double)NAN, pod(0)->gpus, 0); /* missing is never 0 */
	T_STR("", pod(0)->outcome);
	T_STR("", tt_buf_text(&notes));

	T_INT(TT_OK, take(TT_NODES, "node,price_per_hour,gpus,pricing\nn,98.320000000001,8,owned\n"
		"m,0,-0,\n"));
	const tt_node_row *n = TT_ROW(&rows, const tt_node_row, 1);
	T_OK(n->price_per_hour == 98 * TT_DECIMAL_ONE + 320000000001);
	T_OK(TT_ROW(&rows, const tt_node_row, 0)->price_per_hour == 0);
	T_OK(!signbit(TT_ROW(&rows, const tt_node_row, 0)->gpus));

	T_INT(TT_OK, take(TT_NODE_GROUPS, "node_group,consolidates,min_nodes,max_nodes\n"
		"g,true,1,1\nh,false,,\n"));
	T_F64(1, TT_ROW(&rows, const tt_node_group_row, 0)->consolidates, 0);
	T_F64(0, TT_ROW(&rows, const tt_node_group_row, 1)->consolidates, 0);

	T_INT(TT_OK, take(TT_REVENUE, "time,workload,amount\n0,w,-2.5\n"));
	T_INT(TT_OK, take(TT_PODS, "pod\n"));
	T_INT(0, rows.n);
}

static void test_columns(void)
{
	T_INT(TT_OK, take(TT_NODES, "foo,node,,bar\n1,n,2,3\n"));
	T_STR("nodes.csv: column \"foo\" is not known and was passed over\n"
		"nodes.csv: column 3 has no name and was passed over\n"
		"nodes.csv: column \"bar\" is not known and was passed over\n",
		tt_buf_text(&notes));
	T_STR("pods.csv:1: no column \"pod\"; found \"name\", \"gpus\"",
		refused(TT_PODS, "name,gpus\na,1\n"));
	T_STR("demand.csv:1: no column \"units\"; found \"time\"", refused(TT_DEMAND, "time\n0\n"));
	/* A file without a header: its first row is taken for one. */
	T_STR("prices.csv:1: no column \"pricing\"; found \"aws\", \"1\", \"on_demand\"",
		refused(TT_PRICES, "aws,1,on_demand\n"));

	static const tt_column r[] = { { "JobID", "pod" }, { "State", "outcome" } };
	renames = r;
	n_renames = 2;
	T_INT(TT_OK, take(TT_PODS, "State,JobID\nrunning,7\n"));
	T_STR("7", pod(0)->pod);
	T_STR("running", pod(0)->outcome);
	T_HAS("no column \"JobID\"", refused(TT_PODS, "State\nrunning\n"));
	T_STR("pods.csv:1: columns \"pod\" and \"JobID\" both stand for pod",
		refused(TT_PODS, "pod,JobID\na,b\n"));
	renames = NULL;
	n_renames = 0;

	T_INT(TT_OK, take(TT_PODS, "pod\na\n"));
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_table_read_csv("x/pods.csv", rows.def, NULL, 0, &rows, &rejects, &notes,
		&err));
	clear();
	T_INT(TT_OK, tt_rows_init(&rows, TT_PODS, &err));
	T_INT(TT_EIO, tt_table_read_csv("/nonexistent/pods.csv", rows.def, NULL, 0, &rows, &rejects,
		&notes, &err));
}

static void test_refused_values(void)
{
	static const struct { enum tt_table_id id; const char *text, *want; } t[] = {
		{ TT_PODS, "pod,gpus\na,1\nb,two\n",
			"pods.csv:3:3: gpus is \"two\", expected a decimal number of at least 0" },
		{ TT_PODS, "pod,gpus\na,nan\n", "gpus is \"nan\", expected a decimal number" },
		{ TT_PODS, "pod,gpus\na,inf\n", "gpus is \"inf\"" },
		{ TT_PODS, "pod,gpus\na,1e999\n", "gpus is \"1e999\"" },
		{ TT_PODS, "pod,gpus\na, 1\n", "gpus is \" 1\"" },
		{ TT_PODS, "pod,gpus\na,\"1,5\"\n", "pods.csv:2:3: gpus is \"1,5\"" },
		{ TT_PODS, "pod,gpus\na,-1\n", "gpus is \"-1\", expected a decimal number of at "
			"least 0" },
		{ TT_PODS, "pod,gpus\na,1e9\n", "expected a decimal number of at most 1000000" },
		{ TT_PODS, "pod,priority\na,x\n", "priority is \"x\", expected a decimal number" },
		{ TT_NODES, "node,gpus\nn,1.5\n", "gpus is \"1.5\", expected a whole number of at "
			"least 0" },
		{ TT_PODS, "gpus,pod\n1,\n", "pods.csv:2:3: pod is \"\", expected a value" },
		{ TT_PODS, "pod,outcome\na,Running\n", "outcome is \"Running\", expected running, "
			"succeeded, failed, cancelled, preempted or pending" },
		{ TT_PODS, "pod,gpu_sharing\na,mig:\n", "expected none, time_slice, mps or "
			"mig:<profile>" },
		{ TT_NODES, "node,pricing\nn,commit_1y\n", "expected on_demand, spot, reserved or "
			"owned" },
		{ TT_PODS, "pod,started_at\na,yesterday\n",
			"expected a time like 2026-01-05T08:00:00Z or whole Unix seconds" },
		{ TT_PODS, "pod,started_at\na,2026-02-30T00:00:00Z\n",
			"started_at is \"2026-02-30" },
		{ TT_PODS, "pod,labels\na,team\n",
			"labels is \"team\", expected key=value;key=value: there is no \"=\" in "
			"\"team\"" },
		{ TT_PODS, "pod,labels\na,x=1;x=2\n", "key \"x\" is there twice" },
		{ TT_PODS, "pod,started_at,ended_at\na,2026-01-05T00:00:01Z,2026-01-05T00:00:00Z\n",
			"pods.csv:2:24: ended_at is \"2026-01-05T00:00:00Z\", which is before "
			"started_at 2026-01-05T00:00:01Z" },
		{ TT_PODS, "pod,submitted_at,started_at\na,5,4\n",
			"started_at is \"4\", which is before submitted_at" },
		{ TT_COMMITMENTS, "commitment,starts_at,ends_at\nc,5,4\n",
			"which is before starts_at" },
		{ TT_NODE_GROUPS, "node_group,min_nodes,max_nodes\ng,5,4\n",
			"max_nodes is \"4\", which is below min_nodes 5" },
		{ TT_NODE_GROUPS, "node_group,consolidates\ng,1\n",
			"consolidates is \"1\", expected true or false" },
		{ TT_NODES, "node,price_per_hour\nn,-1\n", "price_per_hour is \"-1\", expected a "
			"decimal number of at least 0" },
		{ TT_NODES, "node,price_per_hour\nn,1e3\n", "price_per_hour is \"1e3\", expected "
			"a decimal number" },
		{ TT_NODES, "node,price_per_hour\nn,0.12345678901234\n",
			"nodes.csv:2:3: price_per_hour is \"0.12345678901234\", which has 14 "
			"digits after the "
			"point, at most 12 are kept exactly" },
		{ TT_NODES, "node,price_per_hour\nn,1000000000000000\n",
			"price_per_hour is \"1000000000000000\"" },
		{ TT_DEMAND, "time,units\n0,-3\n", "units is \"-3\"" },
		{ TT_PODS, "pod\n\"a\"x\n", "pods.csv:2:4: text behind a closing quote" },
		{ TT_PODS, "pod,gpus\na\n", "pods.csv:2:2: record has 1 field, the header has 2" },
		{ TT_PODS, "", "pods.csv:1:1: the file is empty" },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		T_HAS(t[i].want, refused(t[i].id, t[i].text));

	/* A long value is cut at a whole character: 59 bytes and one of three. */
	char text[256], want[256];
	const char *nines = "99999999999999999999999999999999999999999999999999999999999";
	snprintf(text, sizeof text, "pod,gpus\na,%s\xe2\x82\xac\n", nines);
	snprintf(want, sizeof want, "gpus is \"%s\", expected", nines);
	T_HAS(want, refused(TT_PODS, text));
}

static void test_duplicates(void)
{
	T_INT(TT_OK, take(TT_PODS, "pod,gpus,labels\na,1,x=1;y=2\nb,1,\na,1.0,y=2;x=1\n"
		"a,1,x=1;y=2\n"));
	T_INT(2, rows.n);
	T_INT(4, rows.read);
	T_INT(2, rows.duplicates);
	T_INT(2, rows.line[0]);
	T_STR("pods.csv: 2 rows are equal to another and counted once\n", tt_buf_text(&notes));

	T_STR("pods.csv:4: conflicting duplicate, pod \"a\": gpus is 2, in line 2 it is 1",
		refused(TT_PODS, "pod,gpus\na,1\nb,1\na,2\n"));
	T_STR("prices.csv:3: two prices for one key and date, provider \"aws\", pricing \"spot\", "
		"as_of "
		"1970-01-01T00:00:00Z: price_per_hour is 2.5, in line 2 it is 2",
		refused(TT_PRICES, "provider,pricing,price_per_hour,as_of\naws,spot,2,0\n"
		"aws,spot,2.5,0\n"));
	/* Other dates and payments are other keys. */
	T_INT(TT_OK, take(TT_PRICES, "pricing,payment,price_per_hour,as_of\nspot,,2,0\nspot,,2,1\n"
		"spot,,2,\nspot,all,2,0\n"));
	T_INT(4, rows.n);
	T_STR("traffic.csv:3: conflicting duplicate, time 1970-01-01T00:01:00Z, workload \"w\": "
		"requests is "
		"empty, in line 2 it is 5", refused(TT_TRAFFIC,
		"time,workload,requests\n60,w,5\n60,w,\n"));
}

static void test_lenient(void)
{
	lenient = 1;
	T_INT(TT_OK, take(TT_PODS, "pod,gpus\na,1\nb,two\nc,3,4\nd,1\nd,2\nd,3\nd,3\ne\xff,1\n"
		"f,five\n\ng,1\n"));
	T_INT(2, rows.n);
	T_STR("a", pod(0)->pod);
	T_STR("g", pod(1)->pod);
	T_INT(11, rows.read); /* the blank line counts as one */
	T_INT(1, rows.duplicates);
	T_INT(8, rejects.n);
	T_INT(3, rejects.n_kinds);
	T_STR("wrong type", rejects.kinds[0].kind);
	T_INT(2, rejects.kinds[0].n);
	T_STR("pods.csv:3:3: gpus is \"two\", expected a decimal number of at least 0",
		rejects.kinds[0].first);
	T_STR("malformed row", rejects.kinds[1].kind);
	T_INT(3, rejects.kinds[1].n);
	T_STR("conflicting duplicate", rejects.kinds[2].kind);
	T_INT(3, rejects.kinds[2].n);
	T_STR("pods.csv:6: conflicting duplicate, pod \"d\": gpus is 2, in line 5 it is 1",
		rejects.kinds[2].first);
	/* What can't be read on from stops a lenient load as well. */
	T_HAS("quote that is never closed", refused(TT_PODS, "pod,gpus\na,1\nb,\"2\n"));
	lenient = 0;
}

/* --- Rows in another order -------------------------------------------------------------- */
static uint64_t state = 42;
static size_t draw(size_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(state >> 33) % n;
}

/* Everything that was read but the lines, which are where they are in the file. */
static void dump(tt_buf *ret)
{
	for (size_t i = 0; i < rows.n; i++) {
		const tt_demand_row *d = TT_ROW(&rows, const tt_demand_row, i);
		tt_buf_printf(ret, "%lld %s %s %.17g\n", (long long)d->time, d->region, d->owner,
			d->units);
	}
	tt_buf_printf(ret, "%zu of %lld, %lld twice, %lld rejected\n", rows.n, (long long)rows.read,
		(long long)rows.duplicates, (long long)rejects.n);
	for (size_t i = 0; i < rejects.n_kinds; i++)
		tt_buf_printf(ret, "%s %lld\n", rejects.kinds[i].kind,
		(long long)rejects.kinds[i].n);
}

static void test_order_of_rows(void)
{
	enum { N = 400 };
	static char line[N][64];
	tt_buf want = { 0 };
	lenient = 1;
	for (int i = 0; i < N; i++) /* with equal and conflicting rows among them */
		snprintf(line[i], sizeof line[i], "%zu,r%zu,o%zu,%zu\n", 3600 * draw(30), draw(3),
			draw(4),
			draw(3));
	for (int round = 0; round < 20; round++) {
		tt_buf text = { 0 }, got = { 0 };
		tt_buf_puts(&text, "time,region,owner,units\n");
		for (int i = N - 1; i > 0; i--) {
			const size_t k = draw((size_t)i + 1);
			char t[64];
			memcpy(t, line[i], sizeof t);
			memcpy(line[i], line[k], sizeof t);
			memcpy(line[k], t, sizeof t);
		}
		for (int i = 0; i < N; i++)
			tt_buf_puts(&text, line[i]);
		T_INT(TT_OK, take(TT_DEMAND, text.p));
		dump(round ? &got : &want);
		if (round)
			T_STR(want.p, got.p);
		int unsorted = 0;
		for (size_t i = 1; i < rows.n; i++)
			unsorted += tt_row_compare_key(rows.def,
				TT_ROW(&rows, const tt_demand_row, i - 1),
				TT_ROW(&rows, const tt_demand_row, i)) >= 0;
		T_INT(0, unsorted);
		tt_buf_free(&text);
		tt_buf_free(&got);
	}
	T_OK(rows.duplicates > 5 && rejects.n > 5 && rows.n > 50);
	tt_buf_free(&want);
	lenient = 0;
}

static void test_memory(void)
{
	lenient = 1;
	T_INT(TT_OK, take(TT_PODS, "pod,foo,labels,gpus\na,1,b=1;a=2,1\nb,,,x\nc,,,1\nc,,,2\n"
		"c,,,2\n"));
	char path[320];
	snprintf(path, sizeof path, "%s/pods.csv", folder);
	for (int sticky = 0; sticky < 2; sticky++) {
		int rc = TT_ENOMEM;
		for (uint64_t nth = 1; rc == TT_ENOMEM && nth < 500; nth++) {
			clear();
			rejects.lenient = 1;
			tt_alloc_fail_at(nth, sticky);
			rc = tt_rows_init(&rows, TT_PODS, &err);
			if (rc == TT_OK)
				rc = tt_table_read_csv(path, rows.def, NULL, 0, &rows, &rejects,
				&notes, &err);
			tt_alloc_fail_at(0, 0);
		}
		T_INT(TT_OK, rc);
		T_INT(1, rows.n);
		T_INT(3, rejects.n);
	}
	lenient = 0;
}

int main(void)
{
	t_folder(folder, sizeof folder);
	test_values();
	test_columns();
	test_refused_values();
	test_duplicates();
	test_lenient();
	test_order_of_rows();
	test_memory();
	clear();
	t_folder_remove(folder);
	return T_END();
}
