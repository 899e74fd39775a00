"""Several threads, both languages, one interpreter lock: right results, and nothing waits for ever.

Each test has a process of its own, with a time limit: a deadlock is a failure, not a hanging run.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap

LIMIT = 100

COMMON = """
    import sys, threading
    import torch
    from torch import nn
    import pydjl
    from pydjl.nn import from_block, to_block
    from pydjl.runtime import java_class

    torch.manual_seed(0)
    torch.set_num_threads(1)

    def linear(units):
        return java_class("ai.djl.nn.core.Linear").builder().setUnits(units).build()

    def sequential(*blocks):
        block = java_class("ai.djl.nn.SequentialBlock")()
        for each in blocks:
            block.add(each)
        return block

    def in_threads(work, count=8):
        barrier, failures = threading.Barrier(count), []
        def body(n):
            try:
                barrier.wait()
                work(n)
            except BaseException as exc:
                failures.append(exc)
        threads = [threading.Thread(target=body, args=(n,)) for n in range(count)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        if failures:
            raise failures[0]
"""


def run(script):
    code = textwrap.dedent(COMMON) + textwrap.dedent(script)
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        capture_output=True, text=True, check=False, timeout=LIMIT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"


def test_forward_and_backward_from_eight_threads_on_one_uninitialized_module():
    run("""
    relu = java_class("ai.djl.nn.Activation").reluBlock()
    module = from_block(sequential(linear(6), relu, linear(2)))
    inputs = [torch.randn(4, 3) for _ in range(8)]
    inner = [None] * 8
    def work(n):
        for _ in range(25):
            x = inputs[n].clone().requires_grad_()
            module(x).square().sum().backward()
            inner[n] = x.grad
    in_threads(work)
    found = [p.grad.clone() for p in module.parameters()]
    twin = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 2))
    twin.load_state_dict(module.state_dict())
    for n, x in enumerate(inputs):
        x.requires_grad_()
        (25 * twin(x).square().sum()).backward()
        assert torch.allclose(25 * inner[n], x.grad, rtol=1e-4), n
    for ours, p in zip(found, twin.parameters()):
        assert torch.allclose(ours, p.grad, rtol=1e-3, atol=1e-3)
    print("ok")
    """)


def test_training_of_a_module_in_each_of_eight_threads():
    run("""
    data = torch.randn(16, 3)
    starts = [nn.Linear(3, 2) for _ in range(8)]
    ends = [None] * 8
    def train(module):
        optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
        for _ in range(20):
            optimizer.zero_grad()
            module(data).square().sum().backward()
            optimizer.step()
        return [p.detach().clone() for p in module.parameters()]
    def work(n):
        module = from_block(linear(2))
        module.load_state_dict(starts[n].state_dict())
        ends[n] = train(module)
    in_threads(work)
    for start, end in zip(starts, ends):
        for ours, torchs in zip(end, train(start)):
            assert torch.equal(ours, torchs)
    print("ok")
    """)


def test_a_python_module_called_back_from_eight_threads():
    run("""
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(3, 3)
            self.names = set()
        def forward(self, x):
            self.names.add(threading.current_thread().name)
            if x.shape[0] == 13:
                raise ValueError(threading.current_thread().name)
            # Java again, from inside of Java's call of Python
            return self.linear((pydjl.from_torch(x) * 2).torch())
    inner = Counting()
    module = from_block(sequential(linear(3), to_block(inner), linear(2)))
    module(torch.randn(4, 3))
    x = torch.randn(4, 3)
    expected = module(x)
    def work(n):
        for _ in range(20):
            y = module(x)
            assert torch.equal(y, expected)
            y.sum().backward()
            try:
                module(torch.ones(13, 3))
                raise SystemError("no exception")
            except ValueError as exc:
                assert str(exc) == threading.current_thread().name
    in_threads(work)
    assert len(inner.names) == 9
    print("ok")
    """)


def test_python_hooks_inside_of_a_backward_pass_that_java_drives():
    run("""
    inner = nn.Linear(3, 3)
    seen = []
    def hook(module, grad_input, grad_output):
        # Java, and another Python callback in it, from inside of Java's backward pass
        with torch.no_grad():
            seen.append(float(pydjl.from_torch(grad_output[0]).sum()))
            other(torch.ones(1, 3))
    inner.register_full_backward_hook(hook)
    other = from_block(sequential(to_block(nn.Linear(3, 3)), linear(2)))
    other(torch.ones(1, 3))
    block = sequential(to_block(inner), linear(2))
    module = from_block(block)
    x = torch.randn(4, 3)
    module(x)
    engine = java_class("ai.djl.engine.Engine").getEngine("PyTorch")
    stop = threading.Event()
    def beside():
        while not stop.is_set():
            other(torch.ones(1, 3)).sum().backward()
    threads = [threading.Thread(target=beside) for _ in range(3)]
    [t.start() for t in threads]
    gradients = []
    for _ in range(10):
        module.zero_grad()
        collector = engine.newGradientCollector()
        array = pydjl.from_torch(x).java
        store = java_class("ai.djl.training.ParameterStore")(array.getManager(), False)
        arrays = java_class("ai.djl.ndarray.NDList")()
        arrays.add(array)
        collector.backward(module.block.forward(store, arrays, True).head().sum())
        collector.close()
        torch.set_grad_enabled(True)
        gradients.append(inner.weight.grad.clone())
    stop.set()
    [t.join() for t in threads]
    assert len(seen) == 10 and all(torch.equal(g, gradients[0]) for g in gradients)
    (expected,) = torch.autograd.grad(module(x).sum(), inner.weight)
    assert torch.allclose(gradients[0], expected, rtol=1e-5)
    print("ok")
    """)


def test_computed_parameters_are_not_closed_under_another_threads_pass():
    run("""
    from torch.nn.utils import parametrizations
    module = from_block(linear(64))
    x = torch.randn(32, 64)
    module(x)
    parametrizations.weight_norm(module)
    expected = module(x)
    def work(n):
        for _ in range(40):
            y = module(x)
            assert torch.equal(y, expected)
            y.sum().backward()
    in_threads(work)
    print("ok")
    """)


def test_modules_are_made_and_dropped_in_every_thread():
    run("""
    import gc, time
    def work(n):
        for _ in range(10):
            module = from_block(sequential(linear(5), to_block(nn.Linear(5, 5))))
            module(torch.randn(2, 3)).sum().backward()
    in_threads(work)
    runtime = java_class("org.pydjl.bridge.EngineRuntime")
    for _ in range(100):
        gc.collect()
        java_class("java.lang.System").gc()
        time.sleep(0.05)
        if runtime.managedArrays() == 0:
            break
    assert runtime.managedArrays() == 0
    print("ok")
    """)
