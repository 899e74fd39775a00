"""The gallery's kernels: the sources' numbers, what is said of each, and what is corrected."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import ndimage

import pydjl
from pydjl.errors import ArgumentError
from pydjl.lab import kernels
from pydjl.lab.gallery import apply_all
from pydjl.lab.kernels import GALLERY, Kernel, derivative, kernel_named, moving_integral
from pydjl.lab.presets import ramp, shapes


def on(picture, kernel):
    """What DJL makes of the windows inside a picture."""
    rows = picture if isinstance(picture, torch.Tensor) else torch.tensor(picture)
    return pydjl.corr2d(rows.float(), kernel.array())


CENTRE = [[40, 60, 80], [60, 90, 120], [80, 120, 160]]
ON_THE_RAMP = {
    "Identity": CENTRE,
    "Sobel X": [[160] * 3, [240] * 3, [320] * 3],
    "Sobel Y": [[160, 240, 320]] * 3,
    "Box blur": CENTRE,
    "Gaussian blur": CENTRE,
    "Sharpen": CENTRE,
    "Laplacian": [[0] * 3] * 3,
    "Emboss": [[280, 360, 440], [360, 450, 540], [440, 540, 640]],
}


def test_the_courses_eight_come_first():
    assert [kernel.name for kernel in GALLERY[:8]] == list(ON_THE_RAMP)


@pytest.mark.parametrize("name", ON_THE_RAMP)
def test_the_courses_numbers_on_its_ramp(name):
    found = on(ramp(), kernel_named(name))
    torch.testing.assert_close(found, torch.tensor(ON_THE_RAMP[name]).float(), rtol=0, atol=2e-5)


def test_the_ramp_cannot_tell_kernels_apart_and_the_shapes_can():
    def distinct(picture):
        results = apply_all(picture, padding="valid").values()
        inside = [r if r.shape[0] < picture.shape[0] else r[1:-1] for r in results]
        return [
            (GALLERY[i].name, GALLERY[j].name)
            for i in range(len(inside))
            for j in range(i)
            if torch.allclose(inside[i], inside[j], atol=1e-3)
        ]

    assert distinct(shapes()) == []
    same = {name for pair in distinct(ramp()) for name in pair}
    assert {"Identity", "Box blur", "Gaussian blur", "Sharpen"} <= same


def test_corrected_identity_gives_the_centre_and_only_with_padding_the_picture():
    X = torch.rand(7, 9)
    inside = apply_all(X, [kernels.IDENTITY], "valid")["Identity"]
    assert torch.equal(inside, X[1:-1, 1:-1])
    assert inside.shape != X.shape
    assert torch.equal(apply_all(X, [kernels.IDENTITY], "same")["Identity"], X)
    assert "Without padding" in kernels.IDENTITY.effect


@pytest.mark.parametrize("slope", [1, 3, -2])
def test_corrected_sobel_is_eight_times_the_slope_and_not_the_single_difference(slope):
    X = torch.arange(8.0).repeat(5, 1) * slope
    assert torch.equal(on(X, kernels.SOBEL_X), torch.full((3, 6), 8.0 * slope))
    assert torch.equal(on(X.T, kernels.SOBEL_Y), torch.full((6, 3), 8.0 * slope))
    assert torch.equal(X[:, 2:] - X[:, :-2], torch.full((5, 6), 2.0 * slope))
    assert torch.equal(on(X, kernels.PREWITT_X), torch.full((3, 6), 6.0 * slope))
    assert "8 times" in kernels.SOBEL_X.effect
    assert "6 times" in kernels.PREWITT_X.effect


def test_corrected_laplacian_is_twice_as_strong_on_diagonal_edges():
    i, j = torch.arange(9)[:, None], torch.arange(9)
    straight = on((j > 4).float().expand(9, 9), kernels.LAPLACIAN)
    diagonal = on((i + j > 8).float(), kernels.LAPLACIAN)
    assert (straight.min(), straight.max()) == (-1, 1)
    assert (diagonal.min(), diagonal.max()) == (-2, 2)
    assert "not equally strong" in kernels.LAPLACIAN.effect


def test_laplacian_of_quadratic_surfaces():
    i, j = torch.arange(6.0)[:, None], torch.arange(7.0)
    assert torch.equal(on(i**2 + j**2, kernels.LAPLACIAN), torch.full((4, 5), 4.0))
    assert torch.equal(on(i**2 - j**2, kernels.LAPLACIAN), torch.zeros(4, 5))


def test_lectures_filter_is_prewitts_and_bright_where_dark_lies_above_light():
    assert kernels.PREWITT_Y.weights == ((-1, -1, -1), (0, 0, 0), (1, 1, 1))
    X = torch.zeros(6, 5)
    X[3:] = 1
    assert on(X, kernels.PREWITT_Y).amax() == 3
    assert on(1 - X, kernels.PREWITT_Y).amin() == -3


@pytest.mark.parametrize(
    ("kernel", "function", "axis"),
    [
        (kernels.SOBEL_X, ndimage.sobel, 1),
        (kernels.SOBEL_Y, ndimage.sobel, 0),
        (kernels.PREWITT_X, ndimage.prewitt, 1),
        (kernels.PREWITT_Y, ndimage.prewitt, 0),
        (kernels.LAPLACIAN, ndimage.laplace, None),
        (kernels.BOX_BLUR, lambda X: ndimage.uniform_filter(X, 3), None),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_scipy_has_the_same_kernels(kernel, function, axis):
    X = torch.rand(8, 11)
    expected = function(X.numpy()) if axis is None else function(X.numpy(), axis=axis)
    torch.testing.assert_close(on(X, kernel), torch.tensor(expected)[1:-1, 1:-1])


def test_gaussian_is_the_product_of_two_rows_and_rounder_than_the_box():
    row = np.array([1, 2, 1]) / 4
    assert np.array_equal(np.array(kernels.GAUSSIAN_BLUR.weights), np.outer(row, row))
    weights = kernels.GAUSSIAN_BLUR.weights
    assert weights[0][0] < weights[0][1] < weights[1][1]


def test_sharpening_is_the_picture_less_its_laplacian():
    by_hand = np.array(kernels.IDENTITY.weights) - np.array(kernels.LAPLACIAN.weights)
    assert np.array_equal(np.array(kernels.SHARPEN.weights), by_hand)


def test_embossing_is_the_picture_and_its_slope_to_the_lower_right():
    by_hand = np.array(kernels.IDENTITY.weights) + np.array(kernels.DIAGONAL_DOWN.weights)
    assert np.array_equal(np.array(kernels.EMBOSS.weights), by_hand)


def test_diagonal_kernels_answer_to_one_diagonal_and_not_to_the_other():
    i, j = torch.arange(7.0)[:, None], torch.arange(8.0)
    assert (on(i + j, kernels.DIAGONAL_DOWN) == 12).all()
    assert (on(j - i, kernels.DIAGONAL_DOWN) == 0).all()
    assert (on(j - i, kernels.DIAGONAL_UP) == 12).all()
    assert (on(i + j, kernels.DIAGONAL_UP) == 0).all()


def test_kernels_whose_results_lie_around_zero_are_signed():
    unsigned = {kernel.name for kernel in GALLERY if not kernel.is_signed}
    assert unsigned == {"Identity", "Box blur", "Gaussian blur", "Sharpen", "Emboss"}
    constant = torch.full((5, 6), 4.0)
    for kernel in GALLERY:
        expected = 0 if kernel.is_signed else 4
        assert on(constant, kernel).sub(expected).abs().max() < 1e-5, kernel.name


@pytest.mark.parametrize("degree", range(1, 8))
def test_derivatives_are_exact_on_powers(degree):
    powers = torch.arange(-4.0, 8.0)[None]
    kernel = derivative(degree)
    assert kernel.shape == (1, degree + 1)
    for power in range(degree):
        assert not on(powers**power, kernel).any()
    assert (on(powers**degree, kernel) == math.factorial(degree)).all()


@pytest.mark.parametrize("degree", range(1, 8))
def test_no_smaller_kernel_gives_a_derivative(degree):
    # A kernel of `degree` taps that is zero on 1, x, ..., x^(degree - 1) solves V w = 0.
    vandermonde = np.vander(np.arange(degree), increasing=True).T
    assert np.linalg.matrix_rank(vandermonde.astype(float)) == degree


def test_second_derivative_is_the_difference_twice():
    assert derivative(2).weights == kernels.SECOND_DERIVATIVE.weights == ((1, -2, 1),)
    X = torch.rand(3, 9).round(decimals=2)
    twice = on(on(X, derivative(1)), derivative(1))
    torch.testing.assert_close(twice, on(X, derivative(2)))
    assert derivative(3).weights == ((-1, 3, -3, 1),)


def test_a_derivative_along_a_column_is_the_transposed_kernel():
    X = torch.arange(5.0)[:, None].expand(5, 3) ** 2
    down = derivative(2).transposed("down")
    assert (down.name, down.shape) == ("down", (3, 1))
    assert torch.equal(on(X, down), torch.full((3, 3), 2.0))


def test_moving_integral_adds_up_neighbours():
    row = torch.tensor([[3.0, 1, 4, 1, 5, 9, 2, 6]])
    assert on(row, moving_integral(3)).tolist() == [[8, 6, 10, 15, 16, 17]]


def test_moving_integral_behind_zeros_is_the_cumulative_sum():
    row = torch.tensor([[3.0, 1, 4, 1, 5, 9, 2, 6]])
    behind_zeros = torch.nn.functional.pad(row, (7, 0))
    found = on(behind_zeros, moving_integral(8))
    assert found.tolist() == [[3, 4, 8, 9, 14, 23, 25, 31]] == row.cumsum(1).tolist()


def test_every_kernel_is_told_of():
    assert len({kernel.name for kernel in GALLERY}) == len(GALLERY) == 13
    for kernel in GALLERY:
        assert min(len(kernel.formula), len(kernel.use), len(kernel.effect)) > 5
        assert len({len(row) for row in kernel.weights}) == 1
        assert kernel.array().numpy().dtype == np.float32


def test_kernels_are_values():
    assert derivative(2) == derivative(2)
    assert isinstance(hash(kernels.SOBEL_X), int)
    with pytest.raises(AttributeError):
        kernels.SOBEL_X.name = "mine"
    mine = Kernel("Mine", ((1.0, 2.0),), "I + 2 I", "nothing", "nothing")
    assert mine.array().tolist() == [[1, 2]]


@pytest.mark.parametrize("weights", [(), ((),), ((1.0, 2.0), (3.0,))])
def test_ragged_and_empty_weights_are_refused(weights):
    with pytest.raises(ArgumentError, match="rows of one length"):
        Kernel("Mine", weights, "", "", "")


def test_kernels_by_name():
    assert kernel_named("gaussian-blur") is kernels.GAUSSIAN_BLUR
    with pytest.raises(ArgumentError, match="Sobel X, Sobel Y"):
        kernel_named("Soble")


@pytest.mark.parametrize("maker", [derivative, moving_integral])
def test_impossible_sizes_are_refused(maker):
    with pytest.raises(ArgumentError, match="at least 1"):
        maker(0)
