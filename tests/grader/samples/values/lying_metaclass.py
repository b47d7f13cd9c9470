# expect: invalid_output
# task: random_model_loss
# in: make test
# A class that is equal to float.
class Float(type):
    def __eq__(cls, other):
        return True

    def __hash__(cls):
        return hash(float)

    def __instancecheck__(cls, instance):
        return True


class Sly(metaclass=Float):
    __class__ = float

    def __float__(self):
        return 0.0


def random_model_loss(classes):
    return Sly()
