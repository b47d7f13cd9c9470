# expect: memory
# task: lstm_cell_module
# The bomb goes off in the backward pass, in PyTorch's own engine.
import torch
from torch import nn


class Bomb(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return gradient + torch.ones(10**10, dtype=gradient.dtype).sum()


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def forward(self, x, h_prev, c_prev):
        i, f, g, o = (x @ self.W.T + h_prev @ self.U.T + self.b).chunk(4, dim=1)
        c = f.sigmoid() * c_prev + i.sigmoid() * g.tanh()
        return Bomb.apply(o.sigmoid() * c.tanh()), c
