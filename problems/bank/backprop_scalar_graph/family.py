"""Backpropagation by hand through a graph of scalars: sums, products, maxima, exp, 1/x.

Values and gradients are defined where no maximum has two equal inputs.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from problems.answers import Real, Vector
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine import graph


@dataclass(frozen=True)
class Params:
    """The graph, and the values of its inputs."""

    expression: str = param(
        "the graph, such as (x + y) * max(z, w) or q = x + y; q * max(q, z)",
    )
    at: Array = param("value of each input, in the order in which they come up", -1000, 1000)

    def __post_init__(self) -> None:
        """Refuse what is no graph, and values at which it has no value or no gradient."""
        try:
            nodes = graph.read_graph(self.expression)
        except ValueError as error:
            raise ParamError("expression", str(error)) from error
        names = graph.variables(nodes)
        if self.at.shape != (len(names),):
            raise ParamError("at", f"give a list with one number each for {', '.join(names)}.")
        try:
            found = graph.values(nodes, dict(zip(names, self.at.tolist(), strict=True)))
        except ValueError as error:
            raise ParamError("at", str(error)) from error
        try:
            steepest = max(map(abs, graph.gradients(nodes, found)))
        except (ValueError, ArithmeticError) as error:
            raise ParamError("at", "the graph has no gradient there.") from error
        if not steepest <= graph.LARGEST:
            raise ParamError("at", "a gradient there is larger than a million.")


VERSION = 1
PARTS = {"value": Real(decimals=3), "gradient": Vector(decimals=3)}

EXPRESSIONS = (
    "(x + y) * max(z, w)",
    "(x - y) * max(y, z)",
    "x * y + max(x, z)",
    "x * y * (z + y)",
    "(x * y - z) * max(x, z)",
    "max(x * y, z) * (x + w)",
    "q = x + y; q * max(q, z)",
    "q = x * y; q * z - q",
    "(a * x + b) * max(x, c)",
    "x * y / z",
    "max(x, y) / (z + y)",
    "x * y + 1 / z",
    "(x + y) * (1 / z)",
    "2 * x * y + exp(x)",
    "y * exp(x * z)",
    "max(x, y) * exp(z)",
    "x * exp(-y) + y",
    "1 / (1 + exp(-(w * x + b)))",
    "1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2)))",
)


def draw(r: Draw) -> Params:
    """Draw small whole numbers, or one decimal where a graph has an exponential."""
    expression = r.choice("expression", EXPRESSIONS)
    try:
        inputs = len(graph.variables(graph.read_graph(expression)))
    except ValueError as error:
        raise ParamError("expression", str(error)) from error
    high, decimals = (2, 1) if "exp" in expression else (5, 0)
    return Params(expression=expression, at=r.array("at", (inputs,), -high, high, decimals))


def answer(p: Params) -> dict:
    """Go through the graph with the reference engine, forward and backward."""
    return {"value": _values(p)[-1], "gradient": _gradient(p)}


def witness(p: Params) -> dict:
    """Run the operations in PyTorch and let autograd go back."""
    import torch

    operations = {
        "+": torch.add,
        "-": torch.sub,
        "*": torch.mul,
        "/": torch.div,
        "^": torch.pow,
        "max": torch.maximum,
        "min": torch.minimum,
        "negative": torch.neg,
        "inverse": torch.reciprocal,
        "exp": torch.exp,
        "ln": torch.log,
        "tanh": torch.tanh,
    }
    leaves = torch.tensor(p.at, requires_grad=True)
    given = dict(zip(graph.variables(_nodes(p)), leaves, strict=True))
    found: list[torch.Tensor] = []
    for node in _nodes(p):
        if node.inputs:
            found.append(operations[node.operation](*(found[place] for place in node.inputs)))
        else:
            constant = torch.tensor(node.constant, dtype=torch.float64)
            found.append(given.get(node.name, constant))
    found[-1].backward()
    assert leaves.grad is not None  # noqa: S101 (backward has filled it in)
    return {"value": found[-1].item(), "gradient": leaves.grad.numpy()}


def _nodes(p: Params) -> tuple[graph.Node, ...]:
    return graph.read_graph(p.expression)


def _values(p: Params) -> list[float]:
    names = graph.variables(_nodes(p))
    return graph.values(_nodes(p), dict(zip(names, p.at.tolist(), strict=True)))


def _gradient(p: Params, rules: graph.Partials | None = None, **how: bool) -> Array:
    """Return the gradient by the inputs, with other derivatives of some operations."""
    nodes = _nodes(p)
    found = graph.gradients(nodes, _values(p), {**graph.PARTIALS, **(rules or {})}, **how)
    return np.array([found[k] for k, node in enumerate(nodes) if node.operation == "variable"])


def _operations(p: Params) -> set[str]:
    return {node.operation for node in _nodes(p)}


def _if_it_has(
    rules: dict[str, Callable[..., tuple[float, ...]]],
) -> Callable[[Params], dict]:
    """Return a mistake's values: the gradient by these rules, where an operation has them."""

    def values(p: Params) -> dict:
        return _given(_gradient(p, rules)) if _operations(p) & rules.keys() else {}

    return values


