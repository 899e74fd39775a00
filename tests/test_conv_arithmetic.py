"""Sizes and counts: against torch's own layers, measured receptive fields and the sources."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

from pydjl import conv_arithmetic as arithmetic

ones_up = st.integers(1, 4)


@given(st.integers(1, 30), ones_up, ones_up, st.integers(0, 4), ones_up)
def test_sizes_are_torchs_and_the_unused_end_can_be_cut_off(n, k, s, p, d):
    line = torch.randn(1, 1, n)
    if d * (k - 1) + 1 > n + 2 * p:
        for function in (arithmetic.output_size, arithmetic.unused_size):
            with pytest.raises(ValueError, match=f"size {n} with padding {p}"):
                function(n, k, s, p, d)
        return
    kernel = torch.randn(1, 1, k)
    output = F.conv1d(line, kernel, stride=s, padding=p, dilation=d)
    assert arithmetic.output_size(n, k, s, p, d) == output.shape[-1]
    unused = arithmetic.unused_size(n, k, s, p, d)
    padded = F.pad(line, (p, p))
    kept = padded[..., : n + 2 * p - unused]
    assert torch.equal(F.conv1d(kept, kernel, stride=s, dilation=d), output)
    if kept.shape[-1] > arithmetic.kernel_extent(k, d):
        # One element less, and the last window is gone.
        shorter = F.conv1d(kept[..., :-1], kernel, stride=s, dilation=d)
        assert shorter.shape[-1] == output.shape[-1] - 1


@pytest.mark.parametrize(
    ("numbers", "size"), [((3, 2), 2), ((5, 3, 2), 2), ((224, 7, 2, 3), 112), ((6, 2), 5)]
)
def test_sizes_of_the_sources(numbers, size):
    assert arithmetic.output_size(*numbers) == size


@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        ({"kernel_size": 3, "padding": 1}, (8, 8)),
        ({"kernel_size": (5, 3), "padding": (2, 1)}, (8, 8)),
        ({"kernel_size": 3, "padding": 1, "stride": 2}, (4, 4)),
        ({"kernel_size": (3, 5), "padding": (0, 1), "stride": (3, 4)}, (2, 2)),
    ],
)
def test_shapes_of_what_the_chapter_leads_on_to(settings, shape):
    assert arithmetic.output_shape((8, 8), **settings) == shape


@given(st.integers(1, 8), st.integers(1, 9), ones_up)
def test_named_paddings_give_the_sizes_that_they_promise(n, k, d):
    before, after = arithmetic.same_padding(k, d)
    assert after - before == arithmetic.kernel_extent(k, d) % 2 ^ 1
    extent = arithmetic.kernel_extent(k, d)
    assert n + before + after - extent + 1 == n
    full = arithmetic.full_padding(k, d)
    assert arithmetic.output_size(n, k, padding=full, dilation=d) == n + extent - 1


layers = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)), max_size=4)


@given(layers)
def test_receptive_field_is_what_gradients_reach(stack):
    size, jump = arithmetic.receptive_field(stack)
    assume(size < 400)
    x = torch.zeros(1, 1, size + jump, dtype=torch.float64, requires_grad=True)
    y = x
    for kernel_size, stride, dilation in stack:
        kernel = torch.ones(1, 1, kernel_size, dtype=torch.float64)
        y = F.conv1d(y, kernel, stride=stride, dilation=dilation)
    assert y.shape[-1] == 2
    reached = []
    for output in y[0, 0]:
        (gradient,) = torch.autograd.grad(output, x, retain_graph=True)
        reached.append(np.flatnonzero(gradient.numpy()))
    assert [r[0] for r in reached] == [0, jump]
    assert [r[-1] for r in reached] == [size - 1, size - 1 + jump]


def test_receptive_fields_of_the_sources():
    assert arithmetic.receptive_field([2, 2]) == (3, 1)
    for depth in range(8):
        assert arithmetic.receptive_field([3] * depth).size == 2 * depth + 1
    assert arithmetic.receptive_field([(3, 2), (3,), (3, 1, 2)]) == (15, 2)


@given(ones_up, ones_up, ones_up, st.tuples(ones_up, ones_up), st.booleans())
def test_counts_are_those_of_torchs_layers(groups, c_in, c_out, kernel, bias):
    layer = torch.nn.Conv2d(c_in * groups, c_out * groups, kernel, groups=groups, bias=bias)
    held = sum(each.numel() for each in layer.parameters())
    counted = arithmetic.parameter_count(c_in * groups, c_out * groups, kernel, groups, bias)
    assert counted == held
    positions = 5 * 7
    multiplied = arithmetic.multiplication_count(
        c_in * groups, c_out * groups, kernel, (5, 7), groups
    )
    assert multiplied == layer.weight.numel() * positions


def test_counts_of_the_sources():
    assert arithmetic.parameter_count(1, 1, 3) == 9 + 1
    assert arithmetic.parameter_count(3, 64, 3) == 1792
    assert arithmetic.parameter_count(64, 128, 3) == 73856
    assert arithmetic.parameter_count(3, 64, 7, bias=False) == 9408
    assert arithmetic.dense_parameter_count((3, 1000, 1000), bias=False) == 3_000_000
    layer = torch.nn.Linear(12, 5)
    assert arithmetic.dense_parameter_count((3, 4), 5) == sum(p.numel() for p in layer.parameters())
    assert arithmetic.parameter_count(2, 4, (3,), bias=False) == 24


@pytest.mark.parametrize(
    ("function", "arguments", "kind", "words"),
    [
        ("output_size", (3, 4), ValueError, "kernel_size 4 .* size 3 with padding 0"),
        ("output_size", (5, 3, 1, 0, 3), ValueError, "dilation 3 spans 7 elements"),
        ("output_size", (5, 3, 0), ValueError, "stride is 0, but at least 1"),
        ("output_size", (5, 3, 1, -1), ValueError, "padding is -1, but at least 0"),
        ("output_size", (5, 3, 1, 0, 0), ValueError, "dilation is 0, but at least 1"),
        ("output_size", (0, 1), ValueError, "size is 0"),
        ("output_size", (5, 0), ValueError, "kernel_size is 0"),
        ("output_size", (5, 2.5), TypeError, r"kernel_size is 2\.5, but a whole number"),
        ("output_size", ("5", 2), TypeError, "size is '5'"),
        ("unused_size", (5, 3, 0), ValueError, "stride is 0"),
        ("output_shape", ((5, 5), (3, 3, 3)), ValueError, r"kernel_size is \(3, 3, 3\).* or 2, is"),
        ("output_shape", ((5, 5), 3, None), TypeError, "stride is None"),
        ("same_padding", (0,), ValueError, "kernel_size is 0"),
        ("full_padding", (3, 0), ValueError, "dilation is 0"),
        ("receptive_field", ([3, (3, 0)],), ValueError, "stride is 0"),
        ("receptive_field", ([(3, 1, 1, 1)],), ValueError, r"layer 0 is \(3, 1, 1, 1\)"),
        ("receptive_field", ([None],), TypeError, "layer 0: kernel_size is None"),
        ("receptive_field", (3,), TypeError, "layers is 3, but a sequence"),
        ("parameter_count", (3, 4, 3, 2), ValueError, r"groups is 2, .* in_channels \(3\)"),
        ("parameter_count", (0, 4, 3), ValueError, "in_channels is 0"),
        ("parameter_count", (1, 4, ()), ValueError, r"kernel_size is \(\)"),
        ("multiplication_count", (1, 4, 3, (0, 2)), ValueError, "output_shape is 0"),
        (
            "multiplication_count",
            (3, 64, 7, (64, 112, 112)),
            ValueError,
            "kernel_size 7 needs 2 sizes",
        ),
        ("multiplication_count", (3, 64, 7, (112,)), ValueError, r"output_shape is \(112,\)"),
        ("multiplication_count", (3, 64, 7, ()), ValueError, r"output_shape is \(\)"),
        ("multiplication_count", (3, 64, (7, 7, 7), (112, 112)), ValueError, "needs 3 sizes"),
        ("multiplication_count", (3, 64, 7, 112), TypeError, "output_shape is 112, but a sequence"),
        ("dense_parameter_count", ((3, -1),), ValueError, "input_shape is -1"),
        ("dense_parameter_count", (3, 1, 0), TypeError, "bias is 0, but True or False"),
        ("output_shape", (8, 3), TypeError, "shape is 8, but a sequence is needed"),
        ("output_shape", ("88", 3), TypeError, "shape is '88', but a sequence"),
        ("output_shape", ((8, 8), {3, 5}), TypeError, r"kernel_size is \{3, 5\}, but a whole"),
        ("output_shape", ((8, 8), 3, {1: 1, 2: 2}), TypeError, r"stride is \{1: 1, 2: 2\}"),
        ("output_size", (True, 1), TypeError, "size is True, a boolean, but a whole number"),
        ("output_size", (1, True), TypeError, "kernel_size is True"),
        (
            "output_size",
            (torch.empty((), dtype=torch.int64, device="meta"), 1),
            TypeError,
            "size is",
        ),
        ("parameter_count", (3, 64, b"3"), TypeError, "kernel_size is b'3'"),
        ("parameter_count", (3, 64, 3, True), TypeError, "groups is True"),
        ("parameter_count", (3, 64, 3, 1, "no"), TypeError, "bias is 'no', but True or False"),
    ],
)
def test_numbers_that_cannot_be_are_refused_with_their_names(function, arguments, kind, words):
    with pytest.raises(kind, match=words):
        getattr(arithmetic, function)(*arguments)


@pytest.mark.parametrize("kind", [int, np.int64, np.array, torch.tensor], ids=lambda k: k.__name__)
def test_one_number_may_be_of_any_kind(kind):
    assert arithmetic.output_shape((8, 9), kind(3), kind(2), padding=kind(1)) == (4, 5)
    assert arithmetic.parameter_count(kind(3), 64, kind(3)) == 1792
    assert arithmetic.multiplication_count(3, 64, kind(7), (112, 112)) == 118013952
    assert arithmetic.receptive_field([kind(2), (kind(3), kind(2))]) == (4, 2)


@pytest.mark.parametrize("kind", [tuple, list, np.array, torch.tensor], ids=lambda k: k.__name__)
def test_several_numbers_may_be_of_any_kind(kind):
    layer = torch.nn.Conv2d(2, 4, (3, 5), stride=(2, 1), padding=(0, 2))
    sizes = layer(torch.randn(1, 2, 8, 9)).shape[2:]
    assert arithmetic.output_shape(kind([8, 9]), kind([3, 5]), kind([2, 1]), kind([0, 2])) == sizes
    assert arithmetic.multiplication_count(2, 4, kind([3, 5]), kind(list(sizes))) == (
        layer.weight.numel() * sizes.numel()
    )


def test_importing_it_needs_neither_java_nor_arrays_of_ours():
    code = (
        "import sys, importlib.util as u; "
        "spec = u.spec_from_file_location('alone', sys.argv[1]); "
        "module = u.module_from_spec(spec); sys.modules['alone'] = module; "
        "spec.loader.exec_module(module); "
        "assert not {'torch', 'numpy', 'jpype', 'pydjl'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-I", "-c", code, arithmetic.__file__], check=True)
