"""The forget gate of an LSTM: f = sigmoid(x W_f^T + h_prev U_f^T + b_f)."""

from __future__ import annotations

from grader import gates
from grader.core import Mutant
from grader.drawing import plans
from problems.engine.recurrent import gate

VERSION = 1
FUNCTION = "forget_gate"
ARGUMENTS = gates.arguments("f")
RETURNS = {"f": "(batch, hidden)"}
PLANS = plans()

draw = gates.draw_for("f")
reference = gate

MUTANTS = (
    *gates.sigmoid_gate_mutants("f"),
    Mutant(
        "complement",
        "This is 1 - f: the share that is forgotten. The gate is the share that is kept.",
        lambda x, h, W, U, b: 1.0 - gate(x, h, W, U, b),
    ),
)
