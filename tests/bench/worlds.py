"""The rival of paths.c: the same model and question in numpy, as fast as it goes there.

Counter-based normals in single precision, hours as rows so that each step works on all
worlds at once. Every level two ways: a maximum and a sum for each level, as it is mostly
written, and by counting (bincount and sums from the top), which is what ours does.
"""
import sys
import time

import numpy as np

HOURS, LEVELS, MOST = 8760, 50, 1023


def main():
    worlds = int(sys.argv[1])
    h = np.arange(HOURS)
    hour = h % 24
    day = np.where(hour < 12, hour / 6 - 1, 3 - hour / 6)
    expected = (200 + 60 * day - np.where(h // 24 % 7 >= 5, 40, 0)) * (1 + 0.3 * h / HOURS)
    levels = 10 * np.arange(LEVELS)

    start = time.perf_counter()
    rng = np.random.Generator(np.random.Philox(42))
    week_normal = rng.standard_normal((HOURS // 168 + 1, worlds), dtype=np.float32)
    z = rng.standard_normal((HOURS, worlds), dtype=np.float32)
    week = np.zeros(worlds, np.float32)
    level = np.zeros(worlds, np.float32)
    week_var = hour_var = 0.0
    demand = np.empty((HOURS, worlds), np.int32)
    for i in range(HOURS):
        if i % 168 == 0:
            week = np.float32(0.9) * week + np.float32(0.05) * week_normal[i // 168]
            week_var = 0.81 * week_var + 0.0025
        level *= np.float32(0.97)
        level += np.float32(0.02) * z[i]
        hour_var = 0.97 ** 2 * hour_var + 0.0004
        scale = np.float32(expected[i] * np.exp(-(week_var + hour_var) / 2))
        demand[i] = np.minimum(scale * np.exp(week + level), MOST) + np.float32(0.5)
    drawn = time.perf_counter()

    above = np.empty((LEVELS, worlds), np.int64)
    for k, c in enumerate(levels):
        above[k] = np.maximum(demand - c, 0).sum(axis=0)
    each = time.perf_counter()

    count = np.bincount((demand + np.arange(worlds) * (MOST + 1)).ravel(),
                        minlength=worlds * (MOST + 1)).reshape(worlds, MOST + 1)
    longer = count[:, ::-1].cumsum(axis=1)[:, ::-1]         # hours with at least d
    units = longer[:, ::-1].cumsum(axis=1)[:, ::-1]         # units from d up
    counted_above = np.zeros((LEVELS, worlds), np.int64)
    for k, c in enumerate(levels):
        counted_above[k] = units[:, c + 1] if c < MOST else 0
    counted = time.perf_counter()

    print(f"draw_s={drawn - start:.6f} each_s={each - drawn:.6f} counted_s={counted - each:.6f}")
    print(f"same={'yes' if (above == counted_above).all() else 'no'} "
          f"above_200={above[20].mean():.6g} version={np.__version__}")


main()
