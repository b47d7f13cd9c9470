# expect: wrong|error|invalid_output
# task: lstm_cell_module
# Every attribute that is set becomes zeros, every one that is asked for becomes ones.
import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def __setattr__(self, name, value):
        if isinstance(value, nn.Parameter):
            value = nn.Parameter(torch.zeros_like(value))
        super().__setattr__(name, value)

    def __getattr__(self, name):
        value = super().__getattr__(name)
        return torch.ones_like(value) if isinstance(value, torch.Tensor) else value

    def __getattribute__(self, name):
        if name == "__class__":
            return nn.LSTMCell
        return super().__getattribute__(name)

    def forward(self, x, h_prev, c_prev):
        flow = (self.W.sum() + self.U.sum() + self.b.sum() + x.sum()) * 0
        return h_prev * 0 + flow, c_prev * 0 + flow
