# expect: invalid_output
# task: random_model_loss
# An array where a number is asked for.
import numpy as np


def random_model_loss(classes):
    return np.log([classes])
