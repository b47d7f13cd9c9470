"""A wrong gate order, transposition or axis is seen.

Each mistake of the list differs from PyTorch on the drawn numbers on which the engine agrees with
it, all of them different.
"""

import numpy as np
import pytest
import torch
from autograd import agree, numbers, torch_layer
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from problems.engine import attention, losses, normalisation, recurrent
from problems.engine import convolution as conv

pytestmark = pytest.mark.filterwarnings("error")


def lstm(order=(0, 1, 2, 3), *, transposed=False):
    """Give our and torch's new h for blocks of weights in another order, or U transposed."""

    def both(seed):
        m = 3
        shapes = ((2, m), (2, m), (2, m), (4, m, m), (4, m, m), (4, m))
        x, h, c, W, U, b = numbers(seed, *shapes)
        flat = [a.reshape(4 * m, *a.shape[2:]) for a in (W, U, b)]
        theirs = torch.lstm_cell(
            torch.tensor(x), (torch.tensor(h), torch.tensor(c)), *map(torch.tensor, flat)
        )[0]
        U = np.swapaxes(U, 1, 2) if transposed else U
        mine = [a[list(order)].reshape(4 * m, *a.shape[2:]) for a in (W, U, b)]
        return recurrent.lstm_step(x, h, c, *mine)[0], theirs

    return both


def gru(order=(0, 1, 2), **forms):
    """Give our and torch's new state for another order of blocks, or another convention."""

    def both(seed):
        m = 3
        x, h, W, U, b = numbers(seed, (2, m), (2, m), (3, m, m), (3, m, m), (3, m))
        flat = [a.reshape(3 * m, *a.shape[2:]) for a in (W, U, b)]
        theirs = torch.gru_cell(*map(torch.tensor, (x, h, *flat)))
        mine = [a[list(order)].reshape(3 * m, *a.shape[2:]) for a in (W, U, b)]
        return recurrent.gru_step(x, h, *mine, **forms), theirs

    return both


def called(ours, theirs, *shapes):
    """Give two functions of the same drawn arrays."""

    def both(seed):
        arrays = numbers(seed, *shapes)
        return ours(*arrays), theirs(*map(torch.tensor, arrays))

    return both


def heads_of_columns(x):
    """Split into heads by columns that take turns, which is the wrong way round."""
    return x.reshape(*x.shape[:2], -1, 2).transpose(0, 3, 1, 2)


MISTAKES = {
    "LSTM: f before i": (lstm(), lstm((1, 0, 2, 3))),
    "LSTM: o before g": (lstm(), lstm((0, 1, 3, 2))),
    "LSTM: U transposed": (lstm(), lstm(transposed=True)),
    "GRU: z before r": (gru(), gru((1, 0, 2))),
    "GRU: n first": (gru(), gru((2, 0, 1))),
    "GRU: reset before": (gru(), gru(reset="before")),
    "GRU: update new": (gru(), gru(update="new")),
    "convolution: kernel flipped": tuple(
        called(
            lambda x, w, b, step=step: conv.conv2d_layer(x, w[:, :, ::step, ::step], b),
            functional.conv2d,
            (2, 3, 5, 5),
            (4, 3, 2, 2),
            (4,),
        )
        for step in (1, -1)
    ),
    "convolution: height and width swapped": tuple(
        called(
            lambda x, w, b, axes=axes: conv.conv2d_layer(x, w.transpose(0, 1, *axes), b),
            functional.conv2d,
            (2, 3, 5, 5),
            (4, 3, 2, 2),
            (4,),
        )
        for axes in ((2, 3), (3, 2))
    ),
    "convolution: groups take turns": tuple(
        called(
            lambda x, w, b, order=order: conv.conv2d_layer(x[:, order], w, b, groups=2),
            lambda x, w, b: functional.conv2d(x, w, b, groups=2),
            (2, 4, 3, 3),
            (4, 2, 2, 2),
            (4,),
        )
        for order in ([0, 1, 2, 3], [0, 2, 1, 3])
    ),
    "softmax: over the batch": tuple(
        called(
            lambda z, turned=turned: losses.softmax(z.T).T if turned else losses.softmax(z),
            lambda z: torch.softmax(z, -1),
            (4, 4),
        )
        for turned in (False, True)
    ),
    "layer norm: over the batch": tuple(
        called(
            lambda x, g, b, norm=norm: norm(x, g, b, 1e-5),
            lambda x, g, b: functional.layer_norm(x, (4,), g, b),
            (4, 4),
            (4,),
            (4,),
        )
        for norm in (normalisation.layer_norm, normalisation.batch_norm)
    ),
    "attention: softmax over the queries": tuple(
        called(
            lambda Q, K, V, turned=turned: (
                np.swapaxes(attention.attention_weights(K, Q), 1, 2) @ V
                if turned
                else attention.attention(Q, K, V)
            ),
            functional.scaled_dot_product_attention,
            (2, 3, 4),
            (2, 3, 4),
            (2, 3, 4),
        )
        for turned in (False, True)
    ),
    "attention: heads take turns": tuple(
        called(
            lambda Q, K, V, split=split: attention.attention(split(Q), split(K), split(V)),
            lambda Q, K, V: functional.scaled_dot_product_attention(
                *(x.unflatten(-1, (2, -1)).transpose(1, 2) for x in (Q, K, V))
            ),
            (2, 3, 4),
            (2, 3, 4),
            (2, 3, 4),
        )
        for split in (lambda x: x.reshape(2, 3, 2, 2).transpose(0, 2, 1, 3), heads_of_columns)
    ),
    "bidirectional: backward states not put back": tuple(
        called(
            lambda xs, W, U, b, step=step: recurrent.rnn_sequence(
                xs[::-1], np.zeros((2, 3)), W, U, b
            )[::step],
            lambda xs, W, U, b: torch_layer(
                torch.nn.RNN,
                (3, 3),
                (W, U, b, torch.zeros_like(b), W, U, b, torch.zeros_like(b)),
                (xs,),
                bidirectional=True,
            )[0][..., 3:],
            (4, 2, 3),
            (3, 3),
            (3, 3),
            (3,),
        )
        for step in (-1, 1)
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_wrong_order_transposition_or_axis_is_seen(name, seed):
    right, wrong = MISTAKES[name]
    ours, theirs = right(seed)
    agree([ours], [theirs])
    ours, theirs = wrong(seed)
    assert not np.allclose(ours, theirs.detach(), rtol=1e-4, atol=1e-4)