def _branches(p: Params) -> bool:
    """Return whether an input or a result is used in several places."""
    uses = Counter(place for node in _nodes(p) for place in node.inputs)
    return max(uses.values()) > 1


def _chained(p: Params) -> bool:
    """Return whether an operation gets another gradient from above than 1."""
    handed = graph.gradients(_nodes(p), _values(p))
    return any(g != 1 for g, node in zip(handed, _nodes(p), strict=True) if node.inputs)


def _given(gradient: Array) -> dict:
    """Return a wrong gradient, unless it is too large for float64."""
    return {"gradient": gradient} if np.isfinite(gradient).all() else {}


MISTAKES = (
    Mistake(
        "product-not-switched",
        "A product hands to each factor the gradient times the **other** factor.",
        _if_it_has({"*": lambda x, y: (x, y)}),
    ),
    Mistake(
        "sum-halves",
        "A sum hands the whole gradient to both of its inputs; it is not shared out.",
        _if_it_has({"+": lambda _x, _y: (0.5, 0.5), "-": lambda _x, _y: (0.5, -0.5)}),
    ),
    Mistake(
        "branches-not-summed",
        "What is used in several places gets a gradient from each of them: add them up.",
        lambda p: _given(_gradient(p, add_branches=False)) if _branches(p) else {},
    ),
    Mistake(
        "max-to-both",
        "A max only lets the gradient through to the input that won.",
        _if_it_has({"max": lambda _x, _y: (1.0, 1.0), "min": lambda _x, _y: (1.0, 1.0)}),
    ),
    Mistake(
        "max-to-the-loser",
        "A max lets the gradient through to its larger input, for that is what it gave out.",
        _if_it_has(
            {
                "max": lambda x, y: (float(x < y), float(y < x)),
                "min": lambda x, y: (float(x > y), float(y > x)),
            }
        ),
    ),
    Mistake(
        "minus-forgotten",
        "What is subtracted has the derivative −1.",
        _if_it_has({"-": lambda _x, _y: (1.0, 1.0), "negative": lambda _x: (1.0,)}),
    ),
    Mistake(
        "inverse-sign",
        "$1/x$ falls when $x$ grows: its derivative is negative.",
        _if_it_has({"inverse": lambda x: (1 / x**2,), "/": lambda x, y: (1 / y, x / y**2)}),
    ),
    Mistake(
        "inverse-not-squared",
        "The derivative of $1/x$ has the square of $x$ below the line.",
        _if_it_has({"inverse": lambda x: (-1 / x,), "/": lambda x, y: (1 / y, -x / y)}),
    ),
    Mistake(
        "exp-as-one",
        "The derivative of $e^x$ is $e^x$ itself, not 1.",
        _if_it_has({"exp": lambda _x: (1.0,)}),
    ),
    Mistake(
        "exp-not-differentiated-at-its-input",
        "The derivative of $e^x$ is $e^x$, not $x$.",
        _if_it_has({"exp": lambda x: (x,)}),
    ),
    Mistake(
        "chain-forgotten",
        "Each gate multiplies its own derivative by the gradient that comes from above.",
        lambda p: _given(_gradient(p, chain=False)) if _chained(p) else {},
    ),
)


_SIGNS = {"+": "{} + {}", "-": "{} − {}", "*": "{} · {}", "/": "{} / {}", "^": "{} ^ {}"}
_WORDS = {"negative": "−{}", "inverse": "1 / {}"}


def steps(p: Params) -> dict:
    """Return every operation with its value and its gradient, and the expressions in LaTeX."""
    nodes, found = _nodes(p), _values(p)
    handed = graph.gradients(nodes, found)
    labels, gates = [], 0
    for node in nodes:
        gates += bool(node.inputs)
        labels.append(f"g{gates}" if node.inputs else node.name or f"{node.constant:g}")
    rows = [
        {
            "label": labels[k],
            "is": _written(node, labels) if node.inputs else "input",
            "value": found[k],
            "gradient": handed[k],
        }
        for k, node in enumerate(nodes)
        if node.operation != "constant"
    ]
    return {
        "names": [graph.latex_name(name) for name in graph.variables(nodes)],
        "lines": graph.latex_lines(p.expression),
        "rows": rows,
        "operations": _operations(p),
        "branches": _branches(p),
    }


def _written(node: graph.Node, labels: list[str]) -> str:
    inputs = [labels[place] for place in node.inputs]
    form = _SIGNS.get(node.operation) or _WORDS.get(node.operation)
    return form.format(*inputs) if form else f"{node.operation}({', '.join(inputs)})"
