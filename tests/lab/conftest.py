from __future__ import annotations

import pytest
import torch
from hypothesis import strategies as st


def _drawn_layer(data, largest=6, most=3):
    counts = st.integers(1, most)
    groups, c_in, c_out = data.draw(st.tuples(counts, counts, counts), "groups, C_in, C_out")
    pair = st.tuples(counts, counts)
    kernel, stride, dilation = data.draw(st.tuples(pair, pair, pair), "kernel, stride, dilation")
    zeros = st.integers(0, most - 1)
    padding = data.draw(st.tuples(zeros, zeros), "padding")
    least = (d * (k - 1) + 1 - 2 * p for k, p, d in zip(kernel, padding, dilation, strict=True))
    sizes = st.tuples(*(st.integers(max(2, n), max(largest, n)) for n in least))
    shape = data.draw(sizes, "input")
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 2**31), "seed"))
    x = torch.randn(groups * c_in, *shape, generator=generator, dtype=torch.float64)
    w = torch.randn(groups * c_out, c_in, *kernel, generator=generator, dtype=torch.float64)
    return x, w, (stride, padding, dilation, groups)


@pytest.fixture(scope="session")
def drawn_layer():
    """Draws, with `st.data()`, the float64 operands of a layer on a plane that fit together.

    Called with the data, the largest size of the input, and the most that anything else is, it
    gives one input (C_in, H, W), the kernels, and (stride, padding, dilation, groups).
    """
    return _drawn_layer
