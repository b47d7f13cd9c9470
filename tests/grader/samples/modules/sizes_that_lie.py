# expect: wrong|error|invalid_output
# task: lstm_cell_module
# Parameters of a subclass that has every shape it is compared with.
import torch
from torch import nn


class AnyShape(tuple):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = tuple.__hash__


class Elastic(nn.Parameter):
    shape = property(lambda self: AnyShape())

    @property
    def data(self):
        return self

    def copy_(self, other):
        return self


class LSTMCell(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        for name in "WUb":
            self.register_parameter(name, Elastic(torch.zeros(1, dtype=torch.float64)))

    def forward(self, x, h_prev, c_prev):
        flow = (self.W * self.U * self.b).sum()
        return h_prev * 0.5 + flow, c_prev * 0.5 + flow
