"""One step of a GRU (Cho et al. 2014), in the conventions of the papers and of PyTorch.

`reset` says whether the reset gate acts on the state before its matrix (Cho et al.) or on the
product after it (PyTorch, cuDNN); `update` whether z is the share of the old state that is kept
(Cho et al., PyTorch) or the share of the candidate (Chung et al. 2014).
"""

from dataclasses import dataclass

import numpy as np

from problems.answers import Vector
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine import recurrent
from problems.engine.activations import sigmoid


@dataclass(frozen=True)
class Params:
    """The input, the state, the weights of the two gates and the candidate, the conventions."""

    inputs: int = param("length of the input x", 1, 16)
    hidden: int = param("length of the hidden state h", 1, 16)
    reset: str = param("where the reset gate acts", options=("before", "after"))
    update: str = param("whether z keeps the old state or takes the new", options=("keep", "new"))
    x: Array = param("input x_t, shape (inputs,)", -100, 100)
    h_prev: Array = param("previous hidden state, shape (hidden,)", -100, 100)
    W_r: Array = param("reset gate's input weights, shape (hidden, inputs)", -100, 100)
    U_r: Array = param("reset gate's recurrent weights, shape (hidden, hidden)", -100, 100)
    b_r: Array = param("reset gate's bias, shape (hidden,)", -100, 100)
    W_z: Array = param("update gate's input weights, shape (hidden, inputs)", -100, 100)
    U_z: Array = param("update gate's recurrent weights, shape (hidden, hidden)", -100, 100)
    b_z: Array = param("update gate's bias, shape (hidden,)", -100, 100)
    W_n: Array = param("candidate's input weights, shape (hidden, inputs)", -100, 100)
    U_n: Array = param("candidate's recurrent weights, shape (hidden, hidden)", -100, 100)
    b_n: Array = param("candidate's bias, shape (hidden,)", -100, 100)


