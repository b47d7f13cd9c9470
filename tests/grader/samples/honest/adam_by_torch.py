# expect: accepted
# task: adam_step
# Tensors in, and numbers for the step and the rates.
import torch


def adam_step(w, g, m, v, t, lr, beta1, beta2, eps):
    m = torch.lerp(g, m, beta1)
    v = beta2 * v + (1 - beta2) * g.square()
    corrected = v.div(1 - beta2**t).sqrt().add(eps)
    return w - lr * (m / (1 - beta1**t)) / corrected, m, v
