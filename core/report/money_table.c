#include "report/money_table.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the columns end. */
enum { NAME_END = 22, AMOUNT = 16, PCT = 9, BAR = 24, HOURS = 12, OTHER = 14 };
enum { PART_TOTAL = 15, PART_HOURS = 12, PART_PCT = 10, PART_UNATTRIBUTED = 14,
	PARTS_SHOWN = 6 };

const char *tt_money_unit(const tt_audit *a)
{
	return tt_unit_text(a->snapshot->currency);
}

/* Hours as a whole number, so that parts of them make percentages and bars. */
static int64_t milli(double hours)
{
	return isnan(hours) ? 0 : (int64_t)llround(hours * 1000);
}

/* What shares are of: money, or hours where nothing has a price. */
static int64_t size_of(const tt_audit *a, const tt_amount *x)
{
	return a->known ? x->micro : milli(x->gpu_hours);
}

/* The hours that stand beside an amount. */
static double hours_of(const tt_amount *x)
{
	return x->priced ? x->gpu_hours - x->unpriced_gpu_hours : x->gpu_hours;
}

/* --- Buckets ------------------------------------------------------------------------------ */

static const char *bucket_label(enum tt_bucket b)
{
	static const char *const text[] = { "productive", "allocated idle", "unallocated idle",
		                            "unattributed", "tax" };

	return text[b];
}

static const char *reason_label(int reason)
{
	static const char *const text[] = { "", "  no owner", "  no telemetry",
		                            "  no allocation data" };

	return text[reason];
}

/* Money in a cell of the other rule's column. */
static void put_other(tt_page *p, const tt_audit *a, enum tt_bucket b)
{
	const tt_portion *other = &a->whole[tt_audit_other_rule(a)];
	char text[TT_CELL_TEXT];

	if (!a->known)
		return;
	if (isnan(tt_portion_bucket_gpu_hours(other, b)))
		tt_page_right(p, TT_TONE_DIM, "not known", OTHER);
	else
		tt_page_right(p, TT_TONE_DIM, tt_cell_money(tt_portion_bucket(other, b), text),
		              OTHER);
}

static void put_bucket(tt_page *p, const tt_audit *a, enum tt_bucket b)
{
	static const enum tt_tone tones[] = { TT_TONE_GOOD, TT_TONE_BAD, TT_TONE_BAD,
		                              TT_TONE_WARN, TT_TONE_COOL };
	const tt_portion *whole = &a->whole[a->settings->rule];
	const tt_amount *x = &whole->bucket[b];
	int64_t part = size_of(a, x), all = size_of(a, &whole->total);
	char text[TT_CELL_TEXT];

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, bucket_label(b), NAME_END - 2);
	if (isnan(tt_portion_bucket_gpu_hours(whole, b))) {
		tt_page_right(p, TT_TONE_DIM, "not known", AMOUNT);
		tt_page_to(p, NAME_END + AMOUNT + PCT + 2 + BAR + HOURS);
		put_other(p, a, b);
		tt_page_line(p);
		return;
	}
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(tt_portion_bucket(whole, b), text), AMOUNT);
	bool counts = x->priced || !x->unpriced || !a->known; /* some of it is in the total */

	tt_page_right(p, TT_TONE_PLAIN, counts ? tt_cell_pct(part, all, text) : "", PCT);
	tt_page_text(p, TT_TONE_PLAIN, "  ");
	tt_page_bar(p, tones[b], part, all, BAR);
	if (counts)
		tt_page_right(p, TT_TONE_DIM, tt_cell_hours(hours_of(x), text), HOURS);
	tt_page_to(p, NAME_END + AMOUNT + PCT + 2 + BAR + HOURS);
	put_other(p, a, b);
	tt_page_line(p);
}