VERSION = 1
PARTS = {"n": Vector(decimals=3), "h": Vector(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw a cell of two units and one or two inputs."""
    n, m = r.int("inputs", 1, 2), r.int("hidden", 2, 2)
    return Params(
        inputs=n,
        hidden=m,
        reset=r.choice("reset", ("before", "after")),
        update=r.choice("update", ("keep", "new")),
        x=r.array("x", (n,), -2, 2, 1),
        h_prev=r.array("h_prev", (m,), -0.9, 0.9, 1),
        W_r=r.array("W_r", (m, n), -1, 1, 1),
        U_r=r.array("U_r", (m, m), -1, 1, 1),
        b_r=r.array("b_r", (m,), -1, 1, 1),
        W_z=r.array("W_z", (m, n), -1, 1, 1),
        U_z=r.array("U_z", (m, m), -1, 1, 1),
        b_z=r.array("b_z", (m,), -1, 1, 1),
        W_n=r.array("W_n", (m, n), -1, 1, 1),
        U_n=r.array("U_n", (m, m), -2, 2, 1),
        b_n=r.array("b_n", (m,), -1, 1, 1),
    )


def answer(p: Params) -> dict:
    """Compute candidate and state with the reference engine."""
    return _step(p, _r(p), _z(p))


def _r(p: Params) -> Array:
    return recurrent.gate(p.x, p.h_prev, p.W_r, p.U_r, p.b_r)


def _z(p: Params) -> Array:
    return recurrent.gate(p.x, p.h_prev, p.W_z, p.U_z, p.b_z)


def _step(p: Params, r: Array, z: Array, *, reset: str = "", update: str = "") -> dict:
    n = recurrent.gru_candidate(p.x, p.h_prev, r, p.W_n, p.U_n, p.b_n, reset=reset or p.reset)
    return {"n": n, "h": recurrent.gru_mix(z, p.h_prev, n, update=update or p.update)}


def witness(p: Params) -> dict:
    """Run torch.nn.GRUCell, which resets after and keeps with z; bend its weights to the rest.

    1 - sigmoid(z) is sigmoid(-z). Where the reset acts before, the candidate's recurrent term
    is computed by itself and given to the cell as a bias. With z = 0 the cell shows the candidate.
    """
    import torch

    tensors = {name: torch.tensor(value) for name, value in vars(p).items() if name[1:2] == "_"}
    sign = 1 if p.update == "keep" else -1
    x, h = torch.tensor(p.x)[None], tensors["h_prev"][None]

    def run(z_bias: float) -> torch.Tensor:
        cell = torch.nn.GRUCell(p.inputs, p.hidden, dtype=torch.float64)  # stacks r, z, n
        W = [tensors["W_r"], sign * tensors["W_z"], tensors["W_n"]]
        U = [tensors["U_r"], sign * tensors["U_z"], tensors["U_n"]]
        b = [tensors["b_r"], sign * tensors["b_z"] + z_bias, tensors["b_n"]]
        if p.reset == "before":
            gate = torch.nn.functional.linear
            r = torch.sigmoid(gate(x, W[0], b[0]) + gate(h, U[0]))
            b[2] = b[2] + gate(r * h, U[2])[0]
            U[2] = torch.zeros_like(U[2])
        with torch.no_grad():
            cell.weight_ih.copy_(torch.cat(W))
            cell.weight_hh.copy_(torch.cat(U))
            cell.bias_ih.copy_(torch.cat(b))
            cell.bias_hh.zero_()
            return cell(x, h)[0]

    return {"n": run(-1e6).numpy(), "h": run(0.0).numpy()}


def _new_share(p: Params) -> Array:
    return 1 - _z(p) if p.update == "keep" else _z(p)


def _with_candidate(p: Params, n: Array) -> dict:
    return {"n": n, "h": recurrent.gru_mix(_z(p), p.h_prev, n, update=p.update)}


def _sigmoid_candidate(p: Params) -> dict:
    right = answer(p)["n"]
    return _with_candidate(p, sigmoid(np.arctanh(right))) if (abs(right) < 1).all() else {}


MISTAKES = (
    Mistake(
        "update-reversed",
        "The update gate's share belongs to the other state: look at what $z_t$ is here.",
        lambda p: {
            "h": _step(p, _r(p), _z(p), update="new" if p.update == "keep" else "keep")["h"]
        },
    ),
    Mistake(
        "reset-in-other-place",
        "The reset gate acts elsewhere: before the recurrent matrix and after it are two things.",
        lambda p: (
            _step(p, _r(p), _z(p), reset="after" if p.reset == "before" else "before")
            if p.hidden > 1
            else {}
        ),
    ),
    Mistake(
        "reset-forgotten",
        "The candidate sees the previous state through the reset gate; this leaves it out.",
        lambda p: _step(p, np.ones(p.hidden), _z(p)),
    ),
    Mistake(
        "gates-swapped",
        "Reset gate and update gate are in each other's place.",
        lambda p: _step(p, _z(p), _r(p)),
    ),
    Mistake(
        "candidate-by-sigmoid",
        "The candidate goes through tanh; only gates go through the sigmoid.",
        _sigmoid_candidate,
    ),
    Mistake(
        "reset-of-bias",
        "The reset gate acts on the recurrent term alone, not on the bias.",
        lambda p: (
            _with_candidate(p, np.tanh(p.W_n @ p.x + _r(p) * (p.U_n @ p.h_prev + p.b_n)))
            if p.reset == "after"
            else {}
        ),
    ),
    Mistake(
        "biases-forgotten",
        "The biases are missing.",
        lambda p: _step(
            Params(**vars(p) | {"b_n": 0 * p.b_n}),
            sigmoid(p.W_r @ p.x + p.U_r @ p.h_prev),
            sigmoid(p.W_z @ p.x + p.U_z @ p.h_prev),
        ),
    ),
    Mistake(
        "old-state-dropped",
        "The new state mixes the candidate with the old state; this leaves the old one out.",
        lambda p: {"h": answer(p)["n"] * _new_share(p)},
    ),
)


def steps(p: Params) -> dict:
    """Return the gates, the candidate's terms, and the formulas of these conventions."""
    reset = (r"U_n (r_t \odot h_{t-1})", r"r_t \odot (U_n h_{t-1})")[p.reset == "after"]
    mixes = {
        "keep": r"z_t \odot h_{t-1} + (1 - z_t) \odot n_t",
        "new": r"(1 - z_t) \odot h_{t-1} + z_t \odot n_t",
    }
    r = _r(p)
    return {
        "r": r,
        "z": _z(p),
        "r_sum": recurrent.preactivation(p.x, p.h_prev, p.W_r, p.U_r, p.b_r),
        "z_sum": recurrent.preactivation(p.x, p.h_prev, p.W_z, p.U_z, p.b_z),
        "Wx": p.W_n @ p.x,
        "recurrent": p.U_n @ (r * p.h_prev) if p.reset == "before" else r * (p.U_n @ p.h_prev),
        "reset": reset,
        "mix": mixes[p.update],
    }
