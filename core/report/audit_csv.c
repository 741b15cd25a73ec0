#include "report/audit_csv.h"
#include <string.h>

/* RFC 4180: quoted where it must be. */
static void field(tt_buf *out, const char *s)
{
	if (out->n && out->p[out->n - 1] != '\n')
		tt_buf_putc(out, ',');
	if (!strpbrk(s, ",\"\r\n")) {
		tt_buf_puts(out, s);
		return;
	}
	tt_buf_putc(out, '"');
	for (; *s; s++) {
		if (*s == '"')
			tt_buf_putc(out, '"');
		tt_buf_putc(out, *s);
	}
	tt_buf_putc(out, '"');
}

static void money(tt_buf *out, int64_t micro)
{
	char text[64];

	field(out, micro == TT_MONEY_UNKNOWN ? "" : tt_money_json(micro, text, sizeof text));
}

static void number(tt_buf *out, double v)
{
	char text[64];

	field(out, tt_format_f64(v, 6, text, sizeof text));
}

static void changes(tt_buf *out, const tt_ranked *r)
{
	size_t n = r->n_changes ? r->n_changes : r->found->n_changes;
	tt_buf text = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (i)
			tt_buf_puts(&text, "; ");
		tt_change_text(r->n_changes ? r->changes[i] : &r->found->changes[i], &text);
	}
	field(out, tt_buf_text(&text));
	out->failed |= text.failed;
	tt_buf_free(&text);
}

void tt_audit_csv(const tt_audit *a, tt_buf *out)
{
	static const char *const places[] = { "plan", "enabler", "left_out" };

	tt_buf_puts(out, "id,detector,severity,subject_kind,subject_id,owner,title,place,why,"
	                 "saving_standalone_per_month,saving_in_plan_per_month,"
	                 "spend_concerned_per_month,currency,effort_days,wave,risk,"
	                 "coverage_ratio,confidence_ratio,changes\n");
	for (size_t i = 0; i < a->plan->n; i++) {
		const tt_ranked *r = a->plan->v[i];
		const tt_found *f = r->found;

		field(out, f->id);
		field(out, f->detector);
		field(out, r->severity);
		field(out, tt_subject_kind_text(f->subject_kind));
		field(out, f->subject_id);
		field(out, f->owner);
		field(out, f->title);
		field(out, places[r->place]);
		field(out, r->why);
		money(out, r->standalone_per_month);
		money(out, r->in_plan_per_month);
		money(out, r->concerned_per_month);
		field(out, a->snapshot->currency);
		number(out, f->effort_days);
		field(out, r->wave);
		field(out, tt_risk_text(f->risk));
		number(out, f->coverage_ratio);
		number(out, f->confidence_ratio);
		changes(out, r);
		tt_buf_putc(out, '\n');
	}
}
