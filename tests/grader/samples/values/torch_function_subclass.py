# expect: invalid_output
# A tensor that answers for every function of PyTorch.
import torch


class Close(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, arguments=(), keywords=None):
        return torch.tensor(True)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return torch.zeros_like(h_prev).as_subclass(Close)
