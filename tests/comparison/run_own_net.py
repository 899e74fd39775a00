"""Compare the Java class beside this file with its Python twin, for each of its faults.

Run as a program by `test_own_java_classes.py`, since Java learns its class path when it starts:
prints a line of JSON for each comparison.
"""

from __future__ import annotations

import json
import random
import sys

import numpy as np
import torch
from torch import nn

import pydjl
from pydjl.runtime import java_class

# DJL keeps the small number of a normalisation in float32.
EPSILON = float(np.float32(1e-5))


def twin(height: int = 13, width: int = 15) -> nn.Sequential:
    rows, columns = (height // 2 - 1) // 2, (width // 2 - 2) // 2
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.BatchNorm2d(4, eps=EPSILON),
        nn.LeakyReLU(float(np.float32(0.2))),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, (2, 3)),
        nn.GELU(),
        nn.AvgPool2d(2),
        nn.Dropout(float(np.float32(0.4))),
        nn.Flatten(),
        nn.Linear(6 * rows * columns, 8),
        nn.LayerNorm(8, eps=EPSILON),
        nn.Tanh(),
        nn.Linear(8, 8),
        nn.Softmax(1),
    )


def told(name: str, report: pydjl.Report) -> None:
    first = report.first_difference
    found = {
        "name": name,
        "ok": report.ok,
        "first": "" if first is None else first.name,
        "causes": [cause.name for cause in report.causes],
        "layers": sum(row.kind == "layer" for row in report.rows),
        "text": str(report),
    }
    print(json.dumps(found))


def main() -> None:
    jar, *faults = sys.argv[1:]
    pydjl.start(classpath=[jar])
    for fault in faults:
        torch.manual_seed(0)
        java = lambda fault=fault: java_class("org.example.OwnNet")(fault)  # noqa: E731
        told(fault, pydjl.compare(java, twin(), torch.randn(5, 3, 13, 15)))
    sizes = random.Random(0)
    for number in range(len(faults)):
        torch.manual_seed(number)
        height, width = sizes.randint(8, 17), sizes.randint(9, 18)
        dtype = (torch.float32, torch.float64)[number % 2]
        java_module = pydjl.nn.from_block("org.example.OwnNet").to(dtype)
        python = twin(height, width).to(dtype)
        if number % 3 == 0:
            python.eval()
            java_module.eval()
        x = torch.randn(sizes.randint(2, 6), 3, height, width, dtype=dtype)
        told(f"right {number}", pydjl.compare(java_module, python, x, steps=number % 2))


if __name__ == "__main__":
    main()
