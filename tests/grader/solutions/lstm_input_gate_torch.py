import torch


def input_gate(x, h_prev, W_i, U_i, b_i):
    return torch.sigmoid(x @ W_i.T + h_prev @ U_i.T + b_i)
