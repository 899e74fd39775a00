"""apply_all: every kernel as SciPy and torch apply it; the figure, on which each can be seen."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import colormaps
from scipy import ndimage, signal

import pydjl
from pydjl.errors import ArgumentError, DtypeError, ShapeError
from pydjl.lab.gallery import apply_all, compare_figure
from pydjl.lab.kernels import (
    GALLERY,
    IDENTITY,
    PREWITT_Y,
    SOBEL_X,
    Kernel,
    derivative,
    moving_integral,
)
from pydjl.lab.panels import SIGNED
from pydjl.lab.pictures import astronaut, to_grey
from pydjl.lab.presets import shapes


def random_kernel(name, height, width):
    weights = np.random.default_rng(height * 31 + width).normal(size=(height, width))
    return Kernel(name, tuple(map(tuple, weights.tolist())), "", "", "")


def test_every_kernel_of_the_gallery_on_a_photograph_as_scipy_does_it():
    X = to_grey(astronaut())[:200, 100:360]
    results = apply_all(X)
    assert list(results) == [kernel.name for kernel in GALLERY]
    for kernel in GALLERY:
        expected = ndimage.correlate(X.double().numpy(), np.array(kernel.weights), mode="constant")
        found = results[kernel.name].double().numpy()
        assert np.abs(found - expected).max() < 1e-5, kernel.name


def test_lectures_filter_on_the_photograph_is_torchs_to_the_bit():
    X = to_grey(astronaut())
    weights = torch.tensor([[[[-1.0, -1, -1], [0, 0, 0], [1, 1, 1]]]])
    alone = apply_all(X, [PREWITT_Y])["Prewitt Y"]
    assert torch.equal(alone, F.conv2d(X[None, None], weights, padding=1)[0, 0])
    titles = [axes.get_title() for axes in compare_figure(X, [PREWITT_Y]).axes]
    assert titles[:2] == ["Picture", "Prewitt Y"]


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=5),
    st.integers(6, 9),
    st.integers(6, 9),
    st.integers(0, 2**32),
)
def test_kernels_of_any_sizes_together(sizes, height, width, seed):
    X = torch.randn(height, width, generator=torch.Generator().manual_seed(seed)).double()
    kernels = [random_kernel(f"{n}", *size) for n, size in enumerate(sizes)]
    inside, whole = apply_all(X, kernels, "valid"), apply_all(X, kernels, "same")
    for kernel in kernels:
        weights = torch.tensor(kernel.weights, dtype=torch.float64)
        expected = signal.correlate2d(X.numpy(), weights.numpy(), mode="valid")
        np.testing.assert_allclose(inside[kernel.name], expected, rtol=1e-10, atol=1e-10)
        h, w = kernel.shape
        framed = F.pad(X, ((w - 1) // 2, w // 2, (h - 1) // 2, h // 2))
        expected = F.conv2d(framed[None, None], weights[None, None])[0, 0]
        torch.testing.assert_close(whole[kernel.name], expected)


def test_each_channel_is_filtered_by_itself():
    X = torch.rand(3, 8, 10)
    for padding in ("same", "valid"):
        together = apply_all(X, [SOBEL_X, derivative(1)], padding)
        for name, result in together.items():
            alone = [apply_all(x, [SOBEL_X, derivative(1)], padding)[name] for x in X]
            torch.testing.assert_close(result, torch.stack(alone))


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor, pydjl.array])
def test_results_are_of_the_kind_of_the_picture(kind):
    found = apply_all(kind(np.ones((4, 5))), [IDENTITY])["Identity"]
    assert type(found) is type(kind(np.ones(1)))
    assert found.dtype == kind(np.ones(1)).dtype


def test_gradients_flow_to_the_picture():
    X = torch.rand(4, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x: tuple(apply_all(x, [SOBEL_X, derivative(2)]).values()), (X,)
    )


def test_no_kernel_costs_a_convolution_of_its_own(monkeypatch):
    calls = []
    real = pydjl.nn.functional.conv2d
    monkeypatch.setattr(
        "pydjl.nn.functional.conv2d", lambda *a, **k: calls.append(a[1].shape) or real(*a, **k)
    )
    apply_all(torch.rand(9, 9))
    assert calls == [(13, 1, 3, 3)]
    apply_all(torch.rand(9, 9), [SOBEL_X, moving_integral(5), derivative(4)])
    assert calls[1:] == [(1, 1, 3, 3), (2, 1, 3, 5)]


@pytest.mark.parametrize(
    ("picture", "arguments", "error", "words"),
    [
        (torch.ones(4), {}, ShapeError, r"\(4,\)"),
        (torch.ones(0, 4), {}, ShapeError, r"\(0, 4\)"),
        (torch.ones(4, 4, dtype=torch.uint8), {}, DtypeError, "uint8"),
        (torch.ones(4, 4), {"kernels": []}, ArgumentError, "at least one"),
        (torch.ones(4, 4), {"kernels": [SOBEL_X, SOBEL_X]}, ArgumentError, "each name once"),
        (torch.ones(4, 4), {"padding": "full"}, ArgumentError, "'full'"),
        (torch.ones(2, 9), {"padding": "valid"}, ShapeError, "Identity"),
    ],
)
def test_what_cannot_be_filtered_is_refused(picture, arguments, error, words):
    with pytest.raises(error, match=words):
        apply_all(picture, **arguments)


@pytest.mark.parametrize("picture", [shapes(), to_grey(astronaut())[:90, :120]])
def test_the_figure_has_a_panel_for_each_kernel_and_zero_in_the_middle_of_its_scale(picture):
    figure = compare_figure(picture)
    panels = {axes.get_title(): axes for axes in figure.axes if axes.get_title()}
    assert list(panels) == ["Picture", *(kernel.name for kernel in GALLERY)]
    results = apply_all(picture, padding="valid")
    for kernel in GALLERY:
        (image,) = panels[kernel.name].images
        assert np.array_equal(image.get_array(), results[kernel.name].numpy())
        if kernel.is_signed:
            low, high = image.get_clim()
            assert low == -high
            assert image.get_cmap().name == SIGNED
            # Neither grey on grey nor cut off: most of the strongest numbers end the scale.
            strongest = results[kernel.name].abs().max().item()
            assert 0.3 * strongest < high <= strongest
            (ends,) = panels[kernel.name].texts
            assert ends.get_text() == f"−{high:.2g} to {high:.2g}"
        else:
            assert image.get_clim() == (picture.min(), picture.max())


@pytest.mark.parametrize(("height", "width"), [(40, 200), (90, 90), (160, 80)])
def test_the_panels_leave_little_of_the_figure_empty(height, width):
    figure = compare_figure(torch.rand(height, width))
    figure.draw_without_rendering()
    whole = figure.bbox.width * figure.bbox.height
    drawn = sum(a.bbox.width * a.bbox.height for a in figure.axes if a.images)
    assert drawn > 0.27 * whole


def test_the_signed_scale_is_read_without_colour():
    red, green, blue, _ = colormaps[SIGNED](np.linspace(0, 1, 101)).T
    brightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert (np.diff(brightness) > 0).all()
    middle = colormaps[SIGNED](0.5)[:3]
    assert max(middle) - min(middle) < 0.05


def test_large_pictures_and_colours_are_drawn(tmp_path):
    figure = compare_figure(torch.rand(3, 1300, 900), [IDENTITY, SOBEL_X])
    assert figure.axes[1].images[0].get_array().shape == (433, 300)
    figure.savefig(tmp_path / "all.png")
    figure.savefig(tmp_path / "all.svg")
    assert (tmp_path / "all.png").stat().st_size > 1000


def test_a_constant_picture_is_drawn():
    compare_figure(torch.zeros(5, 5), [SOBEL_X]).savefig("/dev/null", format="png")
