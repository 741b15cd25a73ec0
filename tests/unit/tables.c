/* The catalogue of fields, order of rows, rejected rows. */
#include "snapshot/tables.h"
#include "t.h"

static void test_catalogue(void)
{
	static const char *const names[] = { "nodes", "pods", "prices", "commitments", "demand",
		"traffic", "spot_availability", "node_groups", "workloads", "quotas", "budgets",
		"revenue", "volumes", "charges" };
	for (int i = 0; i < TT_TABLE_COUNT; i++) {
		const tt_table_def *d = tt_table_def_at((enum tt_table_id)i);
		T_STR(names[i], d->name);
		T_INT(i, tt_table_find(names[i]));
		int keys = 0;
		for (size_t k = 0; k < d->n_fields; k++) {
			const tt_field *f = &d->fields[k];
			keys += (f->flags & TT_FIELD_KEY) != 0;
			T_OK(f->offset < d->row_size);
			T_OK(k == 0 || f->offset > d->fields[k - 1].offset);
			T_OK((f->type == TT_FIELD_WORD) == (f->words != NULL));
			T_OK(!(f->flags & TT_FIELD_VALUE) ||
			     (d->curve &&
			      (f->type == TT_FIELD_F64 || f->type == TT_FIELD_DECIMAL)));
			T_OK(!(f->flags & TT_FIELD_LEVEL) || f->flags & TT_FIELD_VALUE);
			T_OK(!d->curve || k == 0 || f->flags & (TT_FIELD_KEY | TT_FIELD_VALUE));
		}
		T_OK(keys > 0);
		if (d->curve) {
			T_STR("time", d->fields[0].name);
			T_INT(TT_FIELD_TIME, d->fields[0].type);
		}
	}
	T_INT(-1, tt_table_find("gpu_usage"));
	T_STR("namespace", tt_table_def_at(TT_PODS)->fields[1].name);
}

static void test_rows(void)
{
	tt_rows r;
	tt_err err = { 0 };
	T_INT(TT_OK, tt_rows_init(&r, TT_NODES, &err));
	for (int i = 0; i < 1000; i++) {
		tt_node_row *n = tt_rows_add(&r, i + 2);
		T_OK(n && (uintptr_t)n % 16 == 0);
		T_STR("", n->node);
		T_STR("", n->pricing);
		T_F64((double)NAN, n->gpus, 0);
		T_OK(n->price_per_hour == TT_DECIMAL_MISSING && n->ended_at == TT_TIME_MISSING);
		n->gpus = i;
	}
	T_INT(1000, r.n);
	T_F64(999, TT_ROW(&r, tt_node_row, 999)->gpus, 0);
	T_INT(1001, r.line[999]);
	tt_alloc_fail_at(1, 1);
	while (r.n < 5000 && tt_rows_add(&r, 0))
		;
	T_OK(r.n < 5000);
	tt_alloc_fail_at(0, 0);
	tt_rows_free(&r);
	tt_rows_free(&r);
}

static void test_order(void)
{
	const tt_table_def *d = tt_table_def_at(TT_PRICES);
	tt_price_row a = { "aws", "r", "t", "", 8, "spot", "", 1, 2, 3, 0.5, 100 }, b = a;
	T_INT(0, tt_row_compare_all(d, &a, &b));
	b.price_per_hour = 2;
	T_INT(0, tt_row_compare_key(d, &a, &b));
	T_OK(tt_row_compare_all(d, &a, &b) < 0 && tt_row_compare_all(d, &b, &a) > 0);
	b.price_per_hour = TT_DECIMAL_MISSING;
	T_OK(tt_row_compare_all(d, &a, &b) > 0);
	b.as_of = TT_TIME_MISSING;
	T_OK(tt_row_compare_key(d, &a, &b) > 0);
	b.gpus = (double)NAN;
	T_OK(tt_row_compare_key(d, &a, &b) > 0);
	a.gpus = (double)NAN;
	b.as_of = a.as_of;
	T_INT(0, tt_row_compare_key(d, &a, &b));
	b.region = "";
	T_OK(tt_row_compare_key(d, &a, &b) > 0);

	d = tt_table_def_at(TT_DEMAND);
	tt_demand_row x = { 200, "p", "a", "", "", "", 1 }, y = { 100, "p", "b", "", "", "", 1 };
	T_OK(tt_row_compare_key(d, &x, &y) < 0); /* the key before the time */
	y.region = "a";
	T_OK(tt_row_compare_key(d, &x, &y) > 0);
	y.time = 200;
	y.units = 0.5;
	T_INT(0, tt_row_compare_key(d, &x, &y));
	T_OK(tt_row_compare_all(d, &x, &y) > 0);
}

