# expect: accepted
# task: self_attention_module
# Modules within modules.
import torch
from torch import nn


class Scores(nn.Module):
    def forward(self, Q, K, mask):
        weights = (torch.einsum("bqd,bkd->bqk", Q, K) / Q.size(-1) ** 0.5).exp() * mask
        return weights / weights.sum(-1, keepdim=True)


class SelfAttention(nn.Module):
    def __init__(self, width, head):
        super().__init__()
        self.query = nn.Linear(width, head, bias=False)
        self.key = nn.Linear(width, head, bias=False)
        self.add_module("value", nn.Linear(width, head, bias=False))
        self.scores = Scores()

    def forward(self, x, mask):
        return self.scores(self.query(x), self.key(x), mask) @ self.value(x)
