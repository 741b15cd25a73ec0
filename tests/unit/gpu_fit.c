/* Moves between GPUs and prices of tokens: computed figures and what is not known. */
#include "maths/gpu_fit.h"
#include "t.h"

#define UNKNOWN ((double)NAN)

static const tt_gpu_speed a100 = { 312, 2039 }, h100 = { 989, 3350 }, h200 = { 989, 4800 };
static const tt_gpu_speed l40s = { 362, 864 };

static void test_busy(void)
{
	static const struct {
		const tt_gpu_speed *src, *dst;
		tt_gpu_busy busy;
		double busy_ratio, time_ratio;
	} known[] = {
		{ &h100, &l40s, { 0.12, 0.15, 0.30 }, 0.581597, 1.938657 },
		{ &h100, &l40s, { 0.10, 0.70, 0.20 }, 2.714120, 3.877315 },
		{ &a100, &h100, { 0.75, 0.35, 0.10 }, 0.236603, 0.315470 },
		{ &h100, &h200, { 0.20, 0.80, 0.15 }, 0.558333, 0.697917 },
	};
	tt_gpu_busy series[3] = { known[0].busy, known[1].busy, { 0, UNKNOWN, 0.2 } };
	double ret[3];

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		double x = tt_gpu_busy_ratio(&known[i].busy, known[i].src, known[i].dst);

		T_F64(known[i].busy_ratio, x, 5e-7);
		T_F64(known[i].time_ratio,
		      tt_gpu_time_ratio(&known[i].busy, known[i].src, known[i].dst), 5e-7);
		T_OK((x <= TT_GPU_BUSY_MOST_RATIO) == (i != 1));
		/* On the same card nothing changes. */
		T_F64(1, tt_gpu_time_ratio(&known[i].busy, known[i].src, known[i].src), 1e-15);
	}
	tt_gpu_busy_series(series, 3, &h100, &l40s, ret);
	T_F64(0.581597, ret[0], 5e-7);
	T_F64(2.714120, ret[1], 5e-7);
	T_OK(isnan(ret[2]));
	/* A precision that the card has no figure for is no answer, whatever else is busier. */
	const tt_gpu_speed no_fp8 = { UNKNOWN, 2039 };
	T_OK(isnan(tt_gpu_busy_ratio(&known[1].busy, &h100, &no_fp8)));
	for (int i = 0; i < 3; i++) {
		tt_gpu_busy b = { 0.5, 0.5, 0.5 };
		*(i == 0 ? &b.tensor_ratio : i == 1 ? &b.dram_ratio : &b.other_ratio) = UNKNOWN;
		T_OK(isnan(tt_gpu_busy_ratio(&b, &h100, &h200)));
		T_OK(isnan(tt_gpu_time_ratio(&b, &h100, &h200)));
	}
}

static void test_memory(void)
{
	double kv70 = tt_gpu_kv_bytes_per_token(80, 8, 128, 2);
	double need = tt_gpu_need_bytes(70.6e9, 64 * 4096, kv70, 2e9);

	T_F64(327680, kv70, 0);
	T_F64(131072, tt_gpu_kv_bytes_per_token(32, 8, 128, 2), 0);
	T_F64(147.614019, need / 1073741824, 5e-7);
	T_F64(3, tt_gpu_cards_for(need, 80e9, TT_GPU_MEMORY_USABLE_RATIO), 0);
	T_F64(2, tt_gpu_cards_for(need, 141e9, TT_GPU_MEMORY_USABLE_RATIO), 0);
	T_F64(1, tt_gpu_cards_for(40e9, 80e9, 0.5), 0);
	T_F64(2, tt_gpu_cards_for(40e9 + 1, 80e9, 0.5), 0);
	T_F64(0, tt_gpu_cards_for(0, 80e9, 0.9), 0);
	T_OK(isnan(tt_gpu_cards_for(need, UNKNOWN, 0.9)));
}

static void test_tokens(void)
{
	T_F64(3.332699, tt_gpu_break_even_ratio(7007, 1, 4205, 2), 5e-7);
	T_F64(1.383591, tt_gpu_break_even_ratio(2909, 1, 4205, 2), 5e-7);
	T_F64(1.165834, tt_gpu_break_even_ratio(17744, 1, 15220, 1), 5e-7);

	double h100_mtok = 4.916 * tt_gpu_card_h_per_mtok(4205, 2, 0.55);
	double h200_mtok = 5.408 * tt_gpu_card_h_per_mtok(2909, 1, 0.55);
	T_F64(1.18089336, h100_mtok, 5e-9);
	T_F64(0.93891823, h200_mtok, 5e-9);
	T_F64(0.79509147, h200_mtok / h100_mtok, 5e-9);
	/* At the break-even multiple of the price both cost the same. */
	T_F64(h100_mtok, 4.916 * tt_gpu_break_even_ratio(2909, 1, 4205, 2) *
	      tt_gpu_card_h_per_mtok(2909, 1, 0.55), 1e-12);

	T_F64(206.9042, tt_gpu_decode_tokens_per_s(3.35e12, 16.06e9, 1, 1000, 131072), 5e-5);
	T_F64(5292.7022, tt_gpu_decode_tokens_per_s(3.35e12, 16.06e9, 32, 1000, 131072), 5e-5);
	T_F64(17285.2931, tt_gpu_decode_tokens_per_s(3.35e12, 16.06e9, 256, 1000, 131072), 5e-5);
}

int main(void)
{
	test_busy();
	test_memory();
	test_tokens();
	return T_END();
}
