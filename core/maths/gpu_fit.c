#include "maths/gpu_fit.h"
#include <math.h>

double tt_gpu_kv_bytes_per_token(double layers, double kv_heads, double head_dim,
                                 double value_bytes)
{
	return 2 * layers * kv_heads * head_dim * value_bytes;
}

double tt_gpu_need_bytes(double weights_bytes, double tokens, double kv_bytes_per_token,
                         double overhead_bytes)
{
	return weights_bytes + tokens * kv_bytes_per_token + overhead_bytes;
}

double tt_gpu_cards_for(double need_bytes, double memory_bytes, double usable_ratio)
{
	return ceil(need_bytes / (usable_ratio * memory_bytes));
}

/* Not fmax(), which would pass over what is not known. */
static double most(double a, double b, double c)
{
	double m = a > b || isnan(a) ? a : b;

	return m > c || isnan(m) ? m : c;
}

double tt_gpu_busy_ratio(const tt_gpu_busy *busy, const tt_gpu_speed *src,
                         const tt_gpu_speed *dst)
{
	return most(busy->tensor_ratio * src->tensor_tflops / dst->tensor_tflops,
	            busy->dram_ratio * src->dram_gb_per_s / dst->dram_gb_per_s,
	            busy->other_ratio);
}

double tt_gpu_time_ratio(const tt_gpu_busy *busy, const tt_gpu_speed *src,
                         const tt_gpu_speed *dst)
{
	return tt_gpu_busy_ratio(busy, src, dst) /
	       most(busy->tensor_ratio, busy->dram_ratio, busy->other_ratio);
}

void tt_gpu_busy_series(const tt_gpu_busy *busy, size_t n, const tt_gpu_speed *src,
                        const tt_gpu_speed *dst, double *ret)
{
	for (size_t i = 0; i < n; i++)
		ret[i] = tt_gpu_busy_ratio(&busy[i], src, dst);
}

double tt_gpu_break_even_ratio(double tokens_per_s_a, double cards_a, double tokens_per_s_b,
                               double cards_b)
{
	return tokens_per_s_a / cards_a / (tokens_per_s_b / cards_b);
}

double tt_gpu_card_h_per_mtok(double tokens_per_s, double cards, double used_ratio)
{
	return cards / (tokens_per_s * used_ratio * 3600 / 1e6);
}

double tt_gpu_decode_tokens_per_s(double dram_bytes_per_s, double weights_bytes, double batch,
                                  double context_tokens, double kv_bytes_per_token)
{
	return batch * dram_bytes_per_s /
	       (weights_bytes + batch * context_tokens * kv_bytes_per_token);
}
