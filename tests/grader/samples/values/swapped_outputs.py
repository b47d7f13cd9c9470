# expect: wrong
# task: lstm_step
# Both outputs, in the other order.
import numpy as np


def lstm_step(x, h_prev, c_prev, W, U, b):
    i, f, g, o = np.split(x @ W.T + h_prev @ U.T + b, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
    c = f * c_prev + i * np.tanh(g)
    return c, o * np.tanh(c)
