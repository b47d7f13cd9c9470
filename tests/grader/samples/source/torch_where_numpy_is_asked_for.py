# expect: error
# task: softmax_cross_entropy_gradient
# Wants PyTorch's own loss.
import torch


def softmax_cross_entropy_gradient(logits, labels):
    z = torch.tensor(logits, requires_grad=True)
    torch.nn.functional.cross_entropy(z, torch.tensor(labels)).backward()
    return z.grad.numpy()
