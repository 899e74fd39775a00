"""The chapter's example: an image with two vertical edges, and the kernel that finds them."""

from __future__ import annotations

import torch


def edge_image() -> torch.Tensor:
    """Returns the chapter's image: six rows and eight columns, white (1) with four black (0).

    The black band in the middle has two edges: from white to black between columns 1 and 2, and
    from black to white between columns 5 and 6.

    Returns:
        A float32 tensor of shape ``(6, 8)``.

    Source: "Dive into Deep Learning", DJL edition, 6.2.3.

    Example:
        >>> edge_image()[0]
        tensor([1., 1., 0., 0., 0., 0., 1., 1.])
    """
    image = torch.ones(6, 8, dtype=torch.float32)
    image[:, 2:6] = 0
    return image


def edge_kernel() -> torch.Tensor:
    """Returns the chapter's kernel, the difference of two horizontal neighbours.

    Cross-correlated with an image of 0 and 1 it gives 1 at an edge from white to black, -1 at an
    edge from black to white, and 0 elsewhere.

    Returns:
        A float32 tensor of shape ``(1, 2)``.

    Source: "Dive into Deep Learning", DJL edition, 6.2.3.

    Example:
        >>> edge_kernel()
        tensor([[ 1., -1.]])
    """
    return torch.tensor([[1.0, -1.0]], dtype=torch.float32)
