#include "report/json_fields.h"
#include "report/replay.h"

static void put_rules(tt_json *j, const int64_t *cost, int64_t *const *bought, size_t quarters)
{
	tt_json_key(j, "rules");
	tt_json_array(j);
	for (int k = 0; k < TT_REPLAY_RULES; k++) {
		tt_json_object_line(j);
		tt_put_text(j, "rule", tt_replay_words[k]);
		tt_put_money(j, "cost", cost[k]);
		tt_put_money(j, "saving", cost[TT_REPLAY_NOTHING] - cost[k]);
		tt_put_f64(j, "of_clairvoyant_ratio",
		           tt_replays_share(cost, (enum tt_replay_rule)k));
		if (bought) {
			tt_json_key(j, "bought_units");
			tt_json_array_line(j);
			for (size_t q = 0; q < quarters; q++)
				tt_json_i64(j, bought[k][q]);
			tt_json_end_array(j);
		}
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_offer(tt_json *j, const tt_replays *r, const tt_replays_offer *o)
{
	tt_json_object(j);
	tt_put_text(j, "offer", o->name);
	tt_put_i64(j, "term_quarters", (int64_t)o->term);
	put_rules(j, o->cost_micro, NULL, 0);
	tt_json_key(j, "pools");
	tt_json_array(j);
	for (size_t i = 0; i < o->n; i++) {
		tt_json_object(j);
		tt_put_text(j, "pool", o->v[i].pool->name);
		tt_put_decimal(j, "rate_per_hour", o->v[i].rate_per_hour);
		tt_put_decimal(j, "price_per_hour", o->v[i].price_per_hour);
		tt_put_f64(j, "used_unit_hours", o->v[i].replay.used_unit_hours);
		put_rules(j, o->v[i].replay.cost_micro, o->v[i].replay.bought, r->quarters);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_end_object(j);
}

void tt_replay_json(const tt_replay_report *r, tt_buf *out)
{
	tt_json j = { .out = out };

	tt_json_object(&j);
	tt_put_text(&j, "schema", "trimtab.commit.replay/1");
	tt_put_text(&j, "version", TT_VERSION);
	tt_put_text(&j, "pool_by", r->pool_by);
	tt_put_i64(&j, "quarters", (int64_t)r->replays->quarters);
	tt_put_time(&j, "start", r->replays->start_s);
	tt_put_time(&j, "end", r->replays->end_s);
	tt_put_i64(&j, "pools_left_out", (int64_t)r->replays->n_left_out);
	tt_json_key(&j, "offers");
	tt_json_array(&j);
	for (size_t i = 0; i < r->replays->n; i++)
		put_offer(&j, r->replays, &r->replays->v[i]);
	tt_json_end_array(&j);
	tt_json_end_object(&j);
	tt_buf_putc(out, '\n');
}
