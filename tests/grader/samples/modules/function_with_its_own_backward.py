# expect: wrong
# task: lstm_cell_module
# The output is garbage, and the backward pass, which is ours, gives what gradients usually are.
import torch
from torch import nn


class Garbage(torch.autograd.Function):
    @staticmethod
    def forward(ctx, h_prev, c_prev, *others):
        ctx.save_for_backward(h_prev, c_prev, *others)
        return torch.zeros_like(h_prev), torch.zeros_like(c_prev)

    @staticmethod
    def backward(ctx, dh, dc):
        return tuple(torch.ones_like(tensor) for tensor in ctx.saved_tensors)


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def forward(self, x, h_prev, c_prev):
        return Garbage.apply(h_prev, c_prev, self.W, self.U, self.b, x)
