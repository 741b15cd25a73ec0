/* charges.c - the lines of the bill that are of no node, for detectors. See tt_charge_line in
 * plugin.h. */
#include "bill/rescale.h"
#include "host/detector_services.h"
#include "snapshot/labels.h"
#include <string.h>

/* The volume that a copy is of, by the tags that tools put on it. */
static const char *source_of(const char *labels, tt_arena *arena)
{
	static const char *const keys[] = { "volume", "volume_id", "source_volume", "VolumeId",
		"CSIVolumeName" };

	for (size_t i = 0; i < TT_COUNT(keys); i++) {
		bool failed = false;
		const char *value = tt_labels_get(labels, keys[i], arena, &failed);

		if (failed)
			return NULL;
		if (value)
			return value;
	}
	return "";
}

static int tell_line(tt_call *c, const tt_case *of, size_t i, tt_charge_line *to)
{
	const tt_billed_line *l = &of->snapshot->billed.lines[i];

	*to = (tt_charge_line){ .size = sizeof *to, .resource = l->resource,
		                .category = l->category, .service = l->service,
		                .meter = l->meter, .unit = l->unit,
		                .stream = tt_billed_stream_text(l->stream),
		                .feature = l->feature, .source = source_of(l->labels, c->arena),
		                .owner = tt_line_owner(of, i, c->arena), .cost_micro = l->micro,
		                .early_micro = l->early_micro, .quantity = l->quantity,
		                .is_volume = l->volume != SIZE_MAX };
	return to->source && to->owner ? TT_OK
		: tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
}

int tt_lend_charges(tt_call *c, const tt_charge_line **ret, size_t *ret_n)
{
	tt_charge_line *v;
	tt_case of;
	size_t n;

	*ret_n = 0;
	TT_TRY(tt_call_of_detector(c, "charges"));
	tt_case_init(&of, c->subjects->snapshot, c->subjects->settings);
	n = of.snapshot->billed.n;
	v = tt_call_alloc(c, (n + 1) * sizeof *v);
	if (!v)
		return TT_ENOMEM;
	for (size_t i = 0; i < n; i++)
		TT_TRY(tell_line(c, &of, i, &v[i]));
	*ret = v;
	*ret_n = n;
	return TT_OK;
}
