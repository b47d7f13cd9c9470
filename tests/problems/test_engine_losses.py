"""The engine's softmax and losses, and their gradients, against PyTorch, in one table."""

import numpy as np
import pytest
import torch
from autograd import Case, run, shaped
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from problems.engine import activations, losses, losses_backward

pytestmark = pytest.mark.filterwarnings("error")

SOFTMAX = shaped(
    lambda n, m: Case(
        ((n, m),),
        lambda z: losses.softmax(z, 0.6),
        lambda dy, z: losses_backward.softmax_backward(dy, z, 0.6),
        lambda z: torch.softmax(z / 0.6, -1),
    )
)
LOG_SOFTMAX = shaped(
    lambda n, m: Case(
        ((n, m),),
        losses.log_softmax,
        losses_backward.log_softmax_backward,
        lambda z: torch.log_softmax(z, -1),
    )
)


@st.composite
def cross_entropy(draw):
    n, classes = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = generator.random(classes) + 0.1 if draw(st.booleans()) else None
    reduction, ignored = draw(st.sampled_from(["mean", "sum", "none"])), None
    if draw(st.booleans()):
        targets = generator.dirichlet(np.ones(classes), n)
    else:
        targets = generator.integers(classes, size=n)
        ignored = draw(st.sampled_from([None, -100, 1]))
        if ignored is not None:
            targets[1:] = np.where(generator.random(n - 1) < 0.5, ignored, targets[1:])
            targets[0] = 0
    options = {"weights": weights, "ignored": ignored, "reduction": reduction}
    return Case(
        ((n, classes),),
        lambda z: losses.cross_entropy(z, targets, **options),
        lambda dl, z: losses_backward.cross_entropy_backward(dl, z, targets, **options),
        lambda z: functional.cross_entropy(
            z,
            torch.tensor(targets),
            None if weights is None else torch.tensor(weights),
            ignore_index=-100 if ignored is None else ignored,
            reduction=reduction,
        ),
    )


def _targets(n):
    return np.random.default_rng(n).random(n)


def _binary_case(n, weight):
    y = _targets(n)
    factor = torch.tensor(weight, dtype=torch.float64)
    return Case(
        ((n,),),
        lambda z: losses.binary_cross_entropy_logits(z, y, positive_weight=weight),
        lambda dl, z: losses_backward.binary_cross_entropy_logits_backward(
            dl, z, y, positive_weight=weight
        ),
        lambda z: functional.binary_cross_entropy_with_logits(
            z, torch.tensor(y), reduction="none", pos_weight=factor
        ),
    )


def _probability_case(n, m):
    y = np.random.default_rng(n).random((n, m))
    return Case(
        ((n, m),),
        lambda p: losses.binary_cross_entropy(p, y),
        lambda dl, p: losses_backward.binary_cross_entropy_backward(dl, p, y),
        lambda p: functional.binary_cross_entropy(p, torch.tensor(y), reduction="none"),
        distributions=True,
    )


def _hinge_case(n, margin):
    y = np.where(_targets(n) < 0.5, -1.0, 1.0)
    return Case(
        ((n,),),
        lambda s: losses.hinge(s, y, margin),
        lambda dl, s: losses_backward.hinge_backward(dl, s, y, margin),
        lambda s: functional.margin_ranking_loss(
            s, torch.zeros_like(s), torch.tensor(y), margin, reduction="none"
        ),
    )


def _multiclass_hinge_case(n, classes):
    labels = np.random.default_rng(n).integers(classes, size=n)
    return Case(
        ((n, classes),),
        lambda s: losses.multiclass_hinge(s, labels, 0.7),
        lambda dl, s: losses_backward.multiclass_hinge_backward(dl, s, labels, 0.7),
        lambda s: (
            functional.multi_margin_loss(s, torch.tensor(labels), margin=0.7, reduction="none")
            * classes
        ),
    )


SQUARES = shaped(
    lambda n, m: Case(
        ((n, m), (n, m)),
        losses.squared_errors,
        losses_backward.squared_errors_backward,
        lambda y, predicted: functional.mse_loss(predicted, y, reduction="none"),
    )
)
MEAN_SQUARES = shaped(
    lambda n, m: Case(
        ((n, m), (n, m)),
        lambda y, predicted: losses.reduced(losses.squared_errors(y, predicted), "mean"),
        lambda dl, y, predicted: losses_backward.squared_errors_backward(
            np.full((n, m), dl / (n * m)), y, predicted
        ),
        lambda y, predicted: functional.mse_loss(predicted, y),
    )
)
KL = shaped(
    lambda n, m: Case(
        ((n, m), (n, m)),
        losses.kl_divergence,
        losses_backward.kl_divergence_backward,
        lambda p, q: functional.kl_div(q.log(), p, reduction="none").sum(-1),
        distributions=True,
    )
)

TABLE = {
    "bce": shaped(_probability_case),
    "bce-logits": st.builds(_binary_case, st.integers(1, 5), st.sampled_from([1.0, 0.3, 4.0])),
    "cross-entropy": cross_entropy(),
    "hinge": st.builds(_hinge_case, st.integers(1, 5), st.sampled_from([0.5, 1.0])),
    "hinge-multiclass": shaped(_multiclass_hinge_case),
    "kl": KL,
    "log-softmax": LOG_SOFTMAX,
    "mse": MEAN_SQUARES,
    "softmax": SOFTMAX,
    "squares": SQUARES,
}


@pytest.mark.parametrize("name", sorted(TABLE))
@settings(max_examples=25, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_values_and_gradients_are_torchs(name, data, seed):
    run(data.draw(TABLE[name]), seed)


def test_extreme_logits_neither_overflow_nor_lose_their_loss():
    z, y = np.array([-1e4, 0.0, 1e4]), np.array([1.0, 0.0, 0.0])
    np.testing.assert_allclose(
        losses.binary_cross_entropy_logits(z, y), [1e4, np.log(2), 1e4], rtol=1e-14
    )
    for name in ("softplus", "silu", "mish", "elu", "gelu", "selu"):
        assert np.isfinite(getattr(activations, name)(z)).all()
        assert np.isfinite(getattr(activations, f"{name}_backward")(np.ones(3), z)).all()


def test_a_vocabulary_of_half_a_million_costs_no_square_of_it():
    logits, labels = np.zeros((2, 500_000)), np.array([0, 499_999])
    assert losses.cross_entropy(logits, labels) == pytest.approx(np.log(500_000))
