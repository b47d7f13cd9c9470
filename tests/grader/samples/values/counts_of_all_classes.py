# expect: invalid_output|wrong
# task: confusion_metrics
# Numbers that are none: True for 1.0, an int subclass, a string, a fraction.
from fractions import Fraction


class One(int):
    def __float__(self):
        return 0.25


def confusion_metrics(y_true, y_pred):
    return True, One(1), "1.0", Fraction(1, 2)
