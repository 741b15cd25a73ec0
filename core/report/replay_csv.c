#include "report/csv_field.h"
#include "report/replay.h"

static void put_row(tt_buf *out, const tt_replays *r, const tt_replays_offer *o,
                    const tt_replays_pool *p, int rule)
{
	const int64_t *cost = p->replay.cost_micro;
	char text[64];

	tt_csv_field(out, o->name, false);
	tt_buf_printf(out, ",%zu,", o->term);
	tt_csv_field(out, p->pool->name, true);
	tt_buf_printf(out, ",%s,%s", tt_replay_words[rule],
	              tt_money_json(cost[rule], text, sizeof text));
	tt_buf_printf(out, ",%s", tt_money_json(cost[TT_REPLAY_NOTHING] - cost[rule], text,
	                                        sizeof text));
	tt_buf_printf(out, ",%s,", tt_format_f64(tt_replays_share(cost, (enum tt_replay_rule)rule),
	                                         6, text, sizeof text));
	for (size_t q = 0; q < r->quarters; q++)
		tt_buf_printf(out, "%s%lld", q ? " " : "", (long long)p->replay.bought[rule][q]);
	tt_buf_putc(out, '\n');
}

void tt_replay_csv(const tt_replay_report *r, tt_buf *out)
{
	tt_buf_puts(out, "offer,term_quarters,pool,rule,cost,saving,of_clairvoyant_ratio,"
	                 "bought_units_by_quarter\n");
	for (size_t i = 0; i < r->replays->n; i++) {
		const tt_replays_offer *o = &r->replays->v[i];

		for (size_t k = 0; k < o->n * TT_REPLAY_RULES; k++)
			put_row(out, r->replays, o, &o->v[k / TT_REPLAY_RULES],
			        (int)(k % TT_REPLAY_RULES));
	}
}
