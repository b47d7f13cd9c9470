"""What a page weighs on its way to a browser."""

import re

import pytest
from visitor import right_answers, variant_of

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
MOST_BYTES = 60 * 1024


def fetch(visitor, path):
    with visitor.get(path, headers=BROWSER) as answer:
        return answer.data, answer.headers


def weigh(visitor, path):
    """Return the bytes of a page with its styles and scripts, as they are sent."""
    html = visitor.get(path).text
    total = len(fetch(visitor, path)[0])
    for address in re.findall(r'(?:href|src)="(/static[^"]+)"', html):
        if "codemirror" not in address:
            total += len(fetch(visitor, address)[0])
    assert not re.search(r'(?:href|src)="(?:https?:)?//', html)
    return total


@pytest.mark.parametrize(
    "slug", ["mlp_params", "lstm_sequence", "softmax_ce_grad", "attention_output", "bleu"]
)
def test_a_practice_page_with_its_solution_is_light(app, student, slug):
    address = student.draw(slug)
    student.check(address, **right_answers(variant_of(app, address)))
    student.post(f"{address}/solution", page=address)
    assert weigh(student, address) <= MOST_BYTES


@pytest.mark.parametrize("path", ["/", "/practice", "/exams", "/mixed", "/history", "/account"])
def test_the_other_pages_are_light(student, path):
    assert weigh(student, path) <= MOST_BYTES


def test_fonts_are_kept_for_a_year_and_small(student):
    with student.get("/static/tokens.css") as answer:
        css = answer.text
    total = 0
    for name in set(re.findall(r'url\("(vendor/[^"]+woff2)', css)):
        data, headers = fetch(student, f"/static/{name}")
        assert "max-age=31536000" in headers["Cache-Control"]
        total += len(data)
    assert total <= 150 * 1024
