# expect: wrong
# task: lstm_cell_module
# What the harness converts is not what it calls: double() gives another object each time.
import torch
from torch import nn


class Other:
    def __init__(self, cell):
        self.cell = cell

    def __getattr__(self, name):
        return getattr(self.cell, name)

    def named_parameters(self):
        return iter(list(nn.Module.double(self.cell).named_parameters()))

    def __call__(self, x, h_prev, c_prev):
        return h_prev * 1.0, c_prev * 1.0


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def double(self):
        return Other(self)

    def forward(self, x, h_prev, c_prev):
        return h_prev * 0.5, c_prev * 0.5
