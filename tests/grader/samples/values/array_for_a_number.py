# expect: invalid_output
# task: random_model_loss
import numpy as np


def random_model_loss(classes):
    return np.log([classes])
