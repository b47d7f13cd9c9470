"""One battery for all code tasks: no mutant earns the mark, and none is taken for another."""

import numpy as np
import pytest

from grader import catalog
from grader.cases import draw_cases, run_mutant
from grader.comparison import as_outputs, judge, same_outputs
from grader.marker import _name_mistake
from grader.proof import prove
from grader.wire import Answer

SEEDS = range(25)
TASKS = list(catalog.tasks().values())


@pytest.fixture(params=TASKS, ids=lambda task: task.slug)
def any_task(request):
    return request.param


def test_every_mutant_is_killed_and_no_two_are_confused(any_task):
    proof = prove(any_task, SEEDS)
    assert proof.survivors == ()
    assert proof.confused == ()
    assert proof.ok


def test_references_are_finite_and_have_the_arguments_shapes(any_task):
    for seed in SEEDS:
        for case in draw_cases(any_task, seed):
            assert list(case.inputs) == list(any_task.arguments)
            assert len(case.expected) == len(any_task.returns)
            declared = [*any_task.arguments.values(), *any_task.returns.values()]
            for array, text in zip([*case.inputs.values(), *case.expected], declared, strict=True):
                shape, _, dtype = text.partition(")")
                assert array.dtype == np.dtype(dtype.strip() or "float64")
                assert array.ndim == len([axis for axis in shape[1:].split(",") if axis.strip()])
                assert np.isfinite(array).all()


def sizes_of_axes(declared, array):
    """Return the size of each named axis of an array; 4*hidden gives that of hidden."""
    axes = [axis.strip() for axis in declared[1 : declared.index(")")].split(",") if axis.strip()]
    names = [axis.rpartition("*") for axis in axes]
    return {name: n / int(k or 1) for (k, _, name), n in zip(names, array.shape, strict=True)}


def test_an_axis_has_one_size_and_the_axes_of_ordinary_inputs_differ(any_task):
    shapes = [*any_task.arguments.values(), *any_task.returns.values()]
    for seed in SEEDS:
        for case in draw_cases(any_task, seed):
            arrays = [*case.inputs.values(), *case.expected]
            sizes = [sizes_of_axes(*pair) for pair in zip(shapes, arrays, strict=True)]
            seen = {pair for axes in sizes for pair in axes.items()}
            assert len(seen) == len(dict(seen)), (case.kind, sizes)
            alike = [len(set(axes.values())) < len(axes) for axes in sizes]
            if case.kind == "ordinary":
                # Filters have four axes, and sizes so small that two may be one.
                inputs = zip(sizes, alike[: len(case.inputs)], strict=False)
                assert not any(same for axes, same in inputs if len(axes) < 4), sizes
            if case.kind == "square" and seen:
                assert any(alike), sizes
            if case.kind == "batch of one":
                assert dict(seen).get("batch", 1) == 1


def in_single_precision(value):
    floats = isinstance(value, np.ndarray) and value.dtype == np.float64
    return value.astype(np.float32) if floats else value


def test_single_precision_is_within_the_tolerance(any_task):
    for seed in SEEDS:
        for case in draw_cases(any_task, seed):
            outputs = as_outputs(any_task.reference(*map(in_single_precision, case.arguments)))
            for output, expected in zip(outputs, case.expected, strict=True):
                assert output.dtype == np.float32 or not output.ndim or expected.dtype.kind == "i"
            assert same_outputs(any_task, outputs, case.expected)


def answer(index, outputs):
    """Return what the box would say of a submission that gives these outputs; None is an error."""
    if outputs is None:
        return Answer("X", index, text="ValueError")
    return Answer("R", index, outputs=outputs, is_tuple=len(outputs) > 1)


def test_every_mutant_earns_its_own_message(any_task):
    for seed in range(3):
        cases = draw_cases(any_task, seed)
        for mutant in any_task.mutants:
            answers = [answer(k, run_mutant(mutant, case)) for k, case in enumerate(cases)]
            results = [judge(any_task, *pair) for pair in zip(cases, answers, strict=True)]
            assert _name_mistake(any_task, results) is mutant


def test_every_mutant_has_a_sentence_of_its_own(any_task):
    messages = [mutant.message for mutant in any_task.mutants]
    assert len(set(messages)) == len(messages)
    for message in messages:
        assert message.endswith(".")


def test_the_statement_says_which_frameworks_are_taken(any_task):
    said = " ".join(any_task.statement.split())
    both = len(any_task.frameworks) == 2
    assert ("NumPy and PyTorch are both taken" in said) == both
    assert ("This task is for NumPy alone" in said) == (any_task.frameworks == ("numpy",))


def test_inputs_are_a_function_of_the_seed(any_task):
    one, same, other = (draw_cases(any_task, seed) for seed in (1, 1, 2))
    for name in any_task.arguments:
        assert np.array_equal(one[0].inputs[name], same[0].inputs[name])
    shapes = [[v.shape for v in case.inputs.values()] for case in (one[0], other[0])]
    values = [case.inputs[next(iter(any_task.arguments))] for case in (one[0], other[0])]
    assert shapes[0] != shapes[1] or not np.array_equal(*values)
