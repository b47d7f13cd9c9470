import torch
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, width, head):
        super().__init__()
        self.query = nn.Linear(width, head, bias=False)
        self.key = nn.Linear(width, head, bias=False)
        self.value = nn.Linear(width, head, bias=False)

    def forward(self, x, mask):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / Q.shape[-1] ** 0.5
        return torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1) @ V
