"""Figures of kernel learning: curves, the path over the loss surface, rates, bias, added gradients.

Every curve is computed by DJL; the other forms and the closed form lie beside it. Each function
returns a matplotlib ``Figure`` that belongs to nobody else (no pyplot). Lines differ in style and
marker, so that black and white is enough.

Source: "Dive into Deep Learning", DJL edition, 6.2.4, and the JAX edition, "Learning the kernel".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pydjl import reference
from pydjl.lab.learning import LearningRun, learn_in_every_form
from pydjl.lab.learning_forms import (
    DJL_EDITION,
    Form,
    Numbers,
    Settings,
    learn_by_closed_form,
    learn_by_djl,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Line style, marker and grey of a curve, by its place.
_STYLES = (
    ("-", "o", "black"),
    ("--", "s", "0.35"),
    (":", "^", "0.2"),
    ("-.", "D", "0.5"),
    ((0, (1, 3)), "v", "0.1"),
)
_LOSSES = {
    "mean_of_halves": "mean of half squared errors",
    "sum": "sum of squared errors",
}


def loss_curves(run: LearningRun | None = None) -> Figure:
    """Draws the loss of every form over the steps, beside the closed form.

    Args:
        run: what to draw; by default the DJL edition's ten steps in every form.

    Returns:
        A figure with two plots: the losses, and how far each form is from the closed form.

    Example:
        >>> [axes.get_ylabel() for axes in loss_curves().axes]
        ['loss (mean of half squared errors)', 'relative distance from the closed form']
    """
    run = learn_in_every_form(DJL_EDITION) if run is None else run
    exact = run.form("closed form").losses
    figure = _figure(10, 4)
    curves, distances = figure.subplots(1, 2)
    steps = np.arange(1, len(exact) + 1)
    curves.plot(steps, exact, "-", color="0.6", linewidth=5, label="closed form")
    others = [form for form in run.forms if form.name != "closed form"]
    # No more than 20 markers on a curve, and not all on top of one another.
    every = max(1, len(exact) // 20)
    for place, form in enumerate(others):
        _, marker, colour = _STYLES[place]
        style = {"marker": marker, "color": colour, "markersize": 11 - 4 * place}
        style |= {"fillstyle": "none", "linestyle": "none", "markevery": every}
        curves.plot(steps, form.losses, label=form.name, **style)
        distance = np.abs(form.losses / exact - 1)
        distances.plot(steps, distance, label=form.name, **(style | {"linestyle": "-"}))
    epsilon = float(np.finfo(run.settings.dtype).eps)
    distances.axhline(epsilon, color="0.5", linestyle=":", label=f"ε of {run.settings.dtype}")
    distances.set_yscale("symlog", linthresh=epsilon / 8)
    distances.set_ylim(bottom=0)
    _finish(curves, "The same loss in every form", "step", _loss_label(run.settings))
    _finish(distances, "Rounding", "step", "relative distance from the closed form")
    curves.set_yscale("log")
    return figure


def kernel_path(settings: Sequence[Settings] = (DJL_EDITION,)) -> Figure:
    """Draws the way of the kernel, by DJL, over the surface of the loss.

    The contours are those of the closed form, at the bias 0; each plot has the loss of its
    settings.

    Args:
        settings: one plot each.

    Returns:
        A figure: w₁ to the right, w₂ upwards, the kernel after each step, the solution [1, -1].

    Example:
        >>> kernel_path().axes[0].get_xlabel()
        'weight w₁'
    """
    figure = _figure(5 * len(settings), 4.6)
    for axes, each in zip(
        figure.subplots(1, len(settings), squeeze=False)[0], settings, strict=True
    ):
        path = learn_by_djl(each).path
        _draw_surface(axes, each, path)
        axes.plot(*path.T, "-o", color="black", markersize=4, label="kernel after each step (DJL)")
        axes.plot(*path[0], "s", color="black", fillstyle="none", markersize=10, label="start")
        axes.plot(1, -1, "*", color="black", markersize=15, label="solution [1, −1]")
        _finish(axes, _settings_label(each), "weight w₁", "weight w₂")
        axes.get_legend().remove()
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def past_the_stable_rate(settings: Settings = DJL_EDITION, steps: int = 40) -> Figure:
    """Draws the losses, by DJL, for rates below, at and above the limit of stability.

    Args:
        settings: loss, start and bias; each curve has another rate.
        steps: the number of steps.

    Returns:
        A figure with a logarithmic loss axis and one curve for each rate.

    Example:
        >>> past_the_stable_rate().axes[0].get_title()
        'Past the stable rate, 2.8'
    """
    limit = reference.learning_rate_limit(settings.loss, bias=settings.bias is not None)
    figure = _figure(6.5, 4.5)
    axes = figure.subplots()
    start = replace(settings, initial=(0.5, 0.3), steps=steps)
    for place, factor in enumerate((1 / 7, 0.9, 1, 1.03, 1.1)):
        form = learn_by_djl(replace(start, lr=factor * limit))
        _draw_curve(axes, form, place, f"rate {factor * limit:.3g} ({factor:.0%} of the limit)")
    _finish(axes, f"Past the stable rate, {limit:.3g}", "step", _loss_label(settings))
    axes.set_yscale("log")
    return figure


def with_a_bias(steps: int = 30) -> Figure:
    """Draws learning with a bias, by DJL: what both editions' rates do then.

    With the sum of squares the rate 0.03 is stable without a bias (limit 1/30) but not with one
    (limit 0.016089); with the mean of half squares 0.4 is stable in both cases.

    Args:
        steps: the number of steps.

    Returns:
        A figure with two plots, the losses and the biases.

    Example:
        >>> len(with_a_bias().axes)
        2
    """
    figure = _figure(10, 4)
    curves, biases = figure.subplots(1, 2)
    start = Settings(steps=steps, initial=(0.5, 0.3))
    runs = (
        ("mean of halves, rate 0.4, no bias", start),
        ("mean of halves, rate 0.4, with bias", replace(start, bias=0.0)),
        ("sum, rate 0.03, no bias", replace(start, loss="sum", lr=0.03)),
        ("sum, rate 0.03, with bias", replace(start, loss="sum", lr=0.03, bias=0.0)),
        ("sum, rate 0.015, with bias", replace(start, loss="sum", lr=0.015, bias=0.0)),
    )
    for place, (label, settings) in enumerate(runs):
        form = learn_by_djl(settings)
        # Relative to the first loss: the sum is 84 times the mean of halves.
        _draw_curve(curves, replace(form, losses=form.losses / form.losses[0]), place, label)
        if form.biases is not None:
            style, marker, colour = _STYLES[place]
            # It starts at 0, which a logarithmic axis does not have.
            biases.plot(
                np.arange(1, steps + 1),
                np.abs(form.biases[1:]),
                linestyle=style,
                marker=marker,
                color=colour,
                markersize=4,
                markevery=2,
                label=label,
            )
    _finish(curves, "With a bias", "step", "loss relative to the first")
    _finish(biases, "The bias, which should become 0", "number of updates", "size of the bias |b|")
    curves.set_yscale("log")
    biases.set_yscale("log")
    return figure


def with_accumulated_gradients(steps: int = 60) -> Figure:
    """Draws what happens when the gradients of all steps add up, by DJL.

    That is what the chapter's printed code does on DJL's PyTorch engine. The first two losses are
    as they should be; then the kernel swings past the solution and back, without damping.

    Args:
        steps: the number of steps.

    Returns:
        A figure with two plots, the losses and the weights, each with a fresh gradient in each step
        and with added gradients; thick and grey the closed form of the latter.

    Example:
        >>> with_accumulated_gradients().axes[1].get_ylabel()
        'weight w₁'
    """
    figure = _figure(10, 4)
    curves, weights = figure.subplots(1, 2)
    added = Settings(steps=steps, accumulate=True)
    exact = learn_by_closed_form(added)
    curves.plot(np.arange(1, steps + 1), exact.losses, color="0.75", linewidth=5)
    weights.plot(exact.path[:, 0], color="0.75", linewidth=5, label="closed form, added")
    for place, (label, settings) in enumerate(
        (("gradients added up", added), ("a fresh gradient each step", Settings(steps=steps)))
    ):
        form = learn_by_djl(settings)
        _draw_curve(curves, form, place, label)
        style, marker, colour = _STYLES[place]
        weights.plot(
            form.path[:, 0], linestyle=style, marker=marker, color=colour, markevery=3, label=label
        )
    weights.axhline(1, color="0.5", linestyle=":", label="solution")
    _finish(curves, "Gradients that add up", "step", _loss_label(added))
    _finish(weights, "The first weight", "number of updates", "weight w₁")
    for axes in (curves, weights):
        axes.get_legend().remove()
    figure.legend(*weights.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415 - only pictures need it

    return Figure(figsize=(width, height), layout="constrained")


def _draw_curve(axes: Axes, form: Form, place: int, label: str) -> None:
    style, marker, colour = _STYLES[place]
    steps = np.arange(1, len(form.losses) + 1)
    axes.plot(
        steps,
        form.losses,
        linestyle=style,
        marker=marker,
        color=colour,
        markersize=4,
        markevery=max(1, len(steps) // 15),
        label=label,
    )


def _draw_surface(axes: Axes, settings: Settings, path: Numbers) -> None:
    corners = np.vstack([path, [[1.0, -1.0]]])
    low, high = corners.min(0), corners.max(0)
    margin = 0.15 * (high - low).max() + 0.05
    w1, w2 = (np.linspace(low[i] - margin, high[i] + margin, 80) for i in (0, 1))
    s = w1[None, :] + w2[:, None]
    d = w1[None, :] - w2[:, None] - 2
    scale = 1.0 if settings.loss == "mean_of_halves" else 84.0
    surface = scale * (5 / 28 * s**2 + 1 / 28 * d**2)
    contours = axes.contour(w1, w2, surface, 12, colors="0.6", linewidths=0.8)
    axes.clabel(contours, fontsize=7)
    axes.set_aspect("equal")


def _finish(axes: Axes, title: str, x_label: str, y_label: str) -> None:
    axes.set_title(title)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(visible=True, color="0.9")
    axes.legend(fontsize=8, loc="best", framealpha=0.9)


def _loss_label(settings: Settings) -> str:
    return f"loss ({_LOSSES[settings.loss]})"


def _settings_label(settings: Settings) -> str:
    added = ", gradients added up" if settings.accumulate else ""
    bias = "" if settings.bias is None else ", with a bias"
    return f"{_LOSSES[settings.loss]},\nrate {settings.lr:g}{bias}{added}"
