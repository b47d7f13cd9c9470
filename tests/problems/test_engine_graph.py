"""The engine's graphs of scalars against torch's autograd, which reads the text by itself."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from problems.engine import graph

TEXTS = (
    "(x + y) * max(z, x)",
    "q = x * y; q * q - q / z",
    "1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2)))",
    "min(x, y) ** 3 * tanh(z - x)",
    "ln(x * x + 2) - 3 * -y",
    "h = max(x, 0.5); k = h * y; k * max(k, h) + h",
)
FUNCTIONS = {
    "max": lambda x, y: torch.maximum(torch.as_tensor(x), torch.as_tensor(y)),
    "min": torch.minimum,
    "exp": torch.exp,
    "ln": torch.log,
    "tanh": torch.tanh,
}


@pytest.mark.parametrize("text", TEXTS)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_values_and_gradients_are_torchs(text, seed):
    nodes = graph.read_graph(text)
    names = graph.variables(nodes)
    at = np.random.default_rng(seed).uniform(-2, 2, len(names))
    assume(np.abs(at).min() > 0.01)
    found = graph.values(nodes, dict(zip(names, at, strict=True)))
    ours = graph.gradients(nodes, found)
    known = FUNCTIONS | {
        name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
        for name, value in zip(names, at, strict=True)
    }
    leaves = [known[name] for name in names]
    *named, output = text.split(";")
    for statement in named:
        name, value = statement.split("=")
        known[name.strip()] = eval(value.strip(), {}, known)
    theirs = eval(output.strip(), {}, known)
    theirs.backward()
    assert found[-1] == pytest.approx(theirs.item(), rel=1e-12)
    places = [k for k, node in enumerate(nodes) if node.operation == "variable"]
    assert [ours[k] for k in places] == pytest.approx([x.grad.item() for x in leaves], rel=1e-10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x +", "no expression"),
        ("", "must be an expression"),
        ("x = 3", "must be an expression"),
        ("x", "operation on the inputs"),
        ("1 + 2", "there must be an input"),
        ("alpha * x", "one letter"),
        ("f * x", "one letter"),
        ("x // y", "alone"),
        ("__import__('os')", "alone"),
        ("x.real + 1", "alone"),
        ("x ** y", "an exponent"),
        ("x * 'a'", "constants"),
        ("x = x + 1; x * x", "used twice"),
        ("q = x; q = y; q * x", "used twice"),
        ("import os; x * x", "results are named"),
        ("+".join(["x"] * 101), "at most 100"),
        ("-" * 100_000 + "x", "no expression"),
    ],
)
def test_what_is_no_graph_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        graph.read_graph(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / x", "no value"),
        ("ln(x)", "no value"),
        ("max(x, 0)", "equal"),
        ("exp(x + 99)", "million"),
    ],
)
def test_a_graph_without_value_at_zero_is_refused_there(text, said):
    with pytest.raises(ValueError, match=said):
        graph.values(graph.read_graph(text), {"x": 0.0})


def test_latex_keeps_the_brackets_that_matter():
    assert graph.latex_lines("q = w1 - (x - y); (q + 2) ** 2 * exp(-q) / ln(x * y)") == [
        "q &= w_{1} - (x - y)",
        r"f &= \frac{(q + 2)^{2} \cdot e^{-q}}{\ln(x \cdot y)}",
    ]
