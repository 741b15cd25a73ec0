/* usage_layout.c - which column is what, from header lines of every kind. */
#include "snapshot/usage_layout.h"
#include "base/text.h"
#include "t.h"

static tt_usage_layout l;
static tt_err err;

static int header(const char *line, int of_node)
{
	err = (tt_err){ 0 };
	return tt_usage_layout_read(line, strlen(line), of_node, NULL, 0, &l, &err);
}

static void names(void)
{
	T_INT(TT_OK, header("time,node,gpu,pod,sm_active_ratio", 0));
	T_INT(5, l.n);
	T_INT(3, l.n_keys);
	T_INT(1, l.n_metrics);
	T_STR("", l.unknown);
	T_INT(TT_OK, header("\"gpu\",power_w,\"time\",node", 0));
	T_INT(0, l.n_keys);
	T_INT(TT_ROLE_TIME, l.column[2].role);
	T_INT(TT_OK, header("node,time,cpu_util_ratio", 1));
	T_INT(TT_EDATA, header("time,node,gpu,time", 0));
	T_HAS("column \"time\" is there twice", err.text);
	T_INT(TT_EDATA, header("time,node,power_w", 0));
	T_HAS("no column \"gpu\"; found time,node,power_w", err.text);
	T_INT(TT_EDATA, header("time;node;gpu", 0));
	T_HAS("no column \"time\"; found time;node;gpu (columns are separated by ',', not ';')",
	      err.text);
}

/* What is not known is no reason to refuse a file, whatever it looks like. */
static void unknown(void)
{
	static char line[80000];
	size_t used = (size_t)snprintf(line, sizeof line, "time,node,gpu,power_w");

	T_INT(TT_OK, header("time,node,gpu,sm_activ_ratio,Hostname", 0));
	T_STR("\"sm_activ_ratio\" (did you mean \"sm_active_ratio\"?), \"Hostname\"", l.unknown);
	T_INT(TT_OK, header("time,node,gpu,power_w,powr_w", 0)); /* that one is there */
	T_STR("\"powr_w\"", l.unknown);
	T_INT(TT_OK, header("time,node,gpu, power_w", 0));
	T_STR("\" power_w\" (did you mean \"power_w\"?)", l.unknown);
	T_INT(TT_OK, header("time,\"a,b \"\"c\"\",\",node,gpu", 0));
	T_INT(4, l.n);
	T_INT(TT_ROLE_NODE, l.column[2].role);
	T_INT(TT_OK, header("time,node,gpu,\xff\x01z", 0));
	T_STR("\"\?\?z\"", l.unknown);
	for (int i = 0; i < 300; i++) /* long names of two bytes a letter */
		used += (size_t)snprintf(line + used, sizeof line - used, ",%03d\u00fc\u00fc\u00fc"
			"\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc"
			"\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc"
			"%0100d", i, i);
	T_INT(TT_OK, header(line, 0));
	T_INT(304, l.n);
	T_OK(tt_utf8_ok(l.unknown, strlen(l.unknown)));
	T_STR(", ...", l.unknown + strlen(l.unknown) - 5);
	for (int i = 0; i < 800; i++)
		used += (size_t)snprintf(line + used, sizeof line - used, ",");
	T_INT(TT_EDATA, header(line, 0));
	T_HAS("more than 1024 columns", err.text);
}

int main(void)
{
	names();
	unknown();
	return T_END();
}
