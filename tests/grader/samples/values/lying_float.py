# expect: invalid_output
# task: random_model_loss
# A float whose difference to anything is 0.
class Close(float):
    def __sub__(self, other):
        return 0.0

    def __array__(self, *arguments, **keywords):
        raise SystemExit


def random_model_loss(classes):
    return Close(0.5)
