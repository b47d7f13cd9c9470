import numpy as np


def lm_windows(tokens, context):
    count = len(tokens) - context
    inputs = np.array([tokens[i : i + context] for i in range(count)])
    return inputs, tokens[context:]
