"""The command line's contract: its documents, its exit codes, its one-line errors."""

import io
import json
import re

import pytest

from problems import catalog
from quizapp import cli
from quizapp.db import Database
from quizapp.services import accounts


@pytest.fixture
def quizapp(capsys, tmp_path, monkeypatch):
    """Run a command; return its exit code, standard output and standard error."""
    monkeypatch.setenv("QUIZAPP_DATA", str(tmp_path))

    def run(*arguments):
        try:
            code = cli.main(arguments)
        except SystemExit as error:
            code = error.code
        output = capsys.readouterr()
        return code, output.out, output.err

    return run


def document(result):
    code, out, _ = result
    assert code == 0
    return json.loads(out)


def test_families_are_listed_with_parameters_and_parts(quizapp):
    families = {f["slug"]: f for f in document(quizapp("family", "list", "--json"))}
    mlp = families["mlp_params"]
    assert mlp["parameters"] == {"layers": "list of int", "bias": "bool"}
    assert mlp["parts"] == {"total": "integer"}
    assert mlp.keys() >= {"slug", "title", "topic", "version", "ranges", "meanings"}


def test_a_draw_prints_the_whole_variant(quizapp):
    variant = document(quizapp("family", "draw", "lstm_forget_gate", "--seed", "7", "--json"))
    assert variant.keys() >= {
        *("family", "version", "seed", "params", "parts", "mistakes"),
        *("statement", "hints", "solution", "ambiguous"),
    }
    part = variant["parts"]["f"]
    assert part["kind"] == "vector"
    assert len(part["key"]) == variant["params"]["hidden"]
    assert part["shown"].startswith("[0.")
    assert all(m.keys() == {"name", "message", "values"} for m in variant["mistakes"])
    again = document(quizapp("family", "draw", "lstm_forget_gate", "--seed", "7", "--json"))
    assert again == variant


def test_the_lecture_notes_network_has_sixty_parameters(quizapp):
    pins = ("--set", "layers=[5, 5, 5]", "--set", "bias=true")
    variant = document(quizapp("family", "draw", "mlp_params", *pins, "--json"))
    assert variant["parts"]["total"]["key"] == 60
    mark = document(quizapp("family", "mark", "mlp_params", *pins, "total=2*(5*5+5)", "--json"))
    assert mark == {
        "score": 1.0,
        "parts": {
            "total": {"verdict": "right", "mistake": None, "message": "Right.", "read_as": "60"}
        },
    }


def test_the_lecture_notes_convolution(quizapp):
    shape = {"height": 32, "width": 32, "in_channels": 3, "out_channels": 2}
    kernel = {"kernel_height": 5, "kernel_width": 5}
    flat = {"padding_height": 0, "padding_width": 0, "dilation_height": 1, "dilation_width": 1}
    stride = {"stride_height": 1, "stride_width": 1}

    def draw(slug, **pins):
        sets = [word for name, value in pins.items() for word in ("--set", f"{name}={value}")]
        return document(quizapp("family", "draw", slug, *sets, "--json"))["parts"]

    parts = draw("conv_out_shape", **shape, **kernel, **flat, **stride, layout="HWC")
    assert parts["shape"]["key"] == [28, 28, 2]
    parts = draw("conv_params", **shape, **kernel, groups=1, bias="true")
    assert [parts[part]["key"] for part in ("weights", "biases", "total")] == [150, 2, 152]


