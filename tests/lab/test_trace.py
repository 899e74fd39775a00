"""trace: every window, product and sum of a cross-correlation, against torch and the sources."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import pydjl
from pydjl.errors import ArgumentError, ArrayIndexError, DtypeError, ShapeError
from pydjl.lab.kernels import SOBEL_X
from pydjl.lab.presets import ramp
from pydjl.lab.trace import trace

FIGURE = [[0.0, 1, 2], [3, 4, 5], [6, 7, 8]]
FIGURE_KERNEL = [[0.0, 1], [2, 3]]


def test_course_window_products_and_sum_of_the_first_position():
    step = trace(ramp(), SOBEL_X.array())[0]
    assert step.window.tolist() == [[10, 20, 30], [20, 40, 60], [30, 60, 90]]
    assert step.products.tolist() == [[-10, 0, 30], [-40, 0, 120], [-30, 0, 90]]
    assert step.sum.item() == 160


def test_course_all_nine_positions():
    t = trace(ramp(), SOBEL_X.array())
    image, kernel = 10 * np.outer(range(1, 6), range(1, 6)), np.array(SOBEL_X.weights)
    assert [step.position for step in t] == [(i, j) for i in range(3) for j in range(3)]
    for number, step in enumerate(t):
        i, j = step.position
        window = image[i : i + 3, j : j + 3]
        assert step.number == number
        assert (list(step.rows), list(step.columns)) == ([i, i + 1, i + 2], [j, j + 1, j + 2])
        assert np.array_equal(step.window.numpy(), window)
        assert np.array_equal(step.products.numpy(), window * kernel)
        assert step.sum.item() == step.output.item() == 80 * (i + 2)
        assert step.agrees
    assert t.output.tolist() == [[[160] * 3, [240] * 3, [320] * 3]]
    replayed = F.conv2d(ramp()[None, None], torch.tensor(SOBEL_X.weights)[None, None])
    assert torch.equal(t.output.torch(), replayed[0])


def test_the_four_terms_of_each_cell_of_the_chapters_figure():
    products = [step.products.flatten().tolist() for step in trace(FIGURE, FIGURE_KERNEL)]
    assert products == [[0, 1, 6, 12], [0, 2, 8, 15], [0, 4, 12, 21], [0, 5, 14, 24]]
    assert [sum(terms) for terms in products] == [19, 25, 37, 43]


def test_three_channels_of_whole_numbers():
    X = [[[c + i * j for j in range(4)] for i in range(4)] for c in range(3)]
    K = [
        [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
        [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
        [[1, 1, 1], [1, 1, 1], [1, 1, 2]],
    ]
    t = trace(X, K, bias=7)
    assert t.output_shape == (1, 2, 2)
    # By hand, at (i, j): i·j under the mirrored Sobel kernel gives -8 (i + 1); the Laplacian of
    # 1 + i·j is 0; nine cells of 2 + i·j add up to 18 + 9 (i + 1)(j + 1), and the last comes twice.
    assert t[0].channel_sums.tolist() == [-8, 0, 18 + 9 + 2 + 2 * 2]
    assert t[3].channel_sums.tolist() == [-16, 0, 18 + 36 + 2 + 3 * 3]
    assert [step.sum.item() for step in t] == t.output.flatten().tolist() == [32, 43, 35, 56]
    assert t[0].sum.dtype == torch.int64


def test_two_input_and_three_output_channels_of_the_book():
    X = torch.stack([torch.arange(9.0), torch.arange(1.0, 10)]).reshape(2, 3, 3)
    K = torch.tensor([[[0.0, 1], [2, 3]], [[1, 2], [3, 4]]])
    t = trace(X, torch.stack([K, K + 1, K + 2]))
    expected = [[[56, 72], [104, 120]], [[76, 100], [148, 172]], [[96, 128], [192, 224]]]
    found = torch.stack([step.sum.torch() for step in t]).reshape(3, 2, 2)
    assert found.tolist() == t.output.tolist() == expected
    assert t[5].channel == 1
    assert t[5].kernel.tolist() == (K + 1).tolist()


def test_stride_and_padding_of_the_book():
    t = trace(FIGURE, FIGURE_KERNEL, stride=(3, 2), padding=1)
    assert [step.sum.item() for step in t] == [0, 8, 6, 8]
    assert list(t.step(1, 0).rows) == [3, 4]
    assert list(t.step(1, 1).columns) == [2, 3]


@st.composite
def cases(draw):
    sizes = st.integers(1, 4)
    stride, dilation = draw(st.tuples(sizes, sizes)), draw(st.tuples(sizes, sizes))
    padding = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    kernel = draw(st.tuples(sizes, sizes))
    least = [
        max(1, d * (k - 1) + 1 - 2 * p) for d, k, p in zip(dilation, kernel, padding, strict=True)
    ]
    image = [n + draw(st.integers(0, 6)) for n in least]
    channels, filters = draw(sizes), draw(sizes)
    dtype = draw(st.sampled_from([torch.float32, torch.float64, torch.int64]))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))

    def random(*shape):
        values = torch.randn(shape, generator=generator, dtype=torch.float64) * 10
        return values.to(dtype)

    return (
        random(channels, *image),
        random(filters, channels, *kernel),
        random(filters),
        {"stride": stride, "padding": padding, "dilation": dilation},
    )


@given(cases())
def test_every_step_is_the_cell_of_torchs_convolution(case):
    X, K, b, window = case
    expected = F.conv2d(X[None].double(), K.double(), b.double(), **window)[0]
    t = trace(X, K, bias=b, **window)
    assert t.output_shape == expected.shape
    assert len(t) == expected.numel()
    padded = F.pad(X, (window["padding"][1],) * 2 + (window["padding"][0],) * 2)
    exact = X.dtype == torch.int64
    tolerance = {"rtol": 0, "atol": 0} if exact else {"rtol": 1e-5, "atol": 1e-3}
    for step in (t[number] for number in {0, len(t) // 2, len(t) - 1}):
        cell = expected[(step.channel, *step.position)]
        under = padded[:, list(step.rows)][:, :, list(step.columns)]
        assert torch.equal(step.window.torch(), under)
        assert torch.equal(step.products.torch(), under * K[step.channel])
        torch.testing.assert_close(step.sum.torch().double(), cell, **tolerance)
        assert step.agrees
    torch.testing.assert_close(t.output.torch().double(), expected, **tolerance)


def test_a_bias_is_as_exact_as_the_input():
    X, K = torch.ones(2, 3, dtype=torch.float64), torch.ones(1, 2, dtype=torch.float64)
    assert trace(X, K, bias=0.1)[0].sum.item() == 2 + 0.1
    channels = trace(X[None], K[None, None].expand(2, 1, 1, 2), bias=[0.1, 0.3])
    assert [channels[number].sum.item() for number in (0, -1)] == [2 + 0.1, 2 + 0.3]


def test_a_sum_that_differs_from_the_convolution_does_not_agree():
    X, K = torch.randn(3, 7, 6), torch.randn(3, 2, 4)
    t = trace(X, K)
    step = t[3]
    assert step.agrees
    t.output[step.channel, step.position[0], step.position[1]] = step.sum.item() * (1 + 1e-3)
    assert not t[3].agrees


def test_infinite_and_missing_numbers_agree_with_themselves():
    t = trace([[math.inf, 1.0], [math.nan, 2.0]], [[1.0]])
    assert [step.agrees for step in t] == [True] * 4
    assert math.isnan(t[2].sum.item())


def test_steps_are_a_sequence():
    t = trace(FIGURE, FIGURE_KERNEL)
    assert len(t) == 4
    assert t[-1].position == (1, 1)
    assert [step.number for step in t[1:4:2]] == [1, 3]
    for outside in (4, -5):
        with pytest.raises(ArrayIndexError, match="4 steps"):
            t[outside]
    with pytest.raises(ArrayIndexError, match=r"\(2, 0\)"):
        t.step(2, 0)


def test_the_account_does_not_change_with_the_input():
    X = torch.tensor(FIGURE, requires_grad=True)
    t = trace(X, FIGURE_KERNEL)
    with torch.no_grad():
        X.zero_()
    assert t[0].sum.item() == 19
    assert not t[0].sum.torch().requires_grad


def test_a_large_picture_is_not_unfolded():
    t = trace(torch.ones(3000, 4000), torch.ones(3, 3), padding=1)
    assert len(t) == 12_000_000
    assert (t[0].sum.item(), t[4001].sum.item(), t[-1].sum.item()) == (4, 9, 4)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor, pydjl.array])
def test_any_kind_of_array(kind):
    assert trace(kind(FIGURE), kind(FIGURE_KERNEL))[3].sum.item() == 43


@pytest.mark.parametrize(
    ("X", "K", "arguments", "error", "words"),
    [
        (FIGURE, [[1.0] * 4], {}, ShapeError, r"kernel_size 4 .* or more padding"),
        (FIGURE, FIGURE_KERNEL, {"dilation": 3}, ShapeError, "dilation"),
        (FIGURE, [1.0], {}, ShapeError, r"\(1,\)"),
        ([FIGURE, FIGURE], [FIGURE_KERNEL], {}, ShapeError, "2 channels"),
        ([FIGURE], FIGURE_KERNEL, {}, ShapeError, "C_in"),
        (FIGURE, FIGURE_KERNEL, {"bias": [1.0, 2]}, ShapeError, "1 output"),
        (FIGURE, FIGURE_KERNEL, {"stride": 0}, ArgumentError, "stride"),
        (FIGURE, FIGURE_KERNEL, {"padding": -1}, ArgumentError, "padding"),
        (FIGURE, FIGURE_KERNEL, {"dilation": 0}, ArgumentError, "dilation"),
        ([[True]], [[1.0]], {}, DtypeError, "bool"),
        ([[1.0]], [[1j]], {}, DtypeError, "complex"),
    ],
)
def test_what_cannot_be_traced_is_refused(X, K, arguments, error, words):
    with pytest.raises(error, match=words):
        trace(X, K, **arguments)
