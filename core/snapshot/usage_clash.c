#include "snapshot/usage_clash.h"
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Count a row that contradicts another; keep the message of the first in the file. */
static int clash(tt_usage_shard *sh, enum tt_clash_kind kind, uint32_t line, const char *fmt, ...)
	TT_PRINTF(4, 5);
static int clash(tt_usage_shard *sh, enum tt_clash_kind kind, uint32_t line, const char *fmt, ...)
{
	tt_clash *c = &sh->clash[kind];
	va_list args;

	if (c->n++ == 0 || line < c->line) {
		c->line = line;
		va_start(args, fmt);
		vsnprintf(c->text, sizeof c->text, fmt, args);
		va_end(args);
	}
	return TT_OK;
}

/* "node/gpu/slice" out of a carrier's key, for a message. */
static void carrier_text(tt_usage *u, uint32_t carrier, char *text, size_t size)
{
	size_t at = 0;

	pthread_mutex_lock(&u->lock);
	const char *key = tt_names_at(u->carriers, carrier);
	pthread_mutex_unlock(&u->lock);
	for (; *key && at < size; key += *key == '\x1f') {
		const size_t n = strcspn(key, "\x1f");
		if (n > 0)
			at += (size_t)snprintf(text + at, size - at, "%s%.*s", at ? "/" : "",
			                       tt_utf8_shown(key, n), key);
		key += n;
	}
}

int tt_usage_clash_pods(tt_usage *u, tt_usage_shard *sh, const tt_usage_row *row,
                        const tt_seen *seen, const char *when)
{
	char card[200] = "";

	carrier_text(u, row->carrier, card, sizeof card);
	pthread_mutex_lock(&u->lock);
	const char *a = tt_names_at(u->pods, seen->pod - 1);
	const char *b = tt_names_at(u->pods, row->pod - 1);
	pthread_mutex_unlock(&u->lock);
	return clash(sh, TT_CLASH_PODS, row->line, "pod \"%.*s\" needs all of card \"%s\" at %s, "
	             "but pod \"%.*s\" (line %u) holds it", tt_utf8_shown(b, strlen(b)), b, card,
	             when, tt_utf8_shown(a, strlen(a)), a, seen->line);
}

int tt_usage_clash_values(tt_usage *u, tt_usage_shard *sh, const tt_usage_row *row,
                          const tt_seen *seen, const int64_t *value, size_t m, const char *when)
{
	const tt_metric_def *d = u->metric[m];
	char carrier[200] = "", here[40], there[40];
	double unit = d->decimals == 8 ? 1e8 : 1e6;

	carrier_text(u, row->carrier, carrier, sizeof carrier);
	tt_format_f64((double)value[m] / unit, d->decimals, here, sizeof here);
	tt_format_f64((double)seen->value[m] / unit, d->decimals, there, sizeof there);
	return clash(sh, TT_CLASH_VALUES, row->line, "%s is %s for \"%s\" at %s, in line %u it is "
	             "%s", d->column, here, carrier, when, seen->line, there);
}
