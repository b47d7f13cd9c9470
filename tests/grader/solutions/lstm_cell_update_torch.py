import torch


def cell_update(f, c_prev, i, c_tilde):
    return torch.addcmul(f * c_prev, i, c_tilde)
