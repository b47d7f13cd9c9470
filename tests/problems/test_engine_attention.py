"""Attention and positions of the engine against PyTorch."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.engine import attention, positions

EXACT = {"rtol": 1e-10, "atol": 1e-12}
SIZES = st.integers(1, 6)
SEEDS = st.integers(0, 2**32 - 1)
quick = settings(max_examples=25, deadline=None)


@quick
@given(
    seed=SEEDS,
    queries=SIZES,
    keys=SIZES,
    width=SIZES,
    values=SIZES,
    scale=st.sampled_from([None, 1.0, 0.3, 40.0]),
    causal=st.booleans(),
)
def test_attention_agrees_with_torch(seed, queries, keys, width, values, scale, causal):
    keys = queries if causal else keys
    generator = np.random.default_rng(seed)
    Q, K, V = (
        generator.standard_normal(size)
        for size in ((queries, width), (keys, width), (keys, values))
    )
    theirs = torch.nn.functional.scaled_dot_product_attention(
        *(torch.tensor(matrix)[None] for matrix in (Q, K, V)), is_causal=causal, scale=scale
    )
    ours = attention.attention(Q, K, V, scale=scale, causal=causal)
    np.testing.assert_allclose(ours, theirs[0].numpy(), **EXACT)
    rows = attention.attention_weights(Q, K, scale=scale, causal=causal).sum(axis=1)
    np.testing.assert_allclose(rows, 1, **EXACT)


@quick
@given(position=st.integers(0, 5000), half=SIZES, base=st.sampled_from([10.0, 10_000.0]))
def test_positions_agree_with_the_usual_code(position, half, base):
    width = 2 * half
    powers = torch.exp(torch.arange(0, width, 2, dtype=torch.float64) * (-np.log(base) / width))
    expected = torch.zeros(width, dtype=torch.float64)
    expected[0::2], expected[1::2] = torch.sin(position * powers), torch.cos(position * powers)
    ours = positions.positional_encoding(position, width, base=base)
    np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-8, atol=1e-9)
    halves = positions.positional_encoding(position, width, base=base, layout="halves")
    np.testing.assert_allclose(halves, np.concatenate([ours[0::2], ours[1::2]]), **EXACT)


@quick
@given(seed=SEEDS, batch=SIZES, queries=SIZES, keys=SIZES, width=SIZES, values=SIZES)
def test_masked_attention_agrees_with_torch(seed, batch, queries, keys, width, values):
    generator = np.random.default_rng(seed)
    shapes = (batch, queries, width), (batch, keys, width), (batch, keys, values)
    Q, K, V = (generator.standard_normal(shape) for shape in shapes)
    mask = generator.random((queries, keys)) < 0.5
    mask[:, generator.integers(keys)] = True
    theirs = torch.nn.functional.scaled_dot_product_attention(
        *map(torch.tensor, (Q, K, V)), attn_mask=torch.tensor(mask)
    )
    np.testing.assert_allclose(attention.masked_attention(Q, K, V, mask), theirs, **EXACT)


@quick
@given(seed=SEEDS, batch=SIZES, steps=SIZES, width=SIZES, head=SIZES)
def test_self_attention_and_its_gradients_agree_with_torch(seed, batch, steps, width, head):
    generator = np.random.default_rng(seed)
    shapes = [(batch, steps, width), *[(head, width)] * 3, (batch, steps, head)]
    *arrays, dy = (generator.standard_normal(shape) for shape in shapes)
    mask = generator.random((steps, steps)) < 0.5
    mask[:, generator.integers(steps)] = True
    x, *weights = (torch.tensor(array, requires_grad=True) for array in arrays)
    theirs = torch.nn.functional.scaled_dot_product_attention(
        *(x @ W.T for W in weights), attn_mask=torch.tensor(mask)
    )
    theirs.backward(torch.tensor(dy))
    ours = attention.self_attention(*arrays, mask)
    np.testing.assert_allclose(ours, theirs.detach(), **EXACT)
    gradients = attention.self_attention_backward(dy, *arrays, mask)
    for ours, leaf in zip(gradients, [*weights, x], strict=True):
        np.testing.assert_allclose(ours, leaf.grad, rtol=1e-9, atol=1e-11)
