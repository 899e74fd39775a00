"""The output of a problem by PyTorch and by NumPy, which share no code with what they check.

Of pydjl this module takes the models, the comparison and the engine's name. The padding is found
anew, for PyTorch from the kernel's extent, for NumPy from where each mode lies in the full output.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from pydjl.comparison import compare_values
from pydjl.runtime import engine_name
from pydjl.web.answers import Check, Proof
from pydjl.web.schema import Problem

Numbers = npt.NDArray[Any]


def prove(problem: Problem, output: Numbers) -> Proof:
    """Compare an output of DJL's with PyTorch's and NumPy's.

    Args:
        problem: what was computed.
        output: what DJL made of it, float32 ``(O, H', W')``.
    """
    return Proof(
        torch=_check(output, by_torch(problem).numpy()),
        numpy=_check(output, by_numpy(problem)),
        engine=engine_name(),
    )


def by_torch(problem: Problem) -> Tensor:
    """The output by native PyTorch, float32 ``(O, H', W')``.

    Example:
        >>> X, K = [[[0, 1, 2], [3, 4, 5], [6, 7, 8]]], [[[[0, 1], [2, 3]]]]
        >>> by_torch(Problem(input=X, kernels=K, bias=[0], operation="convolution"))
        tensor([[[ 5., 11.],
                 [23., 29.]]])
    """
    x, kernels, bias = (
        torch.tensor(each, dtype=torch.float32)
        for each in (problem.input, problem.kernels, problem.bias)
    )
    is_turned = problem.operation == "convolution"
    if is_turned:
        kernels = kernels.flip(-2, -1)
    frame: list[int] = []
    for number in (1, 0):  # PyTorch's order: the last dimension first
        reach = problem.dilation[number] * (kernels.shape[2 + number] - 1)
        if problem.mode == "numbers":
            frame += [problem.padding[number]] * 2
        elif problem.mode == "same":
            odd = reach % 2
            frame += [reach // 2 + odd * is_turned, reach // 2 + odd * (not is_turned)]
        else:
            frame += [reach * (problem.mode == "full")] * 2
    return F.conv2d(F.pad(x, frame), kernels, bias, problem.stride, 0, problem.dilation)


def by_numpy(problem: Problem) -> Numbers:
    """The output by NumPy, summed in float64 and rounded once to float32 ``(O, H', W')``.

    Every cell of a kernel adds its copy of the input to the full output, where it belongs: shifted
    by the cell for a convolution, against it for a cross-correlation. Each mode is a part of that.

    Example:
        >>> X, K = [[[0, 1, 2], [3, 4, 5], [6, 7, 8]]], [[[[0, 1], [2, 3]]]]
        >>> by_numpy(Problem(input=X, kernels=K, bias=[0]))
        array([[[19., 25.],
                [37., 43.]]], dtype=float32)
    """
    X, K, bias = (
        np.asarray(each, dtype=np.float32).astype(np.float64)
        for each in (problem.input, problem.kernels, problem.bias)
    )
    sizes, cells = X.shape[1:], K.shape[2:]
    reach = [d * (k - 1) for d, k in zip(problem.dilation, cells, strict=True)]
    full = np.zeros((len(K), sizes[0] + reach[0], sizes[1] + reach[1]))
    for p, q in np.ndindex(*cells):
        top, left = p * problem.dilation[0], q * problem.dilation[1]
        if problem.operation == "cross-correlation":
            top, left = reach[0] - top, reach[1] - left
        place = full[:, top : top + sizes[0], left : left + sizes[1]]
        place += np.tensordot(K[:, :, p, q], X, axes=1)
    for axis in (0, 1):
        full = _part(problem, full, axis + 1, sizes[axis], reach[axis])
    rows, columns = problem.stride
    chosen: Numbers = full[:, ::rows, ::columns] + bias[:, None, None]
    return chosen.astype(np.float32)


def _part(problem: Problem, full: Numbers, axis: int, size: int, reach: int) -> Numbers:
    """What a mode keeps of the full output along an axis; beyond its ends there are zeros."""
    if problem.mode == "full":
        return full
    if problem.mode == "numbers":
        zeros = problem.padding[axis - 1]
        first, count = reach - zeros, size + 2 * zeros - reach
    elif problem.mode == "valid":
        first, count = reach, size - reach
    else:
        # The middle: of an even one a convolution keeps the left, a cross-correlation the right.
        first = reach // 2 if problem.operation == "convolution" else reach - reach // 2
        count = size
    beyond = [(0, 0)] * 3
    beyond[axis] = (max(0, -first), max(0, first + count - full.shape[axis]))
    return np.pad(full, beyond).take(range(max(0, first), max(0, first) + count), axis)


def _check(ours: Numbers, theirs: Numbers) -> Check:
    found = compare_values("output", ours, theirs)
    return Check(maximum_difference=found.max_abs_diff, is_bit_equal=found.bit_equal)
