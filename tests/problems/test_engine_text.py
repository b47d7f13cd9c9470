"""Windows, n-grams, BLEU, CTC and beam search of the engine, against torch and brute force."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.engine import text

SEEDS = st.integers(0, 2**32 - 1)
quick = settings(max_examples=25, deadline=None)
TOKENS = st.lists(st.sampled_from("abc"), min_size=1, max_size=9)


@quick
@given(
    tokens=st.lists(st.integers(0, 9), min_size=1, max_size=20),
    length=st.integers(1, 6),
    stride=st.integers(1, 4),
)
def test_windows_agree_with_unfold(tokens, length, stride):
    ours = text.windows(tokens, length, stride)
    if length > len(tokens):
        assert ours == []
    else:
        theirs = torch.tensor(tokens).unfold(0, length, stride).tolist()
        assert [list(window) for window in ours] == theirs


@quick
@given(seed=SEEDS, n=st.integers(1, 8))
def test_perplexity_agrees_with_torch(seed, n):
    logits = torch.tensor(np.random.default_rng(seed).standard_normal((n, 5)))
    labels = torch.arange(n) % 5
    probabilities = logits.softmax(-1)[torch.arange(n), labels].numpy()
    theirs = torch.nn.functional.cross_entropy(logits, labels).exp().item()
    assert math.isclose(text.perplexity(probabilities), theirs, rel_tol=1e-10)
    bits = text.token_losses(probabilities, 2.0).mean()
    assert math.isclose(2**bits, theirs, rel_tol=1e-10)


@quick
@given(
    sentences=st.lists(TOKENS, min_size=1, max_size=4),
    n=st.integers(1, 3),
    k=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_ngram_probabilities_sum_to_one_after_every_context_that_occurs(sentences, n, k):
    types = sorted({w for s in sentences for w in s} | {text.END})
    for context in {gram[:-1] for gram in text.ngram_counts(sentences, n)}:
        total = sum(text.ngram_probability(sentences, context, w, k=k) for w in types)
        assert math.isclose(total, 1, rel_tol=1e-12)


def test_ngram_probabilities_of_jurafsky_and_martin():
    corpus = [s.split() for s in ("I am Sam", "Sam I am", "I do not like green eggs and ham")]
    expected = {
        ("<s>", "I"): 2 / 3,
        ("<s>", "Sam"): 1 / 3,
        ("I", "am"): 2 / 3,
        ("Sam", "</s>"): 1 / 2,
        ("am", "Sam"): 1 / 2,
        ("I", "do"): 1 / 3,
    }
    for (context, word), probability in expected.items():
        assert text.ngram_probability(corpus, (context,), word) == pytest.approx(probability)


def test_bleu_of_the_papers_examples():
    the = ["the", "the", "the", "the", "the", "the", "the"]
    references = [
        ["the", "cat", "is", "on", "the", "mat"],
        ["there", "is", "a", "cat", "on", "the", "mat"],
    ]
    assert text.bleu_precision(the, references, 1) == (2, 7)
    assert text.bleu_precision(the, references, 1, clip=False) == (7, 7)
    assert text.bleu(the, references, 2) == 0
    assert text.bleu(references[0], references, 4) == pytest.approx(1)
    assert text.brevity_penalty(12, [12, 15, 17]) == 1
    assert text.brevity_penalty(10, [12, 15]) == pytest.approx(math.exp(1 - 12 / 10))


@quick
@given(path=st.lists(st.sampled_from("ab-"), max_size=10))
def test_ctc_collapse_agrees_with_torch(path):
    merged = torch.unique_consecutive(torch.tensor([ord(label) for label in path]))
    theirs = tuple(chr(label) for label in merged.tolist() if chr(label) != "-")
    assert text.ctc_collapse(path, "-") == theirs


@quick
@given(word=st.lists(st.integers(1, 3), min_size=1, max_size=4), steps=st.integers(1, 9))
def test_ctc_paths_agree_with_ctc_loss_and_with_listing_them(word, steps):
    # With every step's probability set to 1 the loss is minus the logarithm of the count.
    loss = torch.nn.functional.ctc_loss(
        torch.zeros(steps, 1, 4, dtype=torch.float64),
        torch.tensor([word]),
        torch.tensor([steps]),
        torch.tensor([len(word)]),
        reduction="sum",
    )
    ours = text.ctc_paths(word, steps)
    assert ours == round(math.exp(-loss.item()))
    if steps <= 6:
        wanted = tuple(map(str, word))
        paths = product("0123", repeat=steps)
        assert ours == sum(text.ctc_collapse(path, "0") == wanted for path in paths)


@quick
@given(seed=SEEDS, types=st.integers(2, 4), steps=st.integers(1, 4), beam=st.integers(1, 80))
def test_beam_search_agrees_with_rating_all_sequences(seed, types, steps, beam):
    generator = np.random.default_rng(seed)
    start, transition = (
        generator.dirichlet(np.ones(types)),
        generator.dirichlet(np.ones(types), types),
    )
    history = text.beam_search(start, transition, steps, beam)
    kept = {()}
    for step, beams in enumerate(history, start=1):
        rated = {}
        for tokens in product(range(types), repeat=step):
            if tokens[:-1] in kept:
                chain = [start[tokens[0]], *(transition[a, b] for a, b in pairwise(tokens))]
                rated[tokens] = math.log(math.prod(chain))
        best = sorted(rated.values(), reverse=True)[:beam]  # some may tie
        assert [score for _, score in beams] == pytest.approx(best)
        for tokens, score in beams:
            assert score == pytest.approx(rated[tokens])
            assert score == pytest.approx(text.sequence_log_probability(start, transition, tokens))
        kept = {tokens for tokens, _ in beams}


@quick
@given(
    tokens=st.lists(st.integers(0, 9), min_size=6, max_size=20),
    context=st.integers(1, 5),
)
def test_training_windows_agree_with_unfold(tokens, context):
    inputs, targets = text.training_windows(np.array(tokens), context)
    both = torch.tensor(tokens).unfold(0, context + 1, 1)
    assert inputs.tolist() == both[:, :-1].tolist()
    assert targets.tolist() == both[:, -1].tolist()


@quick
@given(seed=SEEDS, batch=st.integers(1, 4), length=st.integers(1, 6))
def test_perplexity_without_padding_agrees_with_torch(seed, batch, length):
    generator = np.random.default_rng(seed)
    logits = torch.tensor(generator.standard_normal((batch * length, 5)))
    labels = torch.tensor(generator.integers(5, size=batch * length))
    mask = generator.random((batch, length)) < 0.7
    mask[0, 0] = True
    padded = torch.where(torch.tensor(mask).flatten(), labels, -100)
    theirs = torch.nn.functional.cross_entropy(logits, padded).exp().item()
    taken = logits.log_softmax(-1)[torch.arange(batch * length), labels].reshape(batch, length)
    assert math.isclose(text.masked_perplexity(taken.numpy(), mask), theirs, rel_tol=1e-10)
