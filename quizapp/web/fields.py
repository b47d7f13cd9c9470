"""What forms hold: the answer fields of a variant, and the choice of problems."""

from __future__ import annotations

from collections.abc import Mapping

from flask import get_template_attribute, request, url_for

from problems import marking
from problems.answers import Kind
from problems.core import PartMark
from problems.core import Variant as Frozen
from quizapp.services import runs
from quizapp.services.rendering import render_with_inputs
from quizapp.web.forms import whole_number

LONGEST_ECHO = 4000
"""Characters of a response that a page repeats; a longer one is malformed anyway."""

OWN_FIELDS = ("csrf_token", "key", "go")


def typed_responses() -> dict[str, str]:
    """Return what was typed, by part, without the form's own fields."""
    return {name: text for name, text in request.form.items() if name not in OWN_FIELDS}


def wanted_problems() -> runs.Choice:
    """Return what problems the form of a mix or an exam asks for. Raises Invalid."""
    return runs.Choice(
        topics=tuple(request.form.getlist("topic")),
        difficulties=tuple(
            whole_number(text, "each difficulty") for text in request.form.getlist("difficulty")
        ),
        questions=whole_number(request.form.get("questions", ""), "how many questions"),
    )


def read_words(kind: Kind, reading: PartMark) -> str:
    """Return the line below a field: how its text is read, or what to give."""
    if reading.verdict == "malformed":
        return reading.message
    return f"Read as {reading.read_as}" if reading.read_as else f"Give {kind.asks}."


def readings(frozen: Frozen, responses: Mapping[str, str]) -> dict[str, str]:
    """Return by part how a typed answer is read; whether it is right stays for the end."""
    return {
        part: read_words(kind, marking.read(kind, responses.get(part, "")))
        for part, kind in frozen.parts.items()
    }


def answer_state(kinds: Mapping[str, Kind], responses: Mapping[str, str]) -> str:
    """Return how far the parts of a question are answered: blank, partly, answered, unreadable."""
    verdicts = [marking.read(kind, responses.get(part, "")).verdict for part, kind in kinds.items()]
    if "malformed" in verdicts:
        return "unreadable"
    if "blank" in verdicts:
        return "partly" if "read" in verdicts else "blank"
    return "answered"


def statement_with_fields(
    frozen: Frozen,
    responses: Mapping[str, str],
    marks: Mapping[str, PartMark] | None = None,
    public_id: str | None = None,
) -> str:
    """Return a statement's HTML with its fields, filled in and marked.

    With the `public_id` of a variant each field asks the server how it is read, as it is typed.
    """
    write_field = get_template_attribute("practice/_field.html", "field")
    fields: dict[str, str] = {}
    for part, kind in frozen.parts.items():
        text = responses.get(part, "")
        reading = marking.read(kind, text)
        read_url = url_for("practice.read", public_id=public_id, part=part) if public_id else None
        fields[part] = str(
            write_field(
                part,
                frozen.label(part),
                kind,
                text[:LONGEST_ECHO],
                reading,
                read_words(kind, reading),
                (marks or {}).get(part),
                read_url,
            )
        )
    return render_with_inputs(frozen.statement, fields, question_ids=True)


def statement_with_answers(
    frozen: Frozen, responses: Mapping[str, str], marks: Mapping[str, PartMark]
) -> str:
    """Return a statement's HTML with what was answered, and how it was marked, in its fields."""
    write = get_template_attribute("practice/_field.html", "answered")
    fields = {
        part: str(write(responses.get(part, "")[:LONGEST_ECHO], marks.get(part), kind))
        for part, kind in frozen.parts.items()
    }
    return render_with_inputs(frozen.statement, fields)
