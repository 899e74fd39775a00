"""Pictures of a trace: which numbers and frames they show, and that they leave nothing behind."""

from __future__ import annotations

import math
import sys
from itertools import pairwise

import numpy as np
import pytest
import torch
from matplotlib.patches import Rectangle
from PIL import Image

from pydjl.errors import ArgumentError, ArrayIndexError
from pydjl.lab.kernels import SOBEL_X
from pydjl.lab.presets import ramp
from pydjl.lab.trace import trace
from pydjl.lab.trace_animation import save_gif, step_figure


def numbers(axes):
    return [text.get_text() for text in axes.texts]


def frame(axes):
    """The rectangle that is drawn with a solid line: column, row, width, height."""
    solid = [
        p for p in axes.patches if isinstance(p, Rectangle) and p.get_linestyle() in ("-", "solid")
    ]
    return [(*p.get_xy(), p.get_width(), p.get_height()) for p in solid]


def test_a_step_shows_window_kernel_products_and_the_output_so_far():
    figure = step_figure(trace(ramp(), SOBEL_X.array()), 4)
    source, kernel, products, output = figure.axes
    assert numbers(source) == [f"{10 * i * j}" for i in range(1, 6) for j in range(1, 6)]
    assert frame(source) == [(0.5, 0.5, 3, 3)]
    assert numbers(kernel) == ["-1", "0", "1", "-2", "0", "2", "-1", "0", "1"]
    assert numbers(products) == ["-40", "0", "80", "-120", "0", "240", "-80", "0", "160"]
    assert numbers(output) == ["160", "160", "160", "240", "240"]
    assert frame(output) == [(0.5, 0.5, 1, 1)]
    assert figure.get_suptitle() == "Y[1, 1] = 240"


def test_channels_stand_below_one_another_and_add_up_in_the_title():
    t = trace(torch.ones(2, 3, 4), torch.stack([torch.ones(2, 2), -torch.ones(2, 2)]), bias=3)
    figure = step_figure(t, 2)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:3] == ["input, channel 0", "kernel, channel 0", "products, channel 0"]
    assert titles[3:] == ["input, channel 1", "kernel, channel 1", "products, channel 1", "output"]
    assert figure.get_suptitle() == "Y[0, 2] = 4 + (-4) + bias 3 = 3"


def test_of_many_channels_the_first_are_drawn():
    figure = step_figure(trace(torch.ones(64, 3, 3), torch.ones(64, 2, 2)))
    assert len(figure.axes) == 6 * 3 + 1
    assert figure.get_suptitle() == "Y[0, 0] = 4 + 4 + 4 + 4 + 4 + ... + 4 = 256"


def test_a_dilated_window_marks_only_the_cells_that_count():
    figure = step_figure(trace(torch.ones(5, 7), torch.ones(2, 2), dilation=(2, 3)), 1)
    assert sorted(frame(figure.axes[0])) == [
        (0.5, -0.5, 1, 1), (0.5, 1.5, 1, 1), (3.5, -0.5, 1, 1), (3.5, 1.5, 1, 1)
    ]  # fmt: skip


@pytest.mark.parametrize("shape", [(1, 4, 9), (3, 7, 7), (2, 12, 13)])
def test_numbers_with_decimals_do_not_run_into_one_another(shape):
    figure = step_figure(trace(torch.rand(shape), torch.randn(shape[0], 3, 2)), 2)
    figure.draw_without_rendering()
    for axes in figure.axes:
        boxes = [text.get_window_extent() for text in axes.texts]
        for one, other in pairwise(boxes):
            assert one.x1 <= other.x0 or one.y0 != other.y0, axes.get_title()
    assert len(figure.axes[1].texts) == 6


def test_large_planes_and_impossible_numbers_are_drawn(tmp_path):
    X = torch.rand(60, 80)
    X[0, 0], X[0, 1] = math.inf, math.nan
    figure = step_figure(trace(X, torch.ones(2, 3)))
    assert numbers(figure.axes[0]) == []
    figure.savefig(tmp_path / "step.svg")
    assert (tmp_path / "step.svg").stat().st_size > 1000


def test_the_gif_has_a_frame_for_each_step_that_differs_from_the_last(tmp_path):
    save_gif(trace(ramp(), SOBEL_X.array()), tmp_path / "t.gif", milliseconds=200)
    with Image.open(tmp_path / "t.gif") as gif:
        assert gif.n_frames == 9
        assert gif.info["loop"] == 0
        frames = []
        for number in range(9):
            gif.seek(number)
            assert gif.info["duration"] == 200
            frames.append(np.asarray(gif.convert("RGB")))
    assert all((a != b).any() for a, b in pairwise(frames))


def test_some_steps_of_many_can_be_chosen(tmp_path):
    t = trace(torch.rand(40, 50), torch.ones(2, 3))
    with pytest.raises(ArgumentError, match="1,872 steps"):
        save_gif(t, tmp_path / "t.gif")
    save_gif(t, tmp_path / "t.gif", [5, 100])
    with Image.open(tmp_path / "t.gif") as gif:
        assert gif.n_frames == 2


def test_what_cannot_be_drawn_is_refused(tmp_path):
    t = trace(ramp(), SOBEL_X.array())
    with pytest.raises(ArrayIndexError, match="9 steps"):
        step_figure(t, 9)
    with pytest.raises(ArgumentError, match="0 steps"):
        save_gif(t, tmp_path / "t.gif", [])
    with pytest.raises(ArgumentError, match="milliseconds is 5"):
        save_gif(t, tmp_path / "t.gif", milliseconds=5)
    with pytest.raises(OSError):
        save_gif(t, tmp_path / "no" / "t.gif", [0])


def test_the_state_of_pyplot_is_not_used():
    step_figure(trace(ramp(), SOBEL_X.array()))
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []
