import numpy as np


def embedding_lookup(E, ids):
    return np.take(E, ids, axis=0)
