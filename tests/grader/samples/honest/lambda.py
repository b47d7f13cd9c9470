# expect: accepted
# A lambda by that name.
import numpy as np

forget_gate = lambda x, h, W, U, b: 1 / (1 + np.exp(-(x @ W.T + h @ U.T + b)))