def test_an_ambiguous_pinned_draw_is_kept_and_says_so(quizapp):
    pins = [f"--set={name}=1" for name in ("stride_height", "stride_width")]
    variant = document(quizapp("family", "draw", "conv_out_shape", *pins, "--json"))
    assert "rounded-up" in variant["ambiguous"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("family", "draw", "nope"), "There is no family “nope”"),
        (("family", "draw", "mlp_params", "--seed", "-1"), "seed: give a whole number from 0"),
        (("family", "draw", "mlp_params", "--seed", "x"), "invalid int value"),
        (("family", "draw", "mlp_params", "--set", "depth=3"), "depth: there is no such parameter"),
        (("family", "draw", "mlp_params", "--set", "layers"), "is not of the form"),
        (("family", "draw", "mlp_params", "--set", "layers=[5,"), "is not JSON"),
        (("family", "draw", "mlp_params", "--set", "layers=[]"), "layers: give a JSON list"),
        (("family", "draw", "mlp_params", "--set", "layers=[5]"), "at least two widths"),
        (("family", "draw", "mlp_params", "--set", "layers=[1e9, 1]"), "outside its range"),
        (("family", "draw", "mlp_params", "--set", "bias=1"), "bias: give true or false"),
        (("family", "draw", "conv_params", "--set", "groups=NaN"), "groups: give a whole number"),
        (
            ("family", "draw", "conv_params", "--set", "groups=2", "--set", "in_channels=3"),
            "groups: 2 must divide",
        ),
        (("family", "draw", "conv_out_shape", "--set", "layout=CWH"), "give one of CHW | HWC"),
        (("family", "mark", "mlp_params", "sum=3"), "There is no part “sum”"),
        (("family", "mark", "mlp_params", "3"), "is not of the form PART=TEXT"),
        (("family", "prove", "nope"), "There is no family “nope”"),
        (("family", "prove", "--seeds", "0"), "--seeds: give a whole number from 1"),
        (("task", "show", "nope"), "There is no code task 'nope'"),
        (("task", "grade", "nope", "x.py"), "There is no code task 'nope'"),
        (("task", "grade", "lstm_step", "missing.py"), "missing.py cannot be read"),
        (("course", "enrol", "none", "nobody", "student"), "There is no such course"),
        (("course", "add", "Bad Slug", "T"), "short name"),
    ],
)
def test_what_was_asked_wrongly_is_one_clear_line_and_exit_2(quizapp, arguments, told):
    quizapp("db", "upgrade")
    code, out, err = quizapp(*arguments)
    assert code == 2
    assert out == ""
    last = err.strip().splitlines()[-1]
    assert told in last
    assert "Traceback" not in err


def test_proving_prints_a_row_and_says_when_a_family_falls_short(quizapp):
    rows = document(quizapp("family", "prove", "mlp_params", "--seeds", "20", "--json"))
    assert [row["slug"] for row in rows] == ["mlp_params"]
    assert rows[0]["ok"] is True
    assert rows[0]["seeds"] == 20


def test_tasks_are_listed_and_shown_without_their_reference(quizapp):
    tasks = {task["slug"]: task for task in document(quizapp("task", "list", "--json"))}
    assert tasks["lstm_forget_gate"]["function"] == "forget_gate"
    code, out, _ = quizapp("task", "show", "lstm_forget_gate")
    assert code == 0
    assert "def forget_gate(x, h_prev, W_f, U_f, b_f):" in out
    assert "mutants" not in out


def test_people_and_courses_are_added_by_hand(quizapp, tmp_path, monkeypatch):
    quizapp("db", "upgrade")
    monkeypatch.setattr("sys.stdin", io.StringIO("a long password\n"))
    assert quizapp("user", "add", "ada")[1] == "Added ada.\n"
    assert quizapp("course", "add", "dl", "Deep learning")[0] == 0
    assert quizapp("course", "enrol", "dl", "ada", "owner")[1] == "ada is owner in dl.\n"
    assert document(quizapp("course", "list", "--json")) == [
        {"slug": "dl", "title": "Deep learning"}
    ]


def test_the_demonstration_says_how_to_sign_in_each_time(quizapp, tmp_path):
    quizapp("db", "upgrade")
    _, first, _ = quizapp("course", "demo")
    _, second, _ = quizapp("course", "demo")
    assert first == second
    word = next(line for line in first.splitlines() if "demo-student" in line).split()[-1]
    database = Database(f"sqlite:///{tmp_path / 'quizapp.sqlite3'}")
    assert accounts.sign_in(database, "demo-student", word, "127.0.0.1").username == "demo-student"
    database.dispose()
    assert (tmp_path / "demo-accounts.txt").stat().st_mode & 0o777 == 0o600


def test_the_contact_sheet_shows_each_family_with_its_keys_and_mistakes(quizapp, tmp_path):
    out = tmp_path / "sheet"
    code, said, _ = quizapp("family", "sheet", "mlp_params", "lstm_hidden", "--out", str(out))
    assert (code, said) == (0, f"{out / 'index.html'}\n")
    page = (out / "index.html").read_text(encoding="utf-8")
    for slug in ("mlp_params", "lstm_hidden"):
        variant = catalog.family(slug).variant(1)
        assert all(kind.show(variant.keys[part]) in page for part, kind in variant.parts.items())
        assert all(mistake.name in page for mistake in variant.mistakes)
    assert "[[input:" not in page
    assert all((out / name).exists() for name in re.findall(r'href="([^"#]+)"', page))
    (out / "index.html").unlink()
    (out / "index.html").mkdir()
    code, _, err = quizapp("family", "sheet", "mlp_params", "--out", str(out))
    assert code == 2
    assert "cannot be written" in err
