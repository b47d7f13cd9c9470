import numpy as np


def sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


def gru_step(x, h_prev, W, U, b):
    x_r, x_z, x_n = np.split(x @ W.T + b, 3, axis=1)
    h_r, h_z, h_n = np.split(h_prev @ U.T, 3, axis=1)
    n = np.tanh(x_n + sigmoid(x_r + h_r) * h_n)
    return n + sigmoid(x_z + h_z) * (h_prev - n)
