"""Small pictures whose numbers can be read."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def ramp() -> Tensor:
    """The course's picture, ``10 (i + 1) (j + 1)``, float32 ``(5, 5)``.

    It is linear along each row and column, so the identity, both blurs and the sharpening kernel
    give the same on it: `shapes` tells them apart.

    Example:
        >>> ramp()[1]
        tensor([ 20.,  40.,  60.,  80., 100.])
    """
    along = torch.arange(1.0, 6.0)
    return 10 * along[:, None] * along


def edges() -> Tensor:
    """The chapter's picture: white with four black columns in its middle, float32 ``(6, 8)``.

    Example:
        >>> edges()[0]
        tensor([1., 1., 0., 0., 0., 0., 1., 1.])
    """
    return torch.tensor([[1.0, 1, 0, 0, 0, 0, 1, 1]]).repeat(6, 1)


def counting() -> Tensor:
    """The chapter's first input, the numbers 0 to 8, float32 ``(3, 3)``.

    Example:
        >>> counting()[2]
        tensor([6., 7., 8.])
    """
    return torch.arange(9.0).reshape(3, 3)


def shapes() -> Tensor:
    """A small picture on which every kernel of the gallery gives another result.

    A bright square with a notch, a diagonal step and a single bright point on a grey ground;
    float32 ``(9, 12)``, whole numbers from 0 to 9. It is symmetric in no direction.

    Example:
        >>> shapes().shape
        torch.Size([9, 12])
    """
    picture = torch.full((9, 12), 2.0)
    picture[1:6, 1:5] = 8
    picture[3, 4] = 5
    rows, columns = torch.arange(9)[:, None], torch.arange(12)
    picture[(columns - rows > 5) & (rows < 6)] = 0
    picture[7, 9] = 9
    return picture


def diagonal() -> Tensor:
    """A white diagonal on black, float32 ``(6, 6)``: the chapter's first exercise.

    Example:
        >>> diagonal()[1]
        tensor([0., 1., 0., 0., 0., 0.])
    """
    return torch.eye(6)


def gradient() -> Tensor:
    """A plane that rises by 1 from row to row and by 2 from column to column, float32 ``(6, 8)``.

    Every kernel that takes derivatives gives one number everywhere on it.

    Example:
        >>> gradient()[1]
        tensor([ 1.,  3.,  5.,  7.,  9., 11., 13., 15.])
    """
    return torch.arange(6.0)[:, None] + 2 * torch.arange(8.0)


def bilinear() -> Tensor:
    """The surface ``i·j``, linear along each row and column, float32 ``(6, 8)``.

    Example:
        >>> bilinear()[2]
        tensor([ 0.,  2.,  4.,  6.,  8., 10., 12., 14.])
    """
    return torch.arange(6.0)[:, None] * torch.arange(8.0)


def checker() -> Tensor:
    """A chequerboard of single cells, white in its corner, float32 ``(7, 8)``.

    Example:
        >>> checker()[1]
        tensor([0., 1., 0., 1., 0., 1., 0., 1.])
    """
    places = torch.arange(7)[:, None] + torch.arange(8)
    return (places + 1) % 2.0


def noise() -> Tensor:
    """Noise between 0 and 1 in steps of a hundredth, the same each time, float32 ``(9, 12)``.

    Example:
        >>> noise().shape, bool((noise() == noise()).all())
        (torch.Size([9, 12]), True)
    """
    generator = torch.Generator().manual_seed(6)
    hundredths = torch.randint(0, 101, (9, 12), generator=generator)
    return hundredths / 100


PRESETS: dict[str, Callable[[], Tensor]] = {
    each.__name__: each
    for each in (ramp, edges, counting, shapes, diagonal, gradient, bilinear, checker, noise)
}
"""All of them by their names."""
