# expect: wrong|crashed|error
# One thread of PyTorch's own would hang every later fork, were it in the zygote.
import torch

try:
    torch.set_num_threads(64)
    torch.set_num_interop_threads(64)
except RuntimeError:
    pass
torch.randn(1500, 1500) @ torch.randn(1500, 1500)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return torch.zeros_like(h_prev)
