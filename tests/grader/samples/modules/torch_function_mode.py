# expect: wrong|error|invalid_output
# task: lstm_cell_module
# in: make test
# A mode that stays on after the call, and sees every function that the harness calls.
import torch
from torch import nn
from torch.overrides import TorchFunctionMode


class Forge(TorchFunctionMode):
    def __torch_function__(self, function, types, arguments=(), keywords=None):
        result = function(*arguments, **(keywords or {}))
        return result.fill_(0.5) if type(result) is torch.Tensor and result.is_leaf else result


Forge().__enter__()


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def forward(self, x, h_prev, c_prev):
        flow = (self.W.sum() + self.U.sum() + self.b.sum() + x.sum()) * 0
        return h_prev * 0 + flow, c_prev * 0 + flow
