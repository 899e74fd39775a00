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
    learning_rate_limit,
)

weights = st.floats(-3, 3)


@given(
    start=st.tuples(weights, weights),
    relative_rate=st.floats(0.001, 1.25),
    steps=st.integers(0, 30),
    accumulate=st.booleans(),
    loss=st.sampled_from(["mean_of_halves", "sum"]),
    bias=st.none() | weights,
)
def test_learning_agrees_with_the_closed_form(start, relative_rate, steps, accumulate, loss, bias):
    X = edge_image().double()
    Y = corr2d(X, edge_kernel().double())
    initial = torch.tensor([start], dtype=torch.float64)
    lr = relative_rate * learning_rate_limit(loss, bias=bias is not None)
    settings = {"accumulate": accumulate, "loss": loss, "bias": bias}
    learned = learn_kernel(X, Y, lr=lr, steps=steps, initial=initial, **settings)
    solution = learning_closed_form(start, lr, steps, **settings)
    # Above the limit learning diverges, and so do the rounding errors: relative to the largest.
    scale = max((1.0, *solution.losses))
    np.testing.assert_allclose(learned.losses, solution.losses, rtol=1e-9, atol=1e-12 * scale)
    scale = max(1.0, np.abs(solution.path).max())
    np.testing.assert_allclose(learned.path, solution.path, rtol=1e-9, atol=1e-11 * scale)
    np.testing.assert_array_equal(solution.path[-1], solution.weight)
    assert (learned.biases is None) == (solution.biases is None) == (bias is None)
    if bias is not None:
        np.testing.assert_allclose(learned.biases, solution.biases, rtol=1e-9, atol=1e-11 * scale)


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


def test_the_sum_of_squares_is_84_times_the_mean_of_half_squares():
    mean = learning_closed_form((0.3, -0.2), 0.42, 20)
    total = learning_closed_form((0.3, -0.2), 0.42 / 84, 20, loss="sum")
    np.testing.assert_allclose(total.losses, 84 * np.array(mean.losses), rtol=1e-12)
    np.testing.assert_allclose(total.path, mean.path, rtol=1e-12)


def test_the_sum_of_squares_shrinks_by_the_factors_of_the_inventory():
    path = learning_closed_form((0.7, 0.4), 0.03, 1, loss="sum").path.reshape(2, 2)
    s, d = path @ [1, 1], path @ [1, -1] - 2
    np.testing.assert_allclose([s[1] / s[0], d[1] / d[0]], [-0.8, 0.64], rtol=1e-12)
    (loss,) = learning_closed_form((0.7, 0.4), 0.03, 1, loss="sum").losses
    assert loss == pytest.approx(15 * s[0] ** 2 + 3 * d[0] ** 2, rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "bias", "limit"),
    [
        ("mean_of_halves", False, 2.8),
        ("sum", False, 1 / 30),
        ("sum", True, 0.016089),
        ("mean_of_halves", True, 84 * 0.0160893),
    ],
)
def test_the_rates_below_which_learning_is_stable(loss, bias, limit):
    assert learning_rate_limit(loss, bias=bias) == pytest.approx(limit, rel=2e-5)


@pytest.mark.parametrize("loss", ["mean_of_halves", "sum"])
@pytest.mark.parametrize("bias", [False, True])
def test_the_limit_is_2_over_the_largest_curvature_that_autograd_finds(loss, bias):
    X = edge_image().double()
    Y = corr2d(X, edge_kernel().double())

    def error(parameters):
        prediction = corr2d(X, parameters[None, :2]) + (parameters[2] if bias else 0)
        squares = (Y - prediction) ** 2
        return squares.sum() if loss == "sum" else squares.mean() / 2

    curvatures = torch.autograd.functional.hessian(error, torch.ones(3 if bias else 2).double())
    largest = torch.linalg.eigvalsh(curvatures).max().item()
    assert learning_rate_limit(loss, bias=bias) == pytest.approx(2 / largest, rel=1e-12)


def test_an_unknown_loss_is_refused():
    with pytest.raises(ArgumentError, match=r"loss is 'mean'.*'mean_of_halves' or 'sum'"):
        learning_closed_form((0, 0), 0.4, 1, loss="mean")
    with pytest.raises(ArgumentError, match="loss is 'total'"):
        learning_rate_limit("total")


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
