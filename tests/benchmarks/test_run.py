from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from benchmarks import page, table
from benchmarks.__main__ import choose
from benchmarks.rivals import Rivals, rival_conv2d
from benchmarks.rows import Bound, Row
from benchmarks.spread import Spread
from pydjl import reference

ROOT = Path(__file__).resolve().parents[2]
RIVALS = ["JPype, lists", "JPype, float[]", "Py4J", "files"]


def made_row(name="conv2d", *, size=48, ours=2e-5, theirs=4e-5):
    measured = {"pydjl": Spread.of([ours]), "torch": Spread.of([1e-5]), "Py4J": Spread.of([theirs])}
    ratios = {"torch": Spread.of([ours / 1e-5]), "Py4J": Spread.of([ours / theirs])}
    return Row(name, "conv2d: elements", size, "s", measured, ratios, Bound(1.5))


def test_every_row_has_a_name_of_its_own_and_the_quick_ones_are_some_of_all():
    with Rivals() as rivals:
        every = [case.name for case in choose(rivals, [], quick=False)]
        quick = [case.name for case in choose(rivals, [], quick=True)]
        chosen = [case.name for case in choose(rivals, ["conv2d", "backward"], quick=False)]
    assert len(every) == len(set(every))
    assert set(quick) < set(every)
    assert chosen == [name for name in every if "conv2d" in name.lower() and "backward" in name]


def test_a_row_in_words():
    line = table.line(made_row())
    assert line.cells == ("conv2d", "20 µs", "10 µs", "2.00× (2.00× to 2.00×)", "≤ 1.5×", "✗")
    assert line.others == "Py4J 2.00×"


def test_a_page_gets_the_tables_between_its_marks_and_is_else_left_alone(tmp_path):
    file = tmp_path / "performance.md"
    file.write_text(f"before\n{page.BEGIN}\nold{page.END}\nafter\n", encoding="utf-8")
    for _ in range(2):
        page.write([made_row(), made_row("larger", size=4800)], file)
    text = file.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{page.BEGIN}\n\nMeasured on")
    assert text.endswith(f"{page.END}\nafter\n")
    assert "old" not in text
    assert text.count("| larger | 20 µs |") == 1
    assert (tmp_path / "performance.svg").read_text(encoding="utf-8").count("<svg ") == 1


def test_a_page_without_marks_is_refused(tmp_path):
    file = tmp_path / "page.md"
    file.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks"):
        page.write([made_row()], file)


@pytest.mark.slow
def test_every_rival_computes_what_torch_does_to_the_last_bit():
    x = torch.randn(2, 3, 7, 9, requires_grad=True)
    w = torch.randn(4, 3, 3, 2, requires_grad=True)
    g = torch.randn(2, 4, 7, 10)
    expected = F.conv2d(x, w, padding=1)
    gradients = torch.autograd.grad(expected, (x, w), g)
    X = reference.edge_image()
    Y = reference.corr2d(X, reference.edge_kernel())
    learned = reference.learn_kernel(X, Y, steps=10, initial=torch.zeros(1, 2)).weight
    with Rivals() as rivals:
        found = rivals.works(lambda rival: lambda: rival, largest=1)
        assert list(found) == RIVALS
        for rival in (work() for work in found.values()):
            y = rival_conv2d(rival, x, w, padding=1)
            assert torch.equal(y, expected)
            assert all(map(torch.equal, torch.autograd.grad(y, (x, w), g), gradients))
            assert torch.equal(torch.from_numpy(rival.exchange(g.numpy())), g)
            assert torch.equal(torch.from_numpy(rival.learn(X.numpy(), Y.numpy(), 10)), learned)


@pytest.mark.slow
def test_a_quick_run_writes_what_it_measured(tmp_path):
    figures, plot = tmp_path / "rows.json", tmp_path / "growth.png"
    options = ["--quick", "-k", "corr2d 3×3", "--json", str(figures), "--plot", str(plot)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *options],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(figures.read_text(encoding="utf-8"))
    assert document["machine"]["torch"] == torch.__version__
    loop, convolution = document["rows"]
    assert "bounds met" in done.stdout
    assert list(loop["measured"]) == ["pydjl", "torch"]
    assert list(convolution["measured"]) == ["pydjl", "torch", *RIVALS]
    for row in (loop, convolution):
        assert list(row["ratios"]) == list(row["measured"])[1:]
        for spread in (*row["measured"].values(), *row["ratios"].values()):
            assert 0 < spread["least"] <= spread["low"] or spread["rounds"] < 6
            assert spread["low"] <= spread["median"] <= spread["high"]
            assert math.isfinite(spread["most"])
    assert convolution["verdict"] in ("met", "unclear", "missed")
    assert plot.read_bytes().startswith(b"\x89PNG")
