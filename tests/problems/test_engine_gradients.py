"""The engine's layers, and their hand-written gradients, against PyTorch, in one table.

An entry draws shapes and settings, and gives our function, our gradients, and PyTorch's function of
the same arrays. All numbers of a draw differ, so that a wrong order, transposition or axis shows.
"""

import numpy as np
import pytest
import torch
from autograd import Case, run, shaped
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from problems.engine import activations, network, normalisation
from problems.engine import convolution as conv
from problems.engine import convolution_backward as conv_back

pytestmark = pytest.mark.filterwarnings("error")
SMALL = st.integers(1, 3)
EPS = 1e-3

ELEMENTWISE = {
    "relu": (functional.relu, {}),
    "relu6": (functional.relu6, {}),
    "leaky_relu": (lambda z: functional.leaky_relu(z, 0.2), {"slope": 0.2}),
    "elu": (lambda z: functional.elu(z, 0.7), {"alpha": 0.7}),
    "selu": (functional.selu, {}),
    "sigmoid": (torch.sigmoid, {}),
    "gelu": (functional.gelu, {}),
    "gelu_tanh": (lambda z: functional.gelu(z, approximate="tanh"), {"approximate": True}),
    "softplus": (lambda z: functional.softplus(z, 1.5, threshold=100), {"beta": 1.5}),
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
    return shaped(
        lambda n, m: Case(  # four times as far, so that the upper kinks are reached
            ((n, m),),
            lambda z: ours(4 * z, **options) / 4,
            lambda dy, z: backward(dy, 4 * z, **options),
            lambda z: theirs(4 * z) / 4,
        )
    )


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
TABLE = (
    {f"activation-{name}": elementwise(name) for name in ELEMENTWISE}
    | {
        f"norm-{kind}": normalisation_of(kind)
        for kind in ("batch", "batch_eval", "layer", "group", "instance")
    }
    | {
        "activation-prelu": PRELU,
        "activation-tanh": TANH,
        "average-pool": pooling("average"),
        "conv-transpose2d": transposed(),
        "conv1d": convolution(1),
        "conv2d": convolution(2),
        "linear": LINEAR,
        "max-pool": pooling("max"),
        "norm-rms": RMS,
    }
)


@pytest.mark.parametrize("name", sorted(TABLE))
@settings(max_examples=25, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_values_and_gradients_are_torchs(name, data, seed):
    run(data.draw(TABLE[name]), seed)
