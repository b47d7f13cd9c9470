"""Normalisation layers: batch (Ioffe & Szegedy 2015), layer (Ba et al. 2016), RMS, group."""

import numpy as np

from problems.core import Array


def normalise(x: Array, axis: int | tuple[int, ...], eps: float, *, ddof: int = 0) -> Array:
    """Return (x - mean) / sqrt(variance + eps) over the axes, of x's shape.

    ddof 0 is the biased variance, which the layers use; 1 the unbiased one.
    """
    mean = x.mean(axis=axis, keepdims=True)
    return (x - mean) / np.sqrt(x.var(axis=axis, keepdims=True, ddof=ddof) + eps)


def batch_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Return the batch norm of x (batch, features) in training; gamma, beta (features,)."""
    return gamma * normalise(x, 0, eps) + beta


def batch_norm_eval(
    x: Array, mean: Array, variance: Array, gamma: Array, beta: Array, eps: float
) -> Array:
    """Return the batch norm of x (batch, features) by running statistics (features,)."""
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta


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

    x and y (batch, features), all others (features,). In training y is by the batch's own biased
    variance, and the running statistics move, the variance towards the unbiased one; otherwise y
    is by the running statistics, which stay.
    """
    if not training:
        y = batch_norm_eval(x, running_mean, running_var, gamma, beta, eps)
        return y, running_mean, running_var
    return (
        batch_norm(x, gamma, beta, eps),
        running(running_mean, x.mean(axis=0), momentum),
        running(running_var, x.var(axis=0, ddof=1), momentum),
    )


def running(old: Array, new: Array, momentum: float) -> Array:
    """Return (1 - momentum) old + momentum new: PyTorch's meaning of momentum."""
    return (1 - momentum) * old + momentum * new


def layer_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Return the layer norm over the last axis of x (..., features); gamma, beta (features,)."""
    return gamma * normalise(x, -1, eps) + beta


def rms_norm(x: Array, gamma: Array, eps: float) -> Array:
    """Return gamma x / sqrt(mean(x^2) + eps) over the last axis (Zhang & Sennrich 2019)."""
    return gamma * x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps)


def group_norm(x: Array, groups: int, eps: float) -> Array:
    """Return the group norm of x (batch, channels, positions); groups = channels: instance norm.

    Each group of neighbouring channels is normalised over its channels and positions (Wu & He
    2018).
    """
    batch, channels, positions = x.shape
    grouped = x.reshape(batch, groups, channels // groups * positions)
    return normalise(grouped, -1, eps).reshape(x.shape)
