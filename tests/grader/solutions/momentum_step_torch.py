import torch


def momentum_step(w, g, v, lr, mu):
    v = torch.add(g, v, alpha=mu)
    return torch.sub(w, v, alpha=lr), v
