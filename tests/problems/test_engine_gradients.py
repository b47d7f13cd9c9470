"""The engine's layers and losses, and their hand-written gradients, against PyTorch, in one table.

An entry draws shapes and settings, and gives our function, our gradients, and PyTorch's function of
the same arrays. All numbers of a draw differ, so that a wrong order, transposition or axis shows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from problems.engine import activations, losses, losses_backward, network, normalisation
from problems.engine import convolution as conv
from problems.engine import convolution_backward as conv_back

pytestmark = pytest.mark.filterwarnings("error")
CLOSE = {"rtol": 1e-9, "atol": 1e-10}
SMALL = st.integers(1, 3)
EPS = 1e-3


@dataclass(frozen=True)
class Case:
    """One drawn call: shapes, and three functions of arrays of these shapes in their order."""

    shapes: tuple
    ours: Callable
    backward: Callable
    theirs: Callable
    positive: bool = False


def run(case, seed):
    """Compare outputs, and the gradients by every array for a drawn gradient by the output."""
    generator = np.random.default_rng(seed)
    make = generator.dirichlet if case.positive else generator.standard_normal
    if case.positive:
        arrays = [make(np.ones(shape[-1]), shape[:-1]) for shape in case.shapes]
    else:
        arrays = [make(shape) for shape in case.shapes]
    leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
    ours, theirs = np.asarray(case.ours(*arrays)), case.theirs(*leaves)
    assert ours.dtype == np.float64
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs.detach(), **CLOSE)
    dy = generator.standard_normal(ours.shape)
    theirs.backward(torch.tensor(dy))
    found = case.backward(dy, *arrays)
    found = found if isinstance(found, tuple) else (found,)
    for mine, leaf in zip(found, leaves, strict=True):
        assert mine.shape == leaf.shape
        np.testing.assert_allclose(mine, leaf.grad, **CLOSE)


ELEMENTWISE = {
    "relu": (functional.relu, {}),
    "relu6": (lambda z: functional.relu6(4 * z) / 4, {}),
    "leaky_relu": (lambda z: functional.leaky_relu(z, 0.2), {"slope": 0.2}),
    "elu": (lambda z: functional.elu(z, 0.7), {"alpha": 0.7}),
    "selu": (functional.selu, {}),
    "sigmoid": (torch.sigmoid, {}),
    "gelu": (functional.gelu, {}),
    "gelu_tanh": (lambda z: functional.gelu(z, approximate="tanh"), {"approximate": True}),
    "softplus": (lambda z: functional.softplus(z, 1.5), {"beta": 1.5}),
    "silu": (functional.silu, {}),
    "swish": (lambda z: z * torch.sigmoid(0.4 * z), {"beta": 0.4}),
    "mish": (functional.mish, {}),
    "hard_swish": (functional.hardswish, {}),
    "softsign": (functional.softsign, {}),
}
NAMED = {"gelu_tanh": "gelu", "swish": "silu"}


def elementwise(name):
    theirs, options = ELEMENTWISE[name]
    name = NAMED.get(name, name)
    ours = getattr(activations, name)
    backward = getattr(activations, f"{name}_backward")
    if name == "relu6":  # so that the upper kink is seen
        return shaped(
            lambda n, m: Case(
                ((n, m),),
                lambda z: ours(4 * z) / 4,
                lambda dy, z: backward(dy, 4 * z),
                theirs,
            )
        )
    return shaped(
        lambda n, m: Case(
            ((n, m),),
            lambda z: ours(z, **options),
            lambda dy, z: backward(dy, z, **options),
            theirs,
        )
    )


def shaped(make):
    """Build a case from two sizes."""
    return st.builds(make, st.integers(1, 5), st.integers(2, 5))


@st.composite
def convolution(draw, axes):
    groups = draw(SMALL)
    inside, outside = groups * draw(SMALL), groups * draw(SMALL)
    kernel, stride, padding, dilation = (
        tuple(draw(st.integers(low, high)) for _ in range(axes))
        for low, high in ((1, 3), (1, 3), (0, 2), (1, 2))
    )
    lengths = [draw(st.integers(d * (k - 1) + 1, 7)) for k, d in zip(kernel, dilation, strict=True)]
    if axes == 1:
        (stride,), (padding,), (dilation,) = stride, padding, dilation
    given = (stride, padding, dilation, groups)
    ours = {1: conv.conv1d_layer, 2: conv.conv2d_layer}[axes]
    backward = {1: conv_back.conv1d_layer_backward, 2: conv_back.conv2d_layer_backward}[axes]
    theirs = {1: functional.conv1d, 2: functional.conv2d}[axes]
    return Case(
        ((draw(SMALL), inside, *lengths), (outside, inside // groups, *kernel), (outside,)),
        lambda x, w, b: ours(x, w, b, *given),
        lambda dy, x, w, _: backward(dy, x, w, *given),
        lambda x, w, b: theirs(x, w, b, *given),
    )


@st.composite
def transposed(draw):
    groups, pairs = draw(SMALL), [(1, 3), (1, 3), (1, 2)]
    inside, outside = groups * draw(SMALL), groups * draw(SMALL)
    kernel, stride, dilation = (tuple(draw(st.integers(*p)) for _ in range(2)) for p in pairs)
    more = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True))
    lengths = [draw(st.integers(2, 4)) for _ in range(2)]
    longest = [
        (n - 1) * s + d * (k - 1) + m
        for n, s, d, k, m in zip(lengths, stride, dilation, kernel, more, strict=True)
    ]
    padding = tuple(draw(st.integers(0, min(2, n // 2))) for n in longest)
    return Case(
        ((draw(SMALL), inside, *lengths), (inside, outside // groups, *kernel), (outside,)),
        lambda x, w, b: conv_back.conv_transpose2d_layer(
            x, w, b, stride, padding, more, dilation, groups
        ),
        lambda dy, x, w, _: conv_back.conv_transpose2d_layer_backward(
            dy, x, w, stride, padding, dilation, groups
        ),
        lambda x, w, b: functional.conv_transpose2d(
            x, w, b, stride, padding, more, groups, dilation
        ),
    )


@st.composite
def pooling(draw, kind):
    kernel, stride = (tuple(draw(SMALL) for _ in range(2)) for _ in range(2))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    lengths = [draw(st.integers(k, 7)) for k in kernel]
    ceil_mode, counted = draw(st.booleans()), draw(st.booleans())
    given = (kernel, stride, padding)
    options = {"ceil_mode": ceil_mode} | ({"count_padding": counted} if kind == "average" else {})
    ours = getattr(conv, f"{kind}_pool2d_layer")
    backward = getattr(conv_back, f"{kind}_pool2d_layer_backward")
    theirs = {
        "max": lambda x: functional.max_pool2d(x, *given, ceil_mode=ceil_mode),
        "average": lambda x: functional.avg_pool2d(x, *given, ceil_mode, counted),
    }[kind]
    return Case(
        ((draw(SMALL), draw(SMALL), *lengths),),
        lambda x: ours(x, *given, **options),
        lambda dy, x: backward(dy, x, *given, **options),
        theirs,
    )


@st.composite
def normalisation_of(draw, kind):
    groups = draw(SMALL)
    features = groups * draw(SMALL)
    positions = draw(st.sampled_from([(), (3,), (2, 3)]))
    if kind in ("instance", "group"):
        positions = positions or (2,)
    x = (draw(st.integers(2, 4)), features, *positions)
    last = (x[-1],)
    settled = np.random.default_rng(features)
    mean, variance = settled.standard_normal(features), 0.2 + settled.random(features)
    statistics = torch.tensor(mean), torch.tensor(variance)
    forms = {
        "batch": (
            (features,),
            lambda x, g, b: normalisation.batch_norm(x, g, b, EPS),
            lambda dy, x, g, _: normalisation.batch_norm_backward(dy, x, g, EPS),
            lambda x, g, b: functional.batch_norm(x, None, None, g, b, training=True, eps=EPS),
        ),
        "batch_eval": (
            (features,),
            lambda x, g, b: normalisation.batch_norm_eval(x, mean, variance, g, b, EPS),
            lambda dy, x, g, _: normalisation.batch_norm_eval_backward(
                dy, x, mean, variance, g, EPS
            ),
            lambda x, g, b: functional.batch_norm(x, *statistics, g, b, eps=EPS),
        ),
        "layer": (
            last,
            lambda x, g, b: normalisation.layer_norm(x, g, b, EPS),
            lambda dy, x, g, _: normalisation.layer_norm_backward(dy, x, g, EPS),
            lambda x, g, b: functional.layer_norm(x, last, g, b, EPS),
        ),
        "group": (
            (features,),
            lambda x, g, b: normalisation.group_norm(x, g, b, groups, EPS),
            lambda dy, x, g, _: normalisation.group_norm_backward(dy, x, g, groups, EPS),
            lambda x, g, b: functional.group_norm(x, groups, g, b, EPS),
        ),
        "instance": (
            (features,),
            lambda x, g, b: normalisation.instance_norm(x, g, b, EPS),
            lambda dy, x, g, _: normalisation.instance_norm_backward(dy, x, g, EPS),
            lambda x, g, b: functional.instance_norm(x, weight=g, bias=b, eps=EPS),
        ),
    }
    one, ours, backward, theirs = forms[kind]
    return Case((x, one, one), ours, backward, theirs)


RMS = shaped(
    lambda n, m: Case(
        ((n, 2, m), (m,)),
        lambda x, g: normalisation.rms_norm(x, g, EPS),
        lambda dy, x, g: normalisation.rms_norm_backward(dy, x, g, EPS),
        lambda x, g: functional.rms_norm(x, (m,), g, EPS),
    )
)
LINEAR = st.builds(
    lambda n, m, k: Case(
        ((n, m), (k, m), (k,)),
        network.linear,
        lambda dy, x, W, _: network.linear_backward(dy, x, W),
        functional.linear,
    ),
    SMALL,
    SMALL,
    SMALL,
)
PRELU = st.builds(
    lambda n, m, more: Case(
        ((n, m, *more), (m,)), activations.prelu, activations.prelu_backward, functional.prelu
    ),
    SMALL,
    SMALL,
    st.sampled_from([(), (2,), (2, 3)]),
)
TANH = shaped(lambda n, m: Case(((n, m),), np.tanh, activations.tanh_backward, torch.tanh))
SOFTMAX = shaped(
    lambda n, m: Case(
        ((n, m),),
        lambda z: losses.softmax(z, 0.6),
        lambda dy, z: losses_backward.softmax_backward(dy, z, 0.6),
        lambda z: torch.softmax(z / 0.6, -1),
    )
)
LOG_SOFTMAX = shaped(
    lambda n, m: Case(
        ((n, m),),
        losses.log_softmax,
        losses_backward.log_softmax_backward,
        lambda z: torch.log_softmax(z, -1),
    )
)


@st.composite
def cross_entropy(draw):
    n, classes = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = generator.random(classes) + 0.1 if draw(st.booleans()) else None
    reduction, ignored = draw(st.sampled_from(["mean", "sum", "none"])), None
    if draw(st.booleans()):
        targets = generator.dirichlet(np.ones(classes), n)
    else:
        targets = generator.integers(classes, size=n)
        ignored = draw(st.sampled_from([None, -100, 1]))
        if ignored is not None:
            targets[1:] = np.where(generator.random(n - 1) < 0.5, ignored, targets[1:])
            targets[0] = 0
    options = {"weights": weights, "ignored": ignored, "reduction": reduction}
    return Case(
        ((n, classes),),
        lambda z: losses.cross_entropy(z, targets, **options),
        lambda dl, z: losses_backward.cross_entropy_backward(dl, z, targets, **options),
        lambda z: functional.cross_entropy(
            z,
            torch.tensor(targets),
            None if weights is None else torch.tensor(weights),
            ignore_index=-100 if ignored is None else ignored,
            reduction=reduction,
        ),
    )


def _targets(n, seed=0):
    return np.random.default_rng(n + seed).random(n)


def _binary_case(n, weight):
    y = _targets(n)
    factor = torch.tensor(weight, dtype=torch.float64)
    return Case(
        ((n,),),
        lambda z: losses.binary_cross_entropy_logits(z, y, positive_weight=weight),
        lambda dl, z: losses_backward.binary_cross_entropy_logits_backward(
            dl, z, y, positive_weight=weight
        ),
        lambda z: functional.binary_cross_entropy_with_logits(
            z, torch.tensor(y), reduction="none", pos_weight=factor
        ),
    )


def _probability_case(n, m):
    y = np.random.default_rng(n).random((n, m))
    return Case(
        ((n, m),),
        lambda p: losses.binary_cross_entropy(p, y),
        lambda dl, p: losses_backward.binary_cross_entropy_backward(dl, p, y),
        lambda p: functional.binary_cross_entropy(p, torch.tensor(y), reduction="none"),
        positive=True,
    )


def _hinge_case(n, margin):
    y = np.where(_targets(n) < 0.5, -1.0, 1.0)
    return Case(
        ((n,),),
        lambda s: losses.hinge(s, y, margin),
        lambda dl, s: losses_backward.hinge_backward(dl, s, y, margin),
        lambda s: functional.margin_ranking_loss(
            s, torch.zeros_like(s), torch.tensor(y), margin, reduction="none"
        ),
    )


def _multiclass_hinge_case(n, classes):
    labels = np.random.default_rng(n).integers(classes, size=n)
    return Case(
        ((n, classes),),
        lambda s: losses.multiclass_hinge(s, labels, 0.7),
        lambda dl, s: losses_backward.multiclass_hinge_backward(dl, s, labels, 0.7),
        lambda s: (
            functional.multi_margin_loss(s, torch.tensor(labels), margin=0.7, reduction="none")
            * classes
        ),
    )


SQUARES = shaped(
    lambda n, m: Case(
        ((n, m), (n, m)),
        losses.squared_errors,
        losses_backward.squared_errors_backward,
        lambda y, predicted: functional.mse_loss(predicted, y, reduction="none"),
    )
)
MEAN_SQUARES = shaped(
    lambda n, m: Case(
        ((n, m), (n, m)),
        lambda y, predicted: losses.reduced(losses.squared_errors(y, predicted), "mean"),
        lambda dl, y, predicted: losses_backward.squared_errors_backward(
            np.full((n, m), dl / (n * m)), y, predicted
        ),
        lambda y, predicted: functional.mse_loss(predicted, y),
    )
)
KL = shaped(
    lambda n, m: Case(
        ((n, m), (n, m)),
        losses.kl_divergence,
        losses_backward.kl_divergence_backward,
        lambda p, q: functional.kl_div(q.log(), p, reduction="none").sum(-1),
        positive=True,
    )
)

TABLE = (
    {f"activation-{name}": elementwise(name) for name in ELEMENTWISE}
    | {f"norm-{kind}": normalisation_of(kind) for kind in ("batch", "batch_eval", "layer")}
    | {f"norm-{kind}": normalisation_of(kind) for kind in ("group", "instance")}
    | {
        "activation-prelu": PRELU,
        "activation-tanh": TANH,
        "average-pool": pooling("average"),
        "conv1d": convolution(1),
        "conv2d": convolution(2),
        "conv-transpose2d": transposed(),
        "linear": LINEAR,
        "log-softmax": LOG_SOFTMAX,
        "loss-bce": shaped(_probability_case),
        "loss-bce-logits": st.builds(
            _binary_case, st.integers(1, 5), st.sampled_from([1.0, 0.3, 4.0])
        ),
        "loss-cross-entropy": cross_entropy(),
        "loss-hinge": st.builds(_hinge_case, st.integers(1, 5), st.sampled_from([0.5, 1.0])),
        "loss-hinge-multiclass": shaped(_multiclass_hinge_case),
        "loss-kl": KL,
        "loss-mse": MEAN_SQUARES,
        "loss-squares": SQUARES,
        "max-pool": pooling("max"),
        "norm-rms": RMS,
        "softmax": SOFTMAX,
    }
)


@pytest.mark.parametrize("name", sorted(TABLE))
@settings(max_examples=25, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_values_and_gradients_are_torchs(name, data, seed):
    run(data.draw(TABLE[name]), seed)


def test_extreme_logits_neither_overflow_nor_lose_their_loss():
    z, y = np.array([-1e4, 0.0, 1e4]), np.array([1.0, 0.0, 0.0])
    np.testing.assert_allclose(
        losses.binary_cross_entropy_logits(z, y), [1e4, np.log(2), 1e4], rtol=1e-14
    )
    for name in ("softplus", "silu", "mish", "elu", "gelu", "selu"):
        assert np.isfinite(getattr(activations, name)(z)).all()
        assert np.isfinite(getattr(activations, f"{name}_backward")(np.ones(3), z)).all()
