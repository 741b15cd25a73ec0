/* gpu_fit.h - whether work fits another GPU, how busy it would be there, and what a token
 * costs. Bounds and exact arithmetic on figures that come from data files; no figure of any
 * GPU is here.
 *
 * What is unknown is NaN, and so is what follows from it: nothing is extrapolated, in
 * particular not from one precision to another. Pure functions, any thread. */
#ifndef TT_MATHS_GPU_FIT_H
#define TT_MATHS_GPU_FIT_H
#include <stddef.h>

/* Usual limits: of the memory that may be used, and of the time that a card may be busy
 * after a move that is decided by a bound. */
#define TT_GPU_MEMORY_USABLE_RATIO 0.9
#define TT_GPU_BUSY_MOST_RATIO 0.7

/* --- Memory --- */

/* Key and value, for each layer and head. */
double tt_gpu_kv_bytes_per_token(double layers, double kv_heads, double head_dim,
                                 double value_bytes);
double tt_gpu_need_bytes(double weights_bytes, double tokens, double kv_bytes_per_token,
                         double overhead_bytes);
/* Whole cards of memory_bytes each that hold this, of each usable_ratio; 0 for nothing. */
double tt_gpu_cards_for(double need_bytes, double memory_bytes, double usable_ratio);

/* --- Speed: three resources that overlap --- */
typedef struct tt_gpu_speed {
	double tensor_tflops; /* dense, in the precision that is used */
	double dram_gb_per_s;
} tt_gpu_speed;

/* Shares of time, 0 to 1. */
typedef struct tt_gpu_busy {
	double tensor_ratio, dram_ratio;
	double other_ratio;   /* whatever does not get faster with the card */
} tt_gpu_busy;

/* Share of time that `dst` is busy with what keeps `src` busy like this, when its resources
 * work at the same time: the busiest of them. Above 1 it does not keep up. */
double tt_gpu_busy_ratio(const tt_gpu_busy *busy, const tt_gpu_speed *src,
                         const tt_gpu_speed *dst);
/* Time on dst for an hour on src, bound by the busiest resource on each. */
double tt_gpu_time_ratio(const tt_gpu_busy *busy, const tt_gpu_speed *src,
                         const tt_gpu_speed *dst);
/* The same for aligned series: ret[i] from busy[i]. What is to be judged is a quantile of
 * these, not these of quantiles. */
void tt_gpu_busy_series(const tt_gpu_busy *busy, size_t n, const tt_gpu_speed *src,
                        const tt_gpu_speed *dst, double *ret);

/* --- Tokens --- */

/* Up to which multiple of b's price for a card a's costs no more for the same tokens.
 * tokens_per_s are those of all the cards together. */
double tt_gpu_break_even_ratio(double tokens_per_s_a, double cards_a, double tokens_per_s_b,
                               double cards_b);
/* Card-hours for a million tokens, when that rate is used to this share; times the price of
 * a card-hour it is money. */
double tt_gpu_card_h_per_mtok(double tokens_per_s, double cards, double used_ratio);
/* The most output tokens per second that memory lets through while `batch` sequences of
 * context_tokens are decoded: each step reads the weights once and every sequence's keys
 * and values. A check on measured figures, not an estimate. */
double tt_gpu_decode_tokens_per_s(double dram_bytes_per_s, double weights_bytes, double batch,
                                  double context_tokens, double kv_bytes_per_token);
#endif
