"""Losses, optimisers and normalisation against PyTorch: random shapes, all numbers different."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from problems.engine import activations, losses, metrics, normalisation, optimisers

pytestmark = pytest.mark.filterwarnings("error")
SIZES = st.integers(2, 6)
SEEDS = st.integers(0, 2**32 - 1)
quick = settings(max_examples=25, deadline=None)


def _numbers(seed, *sizes):
    generator = np.random.default_rng(seed)
    return [generator.standard_normal(size) for size in sizes]


def _agree(ours, theirs):
    np.testing.assert_allclose(ours, np.asarray(theirs), rtol=1e-9, atol=1e-12)


@quick
@given(seed=SEEDS, n=SIZES, m=SIZES, temperature=st.sampled_from([0.1, 1.0, 7.0]))
def test_softmax_and_its_gradient_agree_with_torch(seed, n, m, temperature):
    z, raw = _numbers(seed, (n, m), (n, m))
    _agree(losses.softmax(z, temperature), (torch.tensor(z) / temperature).softmax(-1))
    targets = losses.softmax(raw)
    logits = torch.tensor(z, requires_grad=True)
    functional.cross_entropy(logits, torch.tensor(targets), reduction="sum").backward()
    _agree(losses.softmax_cross_entropy_gradient(z, targets), logits.grad)


@quick
@given(seed=SEEDS, n=SIZES, base=st.sampled_from([math.e, 2.0, 10.0]))
def test_divergences_agree_with_torch(seed, n, base):
    p, q = (losses.softmax(z) for z in _numbers(seed, n, n))
    kl = functional.kl_div(torch.tensor(q).log(), torch.tensor(p), reduction="sum") / math.log(base)
    _agree(losses.kl_divergence(p, q, base), kl)
    categorical = torch.distributions.Categorical(torch.tensor(p))
    _agree(losses.entropy(p, base), categorical.entropy() / math.log(base))


def test_what_never_happens_costs_nothing_and_what_was_excluded_costs_everything():
    p, q = np.array([1.0, 0.0]), np.array([0.5, 0.5])
    assert losses.entropy(p) == 0
    assert losses.kl_divergence(p, q, 2) == 1
    assert losses.kl_divergence(q, p) == math.inf


@quick
@given(seed=SEEDS, n=SIZES, weight=st.sampled_from([0.3, 1.0, 4.0]))
def test_binary_cross_entropy_and_squared_errors_agree_with_torch(seed, n, weight):
    z, raw = _numbers(seed, n, n)
    y = activations.sigmoid(raw)
    ours = losses.binary_cross_entropy(activations.sigmoid(z), y, positive_weight=weight)
    theirs = functional.binary_cross_entropy_with_logits(
        torch.tensor(z),
        torch.tensor(y),
        reduction="none",
        pos_weight=torch.tensor(weight, dtype=torch.float64),
    )
    _agree(ours, theirs)
    squares = functional.mse_loss(torch.tensor(z), torch.tensor(y), reduction="none")
    _agree(losses.squared_errors(y, z), squares)


@quick
@given(seed=SEEDS, n=SIZES, margin=st.sampled_from([0.5, 1.0, 2.0]), data=st.data())
def test_hinge_terms_agree_with_torch(seed, n, margin, data):
    (scores,) = _numbers(seed, n)
    label = data.draw(st.integers(0, n - 1))
    theirs = functional.multi_margin_loss(
        torch.tensor(scores)[None], torch.tensor([label]), margin=margin
    )
    _agree(losses.hinge_terms(scores, label, margin).sum() / n, theirs)


def _torch_steps(make, w, gradients):
    parameter = torch.tensor(w, requires_grad=True)
    optimiser = make([parameter])
    for g in gradients:
        parameter.grad = torch.tensor(g)
        optimiser.step()
    return parameter.detach()


@quick
@given(seed=SEEDS, n=SIZES, steps=SIZES, nesterov=st.booleans())
def test_momentum_agrees_with_torch_and_its_velocity_form(seed, n, steps, nesterov):
    w, gradients = _numbers(seed, n, (steps, n))
    ends = []
    for form in ("heavy-ball", "velocity"):
        now, v = w, np.zeros(n)
        for g in gradients:
            now, v = optimisers.momentum_step(now, v, g, 0.1, 0.9, form=form, nesterov=nesterov)
        ends.append(now)
    theirs = _torch_steps(
        lambda ps: torch.optim.SGD(ps, lr=0.1, momentum=0.9, nesterov=nesterov), w, gradients
    )
    for end in ends:
        _agree(end, theirs)


@quick
@given(seed=SEEDS, n=SIZES, steps=SIZES)
def test_adagrad_and_rmsprop_agree_with_torch(seed, n, steps):
    w, gradients = _numbers(seed, n, (steps, n))
    a, b, a_cache, b_cache = w, w, np.zeros(n), np.zeros(n)
    for g in gradients:
        a, a_cache = optimisers.adagrad_step(a, a_cache, g, 0.1, 1e-8)
        b, b_cache = optimisers.rmsprop_step(b, b_cache, g, 0.1, 0.9, 1e-8)
    _agree(a, _torch_steps(lambda ps: torch.optim.Adagrad(ps, lr=0.1, eps=1e-8), w, gradients))
    _agree(
        b, _torch_steps(lambda ps: torch.optim.RMSprop(ps, 0.1, alpha=0.9, eps=1e-8), w, gradients)
    )


@quick
@given(seed=SEEDS, n=SIZES, steps=SIZES, decay=st.sampled_from([0.0, 0.1]), form=st.booleans())
def test_adam_agrees_with_torch(seed, n, steps, decay, form):
    w, gradients = _numbers(seed, n, (steps, n))
    adam = optimisers.Adam(0.05, 0.8, 0.99, 1e-6, decay, decoupled=form)
    now, m, v = w, np.zeros(n), np.zeros(n)
    for t, g in enumerate(gradients, 1):
        now, m, v = adam.step(now, m, v, g, t)
    kind = torch.optim.AdamW if form else torch.optim.Adam
    settled = {"lr": 0.05, "betas": (0.8, 0.99), "eps": 1e-6, "weight_decay": decay}
    _agree(now, _torch_steps(lambda ps: kind(ps, **settled), w, gradients))


def test_schedules_agree_with_torch_step_by_step():
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 20, 0.001)
    for step in range(21):
        ours = optimisers.warmup_cosine(0.1, 0.001, 5, 25, step + 5)
        _agree(ours, schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()
    assert [optimisers.warmup_cosine(1.0, 0, 4, 9, t) for t in range(5)] == [0.25, 0.5, 0.75, 1, 1]
    assert [optimisers.step_decay(1.0, 0.5, 3, t) for t in (0, 2, 3, 6)] == [1, 1, 0.5, 0.25]


@quick
@given(seed=SEEDS, n=SIZES, limit=st.sampled_from([0.1, 1.0, 100.0]))
def test_clipping_agrees_with_torch(seed, n, limit):
    (g,) = _numbers(seed, n)
    clipped = optimisers.clip_by_norm(g, limit)
    factor = min(1.0, limit / torch.linalg.vector_norm(torch.tensor(g)).item())
    _agree(clipped, factor * torch.tensor(g))
    _agree(optimisers.clip_by_value(g, limit), torch.tensor(g).clamp(-limit, limit))


@quick
@given(seed=SEEDS, n=SIZES, groups=st.integers(1, 3), size=SIZES)
def test_normalisations_agree_with_torch(seed, n, groups, size):
    m = groups * size
    x, gamma, beta = _numbers(seed, (n, m), m, m)
    tx, tg, tb = (torch.tensor(a) for a in (x, gamma, beta))
    mean, variance = torch.zeros(m).double(), torch.ones(m).double()
    theirs = functional.batch_norm(tx, mean, variance, tg, tb, training=True, eps=1e-3)
    _agree(normalisation.batch_norm(x, gamma, beta, 1e-3), theirs)
    _agree(normalisation.running(np.zeros(m), x.mean(axis=0), 0.1), mean)
    old, spread = beta, np.exp(gamma)
    theirs = functional.batch_norm(tx, torch.tensor(old), torch.tensor(spread), tg, tb, eps=1e-3)
    _agree(normalisation.batch_norm_eval(x, old, spread, gamma, beta, 1e-3), theirs)
    _agree(
        normalisation.layer_norm(x, gamma, beta, 1e-3),
        functional.layer_norm(tx, (m,), tg, tb, 1e-3),
    )
    _agree(normalisation.rms_norm(x, gamma, 1e-3), functional.rms_norm(tx, (m,), tg, 1e-3))
    images = _numbers(seed, (n, m, 4))[0]
    theirs = functional.group_norm(torch.tensor(images), groups, tg, tb, 1e-3)
    _agree(normalisation.group_norm(images, gamma, beta, groups, 1e-3), theirs)


@quick
@given(seed=SEEDS, name=st.sampled_from(["sigmoid", "tanh", "relu"]))
def test_activation_gradients_agree_with_autograd(seed, name):
    (z,) = _numbers(seed, 5)
    line = torch.tensor(z, requires_grad=True)
    getattr(torch, name)(line).sum().backward()
    _agree(activations.activation_gradient(name, z), line.grad)
    assert not activations.activation_gradient("step", z).any()


def test_averages_of_a_confusion_matrix_by_hand():
    confusion = np.array([[3.0, 1.0], [2.0, 4.0]])  # F1: 6/9 and 8/11
    assert metrics.averaged(confusion, "f1", "macro") == pytest.approx((6 / 9 + 8 / 11) / 2)
    assert metrics.averaged(confusion, "f1", "micro") == pytest.approx(7 / 10)
    weighted = (4 * 6 / 9 + 6 * 8 / 11) / 10
    assert metrics.averaged(confusion, "f1", "weighted") == pytest.approx(weighted)
    assert metrics.averaged(confusion, "precision", "macro") == pytest.approx((3 / 5 + 4 / 5) / 2)
    never = np.array([[3.0, 0.0], [2.0, 0.0]])
    assert metrics.averaged(never, "precision", "macro") == pytest.approx(3 / 10)


@quick
@given(seed=SEEDS, n=SIZES, m=SIZES, training=st.booleans())
def test_a_step_of_batch_norm_agrees_with_torch(seed, n, m, training):
    x, gamma, beta, mean, spread = _numbers(seed, (n, m), m, m, m, m)
    variance = spread**2 + 0.1
    running = torch.tensor(mean), torch.tensor(variance)
    theirs = functional.batch_norm(
        torch.tensor(x), *running, torch.tensor(gamma), torch.tensor(beta), training, 0.3, 1e-3
    )
    given_all = (x, gamma, beta, mean, variance, 0.3, 1e-3, training)
    y, new_mean, new_variance = normalisation.batch_norm_step(*given_all)
    _agree(y, theirs)
    _agree(new_mean, running[0])
    _agree(new_variance, running[1])


@quick
@given(seed=SEEDS, n=st.integers(1, 12))
def test_binary_metrics_agree_with_those_of_the_confusion_matrix(seed, n):
    truth, predicted = np.random.default_rng(seed).integers(2, size=(2, n))
    confusion = torch.zeros(2, 2, dtype=torch.int64)
    confusion.index_put_(
        (torch.tensor(truth), torch.tensor(predicted)), torch.tensor(1), accumulate=True
    )
    tn, fp, fn, tp = confusion.flatten().tolist()
    assert metrics.binary_counts(truth, predicted) == (tp, fp, fn, tn)
    accuracy, precision, recall, f1 = metrics.binary_metrics(truth, predicted)
    assert accuracy == (truth == predicted).mean()
    assert precision * (tp + fp) == pytest.approx(tp)
    assert recall * (tp + fn) == pytest.approx(tp)
    assert f1 * (precision + recall) == pytest.approx(2 * precision * recall)
