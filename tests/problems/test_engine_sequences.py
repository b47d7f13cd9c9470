"""Recurrent layers, attention and positions, with their gradients, against PyTorch."""

import numpy as np
import pytest
import torch
from autograd import agree, agree_in_gradients, leaves, numbers, torch_layer
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from problems.engine import attention, positions, recurrent
from problems.engine import recurrent_backward as back

pytestmark = pytest.mark.filterwarnings("error")
SMALL = st.integers(1, 4)
SEEDS = st.integers(0, 2**32 - 1)
quick = settings(max_examples=25, deadline=None)


def torch_lstm_step(x, h, c, W, U, b, P, R):
    """Write out an LSTM with peepholes and a projection, gate by gate, for autograd."""
    of_i, of_f, of_g, of_o = zip(W.chunk(4), U.chunk(4), b.chunk(4), strict=True)

    def seen(weights):
        return functional.linear(x, weights[0], weights[2]) + functional.linear(h, weights[1])

    i, f = torch.sigmoid(seen(of_i) + P[0] * c), torch.sigmoid(seen(of_f) + P[1] * c)
    new = f * c + i * torch.tanh(seen(of_g))
    o = torch.sigmoid(seen(of_o) + P[2] * new)
    return functional.linear(o * torch.tanh(new), R), new


@quick
@given(SEEDS, SMALL, SMALL, SMALL, SMALL, st.sampled_from(["tanh", "relu"]))
def test_a_bidirectional_rnn_has_torchs_gradients(seed, t, batch, n, m, name):
    one = ((m, n), (m, m), (m,))
    xs, first, second, *weights = numbers(seed, (t, batch, n), (batch, m), (batch, m), *one, *one)
    inputs = leaves((xs, first, second, *weights))
    zero = torch.zeros(m, dtype=torch.float64)
    theirs, _ = torch_layer(
        torch.nn.RNN,
        (n, m),
        (*inputs[3:6], zero, *inputs[6:], zero),
        (inputs[0], torch.stack(inputs[1:3])),
        bidirectional=True,
        nonlinearity=name,
    )
    ahead, behind = weights[:3], weights[3:]
    ours = recurrent.bidirectional(
        lambda x: recurrent.rnn_sequence(x, first, *ahead, name),
        lambda x: recurrent.rnn_sequence(x, second, *behind, name),
        xs,
    )
    agree([ours], [theirs])
    (dy,) = numbers(seed + 1, ours.shape)
    theirs.backward(torch.tensor(dy))
    dxs, (dfirst, *dahead), (dsecond, *dbehind) = back.bidirectional_backward(
        lambda d: back.rnn_sequence_backward(d, xs, first, *ahead, name),
        lambda d: back.rnn_sequence_backward(d, xs[::-1], second, *behind, name),
        dy,
    )
    agree_in_gradients((dxs, dfirst, dsecond, *dahead, *dbehind), inputs)


@quick
@given(SEEDS, SMALL, SMALL, SMALL, st.integers(2, 4), st.booleans())
def test_an_lstm_with_a_projection_has_torchs_values_and_gradients(seed, t, batch, n, m, projects):
    k = m - 1 if projects else m
    shapes = ((t, batch, n), (batch, k), (batch, m), (4 * m, n), (4 * m, k), (4 * m,))
    arrays = numbers(seed, *shapes, *[(k, m)] * projects)
    inputs = leaves(arrays)
    xs, h, c, W, U, b, *rest = inputs
    theirs, (_, last) = torch_layer(
        torch.nn.LSTM,
        (n, m),
        (W, U, b, torch.zeros(4 * m, dtype=torch.float64), *rest),
        (xs, (h[None], c[None])),
        proj_size=k if projects else 0,
    )
    options = {"projection": arrays[6]} if projects else {}
    hs, cs = recurrent.lstm_sequence(*arrays[:6], **options)
    agree((hs, cs[-1]), (theirs, last[0]))
    dhs, dlast = numbers(seed + 1, hs.shape, (batch, m))
    torch.autograd.backward((theirs, last), (torch.tensor(dhs), torch.tensor(dlast)[None]))
    dcs = np.concatenate([np.zeros((t - 1, batch, m)), dlast[None]])
    agree_in_gradients(back.lstm_sequence_backward(dhs, dcs, *arrays[:6], **options), inputs)


