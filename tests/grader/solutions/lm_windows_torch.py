import torch


def lm_windows(tokens, context):
    windows = torch.Tensor.unfold(tokens, 0, context + 1, 1)
    return windows[:, :-1], windows[:, -1]
