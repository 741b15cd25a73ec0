/* runs.c - all pods with cards for detectors that look at runs: what each asked for, when it
 * waited and ran, how it ended and what it cost; and the rows of the smaller tables by name.
 * See tt_pod_run in plugin.h. */
#include "bill/activity.h"
#include "host/detector_services.h"
#include "host/kept.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Runs ---------------------------------------------------------------------------- */

static int in_order(const void *pa, const void *pb)
{
	const tt_pod_run *a = pa, *b = pb;
	int order = strcmp(a->workload, b->workload);

	if (!order)
		order = strcmp(a->namespace_, b->namespace_);
	if (!order && a->from_s != b->from_s)
		order = a->from_s < b->from_s ? -1 : 1;
	return order ? order : strcmp(a->id, b->id);
}

/* Whether it is one that detectors see, and when it ran. */
static int is_run(const tt_call *c, const tt_pod_row *p, tt_span *ran)
{
	const tt_snapshot *s = c->subjects->snapshot;

	if (!(p->gpus > 0) || tt_settings_is_system(c->subjects->settings, p->namespace_))
		return 0;
	*ran = (tt_span){ s->start_s, s->start_s };
	if (tt_pod_ran(s, p, ran))
		return 1;
	*ran = (tt_span){ s->start_s, s->start_s };
	return !tt_pod_started(p) && p->submitted_at != TT_TIME_MISSING &&
	       p->submitted_at < s->end_s &&
	       (p->ended_at == TT_TIME_MISSING || p->ended_at > s->start_s);
}

struct hours { tt_hour *card, *one; double *max, *measured_s; size_t n; };

/* What the cards that the pod held to its end did: the busiest, and how long each of them was
 * measured, summed. */
static int read_hours(tt_call *c, uint32_t node, size_t pod, tt_span ran, struct hours *h,
                      size_t *ret_cards)
{
	const tt_snapshot *s = c->subjects->snapshot;
	size_t first, n;

	*ret_cards = 0;
	memset(h->max, 0, h->n * sizeof *h->max);
	memset(h->measured_s, 0, h->n * sizeof *h->measured_s);
	tt_node_carriers(s, node, &first, &n);
	for (size_t i = first; i < first + n; i++) {
		const tt_carrier *k = &s->carriers[i];
		int held = 0;

		for (size_t j = k->first_holding; j < k->first_holding + k->n_holdings; j++)
			held |= s->holdings[j].pod_index == pod &&
				s->holdings[j].to_s + k->usual_step_s >= ran.to_s;
		if (!held)
			continue;
		++*ret_cards;
		TT_TRY(tt_call_card_hours(c, i, i + 1, h->card, h->one));
		for (size_t t = 0; t < h->n; t++) {
			h->max[t] = fmax(h->max[t], h->card[t].max);
			h->measured_s[t] += h->card[t].seconds;
		}
	}
	return TT_OK;
}

static int find_idle(tt_call *c, size_t pod, tt_span ran, struct hours *h, tt_pod_run *to)
{
	const tt_subjects *of = c->subjects;
	const uint32_t node = of->residents.node_of_pod[pod];
	int64_t since_s = ran.to_s;
	double measured_s = 0;
	size_t cards;

	if (node == UINT32_MAX || ran.to_s < of->snapshot->end_s)
		return TT_OK;
	TT_TRY(read_hours(c, node, pod, ran, h, &cards));
	for (size_t t = h->n; t-- > 0 && cards;) {
		const int64_t from_s = of->snapshot->start_s + (int64_t)t * 3600;

		if (h->max[t] >= TT_IDLE_BELOW_PCT || from_s + 3600 <= ran.from_s)
			break;
		since_s = from_s > ran.from_s ? from_s : ran.from_s;
		measured_s += h->measured_s[t];
	}
	if (!cards)
		return TT_OK;
	to->idle_since_s = since_s;
	if (since_s < ran.to_s)
		to->idle_coverage_ratio = fmin(1, measured_s / ((double)cards *
		                                                (double)(ran.to_s - since_s)));
	return TT_OK;
}

