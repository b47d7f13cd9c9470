import math


def random_model_loss(classes):
    return math.log(classes)