static void test_rejects(void)
{
	tt_rejects r = { .lenient = 0 };
	tt_err err = { 0 };
	T_INT(TT_EDATA, tt_reject_row(&r, &err, "pods", "wrong type", "pods.csv:%d: x\ny", 3));
	T_STR("pods.csv:3: x?y", err.text);
	T_INT(0, r.n);

	err = (tt_err){ 0 };
	r.lenient = 1;
	for (int i = 0; i < 5; i++)
		T_INT(TT_OK, tt_reject_row(&r, &err, i % 2 ? "pods" : "nodes", "wrong type",
			"line %d", i));
	char text[700];
	memset(text, 'x', sizeof text);
	memcpy(text + 510, "\xe2\x82\xac", 3); /* a character across the end of `first` */
	text[699] = '\0';
	T_INT(TT_OK, tt_reject_row(&r, &err, "pods", "other", "%s", text));
	T_INT(TT_OK, err.status);
	T_INT(6, r.n);
	T_INT(3, r.n_kinds);
	T_STR("nodes", r.kinds[0].table);
	T_INT(3, r.kinds[0].n);
	T_STR("line 0", r.kinds[0].first);
	T_STR("line 1", r.kinds[1].first);
	T_INT(510, strlen(r.kinds[2].first));
	tt_rejects_free(&r);
	T_INT(0, r.n_kinds);
}

/* The one list of columns that a person reads names every one of them. */
static void test_documented(void)
{
	static char text[1 << 16];
	char path[4096], want[256];
	const char *source = getenv("TT_SOURCE");

	snprintf(path, sizeof path, "%s/plugins/sources/csv/README.md", source ? source : ".");
	FILE *f = fopen(path, "r");
	T_OK(f);
	if (!f)
		return;
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	const char *columns = strstr(text, "\n## Columns\n");
	for (int i = 0; columns && i < TT_TABLE_COUNT; i++) {
		const tt_table_def *d = tt_table_def_at((enum tt_table_id)i);

		snprintf(want, sizeof want, "\n| %s.csv | ", d->name);
		const char *row = strstr(columns, want);
		T_OK(row);
		row = row ? row + strlen(want) : "";
		size_t n = d->n_fields; /* of them, columns of the file */

		n -= (d->fields[n - 1].flags & TT_FIELD_MADE) != 0;
		for (size_t k = 0; k < n; k++) {
			int must = (d->fields[k].flags & TT_FIELD_REQUIRED) != 0;

			snprintf(want, sizeof want, "%s%s%s%s", must ? "**" : "", d->fields[k].name,
			         must ? "**" : "", k + 1 < n ? ", " : " |\n");
			T_(strncmp(row, want, strlen(want)) == 0, "%s.csv: \"%s\" is not where "
			   "it belongs in %s: %.40s", d->name, want, path, row);
			row += strncmp(row, want, strlen(want)) == 0 ? strlen(want) : 0;
		}
	}
	T_OK(columns);
}

int main(void)
{
	test_documented();
	test_catalogue();
	test_rows();
	test_order();
	test_rejects();
	return T_END();
}
