"""Kernels that people use: each with its weights, its formula, its use and what it does.

All of them are applied by cross-correlation, not flipped. Start reading at `Kernel`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import comb
from operator import index

from pydjl.errors import ArgumentError
from pydjl.ndarray import NDArray, array


@dataclass(frozen=True)
class Kernel:
    """A kernel for cross-correlation with a picture, and what there is to say about it.

    Attributes:
        name: in words, such as ``Sobel X``.
        weights: the rows, ``(h, w)``.
        formula: what an output cell is; ``I(y, x)`` is the picture at row y and column x, and the
            middle of the window lies there.
        use: what it is used for.
        effect: what it does, and on which picture it shows.

    Raises:
        ArgumentError: the rows have several lengths, or there are none.

    Example:
        >>> SOBEL_X.shape, SOBEL_X.is_signed
        ((3, 3), True)
        >>> SOBEL_X.array()
        ND: (3, 3) cpu() float32
        [[-1.,  0.,  1.],
         [-2.,  0.,  2.],
         [-1.,  0.,  1.],
        ]
    """

    name: str
    weights: tuple[tuple[float, ...], ...]
    formula: str
    use: str
    effect: str

    def __post_init__(self) -> None:
        widths = {len(row) for row in self.weights}
        if len(widths) != 1 or widths == {0}:
            raise ArgumentError(
                f"the weights of {self.name} are {self.weights}, but rows of one length are needed."
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return len(self.weights), len(self.weights[0])

    @property
    def is_signed(self) -> bool:
        """Whether its results lie around zero: its weights add up to nothing.

        The others give pictures again: a constant picture of 1 becomes one of the sum.
        """
        return abs(sum(map(sum, self.weights))) < 1e-6

    def array(self) -> NDArray:
        """The weights as a new float32 array of shape ``(h, w)``."""
        return array(self.weights, dtype="float32")

    def transposed(self, name: str) -> Kernel:
        """The kernel for the other axis, under another name."""
        return replace(self, name=name, weights=tuple(zip(*self.weights, strict=True)))


def derivative(degree: int) -> Kernel:
    """The smallest kernel for the derivative of some degree along a row.

    It has ``degree + 1`` taps with the weights ``(-1)**(degree - i) * comb(degree, i)``; fewer
    taps cannot do it, because only the zero kernel of ``degree`` taps takes every polynomial below
    that degree to zero. As a cross-correlation it gives ``degree!`` everywhere on ``x**degree``.

    Args:
        degree: at least 1.

    Returns:
        A kernel of shape ``(1, degree + 1)``.

    Raises:
        ArgumentError: the degree is less than 1.

    Source: Dive into Deep Learning, DJL edition, 6.2, exercise 4.

    Example:
        >>> derivative(2).weights
        ((1.0, -2.0, 1.0),)
    """
    d = index(degree)
    if d < 1:
        raise ArgumentError(f"derivative: degree is {degree}, but it must be at least 1.")
    weights = tuple(float((-1) ** (d - i) * comb(d, i)) for i in range(d + 1))
    return Kernel(
        name=f"Derivative of degree {d}",
        weights=(weights,),
        formula=f"the sum of (-1)^({d}-i)·C({d}, i)·I(y, x+i) over i = 0..{d}",
        use="derivatives along a row; transposed, along a column",
        effect=f"{d}! everywhere on x^{d}, and nothing on lower powers of x",
    )


def moving_integral(length: int) -> Kernel:
    """The integral over a moving window of a row: ones.

    With ``W - 1`` zeros to the left of a row of length W, the kernel of that length gives exactly
    the cumulative sum.

    Args:
        length: the length of the window, at least 1.

    Returns:
        A kernel of shape ``(1, length)``.

    Raises:
        ArgumentError: the length is less than 1.

    Source: Dive into Deep Learning, DJL edition, 6.2, exercise 4.

    Example:
        >>> from pydjl import array, concat, corr2d
        >>> row = array([[3.0, 1, 4, 1, 5, 9, 2, 6]])
        >>> corr2d(concat([array([[0.0] * 7]), row], axis=1), moving_integral(8).array()).tolist()
        [[3.0, 4.0, 8.0, 9.0, 14.0, 23.0, 25.0, 31.0]]
    """
    n = index(length)
    if n < 1:
        raise ArgumentError(f"moving_integral: length is {length}, but it must be at least 1.")
    return Kernel(
        name=f"Integral over {n}",
        weights=((1.0,) * n,),
        formula=f"the sum of I(y, x+i) over i = 0..{n - 1}",
        use="sums over a window, and cumulative sums behind zeros on the left",
        effect=f"{n} times the mean of {n} neighbours in a row",
    )


IDENTITY = Kernel(
    name="Identity",
    weights=((0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.0)),
    formula="I(y, x)",
    use="a check of the code that applies kernels",
    effect=(
        "the picture as it was. Without padding only its inside comes back, one row and one "
        "column less on every side; with a padding of 1 the output equals the input"
    ),
)
SOBEL_X = Kernel(
    name="Sobel X",
    weights=((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0)),
    formula="the differences I(y+k, x+1) - I(y+k, x-1) of three rows, weighed 1, 2, 1",
    use="vertical edges, in classical vision and as what first layers learn",
    effect=(
        "positive where it gets brighter to the right. It is 8 times the slope, not the single "
        "difference I(y, x+1) - I(y, x-1), which is 2 times: on a ramp that rises by g in each "
        "column it gives 8g"
    ),
)
SOBEL_Y = replace(
    SOBEL_X.transposed("Sobel Y"),
    formula="the differences I(y+1, x+k) - I(y-1, x+k) of three columns, weighed 1, 2, 1",
    use="horizontal edges",
    effect="positive where it gets brighter downwards; 8 times the slope",
)
BOX_BLUR = Kernel(
    name="Box blur",
    weights=((1 / 9,) * 3,) * 3,
    formula="the mean of the nine pixels around (y, x)",
    use="less noise; the simplest average",
    effect=(
        "smooth, and blocky around single bright pixels; a linear ramp stays as it is, so a ramp "
        "cannot tell it from the identity"
    ),
)
GAUSSIAN_BLUR = Kernel(
    name="Gaussian blur",
    weights=(
        (1 / 16, 2 / 16, 1 / 16),
        (2 / 16, 4 / 16, 2 / 16),
        (1 / 16, 2 / 16, 1 / 16),
    ),
    formula="the mean of nine pixels, weighed (1, 2, 1)·(1, 2, 1)/16",
    use="less noise before edges are sought or a picture is made smaller",
    effect="smooth, and rounder than the box blur around single bright pixels",
)
SHARPEN = Kernel(
    name="Sharpen",
    weights=((0.0, -1.0, 0.0), (-1.0, 5.0, -1.0), (0.0, -1.0, 0.0)),
    formula="5·I(y, x) minus its four neighbours: the picture minus its Laplacian",
    use="clearer details; noise becomes clearer too",
    effect="brighter and darker seams along edges; flat areas and linear ramps stay as they are",
)
LAPLACIAN = Kernel(
    name="Laplacian",
    weights=((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0)),
    formula="the four neighbours minus 4·I(y, x): the sum of the second derivatives",
    use="edges of every direction, blobs; exercise 4 of the chapter",
    effect=(
        "plus on the dark side of an edge and minus on the bright one. It is not equally strong in "
        "every direction: 1 at a step along an axis, 2 at a diagonal one"
    ),
)
EMBOSS = Kernel(
    name="Emboss",
    weights=((-2.0, -1.0, 0.0), (-1.0, 1.0, 1.0), (0.0, 1.0, 2.0)),
    formula="I(y, x) plus the slope from the upper left to the lower right",
    use="a relief, as if lit from the upper left",
    effect=(
        "bright where it gets brighter to the lower right, dark where it gets darker; flat areas "
        "stay as they are"
    ),
)
PREWITT_X = Kernel(
    name="Prewitt X",
    weights=((-1.0, 0.0, 1.0),) * 3,
    formula="the differences I(y+k, x+1) - I(y+k, x-1) of three rows, added up",
    use="vertical edges",
    effect="positive where it gets brighter to the right; 6 times the slope",
)
PREWITT_Y = replace(
    PREWITT_X.transposed("Prewitt Y"),
    formula="the differences I(y+1, x+k) - I(y-1, x+k) of three columns, added up",
    use="horizontal edges; the lecture's filter on the photograph",
    effect="bright where dark lies above light, dark where light lies above dark",
)
SECOND_DERIVATIVE = Kernel(
    name="Second derivative",
    weights=((1.0, -2.0, 1.0),),
    formula="I(y, x-1) - 2·I(y, x) + I(y, x+1): the difference of neighbours, twice",
    use="curvature along a row, thin vertical lines",
    effect="nothing on linear ramps, 2 on x²; plus and minus on the two sides of a vertical edge",
)
DIAGONAL_DOWN = Kernel(
    name="Diagonal down",
    weights=((-2.0, -1.0, 0.0), (-1.0, 0.0, 1.0), (0.0, 1.0, 2.0)),
    formula="the slope from the upper left to the lower right: Sobel turned by 45°",
    use="edges that run from the lower left to the upper right",
    effect="positive where it gets brighter to the lower right",
)
DIAGONAL_UP = Kernel(
    name="Diagonal up",
    weights=((0.0, 1.0, 2.0), (-1.0, 0.0, 1.0), (-2.0, -1.0, 0.0)),
    formula="the slope from the lower left to the upper right: Sobel turned by 45°",
    use="edges that run from the upper left to the lower right",
    effect="positive where it gets brighter to the upper right",
)

# The course's eight first, in its order.
GALLERY = (
    IDENTITY,
    SOBEL_X,
    SOBEL_Y,
    BOX_BLUR,
    GAUSSIAN_BLUR,
    SHARPEN,
    LAPLACIAN,
    EMBOSS,
    PREWITT_X,
    PREWITT_Y,
    SECOND_DERIVATIVE,
    DIAGONAL_DOWN,
    DIAGONAL_UP,
)


def kernel_named(name: str) -> Kernel:
    """A kernel of the gallery by its name, in any case, with spaces, ``-`` or ``_``.

    Raises:
        ArgumentError: there is none of that name; the message lists them.

    Example:
        >>> kernel_named("sobel_x").name
        'Sobel X'
    """
    wanted = name.lower().replace("-", " ").replace("_", " ").strip()
    for kernel in GALLERY:
        if kernel.name.lower() == wanted:
            return kernel
    names = ", ".join(kernel.name for kernel in GALLERY)
    raise ArgumentError(f"there is no kernel {name!r} in the gallery; there are: {names}.")