static int describe(tt_call *c, tt_arena *arena, size_t at, tt_span ran, tt_pod_run *to)
{
	const tt_subjects *of = c->subjects;
	const tt_snapshot *s = of->snapshot;
	const tt_pod_row *p = tt_pod_at(s, at);
	const tt_workload_row *w = *p->workload ? tt_workload_row_of(s, p->workload) : NULL;
	const uint32_t node = of->residents.node_of_pod[at];
	const tt_node_row *on = node == UINT32_MAX ? NULL : tt_node_at(s, node);
	const double micro = tt_call_pod_micro(c, at, ran);

	*to = (tt_pod_run){
		.size = sizeof *to, .id = p->pod, .namespace_ = p->namespace_,
		.workload = p->workload, .outcome = p->outcome,
		.workload_kind = *p->workload_kind || !w ? p->workload_kind : w->workload_kind,
		.node = on ? on->node : "", .node_group = on ? on->node_group : "",
		.pricing = on ? on->pricing : "", .gpu_model = p->gpu_model, .gpus = p->gpus,
		.cpus = p->cpus, .memory_mib = p->memory_mib, .restarts = p->restarts,
		.submitted_s = p->submitted_at, .from_s = ran.from_s, .to_s = ran.to_s,
		.began = p->started_at != TT_TIME_MISSING && p->started_at >= s->start_s,
		.ended = p->ended_at != TT_TIME_MISSING && p->ended_at < s->end_s,
		.gave_up_s = p->ended_at != TT_TIME_MISSING && p->ended_at < s->end_s
			? p->ended_at : s->end_s,
		.cost_micro = isnan(micro) ? TT_MONEY_UNKNOWN : (int64_t)micro,
		.checkpoint_interval_s = w ? w->checkpoint_interval_s : (double)NAN,
		.card_model = on ? on->gpu_model : "",
		.idle_since_s = INT64_MIN, .idle_coverage_ratio = (double)NAN,
	};
	to->owner = tt_settings_owner(of->settings, p->labels, p->namespace_, arena);
	to->creator = tt_settings_creator(of->settings, p->labels, arena);
	return to->owner && to->creator ? TT_OK
		: tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
}

static int open_hours(tt_call *c, struct hours *h)
{
	h->n = tt_snapshot_hours(c->subjects->snapshot);
	h->card = tt_call_alloc(c, (h->n + 1) * sizeof *h->card);
	h->one = tt_call_alloc(c, (h->n + 1) * sizeof *h->one);
	h->max = tt_call_alloc(c, (h->n + 1) * sizeof *h->max);
	h->measured_s = tt_call_alloc(c, (h->n + 1) * sizeof *h->measured_s);
	return h->card && h->one && h->max && h->measured_s ? TT_OK : TT_ENOMEM;
}

static int read_runs(tt_call *c, tt_arena *arena, tt_pod_runs *ret)
{
	const tt_snapshot *sn = c->subjects->snapshot;
	struct hours h = { .n = 0 };
	tt_pod_run *v;
	tt_span ran;
	size_t n = 0;

	TT_TRY(open_hours(c, &h));
	for (size_t i = 0; i < sn->table[TT_PODS].n; i++)
		n += (size_t)is_run(c, tt_pod_at(sn, i), &ran);
	v = tt_arena_alloc(arena, (n + 1) * sizeof *v);
	if (!v)
		return tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
	n = 0;
	for (size_t i = 0; i < sn->table[TT_PODS].n; i++) {
		if (!is_run(c, tt_pod_at(sn, i), &ran))
			continue;
		TT_TRY(describe(c, arena, i, ran, &v[n]));
		TT_TRY(find_idle(c, i, ran, &h, &v[n++]));
	}
	if (n)
		qsort(v, n, sizeof *v, in_order);
	*ret = (tt_pod_runs){ .size = sizeof *ret, .v = v, .n = n };
	return TT_OK;
}

