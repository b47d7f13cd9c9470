# expect: accepted
# task: lstm_step
# PyTorch's own cell.
import torch
from torch import nn


def lstm_step(x, h_prev, c_prev, W, U, b):
    cell = nn.LSTMCell(x.shape[1], h_prev.shape[1], dtype=torch.float64)
    with torch.no_grad():
        cell.weight_ih.copy_(W)
        cell.weight_hh.copy_(U)
        cell.bias_ih.copy_(b)
        cell.bias_hh.zero_()
    return cell(x, (h_prev, c_prev))
