# expect: wrong
# task: lstm_cell_module
# Hooks for all modules replace the outputs by what would be easy to compute.
import torch
from torch import nn


def easy(module, inputs, outputs):
    return inputs[1] * 1.0, inputs[2] * 1.0


nn.modules.module.register_module_forward_hook(easy)
nn.modules.module.register_module_full_backward_hook(lambda module, into, out: into)


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def forward(self, x, h_prev, c_prev):
        i, f, g, o = (x @ self.W.T + h_prev @ self.U.T + self.b).chunk(4, dim=1)
        c = f.sigmoid() * c_prev + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
