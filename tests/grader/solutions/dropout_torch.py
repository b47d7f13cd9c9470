import torch


def dropout(x, mask, p, training):
    if not training:
        return x
    return torch.where(mask, x / (1 - p), 0.0)
