"""The oracle: the chapter's operator, layer and learning in PyTorch, NumPy, Flax and on paper.

What DJL computes is checked against this room, so it shares no code with what it checks: it may
import torch, NumPy and `pydjl.errors` (and JAX and Flax when they are asked for), nothing else of
pydjl, and it never starts Java.

Independent grounds stand beside one another:

* PyTorch, with the same sequence of kernels as the Java code, for equality to the last bit:
  `corr2d`, `ConvolutionalLayer`, `learn_kernel`;
* NumPy, with another order of summation and another library: `corr2d_numpy`; and JAX with Flax,
  where they are installed: `corr2d_flax`, `flax_layer`, `learn_kernel_flax`;
* the closed form of learning the edge kernel, where nothing is iterated: `learning_closed_form`.

Start reading in `_corr2d.py`. Source: "Dive into Deep Learning", DJL edition, 6.2 Convolutions
for Images.
"""

from __future__ import annotations

from pydjl.reference._closed_form import ClosedForm as ClosedForm
from pydjl.reference._closed_form import learning_closed_form as learning_closed_form
from pydjl.reference._closed_form import learning_rate_limit as learning_rate_limit
from pydjl.reference._corr2d import corr2d as corr2d
from pydjl.reference._edges import edge_image as edge_image
from pydjl.reference._edges import edge_kernel as edge_kernel
from pydjl.reference._flax import corr2d_flax as corr2d_flax
from pydjl.reference._flax import flax_layer as flax_layer
from pydjl.reference._flax import learn_kernel_flax as learn_kernel_flax
from pydjl.reference._layer import ConvolutionalLayer as ConvolutionalLayer
from pydjl.reference._learning import LearnedKernel as LearnedKernel
from pydjl.reference._learning import learn_kernel as learn_kernel
from pydjl.reference._numpy import corr2d_numpy as corr2d_numpy
