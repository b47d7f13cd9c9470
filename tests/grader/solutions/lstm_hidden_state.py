import numpy as np


def hidden_state(o, c):
    return o * np.tanh(c)
