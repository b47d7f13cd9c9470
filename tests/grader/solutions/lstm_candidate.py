import numpy as np


def candidate(x, h_prev, W_c, U_c, b_c):
    joined = np.concatenate([x, h_prev], axis=1)
    return np.tanh(joined @ np.concatenate([W_c, U_c], axis=1).T + b_c)
