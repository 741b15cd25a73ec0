#include "maths/cold_start.h"
#include <math.h>
#include <stddef.h>

static double seconds(double s)
{
	return s >= 0 ? s : (double)NAN;
}

static double moving(double bytes, double bytes_per_s)
{
	if (bytes == 0)
		return 0;
	if (!(bytes > 0) || !(bytes_per_s >= 0))
		return (double)NAN;
	return bytes_per_s > 0 ? bytes / bytes_per_s : (double)INFINITY;
}

/* Not fmax(): that takes a NaN for something to leave out. */
static double longer(double a, double b)
{
	return isnan(a) || isnan(b) ? (double)NAN : a > b ? a : b;
}

double tt_cold_start_s(const tt_cold_start *c, tt_cold_start_parts *ret_parts)
{
	tt_cold_start_parts p = {
		.node_s = seconds(c->node_s),
		.image_s = moving(c->image_bytes, c->image_bytes_per_s),
		.read_s = moving(c->model_bytes, c->read_bytes_per_s),
		.copy_s = moving(c->model_bytes, c->copy_bytes_per_s),
		.init_s = seconds(c->init_s),
	};

	p.load_s = c->streamed ? longer(p.read_s, p.copy_s) : p.read_s + p.copy_s;
	if (ret_parts)
		*ret_parts = p;
	return p.node_s + p.image_s + p.load_s + p.init_s;
}