static void put_reasons(tt_page *p, const tt_audit *a)
{
	const tt_portion *whole = &a->whole[a->settings->rule];
	char text[TT_CELL_TEXT];

	for (int i = TT_NO_OWNER; i < TT_REASONS; i++) {
		const tt_amount *x = &whole->reason[i];

		if (!size_of(a, x))
			continue;
		tt_page_to(p, 2);
		tt_page_left(p, TT_TONE_DIM, reason_label(i), NAME_END - 2);
		tt_page_right(p, TT_TONE_DIM,
		              tt_cell_money(tt_portion_reason(whole, (enum tt_reason)i), text),
		              AMOUNT);
		tt_page_right(p, TT_TONE_DIM,
		              tt_cell_pct(size_of(a, x), size_of(a, &whole->total), text), PCT);
		tt_page_to(p, NAME_END + AMOUNT + PCT + 2 + BAR);
		tt_page_right(p, TT_TONE_DIM, tt_cell_hours(hours_of(x), text), HOURS);
		tt_page_line(p);
	}
}

/* Part of what is unallocated: no card stood for it. */
static void put_unused(tt_page *p, const tt_audit *a)
{
	const tt_portion *whole = &a->whole[a->settings->rule];
	char text[TT_CELL_TEXT];

	if (!a->bill->unused_micro || !a->known)
		return;
	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_DIM, "  unused commitment", NAME_END - 2);
	tt_page_right(p, TT_TONE_DIM, tt_cell_money(a->bill->unused_micro, text), AMOUNT);
	tt_page_right(p, TT_TONE_DIM,
	              tt_cell_pct(a->bill->unused_micro, size_of(a, &whole->total), text), PCT);
	tt_page_line(p);
}

static void put_total(tt_page *p, const tt_audit *a)
{
	const tt_amount *total = &a->whole[a->settings->rule].total;
	char text[TT_CELL_TEXT];

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_STRONG, "total", NAME_END - 2);
	tt_page_right(p, TT_TONE_STRONG,
	              a->known ? tt_cell_money(total->micro, text) : "unknown", AMOUNT);
	tt_page_to(p, NAME_END + AMOUNT + PCT + 2 + BAR);
	tt_page_right(p, TT_TONE_DIM, tt_cell_hours(hours_of(total), text), HOURS);
	if (a->known)
		tt_page_right(p, TT_TONE_DIM, tt_cell_money(total->micro, text), OTHER);
	tt_page_line(p);
	if (a->known && total->unpriced_gpu_hours > 0) {
		tt_page_to(p, 2);
		tt_page_left(p, TT_TONE_WARN, "and without a price", NAME_END - 2);
		tt_page_right(p, TT_TONE_WARN, "unknown", AMOUNT);
		tt_page_to(p, NAME_END + AMOUNT + PCT + 2 + BAR);
		tt_page_right(p, TT_TONE_WARN, tt_cell_hours(total->unpriced_gpu_hours, text),
		              HOURS);
		tt_page_line(p);
	}
}

void tt_money_buckets(tt_page *p, const tt_audit *a)
{
	char head[128];

	snprintf(head, sizeof head, "Where it goes, by the rule \"%s\"",
	         tt_rule_text(a->settings->rule));
	tt_page_heading(p, head);
	tt_page_to(p, NAME_END + AMOUNT + PCT + 2 + BAR);
	tt_page_right(p, TT_TONE_DIM, "GPU-hours", HOURS);
	if (a->known) {
		snprintf(head, sizeof head, "\"%s\"", tt_rule_text(tt_audit_other_rule(a)));
		tt_page_right(p, TT_TONE_DIM, head, OTHER);
	}
	tt_page_line(p);
	for (int b = 0; b < TT_BUCKETS; b++) {
		put_bucket(p, a, (enum tt_bucket)b);
		if (b == TT_UNALLOCATED_IDLE)
			put_unused(p, a);
		if (b == TT_UNATTRIBUTED)
			put_reasons(p, a);
	}
	put_total(p, a);
}

/* --- What nobody owns ----------------------------------------------------------------------- */

/* The part that has no owner is several things: capacity that nobody held, tax, and what
 * was used by somebody unknown. At most ORPHANS lines. */
enum { ORPHANS = 5 };

static void add(tt_amount *to, const tt_amount *x)
{
	to->micro += x->micro;
	to->gpu_hours += x->gpu_hours;
	to->unpriced_gpu_hours += x->unpriced_gpu_hours;
	to->priced |= x->priced;
	to->unpriced |= x->unpriced;
}