@quick
@given(SEEDS, SMALL, SMALL, SMALL, SMALL, SMALL)
def test_an_lstm_with_peepholes_is_the_written_out_one(seed, t, batch, n, m, k):
    shapes = ((t, batch, n), (batch, k), (batch, m), (4 * m, n), (4 * m, k), (4 * m,))
    arrays = numbers(seed, *shapes, (3, m), (k, m))
    inputs = leaves(arrays)
    states = [tuple(inputs[1:3])]
    for x in inputs[0]:
        states.append(torch_lstm_step(x, *states[-1], *inputs[3:]))
    theirs = [torch.stack(kind) for kind in zip(*states[1:], strict=True)]
    ours = recurrent.lstm_sequence(*arrays)
    agree(ours, theirs)
    dhs, dcs = numbers(seed + 1, *(kind.shape for kind in ours))
    torch.autograd.backward(theirs, (torch.tensor(dhs), torch.tensor(dcs)))
    options = {"peephole": arrays[6], "projection": arrays[7]}
    agree_in_gradients(back.lstm_sequence_backward(dhs, dcs, *arrays[:6], **options), inputs)


@quick
@given(SEEDS, SMALL, SMALL, SMALL, SMALL)
def test_a_gru_has_torchs_values_and_gradients(seed, t, batch, n, m):
    arrays = numbers(seed, (t, batch, n), (batch, m), (3 * m, n), (3 * m, m), (3 * m,), (m,))
    inputs = leaves(arrays)
    xs, h, W, U, b, extra = inputs
    second = torch.cat([torch.zeros(2 * m, dtype=torch.float64), extra])
    theirs, _ = torch_layer(torch.nn.GRU, (n, m), (W, U, b, second), (xs, h[None]))
    ours = recurrent.gru_sequence(*arrays)
    agree([ours], [theirs])
    (dy,) = numbers(seed + 1, ours.shape)
    theirs.backward(torch.tensor(dy))
    agree_in_gradients(back.gru_sequence_backward(dy, *arrays), inputs)


@quick
@given(
    SEEDS,
    SMALL,
    SMALL,
    SMALL,
    st.sampled_from(["before", "after"]),
    st.sampled_from(["keep", "new"]),
)
def test_a_gru_of_each_convention_is_the_written_out_one(seed, batch, n, m, reset, update):
    arrays = numbers(seed, (batch, n), (batch, m), (3 * m, n), (3 * m, m), (3 * m,), (m,))
    inputs = leaves(arrays)
    x, h, W, U, b, extra = inputs
    (W_r, W_z, W_n), (U_r, U_z, U_n), (b_r, b_z, b_n) = (part.chunk(3) for part in (W, U, b))
    r = torch.sigmoid(functional.linear(x, W_r, b_r) + functional.linear(h, U_r))
    z = torch.sigmoid(functional.linear(x, W_z, b_z) + functional.linear(h, U_z))
    product = (
        functional.linear(r * h, U_n, extra)
        if reset == "before"
        else r * functional.linear(h, U_n, extra)
    )
    candidate = torch.tanh(functional.linear(x, W_n, b_n) + product)
    theirs = torch.lerp(candidate, h, z) if update == "keep" else torch.lerp(h, candidate, z)
    forms = {"reset": reset, "update": update}
    ours = recurrent.gru_step(*arrays, **forms)
    agree([ours], [theirs])
    (dy,) = numbers(seed + 1, ours.shape)
    theirs.backward(torch.tensor(dy))
    agree_in_gradients(back.gru_step_backward(dy, *arrays, **forms), inputs)


def drawn_mask(seed, shape):
    generator = np.random.default_rng(seed)
    mask = generator.random(shape) < 0.5
    mask[..., generator.integers(shape[-1])] = True
    return mask


