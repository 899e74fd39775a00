"""The laboratory's commands: trace, gallery, features, figures, exercises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from torch import Tensor

from pydjl.cli._console import console
from pydjl.cli._numpy_files import read_npy
from pydjl.errors import ArgumentError, NotSupportedError
from pydjl.lab.exercises import exercises, solve
from pydjl.lab.kernels import GALLERY, kernel_named
from pydjl.lab.presets import PRESETS
from pydjl.lab.trace import Trace, trace
from pydjl.lab.trace_table import grid
from pydjl.ndarray import NDArray, array

app = typer.Typer(no_args_is_help=True)


@app.command("trace")
def trace_command(
    input: Annotated[
        str, typer.Option(help=f"{', '.join(PRESETS)}, or a .npy, PNG or JPEG file.")
    ] = "ramp",
    kernel: Annotated[
        str, typer.Option(help="A kernel of the gallery, or its rows, like '1,-1' or '1,2;3,4'.")
    ] = "Sobel X",
    stride: Annotated[str, typer.Option(help="One number, or two for rows and columns.")] = "1",
    padding: Annotated[str, typer.Option(help="Zeros on each side, likewise.")] = "0",
    dilation: Annotated[str, typer.Option(help="Distance of the kernel's cells, likewise.")] = "1",
    bias: Annotated[float, typer.Option(help="What is added to every sum.")] = 0.0,
    start: Annotated[int, typer.Option(min=0, help="The first step that is shown.")] = 0,
    count: Annotated[int, typer.Option(min=1, help="How many steps are shown.")] = 20,
    figure: Annotated[
        Path | None, typer.Option(help="Draw the first step into this file (PNG, SVG, PDF).")
    ] = None,
    gif: Annotated[
        Path | None, typer.Option(help="Write the sliding window into this file.")
    ] = None,
) -> None:
    """Account for a cross-correlation step by step: every window, product and sum, by DJL."""
    X = _input(input)
    K = _with_dtype_for(X, _kernel(kernel))
    if X.ndim == 3 and K.ndim == 2:  # one kernel looks at all channels
        K = array(K.torch().expand(X.shape[0], *K.shape))
    B = _with_dtype_for(X, [[bias]])[0]
    account = trace(X, K, _sizes(stride), _sizes(padding), _sizes(dilation), B)
    if start >= len(account):
        raise ArgumentError(f"--start is {start}, but there are {len(account)} steps, from 0.")
    shown = account[start : start + count]
    screen = console()
    if sum(X.shape[-2:]) <= 40:
        screen.print(Columns([_boxed("input", X), _boxed("kernel", K)], padding=(0, 4)))
    screen.print(account.table(start, count))
    _draw_trace(account, start, count, figure, gif)
    ok = all(step.agrees for step in shown)
    if ok:
        sums = "1 sum is that" if len(shown) == 1 else f"{len(shown)} sums are those"
        screen.print(f"[green]{sums} of DJL's convolution.[/green]")
    else:
        screen.print("[red]Sums marked ✗ differ from DJL's convolution.[/red]")
    raise typer.Exit(0 if ok else 1)


@app.command()
def gallery(
    picture: Annotated[
        Path | None, typer.Argument(help="A PNG or JPEG file; else the astronaut.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Draw all results into this file (PNG, SVG, PDF).")
    ] = None,
) -> None:
    """Apply every kernel of the gallery to a picture, by DJL."""
    with _needs_the_extra():
        from pydjl.lab.gallery import apply_all, compare_figure  # noqa: PLC0415
        from pydjl.lab.pictures import to_grey  # noqa: PLC0415

        grey = to_grey(_photograph(picture))
        results = apply_all(grey)
        table = Table(title=f"Kernels on a picture of {grey.shape[0]}×{grey.shape[1]}")
        for heading in ("kernel", "weights", "result", "formula"):
            table.add_column(heading)
        for kernel in GALLERY:
            low, high = results[kernel.name].aminmax()
            weights = grid(torch.tensor(kernel.weights))
            span = f"{low.item():.2f} to {high.item():.2f}"
            text = f"{kernel.formula}\nUse: {kernel.use}.\nEffect: {kernel.effect}.\n"
            table.add_row(kernel.name, weights, span, text)
        console().print(table)
        if out is not None:
            with _writing(out):
                compare_figure(grey).savefig(out)


@app.command()
def features(
    picture: Annotated[
        Path | None, typer.Argument(help="A PNG or JPEG file; else the astronaut.")
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(help="ResNet-18's weights: a .safetensors file, or a .pt state dict."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Draw 16 maps into this file (PNG, SVG, PDF).")
    ] = None,
) -> None:
    """Show what ResNet-18's first layer answers to a picture, by DJL and by PyTorch."""
    with _needs_the_extra():
        from pydjl.lab.feature_maps import RANDOM, feature_maps  # noqa: PLC0415
        from pydjl.lab.resnet import (  # noqa: PLC0415
            first_layer_maps,
            java_stem,
            network_input,
            torch_stem,
        )
        from pydjl.lab.weights import load_weights  # noqa: PLC0415

        native = torch_stem()
        with _reading(weights):
            # Of the file only this layer is looked at, so nothing else need be in it.
            source = (
                RANDOM
                if weights is None
                else load_weights(native.get_submodule("conv1"), weights, {"": "conv1"})
            )
        x = network_input(_photograph(picture))
        ours = first_layer_maps(java_stem(native), x, source)
        theirs = feature_maps(native, x, "conv1")
        # Weights that are no numbers give maps that are none, on both sides.
        equal = torch.allclose(ours.maps, theirs.maps, rtol=0, atol=0, equal_nan=True)
        if out is not None:
            with _writing(out):
                ours.figure().savefig(out)
        channels, height, width = ours.maps.shape
        console().print(
            f"ResNet-18's first layer, {source}: {ours.parameters:,} weights, {channels} feature "
            f"maps of {height}×{width}.\n"
            + (
                "[green]DJL's and PyTorch's are equal to the last bit.[/green]"
                if equal
                else "[red]DJL's and PyTorch's differ.[/red]"
            )
        )
    raise typer.Exit(0 if equal else 1)


