"""Stateless functions of layers, computed by DJL; they return the kind of array they are given."""

from __future__ import annotations

from pydjl.nn.convolution import conv1d, conv2d, conv3d
from pydjl.nn.cross_correlation import corr2d

__all__ = ["conv1d", "conv2d", "conv3d", "corr2d"]
