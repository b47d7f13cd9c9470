# expect: invalid_output
# task: conv2d_output_shape
# An int that is equal to anything.
class Any(int):
    def __eq__(self, other):
        return True

    def __index__(self):
        return 3

    __hash__ = int.__hash__


def conv2d_output_shape(*sizes):
    return Any(3), Any(3), Any(3)
