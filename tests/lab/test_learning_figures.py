"""What the figures of learning show is what DJL computed and what the inventory says."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pydjl.lab import learning_figures
from pydjl.lab.learning import learn_in_every_form
from pydjl.lab.learning_forms import DJL_EDITION, JAX_EDITION, Settings, learn_by_djl
from pydjl.reference import learning_closed_form


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def test_the_curves_are_the_losses_of_each_form_beside_the_closed_form():
    run = learn_in_every_form(DJL_EDITION)
    curves, distances = learning_figures.loss_curves(run).axes
    drawn = lines(curves)
    assert list(drawn) == ["closed form"] + [f.name for f in run.forms if f.name != "closed form"]
    for form in run.forms:
        np.testing.assert_array_equal(drawn[form.name].get_ydata(), form.losses)
        np.testing.assert_array_equal(drawn[form.name].get_xdata(), np.arange(1, 11))
    assert curves.get_yscale() == "log"
    assert curves.get_ylabel() == "loss (mean of half squared errors)"
    epsilon = np.finfo("float32").eps
    assert lines(distances)["DJL"].get_ydata().max() < 4 * epsilon
    assert "ε of float32" in lines(distances)


def test_the_jax_editions_curves_say_that_the_loss_is_a_sum():
    figure = learning_figures.loss_curves(learn_in_every_form(JAX_EDITION))
    assert figure.axes[0].get_ylabel() == "loss (sum of squared errors)"
    losses = lines(figure.axes[0])["DJL"].get_ydata()
    assert [f"{loss:.3f}" for loss in losses[1::2]] == ["5.003", "0.842", "0.142", "0.024", "0.004"]


@pytest.mark.parametrize("settings", [DJL_EDITION, JAX_EDITION])
def test_the_path_runs_from_the_start_over_contours_of_the_loss(settings):
    (axes,) = learning_figures.kernel_path([settings]).axes
    drawn = lines(axes)
    path = np.array(drawn["kernel after each step (DJL)"].get_data()).T
    np.testing.assert_array_equal(path, learn_by_djl(settings).path)
    assert path[0] == pytest.approx(settings.initial)
    assert [float(x) for x in drawn["solution [1, −1]"].get_xydata()[0]] == [1, -1]
    contours = axes.collections[0]
    for level, lines_of_level in zip(contours.levels, contours.get_paths(), strict=True):
        for point in lines_of_level.vertices[::17]:
            (loss,) = learning_closed_form(point, 0.01, 1, loss=settings.loss).losses
            assert loss == pytest.approx(level, rel=0.05, abs=0.02 * contours.levels.max())


def test_the_path_with_a_surface_for_each_of_several_settings():
    runs = (DJL_EDITION, JAX_EDITION, Settings(accumulate=True, steps=20))
    figure = learning_figures.kernel_path(runs)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == [
        "mean of half squared errors,\nrate 0.4",
        "sum of squared errors,\nrate 0.03",
        "mean of half squared errors,\nrate 0.4, gradients added up",
    ]
    assert len(figure.legends) == 1


@pytest.mark.parametrize(("settings", "limit"), [(DJL_EDITION, "2.8"), (JAX_EDITION, "0.0333")])
def test_below_the_limit_the_loss_falls_at_it_it_stays_and_above_it_grows(settings, limit):
    (axes,) = learning_figures.past_the_stable_rate(settings).axes
    assert axes.get_title() == f"Past the stable rate, {limit}"
    growth = {}
    for label, line in lines(axes).items():
        losses = line.get_ydata()
        growth[label.split("(")[1].split("%")[0]] = losses[-1] / losses[-11]
    assert growth["14"] < 0.5
    assert growth["90"] < 0.1
    assert growth["100"] == pytest.approx(1, abs=0.05)
    assert growth["103"] > 2
    assert growth["110"] > 20


def test_with_a_bias_only_the_sum_at_its_own_rate_diverges():
    curves, biases = learning_figures.with_a_bias().axes
    ends = {label: line.get_ydata()[-1] for label, line in lines(curves).items()}
    assert ends.pop("sum, rate 0.03, with bias") > 1e20
    assert len(ends) == 4
    assert all(end < 0.1 for end in ends.values())
    assert len(lines(biases)) == 3
    drawn = lines(biases)["sum, rate 0.015, with bias"].get_ydata()
    expected = learning_closed_form((0.5, 0.3), 0.015, 30, loss="sum", bias=0.0).biases
    np.testing.assert_allclose(drawn, np.abs(expected[1:]), rtol=1e-3, atol=1e-5)
    # A zero on a logarithmic axis would be a line down to nowhere.
    for line in lines(biases).values():
        assert line.get_xdata().tolist() == list(range(1, 31))
        assert (line.get_ydata() > 0).all()


def test_added_gradients_begin_like_fresh_ones_and_then_swing():
    curves, weights = learning_figures.with_accumulated_gradients(40).axes
    added = lines(curves)["gradients added up"].get_ydata()
    fresh = lines(curves)["a fresh gradient each step"].get_ydata()
    np.testing.assert_array_equal(added[:2], fresh[:2])
    expected = [0.142857, 0.126997, 0.098850, 0.064759, 0.032403]
    expected += [0.009073, 0.0000255, 0.007299, 0.029254, 0.060945]
    np.testing.assert_allclose(added[:10], expected, atol=6e-7)
    w1 = lines(weights)["gradients added up"].get_ydata()
    assert w1[10] == pytest.approx(1.816466, abs=6e-7)
    np.testing.assert_allclose(w1, lines(weights)["closed form, added"].get_ydata(), atol=1e-5)


FIGURES = {
    "loss_curves": learning_figures.loss_curves,
    "kernel_path": learning_figures.kernel_path,
    "past_the_stable_rate": learning_figures.past_the_stable_rate,
    "with_a_bias": learning_figures.with_a_bias,
    "with_accumulated_gradients": learning_figures.with_accumulated_gradients,
}


@pytest.mark.parametrize("name", FIGURES)
def test_black_and_white_is_enough_and_every_axis_says_what_it_is(name):
    for axes in FIGURES[name]().axes:
        assert axes.get_title()
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        looks = [
            (line.get_linestyle(), line.get_marker(), line.get_linewidth())
            for line in axes.get_lines()
        ]
        assert len(set(looks)) == len(looks)
        for line in axes.get_lines():
            colour = line.get_color()
            # Greys only: a name, or a number as a string.
            assert colour == "black" or 0 <= float(colour) <= 1


def test_a_step_more_or_less_is_drawn():
    settings = dataclasses.replace(DJL_EDITION, steps=3)
    figure = learning_figures.loss_curves(learn_in_every_form(settings))
    assert len(lines(figure.axes[0])["DJL"].get_ydata()) == 3
