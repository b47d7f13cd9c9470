# expect: invalid_output
# task: self_attention_module
# A parametrisation gives other weights than those that are loaded, under another name.
import torch
from torch import nn
from torch.nn.utils import parametrize


class Zero(nn.Module):
    def forward(self, weight):
        return weight * 0


class SelfAttention(nn.Module):
    def __init__(self, width, head):
        super().__init__()
        for name in ("query", "key", "value"):
            setattr(self, name, nn.Linear(width, head, bias=False))
        parametrize.register_parametrization(self.query, "weight", Zero())

    def forward(self, x, mask):
        return self.value(x) + self.query(x) + self.key(x)