@app.command()
def figures(
    out: Annotated[Path, typer.Option(help="The folder to write into; it is made.")] = Path(
        "figures"
    ),
) -> None:
    """Draw every figure of the sources from DJL's results, as PNG and SVG."""
    with _needs_the_extra():
        from pydjl.lab.figures import write_figures  # noqa: PLC0415

        with _writing(out), Console(stderr=True).status("Drawing"):
            written = write_figures(out)
    console().print(f"{len(written)} files in {out}")


@app.command("exercises")
def exercises_command(
    number: Annotated[int | None, typer.Argument(help="One of them; else all.")] = None,
) -> None:
    """Solve the chapter's exercises by computation, and show the proofs."""
    solutions = [solve(each) for each in ([number] if number is not None else exercises())]
    for solution in solutions:
        console().print(solution)
    raise typer.Exit(0 if all(solution.ok for solution in solutions) else 1)


def _boxed(title: str, values: NDArray) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        show_header=False,
        pad_edge=False,
        min_width=len(title),
    )
    table.add_row(grid(values.torch()))
    return table


def _draw_trace(
    account: Trace, start: int, count: int, figure: Path | None, gif: Path | None
) -> None:
    if figure is None and gif is None:
        return
    with _needs_the_extra():
        from pydjl.lab.trace_animation import save_gif, step_figure  # noqa: PLC0415

        if figure is not None:
            with _writing(figure):
                step_figure(account, start).savefig(figure)
        if gif is not None:
            with _writing(gif):
                save_gif(account, gif, range(len(account))[start : start + count])


def _input(name: str) -> NDArray:
    if name.endswith(".npy"):
        return array(read_npy("--input", Path(name)))
    if Path(name).suffix.lower() in (".png", ".jpg", ".jpeg"):
        with _needs_the_extra():
            return array(_photograph(Path(name)))
    if name in PRESETS:
        return array(PRESETS[name]())
    raise ArgumentError(
        f"--input is {name!r}, but one of {', '.join(PRESETS)} or a .npy, .png or .jpg file is "
        "needed."
    )


def _kernel(text: str) -> Sequence[Sequence[float]]:
    try:
        rows = [[_number(word) for word in row.split(",")] for row in text.split(";")]
    except ValueError:
        return kernel_named(text).weights
    if len({len(row) for row in rows}) > 1:
        raise ArgumentError(
            f"--kernel is {text!r}, but rows of one length are needed, like '1,2;3,4'."
        )
    return rows


def _number(word: str) -> float:
    try:
        return int(word)
    except ValueError:
        return float(word)


def _with_dtype_for(X: NDArray, rows: Sequence[Sequence[float]]) -> NDArray:
    """Numbers as exact as the input's, or more: beside whole ones, int64 or else float64."""
    if X.dtype.is_floating_point:
        return array(rows, dtype=torch.promote_types(X.dtype, torch.float32))
    if all(abs(each) < 2**63 and each == int(each) for row in rows for each in row):
        return array([[int(each) for each in row] for row in rows], dtype="int64")
    return array(rows, dtype="float64")


def _sizes(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError as exc:
        raise ArgumentError(f"{text!r} is not one or two whole numbers, like 2 or 3,2.") from exc


def _photograph(path: Path | None) -> Tensor:
    from pydjl.lab import pictures  # noqa: PLC0415

    if path is None:
        return pictures.astronaut()
    with _reading(path):
        return pictures.read_picture(path)


@contextmanager
def _reading(path: Path | None) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise ArgumentError(f"{path} cannot be read: {exc.strerror or exc}.") from exc


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as exc:
        if isinstance(exc, ArgumentError):
            raise
        raise ArgumentError(f"{path} cannot be written: {exc}.") from exc


@contextmanager
def _needs_the_extra() -> Iterator[None]:
    """Say how to install what draws and reads pictures, where it is missing."""
    try:
        yield
    except ModuleNotFoundError as exc:
        raise NotSupportedError(
            f"this needs {exc.name}, which is not installed: pip install 'pydjl[lab]'."
        ) from exc
