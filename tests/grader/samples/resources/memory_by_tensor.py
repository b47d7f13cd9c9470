# expect: memory
# A tensor of 40 GB.
import torch

torch.ones(10**10)
