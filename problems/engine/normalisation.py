"""Normalisation layers and their gradients, as PyTorch has them.

Batch (Ioffe & Szegedy 2015), layer (Ba et al. 2016), instance (Ulyanov et al. 2016), group (Wu & He
2018) and RMS (Zhang & Sennrich 2019). x is (batch, features), or (batch, channels, ...) with the
positions of a sequence or an image behind the channels; gamma and beta have one number a feature
or channel. A `_backward` takes dy, the gradient by the output, of x's shape, and returns (dx,
dgamma, dbeta); RMS normalisation has no beta.
"""

import numpy as np

from problems.core import Array


def normalise(x: Array, axis: int | tuple[int, ...], eps: float, *, ddof: int = 0) -> Array:
    """Return (x - mean) / sqrt(variance + eps) over the axes, of x's shape.

    ddof 0 is the biased variance, which the layers use; 1 the unbiased one.
    """
    mean = x.mean(axis=axis, keepdims=True)
    return (x - mean) / np.sqrt(x.var(axis=axis, keepdims=True, ddof=ddof) + eps)


def normalise_backward(dn: Array, x: Array, axis: int | tuple[int, ...], eps: float) -> Array:
    """Return the gradient of `normalise` by x, of x's shape, for dn, that by its result."""
    n = normalise(x, axis, eps)
    along = dn.mean(axis=axis, keepdims=True) + n * (dn * n).mean(axis=axis, keepdims=True)
    return (dn - along) / np.sqrt(x.var(axis=axis, keepdims=True) + eps)


def batch_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Return the batch norm of x (batch, features, ...) in training; gamma, beta (features,)."""
    return _by_feature(gamma, x) * normalise(x, _others(x), eps) + _by_feature(beta, x)


def batch_norm_backward(
    dy: Array, x: Array, gamma: Array, eps: float
) -> tuple[Array, Array, Array]:
    """Return the gradients of `batch_norm` by (x, gamma, beta), through the batch's statistics."""
    others = _others(x)
    dx = normalise_backward(dy * _by_feature(gamma, x), x, others, eps)
    return dx, (dy * normalise(x, others, eps)).sum(axis=others), dy.sum(axis=others)


def batch_norm_eval(
    x: Array, mean: Array, variance: Array, gamma: Array, beta: Array, eps: float
) -> Array:
    """Return the batch norm of x (batch, features, ...) by running statistics (features,)."""
    mean, variance, gamma, beta = (_by_feature(v, x) for v in (mean, variance, gamma, beta))
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta


def batch_norm_eval_backward(
    dy: Array, x: Array, mean: Array, variance: Array, gamma: Array, eps: float
) -> tuple[Array, Array, Array]:
    """Return the gradients of `batch_norm_eval` by (x, gamma, beta); its statistics are fixed."""
    mean, spread, gamma = (_by_feature(v, x) for v in (mean, np.sqrt(variance + eps), gamma))
    others = _others(x)
    return dy * gamma / spread, (dy * (x - mean) / spread).sum(axis=others), dy.sum(axis=others)


def batch_norm_step(
    x: Array,
    gamma: Array,
    beta: Array,
    running_mean: Array,
    running_var: Array,
    momentum: float,
    eps: float,
    training: bool,  # noqa: FBT001 (as above)
) -> tuple[Array, Array, Array]:
    """Return (y, running mean, running variance) of a layer of batch norm, as PyTorch has it.

    x and y (batch, features, ...), all others (features,). In training y is by the batch's own
    biased variance, and the running statistics move, the variance towards the unbiased one;
    otherwise y is by the running statistics, which stay.
    """
    if not training:
        y = batch_norm_eval(x, running_mean, running_var, gamma, beta, eps)
        return y, running_mean, running_var
    return (
        batch_norm(x, gamma, beta, eps),
        running(running_mean, x.mean(axis=_others(x)), momentum),
        running(running_var, x.var(axis=_others(x), ddof=1), momentum),
    )


def running(old: Array, new: Array, momentum: float) -> Array:
    """Return (1 - momentum) old + momentum new: PyTorch's meaning of momentum."""
    return (1 - momentum) * old + momentum * new


def layer_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Return the layer norm over the last axis of x (..., features); gamma, beta (features,)."""
    return gamma * normalise(x, -1, eps) + beta


def layer_norm_backward(
    dy: Array, x: Array, gamma: Array, eps: float
) -> tuple[Array, Array, Array]:
    """Return the gradients of `layer_norm` by (x, gamma, beta)."""
    others = tuple(range(x.ndim - 1))
    dgamma = (dy * normalise(x, -1, eps)).sum(axis=others)
    return normalise_backward(dy * gamma, x, -1, eps), dgamma, dy.sum(axis=others)


def rms_norm(x: Array, gamma: Array, eps: float) -> Array:
    """Return gamma x / sqrt(mean(x^2) + eps) over the last axis (Zhang & Sennrich 2019)."""
    return gamma * x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps)


def rms_norm_backward(dy: Array, x: Array, gamma: Array, eps: float) -> tuple[Array, Array]:
    """Return the gradients (dx, dgamma) of `rms_norm`."""
    size = np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps)
    n, dn = x / size, dy * gamma
    dx = (dn - n * (dn * n).mean(axis=-1, keepdims=True)) / size
    return dx, (dy * n).sum(axis=tuple(range(x.ndim - 1)))


def group_norm(x: Array, gamma: Array, beta: Array, groups: int, eps: float) -> Array:
    """Return the group norm of x (batch, channels, ...); gamma, beta (channels,).

    Each group of neighbouring channels is normalised over its channels and positions.
    """
    n = normalise(_grouped(x, groups), -1, eps).reshape(x.shape)
    return _by_feature(gamma, x) * n + _by_feature(beta, x)


def group_norm_backward(
    dy: Array, x: Array, gamma: Array, groups: int, eps: float
) -> tuple[Array, Array, Array]:
    """Return the gradients of `group_norm` by (x, gamma, beta)."""
    grouped, others = _grouped(x, groups), _others(x)
    dn = _grouped(dy * _by_feature(gamma, x), groups)
    dx = normalise_backward(dn, grouped, -1, eps).reshape(x.shape)
    n = normalise(grouped, -1, eps).reshape(x.shape)
    return dx, (dy * n).sum(axis=others), dy.sum(axis=others)


def instance_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Return the instance norm of x (batch, channels, ...): a group norm of single channels."""
    return group_norm(x, gamma, beta, x.shape[1], eps)


def instance_norm_backward(
    dy: Array, x: Array, gamma: Array, eps: float
) -> tuple[Array, Array, Array]:
    """Return the gradients of `instance_norm` by (x, gamma, beta)."""
    return group_norm_backward(dy, x, gamma, x.shape[1], eps)


def _by_feature(values: Array, x: Array) -> Array:
    """Return one number a feature so that it meets axis 1 of x."""
    return values.reshape(-1, *[1] * (x.ndim - 2)) if x.ndim > 2 else values  # noqa: PLR2004 (axes)


def _others(x: Array) -> tuple[int, ...]:
    """Return the axes of x but its second, the features."""
    return (0, *range(2, x.ndim))


def _grouped(x: Array, groups: int) -> Array:
    return x.reshape(len(x), groups, -1)
