"""One battery for all code tasks: no mutant earns the mark, and none is taken for another."""

import numpy as np
import pytest

from grader import catalog
from grader.comparison import as_outputs, same_outputs
from grader.marker import draw_cases
from grader.proof import prove

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


def test_every_mutant_has_a_sentence(any_task):
    for mutant in any_task.mutants:
        assert mutant.message.endswith(".")


def test_inputs_are_a_function_of_the_seed(any_task):
    one, same, other = (draw_cases(any_task, seed) for seed in (1, 1, 2))
    for name in any_task.arguments:
        assert np.array_equal(one[0].inputs[name], same[0].inputs[name])
    shapes = [[v.shape for v in case.inputs.values()] for case in (one[0], other[0])]
    values = [case.inputs[next(iter(any_task.arguments))] for case in (one[0], other[0])]
    assert shapes[0] != shapes[1] or not np.array_equal(*values)
