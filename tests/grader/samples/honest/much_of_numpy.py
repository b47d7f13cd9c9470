# expect: accepted
# Much of what NumPy has.
import numpy as np

rng = np.random.default_rng(1)
a = rng.normal(size=(40, 40))
np.linalg.svd(a), np.linalg.eig(a), np.linalg.inv(a), np.linalg.qr(a), np.fft.fft2(a)
np.sort(a), np.einsum("ij,jk->ik", a, a), np.polynomial.Polynomial([1, 2])(3), np.ma.array([1])
np.convolve(a[0], a[1]), np.percentile(a, 5), np.random.normal(size=3), np.unique(a)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
