"""The NumPy engine against PyTorch: random shapes, all numbers different, small and huge."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.engine import activations, counting, losses, metrics, recurrent, shapes

pytestmark = pytest.mark.filterwarnings("error")
EXACT = {"rtol": 1e-12, "atol": 1e-12}
SIZES = st.integers(1, 6)
SEEDS = st.integers(0, 2**32 - 1)
SCALES = st.sampled_from([1e-3, 1.0, 30.0, 1e4])
quick = settings(max_examples=25, deadline=None)


def _numbers(seed, *sizes, scale=1.0):
    """Arrays of these sizes, no two numbers alike."""
    generator = np.random.default_rng(seed)
    return [scale * generator.standard_normal(size) for size in sizes]


def _agree(ours, theirs):
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert ours.dtype == np.float64
    np.testing.assert_allclose(ours, theirs, **EXACT)


@quick
@given(seed=SEEDS, n=SIZES, m=SIZES, scale=SCALES)
def test_relu_and_sigmoid_agree_with_torch(seed, n, m, scale):
    (z,) = _numbers(seed, (n, m), scale=scale)
    _agree(activations.relu(z), torch.relu(torch.tensor(z)))
    _agree(activations.sigmoid(z), torch.sigmoid(torch.tensor(z)))


def test_sigmoid_of_huge_numbers_neither_overflows_nor_leaves_its_range():
    z = np.array([-np.inf, -1e308, -800.0, -40.0, 0.0, 40.0, 800.0, 1e308, np.inf])
    _agree(activations.sigmoid(z), torch.sigmoid(torch.tensor(z)))
    assert activations.sigmoid(np.float64(0)) == 0.5
    assert activations.sigmoid(np.array(-40.0)) > 0
    np.testing.assert_allclose(activations.sigmoid(np.array(-40.0)), math.exp(-40), rtol=1e-14)


@quick
@given(
    seed=SEEDS,
    batch=SIZES,
    classes=SIZES,
    scale=SCALES,
    reduction=st.sampled_from(["mean", "sum"]),
    base=st.sampled_from(["e", "2", "10"]),
)
def test_cross_entropy_agrees_with_torch(seed, batch, classes, scale, reduction, base):
    (logits,) = _numbers(seed, (batch, classes), scale=scale)
    labels = np.random.default_rng(seed + 1).integers(0, classes, batch)
    _agree(losses.log_softmax(logits), torch.log_softmax(torch.tensor(logits), -1))
    theirs = torch.nn.functional.cross_entropy(
        torch.tensor(logits), torch.tensor(labels), reduction=reduction
    )
    ours = losses.cross_entropy(logits, labels, reduction=reduction, base=losses.BASES[base])
    np.testing.assert_allclose(ours, theirs.item() / math.log(losses.BASES[base]), **EXACT)


def test_cross_entropy_of_huge_logits_stays_finite():
    logits = np.array([[1e4, -1e4, 0.0], [-1e300, 0.0, 1e300]])
    assert losses.cross_entropy(logits, np.array([1, 2]), reduction="sum") == 2e4
    assert losses.cross_entropy(logits, np.array([0, 2])) == 0


@quick
@given(seed=SEEDS, batch=SIZES, n=SIZES, m=SIZES, scale=SCALES)
def test_an_lstm_step_agrees_with_torch_as_a_whole_and_gate_by_gate(seed, batch, n, m, scale):
    sizes = ((4 * m, n), (4 * m, m), (4 * m,), (4 * m,), (batch, n), (batch, m), (batch, m))
    W, U, b_input, b_hidden, x, h, c = _numbers(seed, *sizes, scale=scale)
    cell = torch.nn.LSTMCell(n, m, dtype=torch.float64)
    with torch.no_grad():
        for weights, numbers in zip(
            (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh),
            (W, U, b_input, b_hidden),
            strict=True,
        ):
            weights.copy_(torch.tensor(numbers))
        h_next, c_next = cell(torch.tensor(x), (torch.tensor(h), torch.tensor(c)))
    b = b_input + b_hidden
    # The sums are of products of two numbers of this scale, and may cancel.
    close = {"rtol": 1e-12, "atol": 1e-12 * max(1.0, scale) ** 2}
    ours_h, ours_c = recurrent.lstm_step(x, h, c, W, U, b)
    assert ours_h.shape == ours_c.shape == (batch, m)
    np.testing.assert_allclose(ours_h, h_next, **close)
    np.testing.assert_allclose(ours_c, c_next, **close)

    rows = {name: slice(k * m, (k + 1) * m) for k, name in enumerate("ifgo")}
    i, f, o = (recurrent.gate(x, h, W[rows[k]], U[rows[k]], b[rows[k]]) for k in "ifo")
    g = recurrent.candidate(x, h, W[rows["g"]], U[rows["g"]], b[rows["g"]])
    c_by_hand = recurrent.cell_update(f, c, i, g)
    np.testing.assert_allclose(c_by_hand, c_next, **close)
    np.testing.assert_allclose(recurrent.hidden_state(o, c_by_hand), h_next, **close)


@quick
@given(seed=SEEDS, n=SIZES, m=SIZES)
def test_a_gate_of_one_example_is_the_gate_of_a_batch_of_one(seed, n, m):
    W, U, b, x, h = _numbers(seed, (m, n), (m, m), (m,), (n,), (m,))
    z = torch.nn.functional.linear(torch.tensor(x), torch.tensor(W), torch.tensor(b))
    z = z + torch.tensor(U) @ torch.tensor(h)
    _agree(recurrent.preactivation(x, h, W, U, b), z)
    _agree(recurrent.gate(x, h, W, U, b), torch.sigmoid(z))
    _agree(recurrent.candidate(x, h, W, U, b), torch.tanh(z))
    batched = recurrent.gate(x[None], h[None], W, U, b)
    np.testing.assert_allclose(batched[0], recurrent.gate(x, h, W, U, b), **EXACT)


@quick
@given(
    length=st.integers(1, 200),
    kernel=st.integers(1, 12),
    stride=st.integers(1, 7),
    padding=st.integers(0, 9),
    dilation=st.integers(1, 4),
)
def test_the_length_of_a_convolution_agrees_with_torch(length, kernel, stride, padding, dilation):
    ours = shapes.conv_length(length, kernel, stride, padding, dilation)
    layer = torch.nn.Conv1d(1, 1, kernel, stride, padding, dilation, device="meta")
    image = torch.empty(1, 1, length, device="meta")
    if ours < 1:
        with pytest.raises(RuntimeError):
            layer(image)
        return
    assert layer(image).shape[-1] == ours


def _held(module):
    return sum(weights.numel() for weights in module.parameters())


@quick
@given(widths=st.lists(st.integers(1, 50), min_size=2, max_size=6), bias=st.booleans())
def test_the_parameters_of_a_perceptron_agree_with_torch(widths, bias):
    layers = [torch.nn.Linear(n, m, bias=bias, device="meta") for n, m in pairwise(widths)]
    assert counting.mlp_params(widths, bias=bias) == _held(torch.nn.Sequential(*layers))


@quick
@given(groups=st.integers(1, 4), n=SIZES, m=SIZES, height=SIZES, width=SIZES)
def test_the_weights_of_a_convolution_agree_with_torch(groups, n, m, height, width):
    layer = torch.nn.Conv2d(
        groups * n, groups * m, (height, width), groups=groups, bias=False, device="meta"
    )
    ours = counting.conv_weights(groups * n, groups * m, height, width, groups)
    assert ours == _held(layer)


@quick
@given(
    inputs=st.integers(1, 40),
    hidden=st.integers(2, 40),
    layers=st.integers(1, 4),
    bidirectional=st.booleans(),
    projection=st.integers(0, 39),
    biases=st.sampled_from([0, 2]),
)
def test_the_parameters_of_an_lstm_agree_with_torch(
    inputs, hidden, layers, bidirectional, projection, biases
):
    projection %= hidden
    options = {"bidirectional": bidirectional, "proj_size": projection, "device": "meta"}
    lstm = torch.nn.LSTM(inputs, hidden, layers, bias=biases == 2, **options)
    ours = counting.lstm_params(
        inputs,
        hidden,
        layers=layers,
        bidirectional=bidirectional,
        projection=projection,
        biases=biases,
    )
    assert ours == _held(lstm)


@quick
@given(tp=st.integers(1, 60), fp=st.integers(0, 60), fn=st.integers(0, 60), tn=st.integers(1, 60))
def test_metrics_agree_with_counting_people(tp, fp, fn, tn):
    counts = torch.tensor([tp, fp, fn, tn])
    truth = torch.tensor([True, False, True, False]).repeat_interleave(counts)
    said = torch.tensor([True, True, False, False]).repeat_interleave(counts)
    share = {
        "accuracy": (truth == said).double().mean(),
        "precision": truth[said].double().mean(),
        "recall": said[truth].double().mean(),
        "specificity": (~said[~truth]).double().mean(),
    }
    ours = {
        "accuracy": metrics.accuracy(tp, fp, fn, tn),
        "precision": metrics.precision(tp, fp),
        "recall": metrics.recall(tp, fn),
        "specificity": metrics.specificity(tn, fp),
    }
    assert ours == pytest.approx({name: value.item() for name, value in share.items()}, rel=1e-12)
    harmonic = 2 / (1 / ours["precision"] + 1 / ours["recall"])
    assert metrics.f1(tp, fp, fn) == pytest.approx(harmonic, rel=1e-12)
