# expect: wrong|invalid_output|error
# Tensors give themselves where an array is asked for.
import torch

torch.Tensor.numpy = lambda self: self
torch.Tensor.detach = lambda self: self


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return torch.zeros_like(h_prev)
