"""Computational graphs of scalars: reading them, their values, and backpropagation.

A graph is written as an expression such as `(x + y) * max(z, w)`; what is used in several places
may be named first: `q = x + y; q * max(q, z)`. The last expression is the output.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

MAX_NODES = 100
LARGEST = 1e6
NAME = re.compile(r"[A-Za-eh-z][0-9]{0,2}")
_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}

Partials: TypeAlias = Mapping[str, Callable[..., tuple[float, ...]]]
"""For each operation its derivatives by its inputs, from the inputs' values."""


@dataclass(frozen=True)
class Node:
    """An input (`x`), a constant (`2.0`), or an operation on earlier nodes, by their places."""

    operation: str
    inputs: tuple[int, ...] = ()
    constant: float = 0.0
    name: str = ""


VALUES: Mapping[str, Callable[..., float]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "^": math.pow,
    "max": max,
    "min": min,
    "negative": lambda x: -x,
    "inverse": lambda x: 1 / x,
    "exp": math.exp,
    "ln": math.log,
    "tanh": math.tanh,
}
PARTIALS: Partials = {
    "+": lambda _x, _y: (1.0, 1.0),
    "-": lambda _x, _y: (1.0, -1.0),
    "*": lambda x, y: (y, x),
    "/": lambda x, y: (1 / y, -x / y**2),
    "^": lambda x, y: (y * math.pow(x, y - 1), 0.0),
    "max": lambda x, y: (float(x > y), float(y > x)),
    "min": lambda x, y: (float(x < y), float(y < x)),
    "negative": lambda _x: (-1.0,),
    "inverse": lambda x: (-1 / x**2,),
    "exp": lambda x: (math.exp(x),),
    "ln": lambda x: (1 / x,),
    "tanh": lambda x: (1 - math.tanh(x) ** 2,),
}


def read_graph(text: str) -> tuple[Node, ...]:
    """Read a graph; its nodes stand behind their inputs, and the output is the last.

    Raises ValueError with a sentence that says what is wrong.
    """
    return tuple(_Reader().read(text))


def variables(nodes: Sequence[Node]) -> tuple[str, ...]:
    """Return the names of the inputs, in the order in which they first come up."""
    return tuple(node.name for node in nodes if node.operation == "variable")


def values(nodes: Sequence[Node], given: Mapping[str, float]) -> list[float]:
    """Return the value of every node.

    Raises ValueError where one is undefined or beyond a million, and where the two inputs of a
    maximum are equal, so that its derivative is not defined.
    """
    found: list[float] = []
    for node in nodes:
        if node.operation in ("variable", "constant"):
            found.append(given[node.name] if node.operation == "variable" else node.constant)
            continue
        inputs = [found[place] for place in node.inputs]
        if node.operation in ("max", "min") and inputs[0] == inputs[1]:
            raise ValueError("both inputs of a max or min are equal: it has no derivative there.")
        try:
            value = VALUES[node.operation](*inputs)
        except (ArithmeticError, ValueError) as error:
            raise ValueError("the graph has no value there (a division by 0, say).") from error
        if not abs(value) <= LARGEST:
            raise ValueError("a number of the graph is larger than a million.")
        found.append(value)
    return found


def gradients(
    nodes: Sequence[Node],
    found: Sequence[float],
    partials: Partials = PARTIALS,
    *,
    add_branches: bool = True,
    chain: bool = True,
) -> list[float]:
    """Return the derivative of the output by every node, from the values of the nodes.

    Without `add_branches` a node keeps the share of one branch alone; without `chain` a gate hands
    on its own derivatives, not times what came from above. Both are there to show mistakes.
    """
    handed = [0.0] * len(nodes)
    handed[-1] = 1.0
    for last, node in reversed(list(enumerate(nodes))):
        if not node.inputs:
            continue
        above = handed[last]
        own = partials[node.operation](*(found[place] for place in node.inputs))
        for place, partial in zip(node.inputs, own, strict=True):
            share = partial * above if chain else partial
            handed[place] = handed[place] + share if add_branches else share
    return handed


