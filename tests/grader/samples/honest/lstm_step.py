# expect: accepted
# task: lstm_step
# Two outputs.
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm_step(x, h_prev, c_prev, W, U, b):
    i, f, g, o = np.split(x @ W.T + h_prev @ U.T + b, 4, axis=1)
    c = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c
