#include "change/mig_there.h"
#include "snapshot/catalogue.h"
#include <math.h>
#include <string.h>

void tt_mig_there_free(tt_mig_there *m)
{
	tt_mig_layouts_free(&m->layouts);
}

static bool is_allowed(const char *allowed, const char *profile)
{
	const size_t n = strlen(profile);

	for (const char *at = allowed; at; at = strchr(at, '|')) {
		at += *at == '|';
		if (strncmp(at, profile, n) == 0 && (at[n] == '|' || !at[n]))
			return true;
	}
	return !allowed;
}

/* Refuses a name that is none of the card's. */
static int check_names(const tt_catalogue *c, const tt_gpu_row *gpu, const char *allowed,
                       tt_err *err)
{
	for (const char *at = allowed; at && *at;) {
		const size_t n = strcspn(at, "|");
		char name[64];

		if (n < sizeof name) {
			memcpy(name, at, n);
			name[n] = '\0';
		}
		if (n >= sizeof name || !tt_catalogue_mig_profile(c, gpu, name))
			return tt_fail(err, TT_EINVAL, "share: %s has no profile %.*s", gpu->gpu,
			               (int)n, at);
		at += n + (at[n] == '|');
	}
	return TT_OK;
}

static tt_mig_profile profile_of(const tt_mig_row *r)
{
	return (tt_mig_profile){ .starts = r->start_bits, .memory = (uint8_t)r->memory_slices,
		                 .compute = (uint8_t)r->compute_slices,
		                 .most = r->instances > 0 ? (uint8_t)r->instances : 0,
		                 .mib = isnan(r->memory_mib) ? -1 : (int64_t)r->memory_mib };
}

int tt_mig_there_find(const tt_case *cs, const char *gpu_model, const tt_change_arg *allowed,
                      tt_mig_there *ret, tt_err *err)
{
	const tt_catalogue *c = cs->settings->catalogue;
	const tt_gpu_row *gpu = c && *gpu_model ? tt_catalogue_gpu(c, gpu_model) : NULL;
	const tt_mig_row *rows;
	size_t n = 0;

	rows = gpu ? tt_catalogue_mig(c, gpu, &n) : NULL;
	if (gpu && allowed)
		TT_TRY(check_names(c, gpu, allowed->text, err));
	for (size_t i = 0; i < n; i++) {
		tt_mig_geometry *g = &ret->geometry;

		if (rows[i].start_bits && g->n_profiles < TT_MIG_PROFILES &&
		    is_allowed(allowed ? allowed->text : NULL, rows[i].profile))
			ret->profiles[g->n_profiles++] = profile_of(&rows[i]);
	}
	if (!ret->geometry.n_profiles || isnan(gpu->mig_memory_slices))
		return tt_fail(err, TT_ENODATA,
		               "share: how %s can be sliced is not in the catalogue",
		               *gpu_model ? gpu_model : "a card of unknown model");
	ret->geometry.profiles = ret->profiles;
	ret->geometry.memory = (uint8_t)gpu->mig_memory_slices;
	ret->geometry.compute = (uint8_t)gpu->mig_compute_slices;
	return tt_mig_layouts_make(&ret->geometry, true, &ret->layouts, err);
}
