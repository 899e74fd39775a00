"""torch.compile around blocks of Java: its graph breaks there, and the results are right."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
import torch
from torch import nn

import pydjl.nn.functional as djl_functional
from pydjl.nn import from_block


class Model(nn.Module):
    def __init__(self, block):
        super().__init__()
        self.before = nn.Conv2d(2, 2, 1)
        self.block = from_block(block)
        self.after = nn.Linear(5, 3)

    def forward(self, x):
        x = torch.relu(self.before(x)) + 1
        x = torch.tanh(self.block(x) * 2)
        return self.after(x).square()


@pytest.fixture(params=["eager", "aot_eager"])
def backend(request):
    torch._dynamo.reset()
    yield request.param
    torch._dynamo.reset()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_a_compiled_model_gives_the_results_of_the_model(make_block, backend):
    model = Model(make_block)
    compiled = torch.compile(model, backend=backend)
    for size in (3, 3, 5):
        x = torch.randn(size, 2, 7, 7, requires_grad=True)
        ours = compiled(x)
        expected = model(x)
        assert torch.allclose(ours, expected, atol=1e-6)
        inputs = [x, *model.parameters()]
        for a, b in zip(
            torch.autograd.grad(ours.sum(), inputs),
            torch.autograd.grad(expected.sum(), inputs),
            strict=True,
        ):
            assert torch.allclose(a, b, atol=1e-5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_compiled_function_of_java(backend):
    def function(x, w):
        return djl_functional.conv2d(x * 2, w).relu() + 1

    compiled = torch.compile(function, backend=backend)
    x, w = torch.randn(1, 2, 5, 6), torch.randn(3, 2, 2, 3, requires_grad=True)
    assert torch.allclose(compiled(x, w), function(x, w), atol=1e-6)
    (ours,) = torch.autograd.grad(compiled(x, w).sum(), w)
    (expected,) = torch.autograd.grad(function(x, w).sum(), w)
    assert torch.allclose(ours, expected, atol=1e-5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_one_graph_before_java_and_one_after(make_block):
    torch._dynamo.reset()
    graphs = []

    def backend(graph, example_inputs):
        graphs.append([node.name for node in graph.graph.nodes if node.op == "call_function"])
        return graph.forward

    model = Model(make_block)
    x = torch.randn(3, 2, 7, 7)
    expected = model(x)
    assert torch.allclose(torch.compile(model, backend=backend)(x), expected, atol=1e-6)
    assert len(graphs) == 2
    torch._dynamo.reset()
    with pytest.raises(torch._dynamo.exc.Unsupported):
        torch.compile(model, backend=backend, fullgraph=True)(x)
    torch._dynamo.reset()


def test_the_compiler_is_not_loaded_for_those_who_do_not_compile():
    script = """
        import sys, torch
        from pydjl.nn import from_block
        from pydjl.runtime import java_class
        module = from_block(java_class("ai.djl.nn.core.Linear").builder().setUnits(1).build())
        module(torch.ones(1, 2)).sum().backward()
        print("torch._dynamo" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.stdout == "False\n", done.stderr
