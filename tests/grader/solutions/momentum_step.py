def momentum_step(w, g, v, lr, mu):
    v = mu * v + g
    return w - lr * v, v
