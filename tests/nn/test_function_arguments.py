"""What functions of layers refuse, and how they say so."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from pydjl.errors import (
    ArgumentError,
    ArgumentTypeError,
    ArrayIndexError,
    DivisionByZeroError,
    DtypeError,
    NotSupportedError,
    PydjlError,
    ShapeError,
)
from pydjl.nn import functional

ONES = torch.ones
X4 = ONES(1, 3, 5, 5)


@pytest.mark.parametrize(
    "name", ["relu", "relu6", "leaky_relu", "elu", "selu", "silu", "mish", "dropout"]
)
def test_no_function_writes_into_its_input(name):
    with pytest.raises(NotSupportedError, match=f"{name}: inplace=True"):
        getattr(functional, name)(X4, inplace=True)


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("max_pool2d", {"dilation": (1, 2)}, r"max_pool2d: dilation=\(1, 2\)"),
        ("max_pool2d", {"return_indices": True}, "max_pool2d: return_indices=True"),
        ("avg_pool2d", {"divisor_override": 3}, "avg_pool2d: divisor_override=3"),
    ],
)
def test_what_djls_windows_cannot_do_is_refused(name, arguments, words):
    with pytest.raises(NotSupportedError, match=words):
        getattr(functional, name)(X4, 2, **arguments)


@pytest.mark.parametrize("padding", [5, 6, (0, 50)])
def test_a_transposed_convolution_cannot_cut_off_all_that_there_is(padding):
    x, w = torch.randn(2, 4, 8, 8), torch.randn(4, 4, 3, 3)
    largest = functional.conv_transpose2d(x, w, padding=4)
    torch.testing.assert_close(largest, F.conv_transpose2d(x, w, padding=4))
    with pytest.raises(ShapeError, match="but it leaves nothing of the output"):
        functional.conv_transpose2d(x, w, padding=padding)


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "words"),
    [
        ("conv_transpose2d", (ONES(4, 4), X4), ShapeError, r"input has shape \(4, 4\)"),
        ("conv_transpose2d", (X4, ONES(3, 2, 2)), ShapeError, r"weight has shape \(3, 2, 2\)"),
        ("conv_transpose2d", (X4, ONES(2, 3, 2, 2)), ShapeError, "has 3 channels.*takes 2"),
        ("conv_transpose2d", (X4, ONES(3, 2, 2, 2), ONES(3)), ShapeError, r"bias has shape \(3,\)"),
        ("conv_transpose2d", (X4, ONES(3, 2, 2, 2), None, 1, 0, 1), ArgumentError, "padding is 1"),
        (
            "conv_transpose2d",
            (X4, ONES(3, 2, 2, 2), None, 1, 0, 0, 2),
            ArgumentError,
            "groups is 2",
        ),
        ("conv_transpose2d", (X4, ONES(3, 2, 2, 2), None, 0), ArgumentError, "stride is 0"),
        ("conv_transpose2d", (X4, ONES(3, 2, 2, 2).double()), DtypeError, "float32, torch.float64"),
        ("linear", (ONES(2, 3), ONES(4, 5)), ShapeError, r"\(2, 3\).*\(4, 5\)"),
        ("linear", (ONES(2, 3), ONES(4, 3).double()), DtypeError, "float32, torch.float64"),
        ("linear", (ONES(2, 3), ONES(4, 3), ONES(5)), ShapeError, "linear"),
        ("linear", ([1.0], ONES(4, 1)), ArgumentTypeError, "input must be .* not list"),
        ("batch_norm", (X4, None, None), ArgumentError, "running_mean and running_var"),
        ("batch_norm", (X4, ONES(2), ONES(3)), ShapeError, r"running_mean has shape \(2,\)"),
        ("batch_norm", (ONES(3), None, None, None, None, True), ShapeError, r"\(3,\)"),
        ("batch_norm", (ONES(1, 3), None, None, None, None, True), PydjlError, "more than 1 value"),
        ("layer_norm", (X4, (4,)), ShapeError, r"\(1, 3, 5, 5\).*\(4,\)"),
        ("layer_norm", (X4, (5,), ONES(4)), ShapeError, r"weight has shape \(4,\)"),
        ("dropout", (X4, 1.5), ArgumentError, "p is 1.5"),
        ("dropout", (X4, math.nan), ArgumentError, "p is nan"),
        ("embedding", (torch.tensor([0, 4]), ONES(4, 2)), ArrayIndexError, "embedding"),
        ("embedding", (ONES(2), ONES(4, 2)), DtypeError, "holds torch.float32"),
        ("embedding", (torch.tensor([0]), ONES(4)), ShapeError, r"\(4,\)"),
        ("embedding", (torch.tensor([0]), ONES(4, 2), 4), ArgumentError, "padding_idx is 4"),
        ("embedding", (torch.tensor([0]), ONES(4, 2), "1"), ArgumentTypeError, "idx is '1'"),
        ("embedding", (torch.tensor([0]), ONES(4, 2), True), ArgumentTypeError, "idx is True"),
        ("embedding", (torch.tensor([0]), ONES(4, 2), 1.5), ArgumentTypeError, "idx is 1.5"),
        (
            "embedding",
            (torch.tensor([0]), ONES(4, 2), None, None, 2.0, False, "x"),
            ArgumentTypeError,
            "sparse is 'x'",
        ),
        (
            "batch_norm",
            (ONES(2, 3), None, None, None, None, True, 0.1, "a"),
            ArgumentTypeError,
            "eps is 'a'",
        ),
        (
            "batch_norm",
            (ONES(2, 3), None, None, None, None, True, None),
            ArgumentTypeError,
            "momentum is None",
        ),
        ("layer_norm", (X4, (5,), None, None, None), ArgumentTypeError, "eps is None"),
        ("elu", (X4, "1"), ArgumentTypeError, "alpha is '1', but a number"),
        ("lp_pool1d", (X4[0], 0, 2), ZeroDivisionError, "norm_type is 0"),
        ("lp_pool2d", (X4, 0.0, 2), DivisionByZeroError, "norm_type is 0"),
        (
            "conv_transpose2d",
            (X4, ONES(3, 2, 2, 2), None, 1, (0, 50)),
            ShapeError,
            r"padding is \(0, 50\), but it leaves nothing",
        ),
        ("max_pool2d", (X4, b"x"), ArgumentTypeError, "kernel_size is b'x'"),
        ("softmax", (X4, 1.5), ArgumentTypeError, "dim is 1.5"),
        ("softmax", (X4, 2**70), ArgumentError, "dim is 1180591620717411303424"),
        ("softmax", (X4, 1, "x"), DtypeError, "'x' names no element type"),
        ("gelu", (X4, None), ArgumentTypeError, "approximate is a NoneType"),
        ("max_pool2d", (ONES(5, 5), 2), ShapeError, r"\(5, 5\)"),
        ("max_pool2d", (X4, 0), ArgumentError, "kernel_size is 0"),
        ("max_pool2d", (X4, (2, 2, 2)), ArgumentError, r"kernel_size is \(2, 2, 2\)"),
        ("max_pool2d", (X4, 2, 1, 2), PydjlError, "pad"),
        ("avg_pool2d", (X4, 9), PydjlError, "avg_pool2d"),
        ("adaptive_avg_pool2d", (X4, (1, 2, 3)), ArgumentError, r"output_size is \(1, 2, 3\)"),
        ("adaptive_avg_pool2d", (X4, -1), ArgumentError, "output_size is .*-1"),
        ("prelu", (X4, ONES(2)), ShapeError, r"weight has shape \(2,\).*3 channel"),
        ("gelu", (X4, "erf"), ArgumentError, "approximate is 'erf'"),
        ("softmax", (X4,), ArgumentError, "dim is None"),
        ("softmax", (X4, 4), ArrayIndexError, "softmax"),
        ("relu", (torch.ones(2, dtype=torch.bool),), PydjlError, "relu"),
        ("gelu", (torch.ones(2, dtype=torch.int64),), DtypeError, "gelu"),
        ("tanh", (None,), ArgumentTypeError, "not NoneType"),
    ],
)
def test_impossible_arguments_are_refused_with_their_values(name, arguments, kind, words):
    with pytest.raises(kind, match=words):
        getattr(functional, name)(*arguments)
