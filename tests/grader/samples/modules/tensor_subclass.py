# expect: invalid_output
# task: lstm_cell_module
# Outputs that answer every function of PyTorch, grad too, as suits them.
import torch
from torch import nn


class Sly(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, arguments=(), keywords=None):
        if function is torch.autograd.grad:
            return tuple(torch.ones_like(leaf) for leaf in arguments[1])
        with torch._C.DisableTorchFunctionSubclass():
            return function(*arguments, **(keywords or {}))


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def forward(self, x, h_prev, c_prev):
        return h_prev.as_subclass(Sly), c_prev.as_subclass(Sly)
