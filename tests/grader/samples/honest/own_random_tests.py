# expect: accepted
# in: make test
# Tries itself on random inputs first, with asserts, timings and a garbage collection.
import gc
import time

import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))


rng = np.random.default_rng()
started = time.perf_counter()
for _ in range(20):
    a = [rng.normal(size=s) for s in [(4, 3), (4, 2), (2, 3), (2, 2), (2,)]]
    assert forget_gate(*a).shape == (4, 2)
    assert np.allclose(forget_gate(*a), forget_gate(*a))
gc.collect()
print(f"ok in {time.perf_counter() - started:.3f} s")
