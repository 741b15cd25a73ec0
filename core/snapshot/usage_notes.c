#include "snapshot/usage_notes.h"
#include "snapshot/usage_pack.h"
#include <inttypes.h>

/* A card that was replaced, or one that is called now by its index and now by its UUID. */
static int note_strange_cards(tt_builder *b, const char *file, const tt_usage *u,
                              const tt_rows *nodes, tt_err *err)
{
	tt_strange_cards more;
	char has[40];

	TT_TRY(tt_usage_strange_cards(u, nodes, &more, err));
	if (more.nodes == 0)
		return TT_OK;
	const tt_node_row *first = TT_ROW(nodes, tt_node_row, more.first);
	return tt_builder_note(b, "%s: %zu card%s on %zu node%s more than %s says (%s has %s, and "
	                       "%zu report)", file, more.cards, more.cards == 1 ? "" : "s",
	                       more.nodes, more.nodes == 1 ? "" : "s", nodes->file, first->node,
	                       tt_format_f64(first->gpus, 0, has, sizeof has), more.seen) < 0
		? tt_no_memory(err) : TT_OK;
}

int tt_usage_notes(tt_builder *b, const char *file, const tt_usage_result *r,
                   const tt_rows *nodes, tt_err *err)
{
	int rc = TT_OK;

	if (r->duplicates > 0)
		rc = tt_builder_note(b, "%s: %" PRId64 " equal rows counted once", file,
		                     r->duplicates);
	if (rc == TT_OK && r->outside > 0)
		rc = tt_builder_note(b, "%s: %" PRId64
		                     " rows outside of the window were passed over", file,
		                     r->outside);
	if (rc == TT_OK && r->differing)
		rc = tt_builder_note(b, "%s: pods that share a card gave different readings at the "
		                     "same time; the larger counted", file);
	if (rc < 0)
		return tt_no_memory(err);
	return nodes && r->usage ? note_strange_cards(b, file, r->usage, nodes, err) : TT_OK;
}
