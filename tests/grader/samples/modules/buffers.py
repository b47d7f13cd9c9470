# expect: invalid_output
# task: lstm_cell_module
# Buffers in place of parameters: they are in the state dict, and have no gradient.
import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.register_buffer("W", torch.zeros(4 * hidden_size, input_size))
        self.register_buffer("U", torch.zeros(4 * hidden_size, hidden_size))
        self.register_buffer("b", torch.zeros(4 * hidden_size))

    def forward(self, x, h_prev, c_prev):
        i, f, g, o = (x @ self.W.T + h_prev @ self.U.T + self.b).chunk(4, dim=1)
        c = f.sigmoid() * c_prev + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
