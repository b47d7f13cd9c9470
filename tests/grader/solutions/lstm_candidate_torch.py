import torch
from torch.nn.functional import linear


def candidate(x, h_prev, W_c, U_c, b_c):
    return torch.tanh(linear(x, W_c, b_c) + linear(h_prev, U_c))
