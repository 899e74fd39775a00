"""Kernel learning by DJL and in every other form: the inventory's numbers 8, 9, 18, 19 and beyond.

Whatever the inventory says about learning is computed by DJL here.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pydjl.errors import ArgumentError
from pydjl.lab.learning import (
    comparison_table,
    expected_first_loss,
    first_update_where,
    learn_in_every_form,
)
from pydjl.lab.learning_forms import DJL_EDITION, JAX_EDITION, Settings, learn_by_djl
from pydjl.reference import learning_rate_limit

HAS_FLAX = importlib.util.find_spec("flax") is not None


def test_the_djl_editions_printed_losses_and_kernel_in_every_form():
    run = learn_in_every_form(DJL_EDITION)
    printed = [0.12571818, 0.09935227, 0.07851635, 0.06205021, 0.04903732]
    for form in run.forms:
        np.testing.assert_allclose(form.losses[1::2], printed, rtol=0, atol=1.6e-8)
        np.testing.assert_allclose(form.weight, [0.4475203, -0.4476680], rtol=0, atol=1e-7)
    djl = [str(loss) for loss in run.form("DJL").losses[1::2]]
    assert djl == ["0.12571818", "0.09935227", "0.07851635", "0.062050212", "0.04903732"]
    assert run.ok


def test_the_jax_editions_printed_losses_and_kernel_in_every_form():
    run = learn_in_every_form(JAX_EDITION)
    for form in run.forms:
        printed = [f"{loss:.3f}" for loss in form.losses[1::2]]
        assert printed == ["5.003", "0.842", "0.142", "0.024", "0.004"]
        np.testing.assert_allclose(form.weight, [0.99009, -0.98667], rtol=0, atol=6e-6)
    assert run.ok


def test_from_zero_the_table_of_the_closed_form():
    learned = learn_by_djl(Settings(dtype="float64"))
    expected = [0.142857143, 0.126997085, 0.112897816, 0.100363855, 0.089221419]
    expected += [0.079316020, 0.070510323, 0.062682238, 0.055723231, 0.049536815]
    np.testing.assert_allclose(learned.losses, expected, rtol=0, atol=5e-10)
    np.testing.assert_allclose(learned.weight, [0.444787858, -0.444787858], rtol=0, atol=5e-10)


def test_gradients_that_add_up_oscillate_without_damping():
    run = learn_in_every_form(Settings(accumulate=True))
    expected = [0.142857, 0.126997, 0.098850, 0.064759, 0.032403]
    expected += [0.009073, 0.0000255, 0.007299, 0.029254, 0.060945]
    for form in run.forms:
        np.testing.assert_allclose(form.losses, expected, rtol=0, atol=6e-7)
        np.testing.assert_allclose(form.weight, [1.816466, -1.816466], rtol=0, atol=6e-7)
    # It does not tell in the first two losses: they are those of a fresh gradient in each step.
    fresh = learn_by_djl(Settings())
    np.testing.assert_array_equal(fresh.losses[:2], run.form("DJL").losses[:2])
    longer = learn_by_djl(Settings(accumulate=True, steps=400, dtype="float64"))
    assert longer.losses[200:].max() == pytest.approx(longer.losses[:200].max(), rel=0.02)


@pytest.mark.parametrize(
    ("settings", "r_s", "r_d"),
    [(Settings(), 5 / 7, 33 / 35), (Settings("sum", 0.03), -0.8, 0.64)],
)
def test_sum_and_difference_of_the_weights_shrink_by_the_factors_of_the_inventory(
    settings, r_s, r_d
):
    path = learn_by_djl(dataclasses.replace(settings, initial=(0.8, 0.3), dtype="float64")).path
    s, d = path @ [1, 1], path @ [1, -1] - 2
    np.testing.assert_allclose(s[1:] / s[:-1], r_s, rtol=1e-10)
    np.testing.assert_allclose(d[1:] / d[:-1], r_d, rtol=1e-10)


@pytest.mark.parametrize(
    ("loss", "bias", "limit"),
    [
        ("mean_of_halves", None, 2.8),
        ("sum", None, 1 / 30),
        ("sum", 0.0, 0.016089),
        ("mean_of_halves", 0.0, 1.3515),
    ],
)
def test_djl_converges_just_below_the_limit_and_diverges_just_above(loss, bias, limit):
    """Within one part in a thousand of the inventory's limits."""

    def last_losses(rate):
        settings = Settings(loss, rate, 6000, (0.5, 0.3), bias, dtype="float64")
        losses = learn_by_djl(settings).losses
        return losses[0], losses[3000], losses[-1]

    first, half, last = last_losses(limit * 0.999)
    assert last < 1e-3 * half < 1e-3 * first
    first, half, last = last_losses(limit * 1.001)
    assert last > 1e3 * half
    assert last > 1e3 * first
    assert learning_rate_limit(loss, bias=bias is not None) == pytest.approx(limit, rel=1e-4)


def test_with_a_bias_the_jax_editions_rate_diverges_and_the_djl_editions_converges():
    diverging = learn_by_djl(dataclasses.replace(JAX_EDITION, bias=0.0, steps=40))
    assert diverging.losses[-1] > 1e6 * diverging.losses[0]
    converging = learn_by_djl(dataclasses.replace(DJL_EDITION, bias=0.0, steps=400))
    np.testing.assert_allclose(converging.weight, [1, -1], atol=1e-4)
    assert abs(converging.biases[-1]) < 1e-4
    assert converging.losses[-1] < 1e-9


