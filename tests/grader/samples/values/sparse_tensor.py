# expect: invalid_output
# A sparse tensor.
import torch


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return torch.sigmoid(x @ W_f.T + h_prev @ U_f.T + b_f).to_sparse()
