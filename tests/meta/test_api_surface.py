"""The public names and their signatures are those of api_surface.txt: whoever relies on them may.

`python tests/meta/test_api_surface.py` writes it anew; what changed belongs in the changelog.
"""

from __future__ import annotations

import importlib
import inspect
import types
from pathlib import Path

LIST = Path(__file__).with_name("api_surface.txt")
MODULES = [
    "pydjl",
    "pydjl.chapter",
    "pydjl.comparison",
    "pydjl.conv_arithmetic",
    "pydjl.errors",
    "pydjl.nn",
    "pydjl.nn.functional",
    "pydjl.reference",
    "pydjl.testing",
    "pydjl.training",
    "pydjl.training.evaluators",
    "pydjl.training.losses",
    "pydjl.training.optimizers",
]


def surface() -> str:
    return "".join(
        f"{line}\n" for name in MODULES for line in _lines(importlib.import_module(name))
    )


def _lines(module: types.ModuleType) -> list[str]:
    lines = []
    for name in sorted(dir(module)):
        value = getattr(module, name)
        ours = getattr(value, "__module__", module.__name__).startswith("pydjl")
        if name.startswith("_") or isinstance(value, types.ModuleType) or not ours:
            continue
        full = f"{module.__name__}.{name}"
        lines.append(full + _signature(value))
        if inspect.isclass(value):
            lines += [f"{full}.{each}" for each in _methods(value)]
    return lines


def _methods(kind: type) -> list[str]:
    """What a class of ours adds to those of torch's and Python's that it is made of."""
    found = {}
    for base in reversed(kind.__mro__):
        if base.__module__.startswith("pydjl"):
            for name, value in vars(base).items():
                if not name.startswith("_"):
                    found[name] = _signature(getattr(value, "__func__", value))
    return [name + signature for name, signature in sorted(found.items())]


def _signature(value: object) -> str:
    if not callable(value):
        return ""
    try:
        signature = inspect.signature(value)
    except ValueError:
        return ""
    bare = [
        each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()
    ]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def test_no_public_name_or_signature_changes_unnoticed():
    found, listed = surface().splitlines(), LIST.read_text(encoding="utf-8").splitlines()
    added, gone = sorted(set(found) - set(listed)), sorted(set(listed) - set(found))
    assert not added + gone, f"not listed: {added}; gone: {gone}. {__doc__}"


if __name__ == "__main__":
    LIST.write_text(surface(), encoding="utf-8")
