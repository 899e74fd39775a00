"""What is taken away: the address, the programs, the files."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from scipy import signal

RNG = np.random.default_rng(17)
REST = "&k=1x1x1x1:1&b=1:0&o=corr&m=valid&s=1x1&p=0x0&d=1x1"
X = RNG.integers(-9, 10, (2, 4, 6)) / 4
K = RNG.integers(-3, 4, (2, 2, 2, 3)) / 4


def test_the_link_opens_the_same_state_elsewhere(new_lab, address_of):
    lab = new_lab(address_of(X, K, [0.1, -2], operation="conv", mode="full", stride="2x1"))
    lab.fill("Dilation, rows", 2)
    lab.page.get_by_role("group", name="Output channel on screen").get_by_role("radio").nth(
        1
    ).check()
    lab.cell("output", 1, 3).click()
    lab.view("Channels")
    lab.page.get_by_role("button", name="Copy link").click()
    lab.page.locator("[role=status]").get_by_text("The link is on the clipboard.").wait_for()
    link = lab.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{lab.calculator}#v=1&")
    other = new_lab(link.removeprefix(lab.calculator))
    assert other.page.get_by_role("tab", selected=True).inner_text() == "Channels"
    assert other.page.get_by_label("Dilation, rows").input_value() == "2"
    assert other.page.get_by_label("Stride, rows").input_value() == "2"
    assert other.page.get_by_role("radio", name="Convolution", exact=True).is_checked()
    assert other.page.get_by_role("radio", name="Full", exact=True).is_checked()
    assert other.page.get_by_label("Bias").input_value() == "-2"
    other.until(lambda: other.lit("output", "chosen"), {(1, 3)})
    other.until_output(lab.numbers("output"))
    assert other.numbers("input").tolist() == X[0].tolist()


def test_the_link_keeps_what_is_set_beside_the_problem(new_lab, address_of):
    lab = new_lab(address_of(X, K))
    lab.page.get_by_role("group", name="Input channel", exact=True).get_by_role("radio").nth(
        1
    ).check()
    lab.choose("Grey")
    lab.view("As a matrix")
    lab.choose("Toeplitz")
    lab.view("Code")
    lab.choose("NumPy")
    lab.view("Quiz")
    lab.page.get_by_role("button", name="Other questions").click()
    lab.view("Learning")
    lab.fill("Learning rate", 0.001)
    lab.fill("Steps of learning", 7)
    lab.choose("Accumulate")
    lab.cell("input", 2, 4).click()
    lab.page.get_by_role("button", name="Copy link").click()
    lab.page.locator("[role=status]").get_by_text("The link is on the clipboard.").wait_for()
    other = new_lab(
        lab.page.evaluate("navigator.clipboard.readText()").removeprefix(lab.calculator)
    )
    assert other.numbers("input").tolist() == X[1].tolist()
    other.until(lambda: other.lit("input", "chosen"), {(2, 4)})
    assert other.page.get_by_label("Learning rate").input_value() == "0.001"
    other.page.get_by_text("of 7: loss").wait_for()
    for name in ("Accumulate", "Grey"):
        assert other.page.get_by_role("radio", name=name, exact=True).is_checked()
    for view, name in (("As a matrix", "Toeplitz"), ("Code", "NumPy")):
        other.view(view)
        assert other.page.get_by_role("radio", name=name, exact=True).is_checked()
    questions = []
    for each in (lab, other):
        each.view("Quiz")
        each.page.locator("[data-question=edges]").wait_for()
        questions.append(each.page.locator("form.quiz").inner_text())
    assert questions[0] == questions[1]
    # The cell that was chosen is where the keyboard goes on.
    other.page.locator("[data-grid=input] [tabindex='0']").press("ArrowRight")
    other.until(lambda: other.lit("input", "chosen"), {(2, 5)})


def test_a_preset_is_in_the_address_by_its_name(lab):
    lab.page.get_by_label("Input preset").select_option("astronaut")
    lab.until(lambda: "x=@astronaut&" in lab.page.url, True)
    assert len(lab.page.url) < 300
    lab.page.reload()
    lab.page.locator("[data-grid=output] canvas").wait_for()
    assert lab.page.get_by_label("Input preset").input_value() == "astronaut"


def test_an_address_that_is_entered_is_followed(new_lab, address_of):
    lab = new_lab(address_of(X[:1], K[:1, :1]))
    lab.page.evaluate("(hash) => { location.hash = hash }", address_of(X[1:], K[1:, 1:]))
    lab.until(lambda: lab.numbers("input"), X[1])
    lab.until(lambda: lab.numbers("kernel"), K[1, 1])


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("v=7&x=1", "version 7 is not known"),
        ("v=1", "“x=” is missing"),
        ("v=1&x=1x1x1:1&k=1x1x1x1:1", "“b=” is missing"),
        ("v=1&x=@nothing" + REST, "there is no picture “nothing”"),
        ("v=1&x=1x2x2:1,2,3" + REST, "1x2x2 needs 4 numbers, not 3"),
        ("v=1&x=1x2x2" + REST, "“” is no number"),
        ("v=1&x=1x1x1:1&at=z,1,2" + REST, "no cell lies at z,1,2"),
        ("v=1&x=1x1x1:1&y=-1" + REST, "“-1” is no number here"),
        ("v=1&x=1x1x1:1&l=-2,60,zero" + REST, "“-2” is no learning rate"),
    ],
)
def test_an_address_that_cannot_be_read_is_told_and_the_start_is_shown(new_lab, address, reason):
    lab = new_lab(f"#{address}")
    alert = lab.page.get_by_role("alert")
    alert.get_by_text(f"This address cannot be read: {reason}. What is shown is the").wait_for()
    lab.until_output(signal.correlate2d(lab.numbers("input"), lab.numbers("kernel"), "valid"))


def test_the_programs_are_copied_and_run_as_they_are(new_lab, address_of):
    lab = new_lab(address_of(X, K, [0.5, -2], mode="full", stride="1x2", view="code"))
    whole = [
        sum(signal.correlate2d(x, k, "full") for x, k in zip(X, kernel, strict=True)) + bias
        for kernel, bias in zip(K, (0.5, -2), strict=True)
    ]
    expected = np.array(whole)[:, :, ::2]
    for language, mark in (
        ("Python (PyTorch)", "import torch"),
        ("Java (DJL)", "import ai.djl."),
        ("NumPy", "import numpy"),
    ):
        lab.choose(language)
        lab.page.locator(".code code").get_by_text(mark).wait_for()
        lab.page.get_by_role("button", name="Copy", exact=True).click()
        lab.until(lambda m=mark: m in lab.page.evaluate("navigator.clipboard.readText()"), True)
    program = lab.page.evaluate("navigator.clipboard.readText()")
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert np.array(json.loads(done.stdout)).tolist() == expected.tolist()


def downloaded(lab, format):
    with lab.page.expect_download() as download:
        lab.page.get_by_role("button", name=f"Download {format.upper()}").click()
    assert download.value.suggested_filename == f"convolution.{format}"
    return download.value.path().read_bytes()


def test_png_svg_and_json_are_downloaded(new_lab, address_of):
    lab = new_lab(address_of(X, K, [0.5, -2]))
    expected = np.array([
        sum(signal.correlate2d(x, k, "valid") for x, k in zip(X, kernel, strict=True)) + bias
        for kernel, bias in zip(K, (0.5, -2), strict=True)
    ])  # fmt: skip
    document = json.loads(downloaded(lab, "json"))
    assert document["problem"]["kernels"] == K.tolist()
    assert document["result"]["output"] == expected.tolist()
    assert Image.open(io.BytesIO(downloaded(lab, "png"))).format == "PNG"
    assert ET.fromstring(downloaded(lab, "svg")).tag == "{http://www.w3.org/2000/svg}svg"
