"""A report as a page: whole, self-contained, escaped, with the pictures that the numbers give."""

from __future__ import annotations

import base64
import io
import math
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from pydjl.comparison import Report, Row, Step, compare_models, compare_steps, compare_values
from pydjl.comparison.error_map import error_maps
from pydjl.comparison.line_chart import HEIGHT, WIDTH, line_chart
from pydjl.comparison.png import colours, data_url

VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Its elements with their attributes, its text; fails where elements do not nest."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self._open = [], "", []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def convolutions(slope):
    return nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1), nn.LeakyReLU(slope), nn.Flatten(), nn.Linear(3 * 7 * 5, 4)
    )


def report_of_models():
    return compare_models(convolutions(0.1), convolutions(0.2), [torch.randn(2, 2, 7, 5)])


def report_of_trainings(losses=((2.0, 2.0), (1.0, 1.5), (0.5, 1.25))):
    def steps(column):
        for pair in losses:
            weight = {"w": torch.tensor([pair[column]])}
            yield Step(torch.tensor(pair[column]), weight, weight, weight)

    return compare_steps(steps(0), steps(1))


def test_a_page_has_the_verdict_the_causes_and_every_row():
    report = report_of_models()
    page = Page(report.to_html())
    assert "They part at layer 1 LeakyReLU" in page.text
    assert "another activation" in page.text
    assert len(page.all("tr")) == 1 + len(report.rows)
    assert [each["class"].strip() for each in page.all("tr")[1:]].count("differs first") == 1
    assert "Both agree" in Page(Report(()).to_html()).text


def test_a_page_needs_nothing_else():
    for report in (report_of_models(), report_of_trainings()):
        page = Page(report.to_html())
        assert not {tag for tag, _ in page.elements} & {"script", "link", "iframe", "object"}
        assert all(each["src"].startswith("data:image/png;base64,") for each in page.all("img"))
        assert "http" not in report.to_html()
        assert "url(" not in report.to_html()


def test_names_that_look_like_html_are_only_names():
    evil = '<script>alert("1")</script>'
    inner = nn.Sequential()
    inner.add_module("<b>&", nn.Linear(3, 2))
    report = compare_models(inner, nn.Sequential(nn.Linear(3, 2, bias=False)), [torch.ones(1, 3)])
    row = Row("output", compare_values(evil, np.float32([1]), np.float32([2])))
    for each in (report, Report((row,), unpaired=(evil,))):
        html = each.to_html()
        assert "<script" not in html
        assert "<b>" not in html
    assert evil in Page(Report((row,), unpaired=(evil,)).to_html()).text


def test_a_notebook_gets_a_part_of_a_page():
    html = report_of_models()._repr_html_()
    assert html.startswith("<div")
    assert "<html" not in html
    assert "<h1" in html
    Page(html)


def test_differing_layers_have_pictures_and_equal_ones_none():
    report = report_of_models()
    pictured = [row.name for row in report.rows if row.error_maps]
    assert pictured == ["1 LeakyReLU", "2 Flatten", "3 Linear", "output"]
    assert len(Page(report.to_html()).all("img")) == 2 + 1 + 1 + 1


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((2, 3, 70, 5), [(2, 3), (0, 1)]),
        ((2, 3, 4, 6, 5), [(3, 4), (0, 1)]),
        ((3, 4, 200), [(1, 2)]),
        ((5, 4), [(0, 1)]),
        ((9,), [(0, 1)]),
        ((), []),
        ((2, 0), []),
    ],
)
def test_error_maps_keep_the_largest_error_of_every_place(shape, axes):
    java, python = torch.randn(shape), torch.randn(shape)
    maps = error_maps(java, python)
    assert [each.axes for each in maps] == axes
    error = np.abs(java.numpy() - python.numpy())
    for each in maps:
        wide = error if error.ndim > 1 else error[None]
        others = tuple(set(range(wide.ndim)) - set(each.axes))
        expected = wide.max(axis=others)
        assert each.sizes == expected.shape
        assert each.errors.shape == tuple(min(size, 64) for size in expected.shape)
        assert each.errors.max() == expected.max()
        if max(expected.shape) <= 64:
            assert np.array_equal(each.errors, expected)


def test_nan_and_infinity_in_error_maps():
    nan, inf = math.nan, math.inf
    java = torch.tensor([[nan, nan, inf, inf, 1.0]])
    python = torch.tensor([[nan, 1.0, inf, 1.0, 1.5]])
    assert error_maps(java, python)[0].errors.tolist() == [[0, inf, 0, inf, 0.5]]
    report = Report((Row("output", compare_values("y", java, python), error_maps(java, python)),))
    assert "only one side is a number" in Page(report.to_html()).text


def test_the_pngs_are_what_pillow_reads():
    errors = np.random.default_rng(0).random((5, 7), np.float32)
    errors[2, 3] = np.inf
    pixels = colours(errors)
    data = base64.b64decode(data_url(pixels).removeprefix("data:image/png;base64,"))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)
    brightness = pixels.sum(axis=2)[np.isfinite(errors)]
    order = np.argsort(errors[np.isfinite(errors)])
    assert (np.diff(brightness[order].astype(int)) <= 0).all()


def test_curves_of_losses_and_differences():
    report = report_of_trainings()
    assert report.losses == ((2.0, 2.0), (1.0, 1.5), (0.5, 1.25))
    page = Page(report.to_html())
    assert "They part at step 2 loss loss" in page.text
    charts = [each for each in page.all("svg") if "role" in each]
    assert len(charts) == 2
    assert report.first_difference.step == 2


def test_lines_break_where_there_is_no_number_to_draw():
    chart = line_chart("x", {"a": [1.0, math.nan, 0.0, 100.0, 10.0]}, logarithmic=True)
    assert (chart.low, chart.high, chart.steps) == (1.0, 100.0, 5)
    assert chart.lines[0].pieces == (
        f"0.0,{HEIGHT:.1f}",
        f"{WIDTH * 0.75:.1f},0.0 {WIDTH:.1f},{HEIGHT / 2:.1f}",
    )
    assert line_chart("x", {"a": [math.nan]}) is None
    page = Page(report_of_trainings(((math.nan, math.nan), (1.0, math.inf))).to_html())
    assert "Training" in page.text