def test_after_ten_steps_the_kernel_is_45_percent_learned():
    assert learn_by_djl(Settings()).weight == pytest.approx([0.4448, -0.4448], abs=5e-5)
    assert first_update_where(Settings(), lambda loss, weight: loss < 1e-3) == 43
    distance = first_update_where(Settings(), lambda _, weight: abs(weight - [1, -1]).max() < 0.01)
    assert distance == 79
    with pytest.raises(ArgumentError, match="any of 42 updates"):
        first_update_where(Settings(), lambda loss, weight: loss < 1e-3, most=42)


def test_the_first_loss_to_expect_of_the_two_initialisers():
    assert expected_first_loss(0.01) == pytest.approx(12.0036, abs=1e-10)
    assert expected_first_loss(math.sqrt(1 / 2)) == pytest.approx(30, abs=1e-10)


@pytest.mark.skipif(not HAS_FLAX, reason="Flax is not installed")
@pytest.mark.parametrize(("name", "expected"), [("lecun_normal", 30.0), ("normal", 12.0036)])
def test_flaxs_initialisers_give_the_expected_first_loss_on_average(name, expected):
    import jax
    from flax import linen

    maker = getattr(linen.initializers, name)
    initializer = maker() if name == "lecun_normal" else maker(stddev=0.01)
    keys = jax.random.split(jax.random.key(5), 4000)
    kernels = np.asarray(jax.vmap(lambda key: initializer(key, (1, 2, 1, 1)))(keys)).reshape(-1, 2)
    first = [
        learn_by_djl(Settings("sum", 0.03, 1, tuple(kernel))).losses[0]
        for kernel in kernels[:50].tolist()
    ]
    s, d = kernels @ [1, 1], kernels @ [1, -1] - 2
    np.testing.assert_allclose(first, (15 * s**2 + 3 * d**2)[:50], rtol=1e-5)
    mean = (15 * s**2 + 3 * d**2).mean()
    error = (15 * s**2 + 3 * d**2).std() / math.sqrt(len(kernels))
    assert abs(mean - expected) < 4 * error
    assert error < expected / 40


@given(
    st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    st.floats(0.05, 0.95),
    st.sampled_from(["mean_of_halves", "sum"]),
    st.none() | st.floats(-2, 2),
    st.booleans(),
)
def test_whatever_the_settings_djl_agrees_with_torch_and_the_closed_form(
    initial, relative_rate, loss, bias, accumulate
):
    rate = relative_rate * learning_rate_limit(loss, bias=bias is not None)
    settings = Settings(loss, rate, 12, initial, bias, accumulate, "float64")
    djl = learn_by_djl(settings)
    from pydjl.lab.learning_forms import learn_by_closed_form, learn_by_torch

    torchs, exact = learn_by_torch(settings), learn_by_closed_form(settings)
    np.testing.assert_array_equal(djl.losses, torchs.losses)
    np.testing.assert_array_equal(djl.path, torchs.path)
    np.testing.assert_allclose(djl.losses, exact.losses, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(djl.path, exact.path, rtol=1e-9, atol=1e-11)


def test_the_run_holds_every_form_and_every_comparison():
    run = learn_in_every_form(Settings(bias=0.5, initial=(0.1, 0.2), steps=7))
    names = ["DJL", "PyTorch", "closed form"] + ["Flax"] * HAS_FLAX
    assert [form.name for form in run.forms] == names
    for form in run.forms:
        assert form.losses.shape == (7,)
        assert form.path.shape == (8, 2)
        assert form.biases.shape == (8,)
        assert form.path[0] == pytest.approx([0.1, 0.2])
        assert form.biases[0] == 0.5
    compared = [(row.quantity, row.against) for row in run.comparison]
    quantities = ("losses", "path", "biases")
    assert compared == [(what, name) for name in names[1:] for what in quantities]
    assert all(row.difference.bit_equal for row in run.comparison if row.against == "PyTorch")
    with pytest.raises(ArgumentError, match="no form 'MXNet' in this run, only DJL, PyTorch"):
        run.form("MXNet")


def test_a_wrong_form_would_be_noticed(monkeypatch):
    from pydjl.lab import learning

    original = learning.learn_by_torch

    def slightly_off(settings):
        form = original(settings)
        return dataclasses.replace(form, path=form.path * 1.0001)

    monkeypatch.setattr(learning, "learn_by_torch", slightly_off)
    run = learn_in_every_form()
    assert not run.ok
    failed = {(row.quantity, row.against) for row in run.comparison if not row.difference.ok}
    assert failed == {("path", "PyTorch")}
    assert "differs" in printed(comparison_table(run))


def test_the_table_says_what_was_learned_and_how_far_the_forms_are_apart():
    text = printed(comparison_table(learn_in_every_form(dataclasses.replace(JAX_EDITION, bias=0))))
    assert "sum of squares, rate 0.03, 10 steps, with a bias" in text
    assert "bit-equal" in text
    assert text.count("closed form") == 3


def printed(table):
    file = io.StringIO()
    Console(file=file, width=120).print(table)
    return file.getvalue()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"dtype": "float16"}, "dtype is 'float16'"),
        ({"loss": "mean"}, "loss is 'mean'"),
        ({"lr": -1.0}, "-1.0"),
        ({"steps": -1}, "-1"),
    ],
)
def test_impossible_settings(change, words):
    with pytest.raises(ArgumentError, match=words):
        learn_in_every_form(dataclasses.replace(DJL_EDITION, **change))
