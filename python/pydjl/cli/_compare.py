"""``pydjl compare``."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from pydjl import twins
from pydjl.cli._console import console
from pydjl.cli._numpy_files import read_npy
from pydjl.comparison import Difference, Report
from pydjl.errors import ArgumentError, PydjlError
from pydjl.twins.crosscheck import crosscheck


def compare(
    java: Annotated[
        str | None,
        typer.Option(
            help="A Java class that is a DJL Block, or a TorchScript file, which DJL loads.",
            metavar="CLASS|FILE",
        ),
    ] = None,
    python: Annotated[
        str | None,
        typer.Option(help="A module or a function, or what makes a module.", metavar="MODULE:NAME"),
    ] = None,
    input: Annotated[
        list[str] | None,
        typer.Option(
            help="A shape like 2x3x8x8, a .npy or a .safetensors file; for each input.",
            metavar="SHAPE|FILE",
        ),
    ] = None,
    classpath: Annotated[
        str | None,
        typer.Option(help="Jars and folders that have the class.", metavar="JAR[:JAR...]"),
    ] = None,
    saved: Annotated[
        Path | None,
        typer.Option(
            help="The class's weights: a .params file of DJL's, or its folder.", metavar="PATH"
        ),
    ] = None,
    own_weights: Annotated[
        bool,
        typer.Option(
            "--own-weights",
            help="Let each model keep its weights, and compare them; so it is with --saved.",
        ),
    ] = False,
    steps: Annotated[
        int,
        typer.Option(
            help="Also train both on the inputs by gradient descent, and compare each step.",
            min=0,
        ),
    ] = 0,
    targets: Annotated[
        Path | None,
        typer.Option(
            help="What the training aims at: numbers (mean square) or the numbers of classes "
            "(cross-entropy); random numbers if not given.",
            metavar="FILE.npy",
        ),
    ] = None,
    lr: Annotated[float, typer.Option(help="The learning rate.")] = 0.01,
    seed: Annotated[
        int, typer.Option(help="Decides inputs of given shapes, and what the models draw.")
    ] = 0,
    json: Annotated[
        Path | None, typer.Option(help="Also write the report as JSON.", metavar="FILE")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Also write the report as one page.", metavar="FILE")
    ] = None,
) -> None:
    """Say where a Java model and its Python twin part; alone, cross-check all of pydjl."""
    with Console(stderr=True).status("Starting Java and comparing"):
        if java is None and python is None and not input:
            report = crosscheck()
        elif java is None or python is None or not input:
            raise ArgumentError("a comparison takes --java, --python and --input, all three.")
        elif not 0 <= seed < 2**63:
            raise ArgumentError(f"--seed is {seed}, but it must be from 0 to 2**63 - 1.")
        else:
            torch.manual_seed(seed)
            report = _or_sentence(
                "the models cannot be compared",
                twins.compare,
                java,
                _python_model(python),
                _inputs(input, seed),
                classpath=classpath.split(os.pathsep) if classpath else (),
                saved=saved,
                copy_weights=False if own_weights else None,
                steps=steps,
                targets=None if targets is None else read_npy("--targets", targets),
                lr=lr,
            )
    for path, text in ((json, report.to_json), (html, report.to_html)):
        if path is not None:
            path.write_text(text() + "\n", encoding="utf-8")
    console().print(_summary(report) if java is None else report)
    if report.unpaired and not report.causes:
        first, *others = report.unpaired
        raise ArgumentError(
            f"the models have other weights, so it cannot be said where they part: {first}"
            f"{f'; and {len(others)} more, as listed' if others else ''}."
        )
    raise typer.Exit(0 if report.ok else 1)


def _summary(report: Report) -> Table | Report:
    """A line for each kind of computation, if all is well; hundreds of rows tell no more."""
    if not report.ok:
        return report
    table = Table(box=None, pad_edge=False, caption="All agree.", caption_justify="left")
    for heading in ("", "compared", "rows", "equal bits", "max abs"):
        table.add_column(heading, justify="right" if heading in ("rows", "max abs") else "left")
    kinds: dict[str, list[Difference]] = {}
    for row in report.rows:
        kinds.setdefault(row.kind, []).append(row.difference)
    for kind, found in kinds.items():
        equal = sum(each.bit_equal for each in found)
        largest = max(each.max_abs_diff for each in found)
        table.add_row("[green]✓[/green]", kind, str(len(found)), str(equal), f"{largest:.3g}")
    return table


def _python_model(name: str) -> nn.Module | Callable[..., Any]:
    module_name, colon, attribute = name.partition(":")
    if not (module_name and colon and attribute):
        raise ArgumentError(f"--python is {name!r}, but it must be MODULE:NAME, like nets:twin.")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except Exception as exc:  # whatever the user's module does when it is imported
        reason = " ".join(str(exc).split()) or type(exc).__name__
        raise ArgumentError(f"--python {name!r} cannot be imported: {reason}.") from exc
    if not callable(found):
        raise ArgumentError(f"--python {name!r} is a {type(found).__name__}, no model.")
    if isinstance(found, nn.Module):
        return found
    if not _takes_nothing(found):
        model: Callable[..., Any] = found
        return model
    made = _or_sentence(f"--python {name!r} cannot be made", found)
    if not callable(made):
        raise ArgumentError(f"--python {name!r} makes a {type(made).__name__}, no model.")
    return made  # type: ignore[no-any-return]


def _or_sentence(what: str, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call what a user has written, or what runs it; any failure is one sentence."""
    try:
        return function(*arguments, **options)
    except PydjlError:
        raise
    except Exception as exc:
        reason = " ".join(str(exc).split()) or type(exc).__name__
        raise ArgumentError(f"{what}: {reason}") from exc


def _takes_nothing(function: Callable[..., Any]) -> bool:
    """Whether it makes a model, rather than being one."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # a function of C's, which tells nothing
        return False
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return not any(p.default is p.empty and p.kind not in kinds for p in parameters)


def _inputs(texts: list[str], seed: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    inputs: list[Tensor] = []
    for text in texts:
        path = Path(text)
        if path.suffix == ".npy":
            inputs.append(read_npy("--input", path))
        elif path.suffix == ".safetensors":
            inputs += _from_safetensors(path)
        else:
            shape = _shape(text)
            inputs.append(
                _or_sentence(
                    f"--input {text!r} cannot be made", torch.randn, shape, generator=generator
                )
            )
    return inputs


def _shape(text: str) -> list[int]:
    try:
        sizes = [int(size) for size in text.lower().replace("x", ",").split(",")]
    except ValueError:
        sizes = []
    if not sizes or min(sizes) < 1:
        raise ArgumentError(
            f"--input is {text!r}, but it must be a shape like 2x3x8x8, or a .npy or .safetensors "
            "file."
        )
    return sizes


def _from_safetensors(path: Path) -> list[Tensor]:
    """Its tensors, in the order of their names."""
    try:
        from safetensors import SafetensorError  # noqa: PLC0415 - not everyone needs it
        from safetensors.torch import load_file  # noqa: PLC0415
    except ImportError as exc:
        raise ArgumentError(f"--input {str(path)!r} needs safetensors: pip install it.") from exc
    try:
        found = load_file(path)
    except (OSError, SafetensorError) as exc:
        raise ArgumentError(f"--input {str(path)!r} cannot be read: {exc}.") from exc
    return [found[name] for name in sorted(found)]
