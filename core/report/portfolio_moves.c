#include "report/portfolio_moves.h"
#include "report/json_fields.h"
#include <stdio.h>
#include <string.h>

enum { FROM = 34, MONEY = 16, RATIO = 9, NODES = 14, MOST = 12, MOST_LEFT = 6, CHANGE_SHOWN = 160 };

/* --- For people ---------------------------------------------------------------------------- */

static void put_from(tt_buf *out, const tt_node_row *n)
{
	tt_buf_printf(out, "%s%s%s, %s", n->node_group, *n->node_group ? " · " : "",
	              n->instance_type, n->region);
}

static void put_move(const tt_portfolio_report *r, const tt_stranded_move *m, tt_page *p)
{
	const tt_commitment_row *to = r->positions->groups[m->group].like;
	char text[TT_CELL_TEXT];
	tt_buf line = { 0 };

	put_from(&line, m->like);
	tt_page_left(p, TT_TONE_PLAIN, "  ", 2);
	tt_page_left(p, TT_TONE_PLAIN, tt_buf_text(&line), FROM);
	snprintf(text, sizeof text, "%zu of %zu", m->nodes, m->of_nodes);
	tt_page_right(p, TT_TONE_PLAIN, text, NODES);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(m->before_micro, text), MONEY);
	tt_page_right(p, TT_TONE_GOOD, tt_cell_money(m->saving_micro, text), MONEY);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_pct(m->saving_micro, m->before_micro, text), RATIO);
	tt_page_line(p);
	p->out->failed |= line.failed;
	tt_buf_free(&line);
	line = (tt_buf){ 0 };
	tt_buf_printf(&line, "another %s: to ", tt_stranded_words[m->near]);
	tt_portfolio_scope(to, &line);
	tt_buf_puts(&line, "; ");
	if (strlen(m->change) <= CHANGE_SHOWN)
		tt_buf_puts(&line, m->change);
	else
		tt_buf_printf(&line, "%zu nodes by name, in the JSON", m->nodes);
	tt_page_to(p, 4);
	tt_page_paragraph(p, TT_TONE_DIM, 4, &line);
}

static void put_heads(tt_page *p)
{
	tt_page_left(p, TT_TONE_DIM, "  from", FROM + 2);
	tt_page_right(p, TT_TONE_DIM, "nodes", NODES);
	tt_page_right(p, TT_TONE_DIM, "cost", MONEY);
	tt_page_right(p, TT_TONE_DIM, "saves", MONEY);
	tt_page_right(p, TT_TONE_DIM, "of it", RATIO);
	tt_page_line(p);
}

static void put_left(const tt_portfolio_report *r, tt_page *p)
{
	const tt_stranded *s = r->stranded;
	tt_buf line = { 0 };

	for (size_t i = 0; i < s->n_left && i < MOST_LEFT; i++) {
		if (!i) {
			tt_page_to(p, 2);
			tt_page_text(p, TT_TONE_DIM, "Looked at, but not possible or worth it:");
			tt_page_line(p);
		}
		put_from(&line, s->left[i].like);
		tt_buf_printf(&line, " (another %s): %s", tt_stranded_words[s->left[i].near],
		              s->left[i].why_not);
		tt_page_text(p, TT_TONE_DIM, "  - ");
		tt_page_paragraph(p, TT_TONE_DIM, 4, &line);
	}
	if (s->n_left > MOST_LEFT) {
		tt_buf_printf(&line, "and %zu more", s->n_left - MOST_LEFT);
		tt_page_to(p, 2);
		tt_page_paragraph(p, TT_TONE_DIM, 2, &line);
	}
}

static void put_moves(const tt_portfolio_report *r, tt_page *p)
{
	const tt_stranded *s = r->stranded;
	char text[TT_CELL_TEXT];
	tt_buf line = { 0 };

	if (r->positions->unused_micro <= 0)
		return;
	tt_page_heading(p, "What is on demand elsewhere and could use what is stranded");
	tt_page_line(p);
	if (!s->n) {
		tt_page_to(p, 2);
		tt_buf_puts(&line, s->n_left ? "Nothing that is worth moving." :
		            "Nothing is on demand elsewhere that one change would bring there.");
		tt_page_paragraph(p, TT_TONE_PLAIN, 2, &line);
		put_left(r, p);
		return;
	}
	put_heads(p);
	for (size_t i = 0; i < s->n && i < MOST; i++)
		put_move(r, &s->v[i], p);
	if (s->n > 1) {
		tt_buf_printf(&line, "All %zu together save %s in the window on the simulated "
		              "bill, each on top of those above it.", s->n,
		              tt_cell_money(s->saving_micro, text));
		tt_page_to(p, 2);
		tt_page_paragraph(p, TT_TONE_STRONG, 2, &line);
	}
	put_left(r, p);
}

