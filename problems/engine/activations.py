"""Element-wise activations on float64 arrays of any shape, and their hand-written gradients.

Each function returns an array of its argument's shape. A `_backward` takes dy, the gradient by the
activation's output, and z, its input, both of one shape, and returns the gradient by z. Where an
activation has a kink, the gradient there is the left one, as in PyTorch.
"""

import math

import numpy as np

from problems.core import Array

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
"""The constants of Klambauer et al. 2017, which keep mean 0 and variance 1."""

_erf = np.vectorize(math.erf, otypes=[np.float64])


def relu(z: Array) -> Array:
    """Return max(0, z), element by element (Nair & Hinton 2010)."""
    return np.maximum(z, 0.0)


def relu_backward(dy: Array, z: Array) -> Array:
    """Return the gradient of `relu` by z, of z's shape; 0 at 0."""
    return dy * activation_gradient("relu", z)


def relu6(z: Array) -> Array:
    """Return min(6, max(0, z)), element by element."""
    return np.clip(z, 0.0, 6.0)


def relu6_backward(dy: Array, z: Array) -> Array:
    """Return the gradient of `relu6` by z, of z's shape; 0 at 0 and at 6."""
    return np.where((z > 0) & (z < 6), dy, 0.0)  # noqa: PLR2004 (the 6 of its name)


def leaky_relu(z: Array, slope: float = 0.01) -> Array:
    """Return z where it is positive and slope * z elsewhere (Maas et al. 2013)."""
    return np.where(z > 0, z, slope * z)


def leaky_relu_backward(dy: Array, z: Array, slope: float = 0.01) -> Array:
    """Return the gradient of `leaky_relu` by z, of z's shape."""
    return np.where(z > 0, dy, slope * dy)


def prelu(z: Array, slopes: Array) -> Array:
    """Return `leaky_relu` with trained slopes (He et al. 2015).

    z (batch, channels, ...), slopes (channels,) to z's shape.
    """
    return np.where(z > 0, z, _by_channel(slopes, z) * z)


def prelu_backward(dy: Array, z: Array, slopes: Array) -> tuple[Array, Array]:
    """Return the gradients (dz, dslopes) of `prelu`, each of its argument's shape."""
    others = (0, *range(2, z.ndim))
    dz = np.where(z > 0, dy, _by_channel(slopes, z) * dy)
    return dz, (dy * np.minimum(z, 0.0)).sum(axis=others)


def elu(z: Array, alpha: float = 1.0) -> Array:
    """Return z where it is positive and alpha (e^z - 1) elsewhere (Clevert et al. 2016)."""
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0.0)))


def elu_backward(dy: Array, z: Array, alpha: float = 1.0) -> Array:
    """Return the gradient of `elu` by z, of z's shape."""
    return np.where(z > 0, dy, dy * alpha * np.exp(np.minimum(z, 0.0)))


def selu(z: Array) -> Array:
    """Return the scaled `elu` of Klambauer et al. 2017, element by element."""
    return SELU_SCALE * elu(z, SELU_ALPHA)


def selu_backward(dy: Array, z: Array) -> Array:
    """Return the gradient of `selu` by z, of z's shape."""
    return SELU_SCALE * elu_backward(dy, z, SELU_ALPHA)


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + e^-z), computed so that neither branch overflows."""
    e = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def sigmoid_backward(dy: Array, z: Array) -> Array:
    """Return the gradient of `sigmoid` by z, of z's shape."""
    return dy * activation_gradient("sigmoid", z)


def tanh_backward(dy: Array, z: Array) -> Array:
    """Return the gradient of `numpy.tanh` by z, of z's shape."""
    return dy * activation_gradient("tanh", z)


def gelu(z: Array, *, approximate: bool = False) -> Array:
    """Return z P(Z <= z) for a standard normal Z (Hendrycks & Gimpel 2016).

    With `approximate`, z (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) / 2, as in GPT-2.
    """
    return z * _gelu_share(z, approximate=approximate)


def gelu_backward(dy: Array, z: Array, *, approximate: bool = False) -> Array:
    """Return the gradient of `gelu` by z, of z's shape."""
    share = _gelu_share(z, approximate=approximate)
    if approximate:
        inner = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z**2)
        return dy * (share + 2 * z * share * (1 - share) * inner)
    return dy * (share + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi))


def softplus(z: Array, beta: float = 1.0) -> Array:
    """Return ln(1 + e^(beta z)) / beta, element by element, without overflow."""
    return np.logaddexp(0.0, beta * z) / beta


def softplus_backward(dy: Array, z: Array, beta: float = 1.0) -> Array:
    """Return the gradient of `softplus` by z, of z's shape."""
    return dy * sigmoid(beta * z)


def silu(z: Array, beta: float = 1.0) -> Array:
    """Return z sigmoid(beta z): SiLU with beta 1, else Swish (Ramachandran et al. 2017)."""
    return z * sigmoid(beta * z)


def silu_backward(dy: Array, z: Array, beta: float = 1.0) -> Array:
    """Return the gradient of `silu` by z, of z's shape."""
    s = sigmoid(beta * z)
    return dy * (s + beta * z * s * (1 - s))


def mish(z: Array) -> Array:
    """Return z tanh(ln(1 + e^z)), element by element (Misra 2019)."""
    return z * np.tanh(softplus(z))


def mish_backward(dy: Array, z: Array) -> Array:
    """Return the gradient of `mish` by z, of z's shape."""
    t = np.tanh(softplus(z))
    return dy * (t + z * (1 - t**2) * sigmoid(z))


def hard_swish(z: Array) -> Array:
    """Return z min(6, max(0, z + 3)) / 6, element by element (Howard et al. 2019)."""
    return z * relu6(z + 3) / 6


def hard_swish_backward(dy: Array, z: Array) -> Array:
    """Return the gradient of `hard_swish` by z, of z's shape."""
    return dy * relu6(z + 3) / 6 + z * relu6_backward(dy, z + 3) / 6


def softsign(z: Array) -> Array:
    """Return z / (1 + |z|), element by element."""
    return z / (1 + np.abs(z))


def softsign_backward(dy: Array, z: Array) -> Array:
    """Return the gradient of `softsign` by z, of z's shape."""
    return dy / (1 + np.abs(z)) ** 2


def activation_gradient(name: str, z: Array) -> Array:
    """Return the derivative of "step", "sigmoid", "tanh" or "relu" at z, of z's shape.

    Step and ReLU have none at 0; there this gives 0.
    """
    if name == "sigmoid":
        return sigmoid(z) * (1 - sigmoid(z))
    if name == "tanh":
        return 1 - np.tanh(z) ** 2
    return np.where(np.asarray(z) > 0, 1.0, 0.0) if name == "relu" else np.zeros_like(z)


def _by_channel(values: Array, z: Array) -> Array:
    return values.reshape(-1, *[1] * (z.ndim - 2))


def _gelu_share(z: Array, *, approximate: bool) -> Array:
    """Return what `gelu` multiplies z by, of z's shape."""
    if approximate:
        return (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))) / 2
    return (1 + _erf(z / math.sqrt(2))) / 2
