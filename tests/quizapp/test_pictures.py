"""The pictures: sound SVG, inside their frame, and with the variant's own numbers."""

import re
from xml.etree import ElementTree as ET

import pytest

from problems import catalog
from quizapp.services import pictures

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
SEEDS = range(40)


def drawn(slug, seed=0, **pins):
    return pictures.picture(catalog.family(slug).variant(seed, pins))


@pytest.mark.parametrize("slug", pictures.FAMILIES)
def test_pictures_are_sound_and_nothing_lies_outside(slug):
    found = [drawn(slug, seed) for seed in SEEDS]
    assert sum(picture is not None for picture in found) > len(SEEDS) / 2
    for picture in filter(None, found):
        root = ET.fromstring(picture.svg.replace("<svg ", f"<svg {NAMESPACE} ", 1))
        assert root.get("role") == "img"
        assert root.get("aria-label") == picture.description
        assert "style" not in picture.svg
        _, _, width, height = map(float, root.get("viewBox").split())
        for element in root.iter():
            for name, limit in (("x", width), ("cx", width), ("y", height), ("cy", height)):
                value = element.get(name)
                assert value is None or 0 <= float(value) <= limit, ET.tostring(element)
            for point in (element.get("points") or "").split():
                x, y = map(float, point.split(","))
                assert 0 <= x <= width
                assert 0 <= y <= height


def test_a_family_without_a_picture_has_none():
    assert drawn("mlp_params") is None


def test_the_window_is_where_the_convolution_reads():
    pins = {"height": 5, "width": 5, "kernel_height": 3, "kernel_width": 3}
    pins |= {f"{name}_{side}": 1 for name in ("stride", "dilation") for side in ("height", "width")}
    pins |= {f"padding_{side}": 0 for side in ("height", "width")}
    picture = drawn("conv_out_shape", **pins)
    assert picture.svg.count('class="cell read"') == 9
    assert picture.svg.count('class="cell"') == 16
    assert "fits 3 times down and 3 times across" in picture.description


def test_a_window_that_fits_once_and_the_channel_that_is_drawn_are_named():
    pins = {"kernel_height": 3, "height": 3, "width": 5, "kernel_width": 3}
    pins |= {"stride": 1, "padding": 0}
    two = drawn("conv_value", **pins, channels=2).description
    assert "fits 1 time down and 3 times across" in two
    assert "those of channel 1" in two
    assert "channel" not in drawn("conv_value", **pins, channels=1).description


def test_the_loss_of_a_guess_is_the_one_of_the_curve():
    picture = drawn("random_model_ce", classes=100, base="e")
    assert "4.61 at 100 classes" in picture.description


def test_the_cell_has_the_numbers_of_its_gate():
    variant = catalog.family("lstm_forget_gate").variant(3)
    values = [f"{value:.3g}" for value in variant.keys["f"]]
    picture = pictures.picture(variant)
    assert all(value.replace("-", "\N{MINUS SIGN}") in picture.svg for value in values)


def test_the_confusion_matrix_counts_what_the_metric_counts():
    variant = catalog.family("rare_disease_metric").variant(0)
    svg = pictures.picture(variant).svg
    for role in ("tp", "fp", "fn", "tn"):
        assert re.search(rf">{role.upper()} = {variant.params[role]}<", svg)