static void put_findings(const tt_portfolio_report *r, tt_page *p)
{
	char text[TT_CELL_TEXT];
	tt_buf line = { 0 };

	for (size_t i = 0; r->plan && i < r->plan->n; i++) {
		const tt_ranked *f = r->plan->v[i];

		if (!i) {
			tt_page_heading(p, "What detectors say of what is held");
			tt_page_line(p);
		}
		tt_buf_printf(&line, "%s: %s", f->found->id, f->found->title);
		if (f->n_changes && f->standalone_micro != TT_MONEY_UNKNOWN)
			tt_buf_printf(&line, ". %zu %s, alone worth %s in the window", f->n_changes,
			              f->n_changes == 1 ? "change" : "changes",
			              tt_cell_money(f->standalone_micro, text));
		else if (*f->why)
			tt_buf_printf(&line, " (%s)", f->why);
		tt_page_text(p, TT_TONE_DIM, "  - ");
		tt_page_paragraph(p, TT_TONE_PLAIN, 4, &line);
	}
}

void tt_portfolio_moves_table(const tt_portfolio_report *r, tt_page *p)
{
	put_moves(r, p);
	put_findings(r, p);
}

/* --- For machines -------------------------------------------------------------------------- */

static void put_json_move(const tt_portfolio_report *r, const tt_stranded_move *m, tt_json *j)
{
	const tt_commitment_row *to = r->positions->groups[m->group].like;

	tt_json_object(j);
	tt_put_text(j, "near", tt_stranded_words[m->near]);
	tt_put_text(j, "node_group", m->like->node_group);
	tt_put_text(j, "region", m->like->region);
	tt_put_text(j, "instance_type", m->like->instance_type);
	tt_put_text(j, "gpu_model", m->like->gpu_model);
	tt_put_i64(j, "nodes", (int64_t)m->nodes);
	tt_put_i64(j, "of_nodes", (int64_t)m->of_nodes);
	tt_put_text(j, "to_commitment", to->commitment);
	tt_put_text(j, "change", m->change);
	tt_put_money(j, "cost", m->before_micro);
	tt_put_money(j, "saving_alone", m->alone_micro);
	tt_put_money(j, "saving", m->saving_micro);
	tt_put_text(j, "why_not", m->why_not);
	tt_json_end_object(j);
}

static void put_json_moves(const tt_portfolio_report *r, const char *key,
                           const tt_stranded_move *v, size_t n, tt_json *j)
{
	tt_json_key(j, key);
	tt_json_array(j);
	for (size_t i = 0; i < n; i++)
		put_json_move(r, &v[i], j);
	tt_json_end_array(j);
}

static void put_json_finding(const tt_ranked *f, tt_json *j)
{
	tt_buf text = { 0 };

	tt_json_object(j);
	tt_put_text(j, "id", f->found->id);
	tt_put_text(j, "commitment", f->found->subject_id);
	tt_put_text(j, "title", f->found->title);
	tt_put_money(j, "saving_alone", f->standalone_micro);
	tt_put_text(j, "why_left_out", f->why);
	tt_json_key(j, "changes");
	tt_json_array(j);
	for (size_t i = 0; i < f->n_changes; i++) {
		tt_change_text(f->changes[i], &text);
		tt_json_string(j, tt_buf_text(&text));
		j->out->failed |= text.failed;
		tt_buf_free(&text);
		text = (tt_buf){ 0 };
	}
	tt_json_end_array(j);
	tt_json_end_object(j);
}

void tt_portfolio_moves_json(const tt_portfolio_report *r, tt_json *j)
{
	tt_put_money(j, "moves_saving", r->stranded->saving_micro);
	put_json_moves(r, "moves", r->stranded->v, r->stranded->n, j);
	put_json_moves(r, "not_moved", r->stranded->left, r->stranded->n_left, j);
	tt_json_key(j, "findings");
	tt_json_array(j);
	for (size_t i = 0; r->plan && i < r->plan->n; i++)
		put_json_finding(r->plan->v[i], j);
	tt_json_end_array(j);
}
