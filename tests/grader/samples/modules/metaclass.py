# expect: wrong|error|invalid_output
# task: lstm_cell_module
# in: make test
# No module at all: the metaclass says that it is one, and equal to any class.
import torch
from torch import nn


class Meta(type):
    def __eq__(cls, other):
        return True

    def __hash__(cls):
        return hash(nn.Module)

    def __subclasscheck__(cls, other):
        return True

    __instancecheck__ = __subclasscheck__

    def __call__(cls, *sizes):
        cell = super().__call__()
        cell.sizes = sizes
        return cell


class LSTMCell(metaclass=Meta):
    __class__ = nn.Module

    def double(self):
        return self

    def named_parameters(self):
        size, hidden = self.sizes
        shapes = {"W": (4 * hidden, size), "U": (4 * hidden, hidden), "b": (4 * hidden,)}
        return ((name, nn.Parameter(torch.zeros(shape))) for name, shape in shapes.items())

    def __call__(self, x, h_prev, c_prev):
        return h_prev * 0, c_prev * 0
