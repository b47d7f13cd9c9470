# expect: timeout
# task: self_attention_module
# The attack is in what is built, not in what is called.
import torch
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, width, head):
        super().__init__()
        while True:
            width += head