/* Worked out for the first that asks, and kept for the others. */
int tt_lend_runs(tt_call *c, const tt_subject *s, tt_pod_runs *ret)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = NULL;

	*ret = (tt_pod_runs){ .size = sizeof *ret };
	TT_TRY(tt_call_of_detector(c, "runs"));
	if (s->scope != TT_SCOPE_FLEET)
		return tt_call_break(c, TT_EINVAL, "called runs(), which is for scope fleet");
	if (!c->kept->runs_arena) {
		arena = tt_arena_new();
		if (!arena)
			return tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
		TT_TRY(read_runs(c, arena, &c->kept->runs));
		c->kept->runs_arena = arena;
		arena = NULL;
	}
	*ret = c->kept->runs;
	return TT_OK;
}

/* --- Rows of tables -------------------------------------------------------------------- */

/* NULL, and the call has failed, where there is no such table, field or row. */
static const tt_field *find_field(tt_call *c, const char *table, size_t i, const char *field,
                                  const void **ret_row)
{
	const int id = table ? tt_table_find(table) : -1;
	const tt_rows *rows = id < 0 ? NULL : &c->subjects->snapshot->table[id];
	const tt_table_def *def = id < 0 ? NULL : tt_table_def_at((enum tt_table_id)id);

	for (size_t k = 0; rows && i < rows->n && field && k < def->n_fields; k++)
		if (strcmp(def->fields[k].name, field) == 0) {
			*ret_row = rows->p + i * def->row_size;
			return &def->fields[k];
		}
	tt_call_break(c, TT_EINVAL, "asked for \"%.*s\" of row %zu of table \"%.*s\", which is not "
	              "there", TT_SHOWN(field ? field : ""), i, TT_SHOWN(table ? table : ""));
	return NULL;
}

size_t tt_lend_rows(tt_call *c, const char *table)
{
	const int id = table ? tt_table_find(table) : -1;

	if (tt_call_of_detector(c, "rows") < 0)
		return 0;
	if (id < 0) {
		tt_call_break(c, TT_EINVAL, "asked for the rows of table \"%.*s\", which is none",
		              TT_SHOWN(table ? table : ""));
		return 0;
	}
	return c->subjects->snapshot->table[id].n;
}

const char *tt_lend_word(tt_call *c, const char *table, size_t i, const char *field)
{
	const tt_field *f;
	const void *row;
	const char *text;

	if (tt_call_of_detector(c, "word") < 0 || !(f = find_field(c, table, i, field, &row)))
		return "";
	if (f->type != TT_FIELD_TEXT && f->type != TT_FIELD_WORD && f->type != TT_FIELD_LABELS) {
		tt_call_break(c, TT_EINVAL, "called word() for %s of %s, which is a number", field,
		              table);
		return "";
	}
	memcpy(&text, (const char *)row + f->offset, sizeof text);
	return text;
}

double tt_lend_number(tt_call *c, const char *table, size_t i, const char *field)
{
	const tt_field *f;
	const void *row;
	tt_decimal decimal;
	int64_t time;
	double number;

	if (tt_call_of_detector(c, "number") < 0 || !(f = find_field(c, table, i, field, &row)))
		return (double)NAN;
	row = (const char *)row + f->offset;
	switch (f->type) {
	case TT_FIELD_F64:
	case TT_FIELD_BOOL:
		memcpy(&number, row, sizeof number);
		return number;
	case TT_FIELD_TIME:
		memcpy(&time, row, sizeof time);
		return time == TT_TIME_MISSING ? (double)NAN : (double)time;
	case TT_FIELD_DECIMAL:
		memcpy(&decimal, row, sizeof decimal);
		return decimal == TT_DECIMAL_MISSING ? (double)NAN : tt_decimal_f64(decimal);
	case TT_FIELD_TEXT:
	case TT_FIELD_WORD:
	case TT_FIELD_LABELS:
		break;
	}
	tt_call_break(c, TT_EINVAL, "called number() for %s of %s, which is text", field, table);
	return (double)NAN;
}
