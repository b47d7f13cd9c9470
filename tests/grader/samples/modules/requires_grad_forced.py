# expect: wrong|error|invalid_output
# task: lstm_cell_module
# requires_grad is always true, grad_fn always there, inference mode on.
import torch
from torch import nn

torch.Tensor.requires_grad = property(lambda self: True, lambda self, value: None)
torch.Tensor.grad_fn = property(lambda self: object())
torch.Tensor.requires_grad_ = lambda self, value=True: self
torch.set_grad_enabled(False)
torch.inference_mode().__enter__()


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
