"""Pinned draws of losses, optimisers and metrics against published or hand-computed numbers.

A row is (slug, pins, part, key, source).
"""

import math

import numpy as np
import pytest

from problems.catalog import family

HAND = "by hand"
THIRDS = [1 / 3, 1 / 3, 1 / 3]
PAIR = {"examples": 2, "batch": 1, "x": [1, 2], "y": [2, 2], "order": [2, 1], "w": 0, "lr": 0.1}
PAIR |= {"memory": 0}
# The states are 2 and 1 + 2 / 2, so both terms of the gradient are −8.
SEQUENCE = PAIR | {"batch": 2, "memory": 0.5}
STEP = {"activation": "step", "optimiser": "adam", "x": [1, 1], "w": [1, 1], "b": 0}
RACE = {"curvature": 1, "start": 1, "lr_sgd": 0.5, "lr_adam": 0.1, "arrived": 0.25}
SCORES = {"batch": 1, "classes": 3, "logits": [[3.2, 5.1, -1.7]], "labels": [1], "base": "e"}
ONE_BCE = {"examples": 1, "given": "probabilities", "outputs": [0.9], "targets": [1], "base": "e"}
CONFUSION = [[2, 0, 0], [1, 0, 1], [0, 2, 0]]
ADAM = {"t": 1, "w": 1, "g": 0.5, "m": 0, "v": 0, "lr": 0.1, "beta1": 0.9, "form": "none"}
BALL = {"w": 1, "gradients": [1, 1], "rates": [0.1, 0.1], "mu": 0.9, "nesterov": False}
BATCH = {"batch": 2, "features": 1, "mode": "training", "x": [[1], [3]], "eps": 1e-8}
SCALE = {"gamma": [1], "beta": [0], "running_mean": [0], "running_var": [1], "momentum": 0.1}
LAYER = {"kind": "layer", "features": 2, "x": [[1, 3], [5, 2]], "gamma": [1, 1], "beta": [0, 0]}
MASKED = {"units": 2, "x": [2, 4], "mask": [1, 0], "probability": 0.5, "form": "inverted"}
DECAY = {"w": 1, "grad_w": 0, "lr": 0.1, "decay": 0.1}
NG = "Ng, Machine Learning Yearning, ch. 21"

