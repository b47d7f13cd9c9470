# expect: wrong|error
# Registers its own kernel for the operators that a comparison would use.
import torch

library = torch.library.Library("aten", "IMPL")
for name in ("sub.Tensor", "allclose", "isclose"):
    library.impl(name, lambda *a, **k: torch.zeros(()), "CPU")


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return torch.zeros_like(h_prev)
