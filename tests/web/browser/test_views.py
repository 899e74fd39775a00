"""The views of the same numbers: matrices, all kernels, learning, the quiz."""

from __future__ import annotations

import httpx
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy import signal

RNG = np.random.default_rng(13)
X = RNG.integers(-9, 10, (4, 6)).astype(float)
K = RNG.integers(-3, 4, (2, 3)).astype(float)


def table(lab, caption):
    """The numbers of a matrix that is written out."""
    rows = lab.page.get_by_role("table", name=caption).locator("tbody tr").all()
    texts = [row.locator("td").all_inner_texts() for row in rows]
    return np.array([[float(text.replace("−", "-")) for text in row] for row in texts])


def test_im2col_and_toeplitz_are_the_matrices_that_give_the_output(new_lab, address_of):
    lab = new_lab(address_of(X[None], K[None, None], view="matrix"))
    output = signal.correlate2d(X, K, "valid").ravel()
    windows = sliding_window_view(X, K.shape).reshape(-1, K.size).T
    lab.until(lambda: table(lab, "Windows"), windows)
    assert table(lab, "Kernels").tolist() == [K.ravel().tolist()]
    assert table(lab, "Product").tolist() == [output.tolist()]
    lab.choose("Toeplitz")
    lab.until(lambda: table(lab, "Input").ravel(), X.ravel())
    matrix = table(lab, "Kernel as a matrix")
    # Column by column: what the layer makes of an input with one cell of 1.
    units = np.eye(X.size).reshape(-1, *X.shape)
    assert np.array_equal(
        matrix.T, [signal.correlate2d(unit, K, "valid").ravel() for unit in units]
    )
    assert table(lab, "Product").ravel().tolist() == output.tolist()
    lab.cell("output", 1, 2).click()
    row = 1 * 4 + 2
    lab.until(
        lambda: (
            lab.page.locator("table", has_text="X[0,0]")
            .locator("tr:has(.is-lit) th")
            .all_inner_texts()
        ),
        ["Y[1,2]"],
    )
    assert matrix[row] @ X.ravel() == output[row]


def test_a_matrix_that_is_too_large_is_refused_in_words(new_lab, address_of):
    lab = new_lab(address_of(np.ones((1, 40, 40)), np.ones((1, 1, 3, 3)), view="matrix"))
    lab.refuses = True
    lab.choose("Toeplitz")
    lab.page.locator("#view").get_by_text("at most 200,000").wait_for()
    lab.choose("im2col")
    lab.page.locator("#view canvas").first.wait_for()


def test_all_kernels_are_compared_and_one_is_chosen(new_lab, address_of):
    lab = new_lab(address_of(X[None], K[None, None], mode="same", view="kernels"))
    kernels = httpx.get(f"{lab.calculator}api/catalog").json()["kernels"]
    cards = lab.page.locator(".gallery li")
    lab.until(cards.count, len(kernels))
    assert [text.split("\n")[0] for text in cards.all_inner_texts()] == [k["name"] for k in kernels]
    for kernel in kernels:
        output = signal.correlate2d(X, kernel["weights"], "same")
        said = lab.page.locator(".gallery li", has=lab.page.get_by_text(kernel["name"], exact=True))
        lowest, highest = (
            float(part) for part in said.locator(".range").inner_text().replace("−", "-")
            .removesuffix(" · signed").split(" … ")
        )  # fmt: skip
        assert lowest == pytest.approx(output.min(), abs=0.5)
        assert highest == pytest.approx(output.max(), abs=0.5)
    lab.page.get_by_role("button", name="Use Laplacian").click()
    laplacian = next(kernel for kernel in kernels if kernel["name"] == "Laplacian")
    lab.until_output(signal.correlate2d(X, laplacian["weights"], "same"))
    assert lab.page.get_by_label("Kernel preset").input_value() == "Laplacian"


