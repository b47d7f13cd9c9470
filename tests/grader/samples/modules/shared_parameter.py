# expect: invalid_output
# task: self_attention_module
# One weight under three names: what is loaded first is overwritten by what is loaded last.
import torch
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, width, head):
        super().__init__()
        self.query = nn.Linear(width, head, bias=False)
        self.key = nn.Linear(width, head, bias=False)
        self.value = nn.Linear(width, head, bias=False)
        self.key.weight = self.value.weight = self.query.weight

    def forward(self, x, mask):
        return self.query(x)
