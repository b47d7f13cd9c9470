import torch


def hidden_state(o, c):
    return o * torch.tanh(c)
