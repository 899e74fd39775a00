"""A block of the user's own, compiled and packed by the user, by the name of its class."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap

import pytest

from pydjl.runtime.libraries import find_jars

AFFINE = """
    package org.example;

    import ai.djl.ndarray.NDArray;
    import ai.djl.ndarray.NDList;
    import ai.djl.ndarray.NDManager;
    import ai.djl.ndarray.types.DataType;
    import ai.djl.ndarray.types.Shape;
    import ai.djl.nn.AbstractBlock;
    import ai.djl.nn.Block;
    import ai.djl.nn.Parameter;
    import ai.djl.nn.core.Linear;
    import ai.djl.training.ParameterStore;
    import ai.djl.util.PairList;

    /** Twice the input times a weight, and a linear layer of that. */
    public class Affine extends AbstractBlock {
        private final Parameter scale;
        private final Block block;
        private NDArray two;

        public Affine() {
            scale = addParameter(Parameter.builder().setName("inputScale")
                    .setType(Parameter.Type.GAMMA).build());
            block = addChildBlock("block", Linear.builder().setUnits(2).build());
        }

        @Override
        protected void prepare(Shape[] inputs) {
            scale.setShape(new Shape(inputs[0].get(1)));
        }

        @Override
        protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
            two = manager.create(2f); // a constant of the block's own
            block.initialize(manager, type, inputs);
        }

        @Override
        protected NDList forwardInternal(ParameterStore store, NDList inputs, boolean training,
                PairList<String, Object> params) {
            NDArray x = inputs.head();
            NDArray s = store.getValue(scale, x.getDevice(), training);
            return block.forward(store, new NDList(x.mul(two).mul(s).mul(0.5)), training);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return block.getOutputShapes(inputs);
        }
    }
"""

THREADED = """
    package org.example;

    import ai.djl.ndarray.NDList;
    import ai.djl.ndarray.types.Shape;
    import ai.djl.nn.AbstractBlock;
    import ai.djl.nn.Block;
    import ai.djl.training.ParameterStore;
    import ai.djl.util.PairList;

    import java.util.concurrent.ExecutorService;
    import java.util.concurrent.Executors;

    /** Runs another block in a thread of Java's. */
    public class Threaded extends AbstractBlock {
        private final Block inner;

        public Threaded(Block inner) {
            this.inner = inner;
        }

        @Override
        protected NDList forwardInternal(ParameterStore store, NDList inputs, boolean training,
                PairList<String, Object> params) {
            ExecutorService pool = Executors.newSingleThreadExecutor();
            try {
                return pool.submit(() -> inner.forward(store, inputs, training)).get();
            } catch (Exception e) {
                throw new IllegalStateException("in another thread", e);
            } finally {
                pool.shutdown();
            }
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return inputs;
        }
    }
"""


@pytest.fixture(scope="module")
def jar(tmp_path_factory):
    if shutil.which("javac") is None:
        pytest.skip("no javac here")
    folder = tmp_path_factory.mktemp("user")
    for name, source in (("Affine", AFFINE), ("Threaded", THREADED)):
        (folder / f"{name}.java").write_text(textwrap.dedent(source))
    path = ":".join(map(str, find_jars()))
    sources = ["Affine.java", "Threaded.java"]
    subprocess.run(
        ["javac", "--release", "17", "-cp", path, "-d", "classes", *sources], cwd=folder, check=True
    )
    subprocess.run(
        ["jar", "--create", "--file", "user.jar", "-C", "classes", "."], cwd=folder, check=True
    )
    return folder / "user.jar"


def run(jar, script):
    start = f"import pydjl\npydjl.start(classpath=[{str(jar)!r}])\n"
    done = subprocess.run(
        [sys.executable, "-c", start + textwrap.dedent(script)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "ok"


def test_a_class_by_its_name(jar):
    run(jar, """
        import copy, gc, pickle, torch
        from torch.nn.functional import linear
        from pydjl.nn import from_block
        from pydjl.runtime import java_class
        module = from_block("org.example.Affine")
        x = torch.randn(4, 3, requires_grad=True)
        y = module(x)
        names = [name for name, _ in module.named_parameters()]
        assert names == ["weight", "block_.weight", "block_.bias"], names
        java_class("java.lang.System").gc()
        weight, bias = module.block_.weight, module.block_.bias
        expected = linear(x * module.weight, weight, bias)
        assert torch.allclose(y, expected, atol=1e-6)
        inputs = [x, *module.parameters()]
        for a, b in zip(torch.autograd.grad(y.square().sum(), inputs),
                        torch.autograd.grad(expected.square().sum(), inputs)):
            assert torch.allclose(a, b, atol=1e-4)
        assert torch.equal(copy.deepcopy(module)(x), y)
        assert torch.equal(pickle.loads(pickle.dumps(module))(x), y)
        print("ok")
    """)  # fmt: skip


def test_a_module_that_java_calls_in_a_thread_of_its_own(jar):
    run(jar, """
        import torch
        from torch import nn
        from pydjl.nn import from_block, to_block
        from pydjl.runtime import java_class
        class Inner(nn.Module):
            def forward(self, x):
                if x.dim() > 1:
                    raise LookupError("in Python, in Java, in Python")
                return x * 3
        block = java_class("org.example.Threaded")(to_block(Inner()))
        module = from_block(block)
        x = torch.ones(2, requires_grad=True)
        for _ in range(20):
            y = module(x)
            assert torch.equal(y, 3 * x)
        y.sum().backward()
        assert x.grad.tolist() == [3.0, 3.0]
        try:
            module(torch.ones(2, 2))
        except LookupError as exc:
            print(exc)
        print("ok")
    """)  # fmt: skip
