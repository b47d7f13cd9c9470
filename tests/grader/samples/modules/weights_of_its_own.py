# expect: wrong
# task: lstm_cell_module
# in: make test
# Shows copies of its parameters to whoever loads them, and computes with others.
import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))
        self.shadow = [p.detach().clone() for p in (self.W, self.U, self.b)]

    def named_parameters(self, *arguments, **keywords):
        copies = (nn.Parameter(p.detach().clone()) for p in self.parameters())
        return iter(list(zip("WUb", copies)))

    def parameters(self, recurse=True):
        return iter([self._parameters[name] for name in "WUb"])

    def state_dict(self, *arguments, **keywords):
        return dict(zip("WUb", self.shadow))

    def load_state_dict(self, *arguments, **keywords):
        return None

    def forward(self, x, h_prev, c_prev):
        W, U, b = (p.double() for p in self.shadow)
        i, f, g, o = (x @ W.T + h_prev @ U.T + b).chunk(4, dim=1)
        c = f.sigmoid() * c_prev + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
