"""The candidate of an LSTM: c_tilde = tanh(x W_c^T + h_prev U_c^T + b_c)."""

from __future__ import annotations

from grader import gates
from grader.drawing import plans
from problems.engine.recurrent import candidate

VERSION = 1
FUNCTION = "candidate"
ARGUMENTS = gates.arguments("c")
RETURNS = {"c_tilde": "(batch, hidden)"}
PLANS = plans()

draw = gates.draw_for("c")
reference = candidate

MUTANTS = gates.tanh_mutants("candidate", "c")
