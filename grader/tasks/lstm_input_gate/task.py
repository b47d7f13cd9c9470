"""The input gate of an LSTM: i = sigmoid(x W_i^T + h_prev U_i^T + b_i)."""

from __future__ import annotations

from grader import gates
from grader.core import Mutant
from grader.drawing import plans
from problems.engine.recurrent import gate

VERSION = 1
FUNCTION = "input_gate"
ARGUMENTS = gates.arguments("i")
RETURNS = {"i": "(batch, hidden)"}
PLANS = plans()

draw = gates.draw_for("i")
reference = gate

MUTANTS = (
    *gates.sigmoid_gate_mutants("i"),
    Mutant(
        "complement",
        "This is 1 - i: the share that is kept out. The gate is the share that is let in.",
        lambda x, h, W, U, b: 1.0 - gate(x, h, W, U, b),
    ),
)
