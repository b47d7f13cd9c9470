# expect: accepted
# Prints what cannot be encoded, and warns.
import sys
import warnings

import numpy as np

print("loaded \ud800 ✓")
warnings.warn("careful")
print("to stderr", file=sys.stderr)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
