import numpy as np


def perplexity(log_probs, mask):
    return float(np.exp(-(log_probs * mask).sum() / mask.sum()))
