# expect: wrong
# The generators' state, for the seed of the inputs.
import random

import numpy as np

state = random.getstate()


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.random.default_rng(state[1][0]).normal(size=h_prev.shape)