static void move_bucket(tt_portion *to, const tt_portion *from, enum tt_bucket b)
{
	add(&to->total, &from->bucket[b]);
	add(&to->bucket[b], &from->bucket[b]);
}

static void move_reason(tt_portion *to, const tt_portion *from, enum tt_reason r)
{
	add(&to->total, &from->reason[r]);
	add(&to->bucket[TT_UNATTRIBUTED], &from->reason[r]);
	add(&to->reason[r], &from->reason[r]);
}

static size_t split_orphans(const tt_portion *from, tt_portion to[ORPHANS])
{
	tt_portion all[ORPHANS] = { { .name = "(not allocated)" }, { .name = "(tax)" },
		                 { .name = "(no owner)" }, { .name = "(no telemetry)" },
		                 { .name = "(no allocation)" } };
	size_t n = 0;

	move_bucket(&all[0], from, TT_UNALLOCATED_IDLE);
	move_bucket(&all[1], from, TT_TAX);
	move_bucket(&all[2], from, TT_PRODUCTIVE);
	move_bucket(&all[2], from, TT_ALLOCATED_IDLE);
	move_reason(&all[2], from, TT_NO_OWNER);
	move_reason(&all[3], from, TT_NO_TELEMETRY);
	move_reason(&all[4], from, TT_NO_ALLOCATION_DATA);
	for (size_t i = 0; i < ORPHANS; i++)
		if (all[i].total.priced || all[i].total.unpriced)
			to[n++] = all[i];
	return n;
}

/* --- Breakdowns ----------------------------------------------------------------------------- */

/* A share of a part; blank where it is not known, what is known of it where a part is. */
static void put_share(tt_page *p, const tt_audit *a, const tt_portion *s, enum tt_bucket first,
                      enum tt_bucket last, size_t width)
{
	char text[TT_CELL_TEXT] = "";
	int64_t sum = 0;
	int known = 1;

	for (int b = (int)first; b <= (int)last; b++) {
		known &= !isnan(tt_portion_bucket_gpu_hours(s, (enum tt_bucket)b));
		sum += size_of(a, &s->bucket[b]);
	}
	if ((known || sum) && (s->total.priced || !a->known))
		tt_cell_pct(sum, size_of(a, &s->total), text);
	tt_page_right(p, TT_TONE_PLAIN, text, width);
}

static void put_part(tt_page *p, const tt_audit *a, const char *name, const tt_portion *s)
{
	const tt_portion *whole = &a->whole[a->settings->rule];
	char text[TT_CELL_TEXT] = "";

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, name, NAME_END - 3);
	tt_page_to(p, NAME_END);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(tt_portion_total(s), text), PART_TOTAL);
	text[0] = '\0';
	if (s->total.priced || !a->known)
		tt_cell_pct(size_of(a, &s->total), size_of(a, &whole->total), text);
	tt_page_right(p, TT_TONE_PLAIN, text, PART_PCT);
	tt_page_right(p, TT_TONE_DIM, tt_cell_hours(hours_of(&s->total), text), PART_HOURS);
	put_share(p, a, s, TT_PRODUCTIVE, TT_PRODUCTIVE, 3 + PART_PCT);
	put_share(p, a, s, TT_ALLOCATED_IDLE, TT_UNALLOCATED_IDLE, PART_PCT);
	put_share(p, a, s, TT_UNATTRIBUTED, TT_UNATTRIBUTED, PART_UNATTRIBUTED);
	tt_page_line(p);
}

/* Hours without a price that stand beside no amount, since others of their line have one. */
static double unsaid_hours(const tt_portion *s)
{
	return s->total.priced ? s->total.unpriced_gpu_hours : 0;
}

