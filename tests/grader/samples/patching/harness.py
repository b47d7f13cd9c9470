# expect: wrong
# in: make test
# Changes the harness itself.
import sys

import numpy as np

harness = sys.modules["grader.harness"]
honest = harness._encode_result
harness._encode_result = lambda result: honest(np.zeros((2, 2)) if result is None else result)
harness._name_of = lambda value: "an array"
harness.Unreturnable = ValueError


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
