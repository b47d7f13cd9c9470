"""One step of a simple RNN: h = tanh(x W^T + h_prev U^T + b)."""

from __future__ import annotations

from grader import gates
from grader.drawing import plans
from problems.engine import recurrent

VERSION = 1
FUNCTION = "rnn_step"
FRAMEWORKS = ("numpy",)
ARGUMENTS = gates.arguments("")
RETURNS = {"h": "(batch, hidden)"}
PLANS = plans()

draw = gates.draw_for("")
reference = recurrent.rnn_step

MUTANTS = gates.tanh_mutants("step", "")
