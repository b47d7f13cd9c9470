# expect: wrong
# task: lstm_cell_module
# New leaves that ask for a gradient: the graph is there, and leads nowhere.
import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def forward(self, x, h_prev, c_prev):
        h, c = torch.zeros_like(h_prev), torch.zeros_like(c_prev)
        return h.requires_grad_(), c.requires_grad_()
