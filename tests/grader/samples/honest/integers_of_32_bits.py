# expect: accepted
# task: lm_windows
# Narrow integers, made by comprehension.
import numpy as np


def lm_windows(tokens, context):
    starts = range(len(tokens) - context)
    inputs = np.array([tokens[s : s + context] for s in starts], dtype=np.int32)
    return inputs, tokens[context:].astype(np.int32)