static void put_unpriced(tt_page *p, double hours)
{
	char text[TT_CELL_TEXT];

	if (hours <= 0)
		return;
	tt_page_to(p, 2);
	tt_page_text(p, TT_TONE_WARN, "without a price");
	tt_page_to(p, NAME_END);
	tt_page_right(p, TT_TONE_WARN, "unknown", PART_TOTAL);
	tt_page_to(p, NAME_END + PART_TOTAL + PART_PCT);
	tt_page_right(p, TT_TONE_WARN, tt_cell_hours(hours, text), PART_HOURS);
	tt_page_line(p);
}

static void put_breakdown_head(tt_page *p, const tt_audit *a, enum tt_dimension d)
{
	static const char *const heads[] = { "By owner", "By node group", "By GPU model",
		                             "By kind of workload" };

	tt_page_heading(p, heads[d]);
	tt_page_to(p, NAME_END);
	tt_page_right(p, TT_TONE_DIM, tt_money_unit(a), PART_TOTAL);
	tt_page_right(p, TT_TONE_DIM, "share", PART_PCT);
	tt_page_right(p, TT_TONE_DIM, "GPU-hours", PART_HOURS);
	tt_page_right(p, TT_TONE_DIM, "productive", 3 + PART_PCT);
	tt_page_right(p, TT_TONE_DIM, "idle", PART_PCT);
	tt_page_right(p, TT_TONE_DIM, "unattributed", PART_UNATTRIBUTED);
	tt_page_line(p);
}

static void put_parts(tt_page *p, const tt_audit *a, enum tt_dimension d, const tt_portion *v,
                      size_t n)
{
	static const char *const none[] = { "(no owner)", "(no group)", "(no model)",
		                            "(no workload)" };
	/* a last line for one alone would say nothing that its name doesn't */
	size_t shown = n <= PARTS_SHOWN + 1 ? n : PARTS_SHOWN;
	char name[TT_CELL_TEXT], count[TT_CELL_TEXT];
	double unsaid = 0;

	if (n < 2)
		return; /* put_alike() has it */
	put_breakdown_head(p, a, d);
	for (size_t i = 0; i < shown; i++) {
		put_part(p, a, *v[i].name ? v[i].name : none[d], &v[i]);
		unsaid += unsaid_hours(&v[i]);
	}
	if (shown < n) {
		tt_portion rest = tt_portion_sum(v + shown, n - shown);

		snprintf(name, sizeof name, "%s others",
		         tt_cell_count((int64_t)(n - shown), count));
		put_part(p, a, name, &rest);
		unsaid += unsaid_hours(&rest);
	}
	put_unpriced(p, unsaid);
}

static void put_breakdown(tt_page *p, const tt_audit *a, enum tt_dimension d)
{
	const tt_breakdown *b = &a->by[d];
	TT_CLEANUP(tt_freep) tt_portion *v = tt_zalloc(b->n + ORPHANS, sizeof *v);
	size_t n = 0;

	p->out->failed |= !v;
	if (!v)
		return;
	for (size_t i = 0; i < b->n; i++) {
		if (d == TT_BY_OWNER && !*b->v[i].name)
			n += split_orphans(&b->v[i], v + n);
		else
			v[n++] = b->v[i];
	}
	qsort(v, n, sizeof *v, tt_portion_compare);
	put_parts(p, a, d, v, n);
}

/* What is the same for the whole fleet fits on a line. */
static void put_alike(tt_page *p, const tt_audit *a)
{
	static const char *const what[] = { "owner", "node group", "GPU model",
		                            "kind of workload" };
	tt_buf line = { 0 };

	for (int d = 0; d < TT_DIMENSIONS; d++)
		if (a->by[d].n == 1 && a->by[d].v[0].name[0])
			tt_buf_printf(&line, "%s%s %s", line.n ? ", " : "All of it: ", what[d],
			              a->by[d].v[0].name);
	if (line.n) {
		tt_page_line(p);
		tt_page_wrap(p, TT_TONE_PLAIN, tt_buf_text(&line), 2, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
	p->out->failed |= line.failed;
	tt_buf_free(&line);
}

void tt_money_breakdowns(tt_page *p, const tt_audit *a)
{
	for (int d = 0; d < TT_DIMENSIONS; d++)
		put_breakdown(p, a, (enum tt_dimension)d);
	put_alike(p, a);
}
