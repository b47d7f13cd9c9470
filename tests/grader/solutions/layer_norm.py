import numpy as np


def layer_norm(x, gamma, beta):
    centred = x - x.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1, keepdims=True)
    return gamma * centred / np.sqrt(variance + 1e-5) + beta
