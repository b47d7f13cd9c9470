"""Metrics, overlaps and distances of the engine against PyTorch and against counting by hand."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.engine import boxes, metrics, optimisers, text

SEEDS = st.integers(0, 2**32 - 1)
WORDS = st.lists(st.sampled_from("abc"), max_size=7)
quick = settings(max_examples=25, deadline=None)


@quick
@given(SEEDS, st.integers(2, 5), st.integers(1, 20))
def test_a_confusion_matrix_and_its_averages_are_those_of_counting(seed, classes, cases):
    truth, said = np.random.default_rng(seed).integers(classes, size=(2, cases))
    ours = metrics.confusion_matrix(truth, said, classes)
    theirs = torch.zeros(classes, classes, dtype=torch.float64)
    one = torch.ones(cases, dtype=torch.float64)
    theirs.index_put_((torch.tensor(truth), torch.tensor(said)), one, accumulate=True)
    np.testing.assert_array_equal(ours, theirs)
    found: dict[str, list[float]] = {"precision": [], "recall": [], "f1": [], "iou": []}
    for label in range(classes):
        real, named = set(np.flatnonzero(truth == label)), set(np.flatnonzero(said == label))
        both = len(real & named)
        found["precision"].append(both / len(named) if named else 0)
        found["recall"].append(both / len(real) if real else 0)
        found["f1"].append(2 * both / (len(real) + len(named)) if real or named else 0)
        found["iou"].append(both / len(real | named) if real or named else 0)
    shares = [(truth == label).mean() for label in range(classes)]
    right = (truth == said).mean()
    for metric, values in found.items():
        assert metrics.averaged(ours, metric, "macro") == pytest.approx(np.mean(values))
        weighted = np.dot(values, shares)
        assert metrics.averaged(ours, metric, "weighted") == pytest.approx(weighted)
        micro = right / (2 - right) if metric == "iou" else right
        assert metrics.averaged(ours, metric, "micro") == pytest.approx(micro)


@quick
@given(SEEDS, st.integers(2, 20), st.integers(2, 9))
def test_roc_auc_is_the_share_of_pairs_in_order(seed, cases, levels):
    generator = np.random.default_rng(seed)
    truth, scores = generator.integers(2, size=cases), generator.integers(levels, size=cases) / 7
    truth[:2] = 0, 1
    positive, negative = (torch.tensor(scores[truth == label]) for label in (1, 0))
    ahead = positive[:, None] - negative[None]
    theirs = (ahead > 0).double() + (ahead == 0).double() / 2
    assert metrics.roc_auc(truth, scores) == pytest.approx(theirs.mean().item())
    # The area below the curve itself, threshold by threshold.
    cuts = [math.inf, *sorted(set(scores), reverse=True)]
    hits = [(scores[truth == 1] >= cut).mean() for cut in cuts]
    alarms = [(scores[truth == 0] >= cut).mean() for cut in cuts]
    area = torch.trapezoid(torch.tensor(hits), torch.tensor(alarms)).item()
    assert metrics.roc_auc(truth, scores) == pytest.approx(area)


@quick
@given(SEEDS, st.integers(1, 5), st.integers(1, 5))
def test_the_overlaps_of_all_pairs_are_those_of_each(seed, n, m):
    generator = np.random.default_rng(seed)
    corners = [generator.random((count, 2, 2)) for count in (n, m)]
    a, b = (np.concatenate([c[:, 0], c[:, 0] + c[:, 1] + 0.1], axis=1) for c in corners)
    every = boxes.iou(a[:, None], b[None])
    assert every.shape == (n, m)
    x, y = (torch.tensor(box).unflatten(1, (2, 2)) for box in (a, b))
    low, high = (f(x[:, None, k], y[None, :, k]) for k, f in ((0, torch.max), (1, torch.min)))
    shared = (high - low).clamp(min=0).prod(-1)
    sizes = [(box[:, 1] - box[:, 0]).prod(-1) for box in (x, y)]
    theirs = shared / (sizes[0][:, None] + sizes[1][None] - shared)
    np.testing.assert_allclose(every, theirs, rtol=1e-12)
    assert boxes.iou(a[0], b[0]) == every[0, 0]


@quick
@given(WORDS, WORDS)
def test_the_edit_distance_is_that_of_its_definition(a, b):
    @cache
    def fewest(i, j):
        if not i or not j:
            return i + j
        same = fewest(i - 1, j - 1) + (a[i - 1] != b[j - 1])
        return min(fewest(i - 1, j) + 1, fewest(i, j - 1) + 1, same)

    assert text.edit_distance(a, b) == text.edit_distance(b, a) == fewest(len(a), len(b))


def test_the_edit_distance_of_the_usual_example():
    assert text.edit_distance("kitten", "sitting") == 3


@quick
@given(st.lists(st.integers(0, 2), min_size=1, max_size=9), st.integers(1, 4))
def test_ngrams_are_counted_as_torch_counts_windows(tokens, n):
    counts = text.ngram_counts([list(map(str, tokens))], n)
    padded = torch.tensor([*[-1] * (n - 1), *tokens, -2])
    grams, theirs = torch.unique(padded.unfold(0, n, 1), dim=0, return_counts=True)
    names = {-1: text.START, -2: text.END} | {k: str(k) for k in range(3)}
    named = [tuple(names[k] for k in gram) for gram in grams.tolist()]
    assert counts == dict(zip(named, theirs.tolist(), strict=True))


@quick
@given(WORDS.filter(bool), st.lists(WORDS.filter(bool), min_size=1, max_size=3), st.integers(1, 3))
def test_bleu_is_that_of_its_definition(candidate, references, order):
    logs = []
    for n in range(1, order + 1):
        grams = ["".join(candidate[k : k + n]) for k in range(len(candidate) - n + 1)]
        listed = [["".join(r[k : k + n]) for k in range(len(r) - n + 1)] for r in references]
        matched = sum(
            min(grams.count(g), max(found.count(g) for found in listed)) for g in set(grams)
        )
        logs.append(math.log(matched / len(grams)) if matched else -math.inf)
    length = min((abs(len(r) - len(candidate)), len(r)) for r in references)[1]
    penalty = min(1.0, math.exp(1 - length / len(candidate)))
    expected = penalty * math.exp(sum(logs) / order)
    assert text.bleu(candidate, references, order) == pytest.approx(expected)


@quick
@given(SEEDS, st.integers(1, 5), st.sampled_from([0.0, 0.1]))
def test_gradient_descent_is_torchs(seed, n, decay):
    w, first, second = np.random.default_rng(seed).standard_normal((3, n))
    parameter = torch.tensor(w, requires_grad=True)
    optimiser = torch.optim.SGD([parameter], lr=0.1, weight_decay=decay)
    for g in (first, second):
        w = optimisers.sgd_step(w, g, 0.1, decay)
        parameter.grad = torch.tensor(g)
        optimiser.step()
    np.testing.assert_allclose(w, parameter.detach(), rtol=1e-12)
