/* The fit on public probes of spot capacity: one V100 in nine zones, every 195 s for 45 days
 * (the traces of Wu et al., NSDI '24). What was found on them: machines that have just come
 * go most (shapes 0.49 to 0.93), and a mean run is 0.7 to 9 h. Skipped where the traces are
 * not at hand. */
#include "base/file.h"
#include "base/memory.h"
#include "maths/lifetime.h"
#include "t.h"

enum { PROBES = 20158 };

static double units[PROBES];
static int64_t time_s[PROBES];
static tt_lifetime_run runs[PROBES];

static size_t read_trace(const char *path)
{
	TT_CLEANUP(tt_freep) char *text = NULL;
	tt_err err = { 0 };
	size_t n = 0, bytes;

	T_INT(TT_OK, tt_file_read(path, 1 << 20, &text, &bytes, &err));
	T_STR("", err.text);
	if (!text || !strstr(text, "\"gap_seconds\": 195"))
		return 0;
	for (const char *s = strstr(text, "\"data\": ["); s && *s; s++)
		if ((*s == '0' || *s == '1') && n < PROBES) {
			time_s[n] = (int64_t)n * 195;
			units[n++] = *s - '0';
		}
	return n;
}

int main(void)
{
	static const struct {
		const char *zone;
		double shape, mean_h;
	} known[] = {
		{ "us-east-1a", 0.931, 0.71 }, { "us-east-1c", 0.730, 1.38 },
		{ "us-east-1d", 0.725, 1.55 }, { "us-east-1f", 0.653, 2.08 },
		{ "us-east-2a", 0.567, 5.08 }, { "us-east-2b", 0.642, 4.07 },
		{ "us-west-2a", 0.556, 5.29 }, { "us-west-2b", 0.490, 8.99 },
		{ "us-west-2c", 0.535, 5.79 },
	};
	const char *shared = getenv("TT_SHARED");
	char folder[800], path[900];

	snprintf(folder, sizeof folder, "%s/data/raw/spot-traces/availability/1-node/"
	         "aws-02-15-2023", shared ? shared : "");
	if (!tt_is_folder(folder)) {
		printf("skip: the traces are not in %s\n", folder);
		return 77;
	}
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		snprintf(path, sizeof path, "%s/%s_v100_1.json", folder, known[i].zone);
		size_t n = read_trace(path);
		T_INT(PROBES, n);
		size_t n_runs = tt_lifetime_runs(time_s, units, n, 1, runs);
		tt_lifetime_fit fit = tt_lifetime_fit_weibull(runs, n_runs);
		double up_h = 0, there_h = 0;

		T_F64(known[i].shape, fit.shape, 5e-4);
		T_F64(known[i].mean_h, fit.mean_h, 5e-3);
		T_OK(fit.censored <= 1);
		T_OK(n_runs - fit.ended - fit.censored <= 1); /* the one met half-way */
		for (size_t k = 0; k < n; k++)
			up_h += units[k] * 195 / 3600;
		for (size_t k = 0; k < n_runs; k++)
			there_h += runs[k].h;
		T_F64(up_h, there_h, 1e-6);
	}
	return T_END();
}
