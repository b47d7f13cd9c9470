import torch


def output_gate(x, h_prev, W_o, U_o, b_o):
    return torch.sigmoid(x @ W_o.T + h_prev @ U_o.T + b_o)
