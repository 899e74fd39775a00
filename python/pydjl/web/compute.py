"""A convolution with all that there is to say about it."""

from __future__ import annotations

from pydjl import conv_arithmetic
from pydjl.web.answers import Formula, Frame, Range, Result, Sizes, Unused
from pydjl.web.convolution import Convolution
from pydjl.web.proof import prove
from pydjl.web.schema import Problem


def compute(problem: Problem) -> Result:
    """Compute a problem by DJL, and its output by PyTorch and NumPy as well.

    Args:
        problem: what is computed.

    Returns:
        The output, the parts of its sums, sizes, counts and the proof.

    Raises:
        ShapeError: the kernel is larger than the padded input.
        TooLargeError: the output would be too large.

    Example:
        >>> X, K = [[[0, 1, 2], [3, 4, 5], [6, 7, 8]]], [[[[0, 1], [2, 3]]]]
        >>> result = compute(Problem(input=X, kernels=K, bias=[0]))
        >>> result.output, result.sizes.multiplications, result.proof.torch.is_bit_equal
        ([[[19.0, 25.0], [37.0, 43.0]]], 16, True)
    """
    convolution = Convolution.of(problem)
    rows, columns = convolution.layout
    output = convolution.output
    return Result(
        output=output.tolist(),
        partial=convolution.partial.tolist(),
        applied_kernels=convolution.kernels.tolist(),
        padding=Frame(top=rows.before, bottom=rows.after, left=columns.before, right=columns.after),
        unused=Unused(rows=rows.unused, columns=columns.unused),
        sizes=_sizes(convolution),
        formula=Formula(rows=rows.formula, columns=columns.formula),
        range=Range(minimum=float(output.min().torch()), maximum=float(output.max().torch())),
        proof=prove(problem, output.numpy()),
    )


def _sizes(convolution: Convolution) -> Sizes:
    rows, columns = convolution.layout
    outputs, channels, *kernel = convolution.kernels.shape
    fields = [
        conv_arithmetic.receptive_field([(axis.kernel, axis.stride, axis.dilation)]).size
        for axis in (rows, columns)
    ]
    size = convolution.layout.output
    return Sizes(
        output=size,
        kernel_extent=(rows.extent, columns.extent),
        receptive_field=(fields[0], fields[1]),
        parameters=conv_arithmetic.parameter_count(channels, outputs, kernel),
        multiplications=conv_arithmetic.multiplication_count(channels, outputs, kernel, size),
        dense_parameters=conv_arithmetic.dense_parameter_count(
            convolution.input.shape, (outputs, *size)
        ),
    )
