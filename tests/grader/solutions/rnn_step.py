import numpy as np


def rnn_step(x, h_prev, W, U, b):
    return np.tanh(x @ W.T + h_prev @ U.T + b)
