#include "report/net.h"
#include "report/json_fields.h"
#include "report/layout.h"

enum { SHOWN = 3 };

static void put_item(const tt_net_item *x, tt_buf *out)
{
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];

	tt_buf_printf(out, "%s ", x->name);
	if (x->goes_units > 0 || !(x->comes_units > 0))
		tt_buf_printf(out, "-%s", tt_cell_value(x->goes_units, a));
	if (x->comes_units > 0)
		tt_buf_printf(out, "%s+%s", x->goes_units > 0 ? " " : "",
		              tt_cell_value(x->comes_units, b));
}

/* The first ones; an order by size would be another one than that in which they were applied. */
void tt_net_text(const tt_net *net, bool of_nodes, tt_buf *out)
{
	if (!net) {
		tt_buf_printf(out, " It is gross: what is about to go is still in it (%s).",
		              of_nodes ? "--accept all takes off what the audit's plan removes" :
		              "--scenario takes off what its changes remove");
		return;
	}
	tt_buf_printf(out, " It is net of %zu accepted change%s, times how likely each is", net->n,
	              net->n == 1 ? "" : "s");
	for (size_t i = 0; i < net->n && i < SHOWN; i++) {
		tt_buf_puts(out, i ? ", " : ": ");
		put_item(&net->v[i], out);
	}
	if (net->n > SHOWN)
		tt_buf_printf(out, ", and %zu more", net->n - SHOWN);
	tt_buf_puts(out, net->n ? " (units of pools, on average)." : ".");
}

void tt_net_json(const tt_net *net, tt_json *j)
{
	if (!net) {
		tt_put_text(j, "net_of", NULL);
		return;
	}
	tt_json_key(j, "net_of");
	tt_json_array(j);
	for (size_t i = 0; i < net->n; i++) {
		const tt_net_item *x = &net->v[i];

		tt_json_object(j);
		tt_put_text(j, "name", x->name);
		tt_put_f64(j, "weight", (double)x->weight_millionths / TT_NET_ALL);
		tt_put_i64(j, "delay_s", x->delay_s);
		tt_put_f64(j, "goes_units", x->goes_units);
		tt_put_f64(j, "comes_units", x->comes_units);
		tt_json_key(j, "changes");
		tt_json_array(j);
		for (size_t k = 0; k < x->n_changes; k++) {
			tt_buf text = { 0 };

			tt_change_text(x->changes[k], &text);
			tt_json_string(j, tt_buf_text(&text));
			j->out->failed |= text.failed;
			tt_buf_free(&text);
		}
		tt_json_end_array(j);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}
