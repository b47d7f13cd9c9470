"""RNNs and GRUs of the engine against PyTorch: random shapes, all weights different."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.engine import counting, recurrent

EXACT = {"rtol": 1e-11, "atol": 1e-12}
SIZES = st.integers(1, 5)
SEEDS = st.integers(0, 2**32 - 1)
quick = settings(max_examples=25, deadline=None)


def _numbers(seed, *sizes):
    generator = np.random.default_rng(seed)
    return [generator.standard_normal(size) for size in sizes]


def _load(layer, *weights):
    """Copy W, U and b of each direction into a PyTorch layer, its second biases zero."""
    with torch.no_grad():
        for parameter, value in zip(layer.parameters(), weights, strict=True):
            parameter.copy_(torch.tensor(value))
    return layer


@quick
@given(seed=SEEDS, t=SIZES, batch=SIZES, n=SIZES, m=SIZES, name=st.sampled_from(["tanh", "relu"]))
def test_a_bidirectional_rnn_agrees_with_torch(seed, t, batch, n, m, name):
    sizes = ((t, batch, n), (2, batch, m), *((m, n), (m, m), (m,)) * 2)
    xs, first, W, U, b, W_back, U_back, b_back = _numbers(seed, *sizes)
    layer = torch.nn.RNN(n, m, nonlinearity=name, bidirectional=True, dtype=torch.float64)
    zero = np.zeros(m)
    _load(layer, W, U, b, zero, W_back, U_back, b_back, zero)
    theirs, _ = layer(torch.tensor(xs), torch.tensor(first))
    ours = recurrent.bidirectional(
        lambda x: recurrent.rnn_sequence(x, first[0], W, U, b, name),
        lambda x: recurrent.rnn_sequence(x, first[1], W_back, U_back, b_back, name),
        xs,
    )
    np.testing.assert_allclose(ours, theirs.detach().numpy(), **EXACT)


@quick
@given(seed=SEEDS, t=SIZES, batch=SIZES, n=SIZES, m=SIZES)
def test_an_lstm_sequence_agrees_with_torch(seed, t, batch, n, m):
    sizes = ((t, batch, n), (batch, m), (batch, m), (4 * m, n), (4 * m, m), (4 * m,))
    xs, h, c, W, U, b = _numbers(seed, *sizes)
    layer = _load(torch.nn.LSTM(n, m, dtype=torch.float64), W, U, b, np.zeros(4 * m))
    theirs, (_, last) = layer(torch.tensor(xs), (torch.tensor(h)[None], torch.tensor(c)[None]))
    hs, cs = recurrent.lstm_sequence(xs, h, c, W, U, b)
    np.testing.assert_allclose(hs, theirs.detach().numpy(), **EXACT)
    np.testing.assert_allclose(cs[-1], last[0].detach().numpy(), **EXACT)


@quick
@given(seed=SEEDS, batch=SIZES, n=SIZES, m=SIZES)
def test_the_gradients_of_an_lstm_step_agree_with_autograd(seed, batch, n, m):
    state = (batch, m)
    shapes = (state, state, (batch, n), state, state, (4 * m, n), (4 * m, m), (4 * m,))
    dh, dc, *inputs = _numbers(seed, *shapes)
    x, h, c, W, U, b = (torch.tensor(value, requires_grad=True) for value in inputs)
    new = torch.lstm_cell(x, (h, c), W, U, b, torch.zeros_like(b))
    torch.autograd.backward(new, (torch.tensor(dh), torch.tensor(dc)))
    ours = recurrent.lstm_step_backward(dh, dc, *inputs)
    for our, leaf in zip(ours, (x, h, c, W, U, b), strict=True):
        np.testing.assert_allclose(our, leaf.grad.numpy(), **EXACT)


def _gru(x, h, W, U, b, *, reset, update):
    rows = (weight.reshape(-1, *weight.shape[2:]) for weight in (W, U, b))
    return recurrent.gru_step(x, h, *rows, reset=reset, update=update)


@quick
@given(seed=SEEDS, batch=SIZES, n=SIZES, m=SIZES)
def test_a_gru_step_agrees_with_torch(seed, batch, n, m):
    sizes = ((batch, n), (batch, m), (3, m, n), (3, m, m), (3, m))
    x, h, W, U, b = _numbers(seed, *sizes)
    cell = torch.nn.GRUCell(n, m, dtype=torch.float64)
    _load(cell, W.reshape(-1, n), U.reshape(-1, m), b.reshape(-1), np.zeros(3 * m))
    theirs = cell(torch.tensor(x), torch.tensor(h)).detach().numpy()
    np.testing.assert_allclose(_gru(x, h, W, U, b, reset="after", update="keep"), theirs, **EXACT)
    # The other meaning of z is the same cell with the update gate's weights negated.
    sign = np.array([1.0, -1.0, 1.0])
    W, U, b = W * sign[:, None, None], U * sign[:, None, None], b * sign[:, None]
    np.testing.assert_allclose(_gru(x, h, W, U, b, reset="after", update="new"), theirs, **EXACT)


@quick
@given(seed=SEEDS, batch=SIZES, m=SIZES)
def test_resetting_before_and_after_agree_where_the_matrix_does_not_mix_units(seed, batch, m):
    x, h, r, d = _numbers(seed, (batch, m), (batch, m), (batch, m), (m,))
    weights = (np.eye(m), np.diag(d), np.zeros(m))
    before = recurrent.gru_candidate(x, h, r, *weights, reset="before")
    after = recurrent.gru_candidate(x, h, r, *weights, reset="after")
    np.testing.assert_allclose(before, after, **EXACT)
    np.testing.assert_allclose(before, np.tanh(x + r * h * d), **EXACT)


@quick
@given(seed=SEEDS, n=SIZES, name=st.sampled_from(sorted(recurrent.ACTIVATIONS)))
def test_slopes_agree_with_autograd(seed, n, name):
    (z,) = _numbers(seed, (n,))
    there = torch.tensor(z, requires_grad=True)
    squash = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}
    squash.get(name, lambda t: t * 1)(there).sum().backward()
    np.testing.assert_allclose(recurrent.activation_slope(name, z), there.grad.numpy(), **EXACT)


@quick
@given(
    n=SIZES,
    m=SIZES,
    layers=st.integers(1, 4),
    both=st.booleans(),
    kind=st.sampled_from([(1, torch.nn.RNN), (3, torch.nn.GRU), (4, torch.nn.LSTM)]),
)
def test_recurrent_parameters_agree_with_torch(n, m, layers, both, kind):
    blocks, layer = kind
    built = layer(n, m, layers, bidirectional=both, device="meta")
    counted = counting.rnn_params(n, m, blocks=blocks, layers=layers, bidirectional=both)
    assert counted == sum(w.numel() for w in built.parameters())


@pytest.mark.parametrize("bias", [True, False])
def test_attention_parameters_agree_with_torch(bias):
    built = torch.nn.MultiheadAttention(24, 6, bias=bias, device="meta")
    counted = counting.attention_params(24, 6, 4, 4, bias=bias)
    assert counted == sum(w.numel() for w in built.parameters())