@quick
@given(SEEDS, SMALL, SMALL, SMALL, SMALL, st.sampled_from([None, 0.3]), st.booleans())
def test_attention_has_torchs_gradients(seed, queries, keys, width, values, scale, causal):
    keys = queries if causal else keys
    shapes = ((2, 3, queries, width), (2, 3, keys, width), (2, 3, keys, values))
    arrays = numbers(seed, *shapes)
    inputs = leaves(arrays)
    mask = None if causal else drawn_mask(seed, (2, 1, queries, keys))
    theirs = functional.scaled_dot_product_attention(
        *inputs,
        attn_mask=None if mask is None else torch.tensor(mask),
        is_causal=causal,
        scale=scale,
    )
    options = {"scale": scale, "causal": causal, "mask": mask}
    ours = attention.attention(*arrays, **options)
    agree([ours], [theirs])
    (dy,) = numbers(seed + 1, ours.shape)
    theirs.backward(torch.tensor(dy))
    agree_in_gradients(attention.attention_backward(dy, *arrays, **options), inputs)


@quick
@given(SEEDS, SMALL, SMALL, SMALL, SMALL, st.integers(1, 3), st.sampled_from([None, 2, 3]))
def test_multi_head_attention_is_torchs(seed, batch, queries, keys, head, heads, masked):
    width = heads * head
    pairs = [((width, width), (width,))] * 4
    shapes = [(batch, steps, width) for steps in (queries, keys, keys)]
    arrays = numbers(seed, *shapes, *(shape for pair in pairs for shape in pair))
    inputs = leaves(arrays)
    x, (W_q, b_q, W_k, b_k, W_v, b_v, W_o, b_o) = inputs[:3], inputs[3:]
    shape = (queries, keys) if masked == 2 else (batch, queries, keys)
    mask = drawn_mask(seed, shape) if masked else None
    hidden = None
    if mask is not None:
        hidden = ~torch.tensor(mask)
        hidden = hidden.repeat_interleave(heads, 0) if masked == 3 else hidden
    theirs, _ = functional.multi_head_attention_forward(
        *(array.transpose(0, 1) for array in x),
        width,
        heads,
        torch.cat([W_q, W_k, W_v]),
        torch.cat([b_q, b_k, b_v]),
        None,
        None,
        False,
        0.0,
        W_o,
        b_o,
        attn_mask=hidden,
        need_weights=False,
    )
    theirs = theirs.transpose(0, 1)
    weights = attention.Projections(*arrays[3:])
    ours = attention.multi_head_attention(*arrays[:3], weights, heads, mask=mask)
    agree([ours], [theirs])
    (dy,) = numbers(seed + 1, ours.shape)
    theirs.backward(torch.tensor(dy))
    *found, dweights = attention.multi_head_attention_backward(
        dy, *arrays[:3], weights, heads, mask=mask
    )
    agree_in_gradients((*found, *dweights), inputs)


@quick
@given(SEEDS, SMALL, SMALL, SMALL, st.sampled_from(["interleaved", "halves"]))
def test_rotary_positions_are_a_product_of_complex_numbers(seed, batch, steps, half, layout):
    (x,) = numbers(seed, (batch, steps, 2 * half))
    places = np.random.default_rng(seed).integers(5000, size=steps)
    (leaf,) = leaves([x])
    powers = torch.exp(torch.arange(half, dtype=torch.float64) * (-np.log(10_000.0) / half))
    turns = torch.polar(torch.ones(steps, half).double(), torch.outer(torch.tensor(places), powers))
    pairs = leaf.unflatten(-1, (half, 2) if layout == "interleaved" else (2, half))
    pairs = pairs if layout == "interleaved" else pairs.transpose(-1, -2)
    turned = torch.view_as_real(torch.view_as_complex(pairs.contiguous()) * turns)
    theirs = (turned if layout == "interleaved" else turned.transpose(-1, -2)).flatten(-2)
    ours = positions.rotary(x, places, layout=layout)
    agree([ours], [theirs])
    (dy,) = numbers(seed + 1, ours.shape)
    theirs.backward(torch.tensor(dy))
    agree_in_gradients([positions.rotary_backward(dy, places, layout=layout)], [leaf])


def test_sinusoidal_positions_of_an_array_are_those_of_each():
    every = positions.positional_encoding(np.arange(6).reshape(2, 3), 8, layout="halves")
    assert every.shape == (2, 3, 8)
    one = positions.positional_encoding(4, 8, layout="halves")
    np.testing.assert_array_equal(every[1, 1], one)
