"""Items of the sources, by DJL, that are about several operators or about layers as a whole."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import pydjl
from pydjl import conv_arithmetic
from pydjl.lab.correlation import correlate2d
from pydjl.lab.jacobians import input_jacobian
from pydjl.lab.kernels import GALLERY, kernel_named
from pydjl.lab.presets import ramp, shapes
from pydjl.lab.trace import trace
from pydjl.nn import Conv2d
from pydjl.nn import functional as djl

FIGURE, KERNEL = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)


def random(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_layers_have_as_many_weights_as_the_sources_say():
    assert count(Conv2d(1, 1, 3)) == 9 + 1
    assert count(pydjl.nn.ConvolutionalLayer((3, 3))) == 9 + 1
    assert count(Conv2d(3, 64, 3)) == 1792
    assert count(Conv2d(64, 128, 3)) == 73856
    assert count(Conv2d(3, 64, 7, bias=False)) == 9408


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "expected"),
    [(5, 3, 2, 0, 2), (224, 7, 2, 3, 112), (3, 2, 1, 0, 2)],
)
def test_layers_have_the_output_sizes_of_the_sources(size, kernel, stride, padding, expected):
    layer = Conv2d(1, 1, (kernel, 1), stride=(stride, 1), padding=(padding, 0))
    assert layer(torch.zeros(1, 1, size, 4)).shape[2:] == (expected, 4)


@pytest.mark.parametrize(("kernel", "options", "expected"), [
    ((3, 3), {"padding": 1}, (8, 8)), ((5, 3), {"padding": (2, 1)}, (8, 8)),
    ((3, 3), {"padding": 1, "stride": 2}, (4, 4)),
    ((3, 5), {"padding": (0, 1), "stride": (3, 4)}, (2, 2)),
])  # fmt: skip
def test_layers_on_8_by_8(kernel, options, expected):
    assert Conv2d(1, 1, kernel, **options)(torch.zeros(1, 1, 8, 8)).shape[2:] == expected


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_layers_of_3_by_3_see_2_l_plus_1_pixels(depth):
    x = torch.zeros(1, 1, 11, 12, requires_grad=True)
    y = x
    for _ in range(depth):
        y = djl.conv2d(y, torch.ones(1, 1, 3, 3))
    y[0, 0, 0, 1].backward()
    rows, columns = (x.grad[0, 0].sum(axis).count_nonzero() for axis in (1, 0))
    assert rows == columns == 2 * depth + 1 == conv_arithmetic.receptive_field([3] * depth).size


def test_modules_own_their_parameters_and_functions_none():
    layer = Conv2d(1, 1, 2)
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    x = FIGURE[None, None]
    before = layer(x)
    with torch.no_grad():
        layer.weight += 1
    assert not torch.equal(layer(x), before)
    weight = KERNEL[None, None]
    assert torch.equal(djl.conv2d(x, weight), djl.conv2d(x, weight.clone()))


def test_the_trace_replayed_by_djl_numpy_and_torch_is_the_same_to_the_bit():
    kernel = kernel_named("Sobel X").array().torch()
    windows = np.lib.stride_tricks.sliding_window_view(ramp().numpy(), (3, 3))
    by_numpy = (windows * kernel.numpy()).sum((2, 3))
    by_torch = F.conv2d(ramp()[None, None], kernel[None, None])[0, 0]
    by_djl = trace(ramp(), kernel).output.numpy()[0]
    assert np.array_equal(by_djl, by_numpy)
    assert np.array_equal(by_djl, by_torch.numpy())


def test_linear_pictures_cannot_tell_a_transposed_kernel_from_a_flipped_one():
    for kernel in (KERNEL.T, KERNEL.flip(1)):
        assert correlate2d(FIGURE, kernel.contiguous()).tolist() == [[17, 23], [35, 41]]
    picture = random(0, 3, 4)
    first, second = (correlate2d(picture, k.contiguous()) for k in (KERNEL.T, KERNEL.flip(1)))
    assert not torch.allclose(first, second)


sizes = st.tuples(*[st.integers(1, 3)] * 2, *[st.integers(0, 4)] * 2)


@given(sizes, st.integers(0, 2**31), st.data())
def test_locality_a_cell_depends_on_its_window_and_on_nothing_else(size, seed, data):
    h, w, rows, columns = size
    x, k = random(seed, h + rows, w + columns), random(seed + 1, h, w)
    i, j = data.draw(st.integers(0, rows)), data.draw(st.integers(0, columns))
    elsewhere = torch.full_like(x, torch.inf)
    elsewhere[i : i + h, j : j + w] = x[i : i + h, j : j + w]
    assert pydjl.corr2d(elsewhere, k)[i, j] == pydjl.corr2d(x, k)[i, j]
    depends = input_jacobian(x, k).reshape(rows + 1, columns + 1, *x.shape)[i, j] != 0
    assert depends.count_nonzero() == h * w
    assert depends[i : i + h, j : j + w].all()


@given(sizes, st.integers(0, 2**31))
def test_sharing_every_cell_has_the_same_few_weights(size, seed):
    h, w, rows, columns = size
    x, k = random(seed, h + rows, w + columns), random(seed + 1, h, w)
    jacobian = input_jacobian(x, k)
    assert jacobian.shape[0] * h * w == jacobian.count_nonzero()
    for weights in jacobian:
        assert torch.equal(weights[weights != 0], k.flatten())
    # So the gradient of a weight adds up over all cells.
    leaf = k.clone().requires_grad_()
    pydjl.corr2d(x, leaf).sum().backward()
    windows = x.unfold(0, rows + 1, 1).unfold(1, columns + 1, 1)
    torch.testing.assert_close(leaf.grad, windows.sum((2, 3)), rtol=1e-4, atol=1e-5)


@given(sizes, st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(0, 2**31))
def test_equivariance_a_shifted_input_gives_the_shifted_output(size, shift, seed):
    h, w, rows, columns = size
    down, right = min(shift[0], rows), min(shift[1], columns)
    x, k = random(seed, h + rows, w + columns), random(seed + 1, h, w)
    moved = pydjl.corr2d(x.roll((down, right), (0, 1)), k)
    still = pydjl.corr2d(x, k)[: rows + 1 - down, : columns + 1 - right]
    torch.testing.assert_close(moved[down:, right:], still, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("picture", [ramp(), shapes()])
@pytest.mark.parametrize("kernel", GALLERY, ids=lambda kernel: kernel.name)
def test_what_the_courses_calculator_tells_of_a_cell_is_a_step_of_the_trace(picture, kernel):
    account = trace(picture, kernel.array())
    weights = torch.tensor(kernel.weights, dtype=torch.float64)
    whole = F.conv2d(picture[None, None].double(), weights[None, None])
    for i, j in ((0, 0), (1, 2)):
        step = account.step(i, j)
        window = picture[i : i + kernel.shape[0], j : j + kernel.shape[1]]
        assert torch.equal(step.window.torch(), window)
        assert step.sum.item() == pytest.approx(whole[0, 0, i, j].item(), abs=1e-4)
        assert step.agrees
