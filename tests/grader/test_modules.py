"""Classes of PyTorch in the real box: what is wrong with one is said, and nothing can be forged."""

import pytest

from grader import catalog

CELL = catalog.task("lstm_cell_module")
ATTENTION = catalog.task("self_attention_module")

HEAD = """import torch
from torch import nn

class LSTMCell({base}):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.b = nn.Parameter(torch.randn({bias}))
        {more}

    def forward(self, x, h_prev, c_prev):
        {before}
        i, f, g, o = (x @ self.W.T + h_prev @ self.U.T + self.b).chunk(4, dim=1)
        c = {update}
        h = {output}
        return {returned}
"""
RIGHT = {
    "base": "nn.Module",
    "bias": "4 * hidden_size",
    "more": "",
    "before": "",
    "update": "f.sigmoid() * c_prev + i.sigmoid() * g.tanh()",
    "output": "o.sigmoid() * c.tanh()",
    "returned": "h, c",
}


def graded(grader, **changes):
    return grader.grade(CELL, HEAD.format(**(RIGHT | changes)).encode(), seed=11)


def test_a_right_module_is_accepted_whatever_it_starts_from(grader):
    verdict = graded(grader)
    assert (verdict.verdict, verdict.passed) == ("accepted", 10), verdict.message


def test_what_a_visible_case_shows_has_every_gradient_by_its_name(grader):
    case = graded(grader).to_json()["cases"][0]
    names = ["W", "U", "b", "x", "h_prev", "c_prev"]
    outputs = ["h", "c", *(f"gradient of {name}" for name in names)]
    assert [item["name"] for item in case["received"]] == outputs
    assert [item["name"] for item in case["expected"]] == outputs


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"more": "self.extra = nn.Parameter(torch.zeros(3))"},
            "has the parameters U, W, b, extra; ",
        ),
        ({"more": "del self.b"}, "has the parameters U, W; U, W, b were asked for"),
        ({"bias": "hidden_size"}, "has b of shape ("),
        ({"returned": "h"}, "gave 1 outputs; 2 were asked for"),
        ({"returned": "[h, c]"}, "gave 1 outputs; 2 were asked for"),
        ({"returned": "h, 1.0"}, "gave a float as output 1, which is no tensor"),
        ({"returned": "h, c[:1]"}, "gave output 1 the shape (1, "),
        ({"returned": "h.detach(), c.detach()"}, "gave outputs that no gradient flows back from"),
    ],
)
def test_what_is_wrong_with_a_module_is_a_sentence(grader, changes, said):
    verdict = graded(grader, **changes)
    assert verdict.verdict == "invalid_output"
    assert verdict.message.startswith(f"LSTMCell {said}")


def test_a_class_that_is_no_module_is_told_so(grader):
    source = b"class LSTMCell:\n    def __init__(self, *sizes):\n        pass\n"
    verdict = grader.grade(CELL, source, seed=1)
    assert verdict.verdict == "invalid_output"
    assert verdict.message == "LSTMCell is no torch.nn.Module."


def test_a_missing_class_is_missing(grader):
    verdict = grader.grade(CELL, b"import torch\n", seed=1)
    assert verdict.verdict == "missing"
    assert verdict.message == "Your source defines no class LSTMCell."


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"output": "o.sigmoid() * c"}, "no-tanh-on-c"),
        ({"output": "o.sigmoid() * c.sigmoid()"}, "sigmoid-on-c"),
        ({"output": "c.tanh()"}, "no-output-gate"),
        ({"update": "c_prev + i.sigmoid() * g.tanh()"}, "no-forget-gate"),
        ({"update": "f.sigmoid() * c_prev + g.tanh()"}, "no-input-gate"),
        ({"returned": "c, h"}, "swapped-outputs"),
        ({"before": "h_prev, c_prev = h_prev.detach(), c_prev.detach()"}, "states-cut-off"),
        ({"before": "h_prev = c_prev"}, "gates-from-c"),
        (
            {
                "update": "i.sigmoid() * c_prev + f.sigmoid() * g.tanh()",
            },
            "order-figo",
        ),
    ],
)
def test_a_mistake_that_students_write_is_named_gradients_and_all(grader, changes, mistake):
    verdict = graded(grader, **changes)
    assert (verdict.verdict, verdict.mistake) == ("wrong", mistake)


def test_parameters_that_are_read_past_the_graph_are_named(grader):
    source = HEAD.format(**RIGHT).replace("self.W.T", "self.W.data.T")
    source = source.replace("self.U.T", "self.U.data.T").replace("self.b)", "self.b.data)")
    assert grader.grade(CELL, source.encode(), seed=2).mistake == "weights-cut-off"


def test_one_parameter_past_the_graph_has_a_gradient_of_zero(grader):
    source = HEAD.format(**RIGHT).replace("self.b)", "self.b.detach())")
    verdict = grader.grade(CELL, source.encode(), seed=2)
    assert verdict.verdict == "wrong"
    assert verdict.message.startswith("gradient of b[0] is 0; expected ")


ATTEND = """import torch
from torch import nn

class SelfAttention(nn.Module):
    def __init__(self, width, head):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, head, bias={bias}) for _ in range(3))

    def forward(self, x, mask):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.mT{scaled}
        return scores.masked_fill({mask}, -torch.inf).softmax({axis}) @ V
"""


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"scaled": ""}, "not-scaled"),
        ({"scaled": " / Q.shape[-1]"}, "divided-by-d"),
        ({"mask": "mask"}, "mask-inverted"),
        ({"mask": "~mask.T"}, "mask-transposed"),
        ({"axis": "1"}, "softmax-over-queries"),
        ({}, None),
    ],
)
def test_a_mistake_in_self_attention_is_named(grader, changes, mistake):
    right = {"bias": False, "scaled": " / Q.shape[-1] ** 0.5", "mask": "~mask", "axis": "-1"}
    verdict = grader.grade(ATTENTION, ATTEND.format(**(right | changes)).encode(), seed=3)
    assert (verdict.verdict == "accepted") == (mistake is None)
    assert verdict.mistake == mistake


@pytest.mark.parametrize(
    "trick",
    [
        "self.named_parameters = lambda: []",
        "self.named_parameters = lambda: {'W': self.W, 'U': self.U, 'b': self.b}.items()",
        "torch.autograd.grad = lambda outputs, inputs, *a, **k: [x * 0 for x in inputs]",
        "torch.Tensor.copy_ = lambda self, other: self",
    ],
)
def test_a_module_that_lies_gains_nothing(grader, trick):
    verdict = graded(grader, more=trick, update="c_prev + g")
    assert verdict.verdict in {"wrong", "invalid_output", "error"}
    assert verdict.score == 0.0
