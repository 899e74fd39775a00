"""Cells that are looked at: the window, the products, the sum, and what an input cell reaches."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

RNG = np.random.default_rng(11)
X = RNG.integers(-9, 10, (5, 7)).astype(float)
K = RNG.integers(1, 5, (2, 3)).astype(float)
# Stride 2 × 1, padding 1 × 2, dilation 1 × 2: the window of (i, j) in the padded input.
PARAMETERS = {"mode": "numbers", "stride": "2x1", "padding": "1x2", "dilation": "1x2"}


def window(i, j):
    return [[(2 * i + a, j + 2 * b) for b in range(3)] for a in range(2)]


def cells(i, j):
    return {cell for row in window(i, j) for cell in row}


def output():
    spread = np.zeros((2, 5))
    spread[:, ::2] = K
    return signal.correlate2d(np.pad(X, [(1, 1), (2, 2)]), spread, "valid")[::2]


@pytest.fixture
def small(new_lab, address_of):
    return new_lab(address_of(X[None], K[None, None], [0.5], **PARAMETERS))


def test_the_pointer_shows_the_window_the_products_and_the_sum(small):
    padded = np.pad(X, [(1, 1), (2, 2)])
    for i, j in ((0, 0), (1, 3), (2, 6)):
        small.cell("output", i, j).hover()
        small.until(lambda: small.lit("output", "chosen"), {(i, j)})
        small.until(lambda i=i, j=j: small.lit("input", "window"), cells(i, j))
        values = np.array([[padded[cell] for cell in row] for row in window(i, j)])
        small.until(lambda: small.figure("Window"), values)
        assert small.figure("Kernel").tolist() == K.tolist()
        assert small.figure("Products").tolist() == (values * K).tolist()
        left, right = small.text("[data-text=sum]").rsplit("=", 1)
        assert float(right) == (values * K).sum() + 0.5
        expression = left.replace("·", "*").replace("\u2009", "")
        assert eval(expression, {}) == (values * K).sum() + 0.5


def test_what_was_chosen_comes_back_when_the_pointer_leaves(small):
    small.cell("output", 1, 2).click()
    small.cell("output", 2, 4).hover()
    small.until(lambda: small.lit("output", "chosen"), {(2, 4)})
    small.page.get_by_role("heading", level=1).hover()
    small.until(lambda: small.lit("output", "chosen"), {(1, 2)})
    small.until(lambda: small.lit("input", "window"), cells(1, 2))


def test_the_arrow_keys_walk_and_a_screen_reader_hears_it(small):
    status = small.page.locator("[role=status]")
    small.cell("output", 0, 0).focus()
    place = [0, 0]
    rows, columns = output().shape
    for key, i, j in (
        ("ArrowRight", 0, 1),
        ("ArrowDown", 1, 1),
        ("End", 1, columns - 1),
        ("ArrowRight", 1, columns - 1),
        ("Control+Home", 0, 0),
        ("PageDown", rows - 1, 0),
        ("Control+End", rows - 1, columns - 1),
        ("Home", rows - 1, 0),
        ("ArrowUp", rows - 2, 0),
    ):
        small.page.keyboard.press(key)
        place = [i, j]
        small.until(lambda: small.lit("output", "chosen"), {tuple(place)})
        focused = small.page.evaluate("document.activeElement.textContent")
        value = output()[i, j] + 0.5
        assert float(focused.replace("−", "-")) == value
        status.get_by_text(f"Output row {i}, column {j}").wait_for()
        assert f"{value:g}" in status.inner_text().replace("−", "-")
    # One cell alone is a stop of the Tab key.
    assert small.page.locator("[data-grid=output] [tabindex='0']").count() == 1


def test_an_input_cell_shows_every_output_that_it_reaches(small):
    rows, columns = output().shape
    for y, x in ((0, 0), (2, 3), (4, 6)):
        reached = {
            (i, j) for i in range(rows) for j in range(columns) if (y + 1, x + 2) in cells(i, j)
        }
        small.cell("input", y, x).hover()
        small.until(lambda r=reached: small.lit("output", "reached"), reached)
        assert small.lit("input", "chosen") == {(y + 1, x + 2)}
    small.cell("input", 1, 1).focus()
    small.page.keyboard.press("ArrowRight")
    status = small.page.locator("[role=status]")
    status.get_by_text("Input row 1, column 2 reaches").wait_for()


def hidden(small):
    return small.page.locator("[data-grid=output] .is-hidden").count()


def test_the_animation_plays_pauses_steps_and_starts_anew(small):
    rows, columns = output().shape
    total = rows * columns
    player = small.page.get_by_role("group", name="Animation")
    progress = player.locator(".progress")
    player.get_by_role("button", name="Step").click()
    small.until(progress.inner_text, f"1 / {total}")
    assert hidden(small) == total - 1
    player.get_by_role("button", name="Step").click()
    small.until(lambda: small.lit("output", "chosen"), {(0, 1)})
    small.until(lambda: small.lit("input", "window"), cells(0, 1))
    player.get_by_role("button", name="Play").click()
    small.until(lambda: int(progress.inner_text().split()[0]) >= 4, True)
    player.get_by_role("button", name="Pause").click()
    held = progress.inner_text()
    small.page.wait_for_timeout(600)
    assert progress.inner_text() == held
    assert hidden(small) == total - int(held.split()[0])
    player.get_by_role("button", name="Reset").click()
    small.until(lambda: hidden(small), 0)
    small.until(lambda: small.lit("output", "chosen"), {(0, 0)})
    player.get_by_label("Speed").select_option("60")
    player.get_by_role("button", name="Play").click()
    # After the last cell it is over by itself.
    small.until(lambda: small.lit("output", "chosen"), {(rows - 1, columns - 1)})
    small.until(progress.inner_text, f"{total} / {total}")
    small.until(lambda: player.get_by_role("button", name="Play").count(), 1)


def test_where_less_motion_is_wanted_nothing_moves_fast(new_lab, address_of):
    lab = new_lab(address_of(X[None], K[None, None]), reduced_motion="reduce")
    speeds = lab.page.get_by_label("Speed").locator("option").all_inner_texts()
    assert speeds == ["0.5/s", "1/s", "2/s"]
    durations = lab.page.evaluate(
        """() => [...document.querySelectorAll("button, .segments span")].map(
             (element) => getComputedStyle(element).transitionDuration)"""
    )
    assert set(durations) == {"0s"}
