"""The numbers on the page, against SciPy's and NumPy's, computed here."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy import signal

RNG = np.random.default_rng(20250)
X = RNG.integers(-9, 10, (6, 9)).astype(float)
K = RNG.integers(-3, 4, (3, 5)).astype(float)


def test_it_starts_with_a_preset_and_its_output(lab):
    X, K = lab.numbers("input"), lab.numbers("kernel")
    assert np.ptp(X) > 0
    assert np.ptp(K) > 0
    lab.until_output(signal.correlate2d(X, K, "valid"))


def test_every_border_of_both_operations(new_lab, address_of):
    lab = new_lab(address_of(X[None], K[None, None]))
    for operation, slide in (
        ("Cross-correlation", signal.correlate2d),
        ("Convolution", signal.convolve2d),
    ):
        lab.choose(operation)
        for mode in ("Valid", "Same", "Full"):
            lab.choose(mode)
            lab.until_output(slide(X, K, mode.lower()))


def test_a_convolution_shows_the_kernel_turned_by_180_degrees(new_lab, address_of):
    lab = new_lab(address_of(X[None], K[None, None]))
    assert lab.page.get_by_role("img", name="turned").count() == 0
    lab.choose("Convolution")
    lab.until(lambda: lab.figure("The kernel turned by 180°"), K[::-1, ::-1])


def test_padding_stride_and_dilation_that_are_typed(new_lab, address_of):
    lab = new_lab(address_of(X[None], K[None, None]))
    assert lab.page.get_by_label("Padding, rows").is_disabled()
    lab.choose("Numbers")
    for name, (rows, columns) in {"Padding": (2, 1), "Stride": (3, 2), "Dilation": (2, 1)}.items():
        lab.fill(f"{name}, rows", rows)
        lab.fill(f"{name}, columns", columns)
    spread = np.zeros((5, 5))
    spread[::2] = K
    padded = np.pad(X, [(2, 2), (1, 1)])
    lab.until_output(signal.correlate2d(padded, spread, "valid")[::3, ::2])
    assert "the last 2 rows of the input" in lab.text(".controls > .note")
    assert lab.page.locator("[data-grid=input] .unused").count() == 1
    lab.view("Sizes")
    for formula in (
        "⌊(6 + 2·2 − 2·(3 − 1) − 1) / 3⌋ + 1 = 2",
        "⌊(9 + 2·1 − 1·(5 − 1) − 1) / 2⌋ + 1 = 4",
    ):
        lab.page.get_by_text(formula, exact=True).wait_for()


def test_sizes_and_counts_follow_at_once(new_lab, address_of):
    lab = new_lab(address_of(np.ones((2, 7, 8)), np.ones((3, 2, 3, 2)), dilation="2x3"))

    def numbers():
        texts = lab.page.locator(".numbers dd").all_inner_texts()
        return [re.sub(r"\s", "", text) for text in texts]

    lab.until(numbers, ["3×5", "5×4", "39", str(3 * 15 * 12), str((112 + 1) * 45)])
    lab.fill("Dilation, columns", 1)
    lab.until(numbers, ["3×7", "5×2", "39", str(3 * 21 * 12), str((112 + 1) * 63)])


def test_channels_outputs_and_bias(new_lab, address_of):
    X3 = RNG.integers(-5, 6, (3, 5, 7)).astype(float)
    K3 = RNG.integers(-3, 4, (2, 3, 2, 3)).astype(float)
    lab = new_lab(address_of(X3, K3, [1, -2], view="channels"))
    partial = np.array([
        [signal.correlate2d(x, k, "valid") for x, k in zip(X3, kernel, strict=True)]
        for kernel in K3
    ])  # fmt: skip
    for output, bias in ((0, 1), (1, -2)):
        lab.page.get_by_role("group", name="Output channel on screen").get_by_role("radio").nth(
            output
        ).check()
        lab.until_output(partial[output].sum(0) + bias)
        for channel in range(3):
            found = lab.figure(f"Partial sum of channel {channel}")
            assert found.tolist() == partial[output, channel].tolist()
    lab.fill("Bias", 4)
    lab.until_output(partial[1].sum(0) + 4)
    lab.page.get_by_role("group", name="Input channel").get_by_role("radio").nth(2).check()
    lab.until(lambda: lab.numbers("input"), X3[2])
    lab.until(lambda: lab.numbers("kernel"), K3[1, 2])
    lab.fill("Output channels", 3)
    lab.page.get_by_role("group", name="Output channel on screen").get_by_role("radio").nth(
        2
    ).check()
    lab.until_output(partial[1].sum(0) + 4)


def test_three_libraries_are_compared_on_the_page(lab):
    strip = lab.page.get_by_role("region", name="Proof and sizes")
    engine = strip.locator("td").filter(has_text="on screen").inner_text()
    assert "DJL" in engine
    assert "PyTorch" in engine
    # Whole numbers this small are exact in every order of addition.
    for name in ("torch", "numpy"):
        text = lab.text(f"[data-proof={name}]")
        assert "max |Δ| = 0" in text
        assert "equal to the last bit" in text
    lab.cell("output", 2, 3).click()
    lab.until(lambda: "Y[2, 3]" in strip.inner_text(), True)
    shown = lab.numbers("output")[2, 3]
    for name in ("output", "torch", "numpy"):
        assert float(lab.text(f"[data-cell={name}]")) == shown


def test_a_large_input_is_painted_and_read_cell_by_cell(new_lab, address_of):
    X = RNG.uniform(-1, 1, (64, 64)).astype(np.float32)
    K = RNG.uniform(-1, 1, (7, 7)).astype(np.float32)
    lab = new_lab(address_of(X[None], K[None, None]))
    expected = signal.correlate2d(X.astype(float), K.astype(float), "valid")
    for grid in ("input", "output"):
        assert lab.page.locator(f"[data-grid={grid}] canvas").count() == 1
        assert lab.page.locator(f"[data-grid={grid}] [role=gridcell]").count() == 1
    box = lab.page.locator("[data-grid=output]").bounding_box()
    for row, column in ((0, 0), (30, 17), (57, 57)):
        x, y = ((n + 0.5) * side / 58 for n, side in ((column, box["width"]), (row, box["height"])))
        lab.page.mouse.click(box["x"] + x, box["y"] + y)
        lab.until(lambda: lab.lit("output", "chosen"), {(row, column)})
        said = lab.page.locator(".readout", has_text=f"[{row}, {column}]").inner_text()
        value = float(said.split("=")[1].replace("−", "-"))
        assert value == pytest.approx(expected[row, column], abs=1e-5)
    # Red where it is greater than zero, blue where it is less.
    pixels = np.array(
        lab.page.evaluate(
            """() => { const c = document.querySelector("[data-grid=output] canvas");
            return [...c.getContext("2d").getImageData(0, 0, 58, 58).data] }"""
        )
    ).reshape(58, 58, 4)
    clear = np.abs(expected) > 0.1 * np.abs(expected).max()
    reddish = pixels[..., 0] > pixels[..., 2]
    assert np.array_equal(reddish[clear], expected[clear] > 0)


def test_a_kernel_that_does_not_fit_is_refused_in_words_and_the_page_goes_on(new_lab, address_of):
    lab = new_lab(address_of(X[None], K[None, None]))
    lab.refuses = True
    lab.fill("Stride, rows", 1)
    kernel = lab.page.get_by_role("region", name="Kernel K")
    kernel.get_by_label("Size, rows").fill("9")
    alert = lab.page.get_by_role("alert")
    alert.get_by_text("kernel").wait_for()
    assert not lab.page.locator("[data-grid=output]").is_visible()
    lab.page.get_by_text("There is no output.").wait_for()
    kernel.get_by_label("Size, rows").fill("1")
    lab.until_output(signal.correlate2d(X, K[1:2], "valid"))
    assert alert.inner_text() == ""


def test_eight_pages_at_once_do_not_disturb_each_other(new_lab, address_of):
    kernels = [RNG.integers(-3, 4, (2, 3)).astype(float) for _ in range(8)]
    labs = [new_lab(address_of(X[None], kernel[None, None])) for kernel in kernels]
    for number, lab in enumerate(labs):
        lab.page.get_by_label("Bias").fill(str(number))
        lab.page.evaluate("document.activeElement.blur()")
    for number, (lab, kernel) in enumerate(zip(labs, kernels, strict=True)):
        lab.until_output(signal.correlate2d(X, kernel, "valid") + number)
