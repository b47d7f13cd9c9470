# expect: memory
import torch

torch.ones(10**10)
