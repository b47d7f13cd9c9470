"""The output gate of an LSTM: o = sigmoid(x W_o^T + h_prev U_o^T + b_o)."""

from __future__ import annotations

from grader import gates
from grader.core import Mutant
from grader.drawing import plans
from problems.engine.recurrent import gate

VERSION = 1
FUNCTION = "output_gate"
ARGUMENTS = gates.arguments("o")
RETURNS = {"o": "(batch, hidden)"}
PLANS = plans()

draw = gates.draw_for("o")
reference = gate

MUTANTS = (
    *gates.sigmoid_gate_mutants("o"),
    Mutant(
        "complement",
        "This is 1 - o: the share that is held back. The gate is the share that is shown.",
        lambda x, h, W, U, b: 1.0 - gate(x, h, W, U, b),
    ),
)
