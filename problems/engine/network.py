"""A perceptron with one hidden layer, and one linear layer: values and their gradients."""

import numpy as np

from problems.core import Array
from problems.engine.activations import activation_gradient, relu, sigmoid


def activate(name: str, z: Array) -> Array:
    """Return "none", "relu", "tanh" or "sigmoid" of z, element by element."""
    return {"none": np.array, "relu": relu, "tanh": np.tanh, "sigmoid": sigmoid}[name](z)


def forward(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, activation: str) -> Array:
    """Return W2 f(W1 x + b1) + b2, shape (outputs,); W1 (hidden, inputs), W2 (outputs, hidden)."""
    return W2 @ activate(activation, W1 @ x + b1) + b2


def gradients(
    x: Array,
    W1: Array,
    b1: Array,
    w2: Array,
    error: float,
    activation: str,
) -> tuple[Array, Array, Array]:
    """Return the gradients by (W1, b1, w2) of a loss whose derivative by the output is `error`.

    The output is the number w2 . f(W1 x + b1) + b2; W1 (hidden, inputs), w2 (hidden,).
    """
    z = W1 @ x + b1
    delta = error * w2 * activation_gradient(activation, z)
    return np.outer(delta, x), delta, error * activate(activation, z)


def linear(x: Array, W: Array, b: Array) -> Array:
    """Return x W^T + b, shape (batch, out), for x (batch, in), W (out, in) and b (out,)."""
    return x @ W.T + b


def linear_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    """Return (dx, dW, db), the gradients by x, W and b of a linear layer y = x W^T + b.

    dy (batch, out) is the gradient by y, x is (batch, in) and W (out, in). dW and db are sums over
    the batch.
    """
    return dy @ W, dy.T @ x, dy.sum(axis=0)
