from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pydjl.errors import ArgumentError, ShapeError
from pydjl.reference import (
    corr2d,
    edge_image,
    edge_kernel,
    learn_kernel,
    learning_closed_form,
)

weights = st.floats(-3, 3)


@given(
    start=st.tuples(weights, weights),
    lr=st.floats(0.001, 3.5),
    steps=st.integers(0, 30),
    accumulate=st.booleans(),
)
def test_learning_agrees_with_the_closed_form(start, lr, steps, accumulate):
    X = edge_image().double()
    Y = corr2d(X, edge_kernel().double())
    initial = torch.tensor([start], dtype=torch.float64)
    learned = learn_kernel(X, Y, lr=lr, steps=steps, initial=initial, accumulate=accumulate)
    solution = learning_closed_form(start, lr, steps, accumulate=accumulate)
    # Above lr = 2.8 learning diverges, and so do the rounding errors: relative to the largest.
    scale = max((1.0, *solution.losses))
    np.testing.assert_allclose(learned.losses, solution.losses, rtol=1e-9, atol=1e-12 * scale)
    scale = max(1.0, np.abs(solution.weight).max())
    np.testing.assert_allclose(learned.weight, solution.weight, rtol=1e-9, atol=1e-11 * scale)


def test_the_ten_losses_from_zero():
    solution = learning_closed_form((0, 0), 0.4, 10)
    expected = [0.142857143, 0.126997085, 0.112897816, 0.100363855, 0.089221419]
    expected += [0.079316020, 0.070510323, 0.062682238, 0.055723231, 0.049536815]
    assert solution.losses == pytest.approx(expected, abs=5e-10)
    assert solution.weight.shape == (1, 2)
    assert solution.weight.tolist()[0] == pytest.approx([0.444787858, -0.444787858], abs=5e-10)


def test_the_oscillation_from_zero():
    solution = learning_closed_form((0, 0), 0.4, 10, accumulate=True)
    expected = [0.142857, 0.126997, 0.098850, 0.064759, 0.032403]
    expected += [0.009073, 0.0000255, 0.007299, 0.029254, 0.060945]
    assert solution.losses == pytest.approx(expected, abs=5e-7)
    assert solution.weight.tolist()[0] == pytest.approx([1.816466, -1.816466], abs=5e-7)


def test_after_ten_steps_the_kernel_is_45_percent_learned():
    losses = learning_closed_form((0, 0), 0.4, 100).losses
    assert next(t for t, loss in enumerate(losses) if loss < 1e-3) == 43
    errors = [
        np.abs(learning_closed_form((0, 0), 0.4, t).weight - [1, -1]).max() for t in range(1, 100)
    ]
    assert errors[9] == pytest.approx(1 - 0.4448, abs=5e-5)
    assert next(t for t, error in enumerate(errors, start=1) if error < 0.01) == 79


@pytest.mark.parametrize(("lr", "converges"), [(2.79, True), (2.81, False)])
def test_learning_is_stable_below_a_rate_of_2_8(lr, converges):
    losses = learning_closed_form((0.5, 0.3), lr, 2000).losses
    assert (losses[-1] < losses[1000]) is converges
    assert (losses[-1] < 1e-3) is converges


@given(start=st.tuples(weights, weights), lr=st.floats(0.01, 5.5), steps=st.integers(0, 200))
def test_the_oscillation_is_a_cosine_that_never_decays(start, lr, steps):
    w1, w2 = start
    s, d = (
        error * math.cos((steps + 0.5) * theta) / math.cos(theta / 2)
        for error, eigenvalue in ((w1 + w2, 5 / 7), (w1 - w2 - 2, 1 / 7))
        for theta in [math.acos(1 - lr * eigenvalue / 2)]
    )
    weight = learning_closed_form(start, lr, steps, accumulate=True).weight
    expected = [[1 + (s + d) / 2, -1 + (s - d) / 2]]
    np.testing.assert_allclose(weight, expected, rtol=1e-7, atol=1e-7)


def test_the_solution_stays_where_it_is():
    for accumulate in (False, True):
        solution = learning_closed_form([[1, -1]], 0.4, 5, accumulate=accumulate)
        assert solution.losses == (0,) * 5
        assert solution.weight.tolist() == [[1, -1]]


def test_far_beyond_stability_the_losses_are_infinite():
    assert learning_closed_form((0.5, 0.3), 1e6, 100).losses[-1] == math.inf


@pytest.mark.parametrize("initial", [0.0, [1.0], [[1.0], [2.0]], [1, 2, 3]])
def test_starts_that_are_not_two_weights(initial):
    with pytest.raises(ShapeError, match="two weights") as caught:
        learning_closed_form(initial, 0.4, 10)
    assert caught.value.shapes == (np.shape(initial),)


@pytest.mark.parametrize(("lr", "steps"), [(0.0, 10), (-1.0, 10), (math.nan, 10), (0.4, -1)])
def test_impossible_schedules(lr, steps):
    with pytest.raises(ArgumentError, match=r"^(lr|steps) is"):
        learning_closed_form((0, 0), lr, steps)