def losses(lab):
    """The losses at the steps of the slider: the first and the last.

    Raises:
        ValueError: the page shows another step just now, since results came in the meantime.
    """
    found = []
    for step in (0, None):
        slider = lab.page.get_by_role("slider")
        slider.fill(str(step) if step is not None else slider.get_attribute("max"))
        number = "1" if step is not None else str(int(slider.get_attribute("max")) + 1)
        text = lab.page.locator(".scrub output").inner_text()
        if f"{number} of" not in text:
            raise ValueError(text)
        found.append(float(text.split("loss ")[1].replace("−", "-")))
    return found


def descended(rate, steps, *, accumulate=False):
    """Gradient descent on the mean of half the squared error, from zeros, by NumPy."""
    A = sliding_window_view(X, K.shape).reshape(-1, K.size)
    y, k, gradient = A @ K.ravel(), np.zeros(K.size), np.zeros(K.size)
    found = []
    for _ in range(steps):
        error = A @ k - y
        found.append((error**2).mean() / 2)
        step = A.T @ error / len(y)
        gradient = gradient + step if accumulate else step
        k = k - rate * gradient
    return found, k


def test_a_kernel_is_learned_live_against_the_closed_form(new_lab, address_of):
    lab = new_lab(address_of(X[None], K[None, None], view="learning"))
    lab.fill("Learning rate", 0.01)
    lab.fill("Steps of learning", 40)
    curve = lab.page.get_by_role("img", name="Loss by step")
    curve.wait_for()
    lab.page.locator(".scrub output").get_by_text("of 40").wait_for()
    expected, kernel = descended(0.01, 40)
    lab.until(lambda: [float(f"{n:.3g}") for n in losses(lab)], [
        float(f"{n:.3g}") for n in (expected[0], expected[-1])
    ])  # fmt: skip
    learned = lab.figure("Learned after step 40")
    assert learned.ravel() == pytest.approx(kernel, abs=6e-3)
    assert lab.figure("Closed form").tolist() == K.tolist()
    assert "to the last bit" in lab.page.locator(".key").inner_text()
    # Both curves have a point at each step, and lie on each other.
    paths = [curve.locator(f".curve.{name}").get_attribute("d") for name in ("djl", "closed")]
    ours, closed = (
        np.array([point.split() for point in path[1:].split("L")], float) for path in paths
    )
    assert ours.shape == (40, 2)
    assert np.abs(ours - closed).max() < 1
    lab.choose("Accumulate")
    expected, _ = descended(0.01, 40, accumulate=True)
    lab.until(lambda: float(f"{losses(lab)[1]:.3g}"), float(f"{expected[-1]:.3g}"))


def test_learning_that_diverges_says_so(new_lab, address_of):
    lab = new_lab(address_of(X[None], K[None, None], view="learning"))
    lab.fill("Learning rate", 50)
    lab.page.locator("#view").get_by_text("It diverges").wait_for()


def test_the_quiz_is_graded_and_says_why(lab):
    lab.view("Quiz")
    questions = lab.page.locator("[data-question]")
    lab.until(questions.count, 8)
    grade = lab.page.get_by_role("button", name="Grade my answers")
    grade.click()
    score = lab.page.locator(".score")
    score.get_by_text("0 of 8 are right").wait_for()
    assert questions.locator(".verdict").count() == 8
    # What is said to be right is right.
    for number in range(8):
        question = questions.nth(number)
        verdict = question.locator(".verdict b").inner_text()
        right = verdict.removeprefix("✗ The answer is ").removesuffix(".").replace("−", "-")
        if question.get_by_role("radio").count():
            question.get_by_role("radio", name=right, exact=True).check()
        else:
            question.get_by_role("textbox").fill(right)
    grade.click()
    score.get_by_text("8 of 8 are right").wait_for()
    lab.page.locator("[role=status]").get_by_text("8 of 8 answers are right").wait_for()
    texts = questions.all_inner_texts()
    lab.page.get_by_role("button", name="Other questions").click()
    lab.until(score.count, 0)
    lab.until(lambda: questions.count() == 8 and questions.all_inner_texts() != texts, True)
