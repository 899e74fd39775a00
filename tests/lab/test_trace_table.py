"""The table of a trace: what stands in it, and how much."""

from __future__ import annotations

import io

import torch
from rich.console import Console

from pydjl.lab.kernels import SOBEL_X
from pydjl.lab.presets import ramp
from pydjl.lab.trace import trace
from pydjl.lab.trace_table import number_text


def printed(table, width=120):
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return console.file.getvalue()


def test_all_nine_sums_of_the_course_with_their_windows_and_products():
    lines = printed(trace(ramp(), SOBEL_X.array()).table()).splitlines()
    cells = [line.split() for line in lines if line.strip().startswith("(")]
    assert [words[-1] for words in cells] == ["160"] * 3 + ["240"] * 3 + ["320"] * 3
    first = next(number for number, line in enumerate(lines) if line.strip().startswith("(0, 0)"))
    assert "10 20 30" in lines[first]
    assert "-10   0  30" in lines[first]
    assert "-40   0 120" in lines[first + 1]
    assert "-30   0  90" in lines[first + 2]


def test_several_channels_show_the_sum_of_each_and_the_bias():
    text = printed(trace(torch.ones(2, 3, 3), torch.ones(2, 2, 3), bias=-0.5).table())
    words = next(line for line in text.splitlines() if "(0, 0)" in line).split()
    assert words[-2:] == ["6", "11.5"]
    assert "bias -0.5" in text


def test_output_channels_are_told_apart():
    text = printed(trace(torch.ones(1, 1, 2), torch.ones(3, 1, 1, 2)).table())
    assert [f"({channel}, 0, 0)" in text for channel in range(4)] == [True] * 3 + [False]


def test_only_the_wanted_steps_are_computed_and_the_rest_is_counted():
    t = trace(torch.ones(1000, 1000), torch.ones(2, 3))
    text = printed(t.table(start=998, count=2))
    assert "(1, 0)" in text
    assert "(1, 1)" in text
    assert f"2 of {999 * 998:,} steps" in text
    assert "steps" not in printed(trace(ramp(), SOBEL_X.array()).table())


def test_a_sum_that_does_not_agree_is_marked():
    t = trace(ramp(), SOBEL_X.array())
    assert "✗" not in printed(t.table())
    t.output[0, 1, 2] = 0
    assert printed(t.table()).count("✗") == 1


def test_windows_too_large_to_be_read_are_given_by_their_shape():
    assert "1×15×15" in printed(trace(torch.ones(1, 15, 15), torch.ones(1, 15, 15)).table())


def test_dilated_rows_tell_their_distance():
    text = printed(trace(torch.ones(7, 9), torch.ones(3, 2), dilation=(3, 4)).table(count=1))
    assert "0-6 by 3, 0-4 by 4" in text


def test_numbers_in_few_digits():
    expected = ["1e-09", "0.3333", "12345.7", "0", "nan", "-inf"]
    values = [1e-9, 1 / 3, 12345.678, -0.0, float("nan"), float("-inf")]
    assert [number_text(value) for value in values] == expected


def test_whole_numbers_are_shown_wholly_but_for_floats_of_many_digits():
    whole = [0, -7, 16777217, 2**63 - 1, -(2**63), 16777217.0, -99999999999.0]
    assert [number_text(value) for value in whole] == [str(int(value)) for value in whole]
    assert [number_text(value) for value in (1e11, 1.5e30)] == ["1e+11", "1.5e+30"]
