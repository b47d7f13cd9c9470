# expect: accepted
# task: random_model_loss
# Every kind of number that may be returned.
import numpy as np

kinds = [float, np.float64, np.float32, np.array]


def random_model_loss(classes):
    assert type(classes) is int
    return kinds[classes % 4](np.log(classes))
