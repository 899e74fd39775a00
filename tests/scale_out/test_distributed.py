"""Blocks of Java in several processes: DistributedDataParallel, DataLoader's workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from pydjl.nn import from_block

PROGRAM = """
    import json, sys
    import torch
    import torch.distributed as dist
    import torch.nn.functional as F
    from torch import nn
    from torch.nn.parallel import DistributedDataParallel
    from pydjl.nn import from_block
    from pydjl.runtime import java_class

    def block():
        shape = java_class("ai.djl.ndarray.types.Shape")
        convolution = java_class("ai.djl.nn.convolutional.Conv2d").builder()
        return convolution.setFilters(4).setKernelShape(shape([3, 2])).build()

    def main():
        dist.init_process_group("gloo")
        rank, count = dist.get_rank(), dist.get_world_size()
        saved = torch.load("start.pt", weights_only=True)
        model = nn.Sequential(from_block(block), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 5 * 6, 5))
        x, y = saved["x"], saved["y"]
        model(x[:1])
        if rank == 0:  # the other's values come from this one
            model.load_state_dict(saved["state"])
        parallel = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(parallel.parameters(), lr=0.1, momentum=0.9)
        part = slice(rank * len(x) // count, (rank + 1) * len(x) // count)
        results = []
        for _ in range(3):
            optimizer.zero_grad()
            F.cross_entropy(parallel(x[part]), y[part]).backward()
            results.append([p.grad.flatten().tolist() for p in parallel.parameters()])
            optimizer.step()
        torch.save({"gradients": results, "state": model.state_dict()}, f"end{rank}.pt")
        dist.destroy_process_group()

    main()
"""


def test_distributed_data_parallel_has_the_gradients_of_one_process(tmp_path):
    torch.manual_seed(1)
    model = nn.Sequential(nn.Conv2d(2, 4, (3, 2)), nn.ReLU(), nn.Flatten(), nn.Linear(120, 5))
    x, y = torch.randn(6, 2, 7, 7), torch.tensor([0, 1, 2, 3, 4, 0])
    torch.save({"x": x, "y": y, "state": model.state_dict()}, tmp_path / "start.pt")
    (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM))
    done = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--standalone",
            "--nproc-per-node", "2", "program.py",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ends = [torch.load(tmp_path / f"end{rank}.pt", weights_only=True) for rank in range(2)]
    for name, tensor in ends[0]["state"].items():
        assert torch.equal(tensor, ends[1]["state"][name])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for gradients in ends[0]["gradients"]:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        for ours, parameter in zip(gradients, model.parameters(), strict=True):
            assert torch.allclose(torch.tensor(ours), parameter.grad.flatten(), atol=1e-6)
        optimizer.step()


def test_training_beside_the_workers_of_a_dataloader(tmp_path):
    """Workers are forked from a process in which Java runs, and leave Java alone."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LOADER)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    losses = json.loads(done.stdout)
    assert len(losses) == 24
    assert losses[-1] < 0.3 * losses[0]


LOADER = """
    import json
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    from pydjl.nn import from_block
    from pydjl.runtime import java_class

    torch.manual_seed(0)
    module = from_block(lambda: java_class("ai.djl.nn.core.Linear").builder().setUnits(1).build())
    x = torch.randn(40, 3)
    data = TensorDataset(x, x @ torch.tensor([[1.0], [2.0], [3.0]]))
    loader = DataLoader(data, batch_size=10, num_workers=2, multiprocessing_context="fork")
    module(x)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.2)
    losses = []
    for _ in range(6):
        for inputs, wanted in loader:
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(module(inputs), wanted)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    print(json.dumps(losses))
"""


def test_a_module_in_the_dataset_of_a_loader_without_workers(make_block):
    module = from_block(make_block)
    x = torch.randn(6, 2, 7, 7)
    with torch.no_grad():
        expected = module(x)
        features = [module(batch) for (batch,) in DataLoader(TensorDataset(x), batch_size=2)]
    assert torch.allclose(torch.cat(features), expected, atol=1e-6)
