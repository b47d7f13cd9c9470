import torch


def perplexity(log_probs, mask):
    return torch.exp(-log_probs[mask].mean())