class _Reader:
    """Reads the expressions of one graph into its nodes."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.places: dict[str, int] = {}

    def read(self, text: str) -> list[Node]:
        try:
            statements = ast.parse(text.strip()).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ValueError("this is no expression, such as (x + y) * max(z, w).") from error
        if not statements or not isinstance(statements[-1], ast.Expr):
            raise ValueError("the last thing must be an expression: the output.")
        for statement in statements[:-1]:
            self._define(statement)
        self._place(statements[-1].value)
        if not self.nodes or not self.nodes[-1].inputs:
            raise ValueError("the output must be an operation on the inputs.")
        if not variables(self.nodes):
            raise ValueError("there must be an input, such as x.")
        return self.nodes

    def _define(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if NAME.fullmatch(name):
                place = self._place(value)
                if name in self.places:
                    raise ValueError(f"{name} is used twice: give the result another name.")
                self.places[name] = place
            case _:
                raise ValueError("before the output, results are named: q = x + y; q * q.")

    def _place(self, part: ast.expr) -> int:
        """Return the place of the node that an expression makes."""
        if isinstance(part, ast.Name):
            return self._named(part.id)
        if isinstance(part, ast.Constant):
            number = part.value
            if type(number) not in (int, float) or not abs(number) <= LARGEST:  # type: ignore[arg-type]
                raise ValueError("constants are numbers up to a million.")
            return self._add(Node("constant", constant=float(number)))  # type: ignore[arg-type]
        if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub):
            return self._operation("negative", part.operand)
        if isinstance(part, ast.BinOp) and type(part.op) in _BINARY:
            return self._binary(_BINARY[type(part.op)], part.left, part.right)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and not part.keywords:
            count = 2 if part.func.id in ("max", "min") else 1
            if part.func.id in ("max", "min", "exp", "ln", "tanh") and len(part.args) == count:
                return self._operation(part.func.id, *part.args)
        raise ValueError("use + - * / **, max(a, b), min(a, b), exp, ln and tanh alone.")

    def _binary(self, operation: str, left: ast.expr, right: ast.expr) -> int:
        if operation == "/" and isinstance(left, ast.Constant) and left.value == 1:
            return self._operation("inverse", right)
        if operation == "^" and not isinstance(right, ast.Constant):
            raise ValueError("an exponent is a number, such as in x**2.")
        return self._operation(operation, left, right)

    def _operation(self, operation: str, *parts: ast.expr) -> int:
        return self._add(Node(operation, tuple(self._place(part) for part in parts)))

    def _named(self, name: str) -> int:
        if name not in self.places:
            if not NAME.fullmatch(name):
                raise ValueError("a name is one letter but f and g, and digits behind it: x, w1.")
            self.places[name] = self._add(Node("variable", name=name))
        return self.places[name]

    def _add(self, node: Node) -> int:
        if len(self.nodes) >= MAX_NODES:
            raise ValueError(f"a graph has at most {MAX_NODES} nodes.")
        self.nodes.append(node)
        return len(self.nodes) - 1


def latex_lines(text: str) -> list[str]:
    """Return what a graph names and its output as aligned LaTeX: `q &= x + y`, `f &= q^{2}`."""
    lines = []
    for statement in ast.parse(text.strip()).body:
        match statement:
            case ast.Assign(targets=[name], value=value):
                lines.append(f"{_latex(name)} &= {_latex(value)}")
            case ast.Expr(value=value):
                lines.append(f"f &= {_latex(value)}")
    return lines


def latex_name(name: str) -> str:
    """Return a name in LaTeX, its digits as an index."""
    return name if len(name) == 1 else f"{name[0]}_{{{name[1:]}}}"


def _latex(part: ast.expr) -> str:
    if isinstance(part, ast.BinOp):
        return _latex_operation(part)
    if isinstance(part, ast.Name):
        return latex_name(part.id)
    if isinstance(part, ast.UnaryOp):
        return f"-{_factor(part.operand)}"
    if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
        inside = ", ".join(map(_latex, part.args))
        return f"e^{{{inside}}}" if part.func.id == "exp" else rf"\{part.func.id}({inside})"
    return ast.unparse(part)


def _latex_operation(part: ast.BinOp) -> str:
    left, right = part.left, part.right
    if isinstance(part.op, ast.Div):
        return rf"\frac{{{_latex(left)}}}{{{_latex(right)}}}"
    if isinstance(part.op, ast.Pow):
        base = _latex(left) if isinstance(left, ast.Name) else f"({_latex(left)})"
        return f"{base}^{{{_latex(right)}}}"
    if isinstance(part.op, ast.Mult):
        return rf"{_factor(left)} \cdot {_factor(right)}"
    if isinstance(part.op, ast.Sub):
        return f"{_latex(left)} - {_factor(right)}"
    return f"{_latex(left)} + {_latex(right)}"


def _factor(part: ast.expr) -> str:
    """Return an expression in LaTeX, in brackets where it is a sum or has a sign."""
    sums = isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add | ast.Sub)
    return f"({_latex(part)})" if sums or isinstance(part, ast.UnaryOp) else _latex(part)
