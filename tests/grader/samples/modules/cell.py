# expect: accepted
# task: lstm_cell_module
# in: make test
# Honest: a cell as the statement asks for it, with hooks and a helper of its own.
import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))
        self.calls = 0
        self.register_forward_hook(self.count)

    def count(self, module, inputs, outputs):
        self.calls += 1

    def forward(self, x, h_prev, c_prev):
        i, f, g, o = (x @ self.W.T + h_prev @ self.U.T + self.b).chunk(4, dim=1)
        c = f.sigmoid() * c_prev + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
