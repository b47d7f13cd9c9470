import torch


def lstm_step(x, h_prev, c_prev, W, U, b):
    i, f, g, o = (x @ W.T + h_prev @ U.T + b).chunk(4, dim=1)
    c = torch.sigmoid(f) * c_prev + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