ROWS = [
    ("full_batch_shuffle", PAIR, "shuffled", 1.04, HAND),
    ("full_batch_shuffle", PAIR, "changes", True, HAND),
    ("full_batch_shuffle", {**PAIR, "batch": 2}, "changes", False, HAND),
    ("full_batch_shuffle", SEQUENCE, "shuffled", 0.8, HAND),
    ("full_batch_shuffle", SEQUENCE, "changes", True, HAND),
    ("step_activation", STEP, "change", 0.0, HAND),
    ("step_activation", STEP, "learns", False, HAND),
    ("adam_convergence", RACE, "sgd_steps", 2, HAND),
    ("adam_convergence", {"claim": "always-faster"}, "claim", False, "Wilson et al. 2017"),
    ("adam_convergence", {"claim": "may-diverge"}, "claim", True, "Reddi et al. 2018"),
    (
        "gan_discriminator",
        {"examples": 1, "real": [0.5], "fake": [0.5]},
        "d_loss",
        math.log(4),
        "Goodfellow et al. 2014",
    ),
    (
        "softmax_values",
        {"classes": 3, "logits": [1, 2, 3], "temperature": 1},
        "p",
        [0.09003057317, 0.24472847105, 0.66524095577],
        HAND,
    ),
    (
        "softmax_ce",
        SCORES,
        "loss",
        math.log(math.exp(3.2) + math.exp(5.1) + math.exp(-1.7)) - 3.2,
        "CS231n, loss of the cat picture",
    ),
    (
        "cross_entropy_kl",
        {"p": [0.36, 0.48, 0.16], "q": THIRDS, "base": "e"},
        "kl",
        (32 * math.log(2) + 55 * math.log(3) - 50 * math.log(5)) / 25,
        "Kullback 1959, example 2.1",
    ),
    ("cross_entropy_kl", {"p": [0.5, 0.5], "q": [1, 0]}, "kl", math.inf, HAND),
    ("cross_entropy_kl", {"p": [1, 0], "q": [0.5, 0.5], "base": "2"}, "cross", 1.0, HAND),
    ("bce", {**ONE_BCE, "positive_weight": 1}, "loss", -math.log(0.9), HAND),
    ("bce", {**ONE_BCE, "positive_weight": 3}, "loss", -3 * math.log(0.9), HAND),
    (
        "mse",
        {"y": [3, -0.5, 2, 7], "predicted": [2.5, 0, 2, 8], "reduction": "mean", "half": False},
        "loss",
        0.375,
        "scikit-learn, mean_squared_error",
    ),
    (
        "confusion_metrics",
        {"counts": CONFUSION, "positive": 1, "average": "macro"},
        "averaged",
        0.8 / 3,
        "scikit-learn, f1_score",
    ),
    (
        "confusion_metrics",
        {"counts": CONFUSION, "positive": 1, "average": "micro"},
        "averaged",
        1 / 3,
        "scikit-learn, f1_score",
    ),
    ("adam_step", ADAM, "m", 0.05, HAND),
    ("adam_step", {**ADAM, "beta2": 0.999, "eps": 1e-8}, "w", 0.9, "Kingma & Ba 2015, 2.1"),
    ("momentum_step", {**BALL, "form": "heavy-ball"}, "w", 0.71, HAND),
    ("momentum_step", {**BALL, "form": "average"}, "velocity", 0.19, HAND),
    (
        "rmsprop_adagrad_step",
        {"rule": "adagrad", "w": 1, "cache": 0, "gradients": [2], "lr": 0.1, "eps": 1e-12},
        "w",
        0.9,
        HAND,
    ),
    ("ewma_bias_correction", {"beta": 0.9, "values": [40, 49]}, "corrected", 8.5 / 0.19, HAND),
    ("batchnorm_values", {**BATCH, **SCALE}, "first", [-1.0], HAND),
    ("batchnorm_values", {**BATCH, **SCALE}, "running_mean", [0.2], HAND),
    ("layernorm_values", {**LAYER, "eps": 1e-8}, "y", [-1.0, 1.0], HAND),
    (
        "softmax_ce_grad",
        {"batch": 1, "classes": 2, "logits": [[0, 0]], "labels": [1], "smoothing": 0},
        "gradient",
        [[-0.5, 0.5]],
        HAND,
    ),
    ("dropout_scaling", {**MASKED, "mode": "training"}, "y", [4.0, 0.0], HAND),
    ("dropout_scaling", {**MASKED, "mode": "evaluation"}, "y", [2.0, 4.0], HAND),
    (
        "hinge_loss",
        {"classes": 3, "scores": [13, -7, 11], "label": 1, "margin": 10},
        "loss",
        8.0,
        "CS231n, notes on linear classification",
    ),
    (
        "lr_schedule",
        {"schedule": "step", "base": 0.1, "factor": 0.1, "every": 30, "time": 60},
        "lr",
        0.001,
        "PyTorch, ImageNet example",
    ),
    (
        "lr_schedule",
        {"schedule": "cosine", "base": 1, "low": 0, "warmup": 100, "total": 300, "time": 200},
        "lr",
        0.5,
        HAND,
    ),
    ("weight_decay", {**DECAY, "form": "l2-half"}, "w", 0.99, HAND),
    ("weight_decay", {**DECAY, "form": "l2"}, "w", 0.98, HAND),
    (
        "gan_equilibrium",
        {"data": [0.5, 0.5], "generated": [0.5, 0.5]},
        "value",
        -math.log(4),
        "Goodfellow et al. 2014, theorem 1",
    ),
    (
        "gan_equilibrium",
        {"data": [0.75, 0.25], "generated": [0.25, 0.75]},
        "best",
        [0.75, 0.25],
        HAND,
    ),
    ("activation_choice", {"hidden": "sigmoid", "layers": 10}, "bound", 2.0**-20, HAND),
    ("activation_choice", {"task": "exclusive"}, "output", "softmax", HAND),
    (
        "overfit_diagnosis",
        {"bayes": 0, "train": 1, "dev": 11, "test": 11.5},
        "cause",
        "variance",
        NG,
    ),
    ("overfit_diagnosis", {"bayes": 0, "train": 15, "dev": 16, "test": 16.5}, "cause", "bias", NG),
    (
        "init_std",
        {"inputs": 64, "outputs": 128, "kernel": 3, "scheme": "he", "slope": 0},
        "std",
        math.sqrt(2 / 576),
        "He et al. 2015",
    ),
    (
        "gradient_clipping",
        {"weights": [3, 4], "biases": [0], "method": "norm", "limit": 1},
        "clipped",
        [0.6, 0.8, 0.0],
        HAND,
    ),
]


@pytest.mark.parametrize(("slug", "pins", "part", "expected", "source"), ROWS)
def test_pinned_draws_give_the_known_key(slug, pins, part, expected, source):
    key = family(slug).variant(0, pins).keys[part]
    if isinstance(expected, str | int):
        assert key == expected, source
    else:
        np.testing.assert_allclose(key, expected, rtol=1e-8, atol=1e-12, err_msg=source)
