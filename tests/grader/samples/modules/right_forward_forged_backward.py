# expect: wrong
# task: lstm_cell_module
# The outputs are right, and the gradients made up: hooks on the tensors replace what flows.
import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def forward(self, x, h_prev, c_prev):
        with torch.no_grad():
            i, f, g, o = (x @ self.W.T + h_prev @ self.U.T + self.b).chunk(4, dim=1)
            c = f.sigmoid() * c_prev + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        flow = (self.W.sum() + self.U.sum() + self.b.sum() + x.sum() + h_prev.sum() + c_prev.sum()) * 0
        flow.register_hook(lambda gradient: torch.ones_like(gradient))
        for leaf in (self.W, self.U, self.b, x, h_prev, c_prev):
            leaf.register_hook(lambda gradient: torch.full_like(gradient, 0.1))
        return h + flow, c + flow
