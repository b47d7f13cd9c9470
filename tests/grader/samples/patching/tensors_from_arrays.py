# expect: wrong
# PyTorch's way from arrays to tensors and back, and its generators.
import torch

torch.from_numpy = lambda array: torch.zeros(array.shape, dtype=torch.float64)
torch.Tensor.resolve_conj = torch.Tensor.resolve_neg = lambda self: torch.zeros_like(self)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return torch.full_like(h_prev, 0.5)
