import numpy as np


def adam_step(w, g, m, v, t, lr, beta1, beta2, eps):  # noqa: PLR0917 (the task says so)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v
