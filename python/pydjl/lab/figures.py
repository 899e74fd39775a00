"""Every figure of the sources, drawn from DJL's results, as PNG and SVG files.

`FIGURES` names them and says what each is of; `write_figures` writes them all. Two runs on one
machine write the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import torch

from pydjl.lab import learning_figures, operator_figures
from pydjl.lab.gallery import compare_figure
from pydjl.lab.kernels import SOBEL_X
from pydjl.lab.learning import learn_in_every_form
from pydjl.lab.learning_forms import DJL_EDITION, JAX_EDITION, Settings
from pydjl.lab.pictures import astronaut
from pydjl.lab.presets import ramp, shapes
from pydjl.lab.resnet import first_layer_maps, java_stem, network_input
from pydjl.lab.trace import trace
from pydjl.lab.trace_animation import step_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_RESOLUTION = 120


def write_figures(folder: str | PathLike[str]) -> list[Path]:
    """Writes every figure of the sources into a folder, as PNG and as SVG.

    Args:
        folder: where; it is made if it is not there. Files of the same names are replaced.

    Returns:
        The files, in the order of `FIGURES`, each PNG before its SVG.

    Raises:
        OSError: a file cannot be written.

    Example:
        >>> sorted(FIGURES)[:3]
        ['astronaut-edges', 'convolution', 'cross-correlation']
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    files = []
    for name, draw in FIGURES.items():
        files += save_figure(draw(), target / name)
    return files


def save_figure(figure: Figure, path: Path) -> list[Path]:
    """Writes a figure as PNG and as SVG, without date and version.

    Args:
        figure: what to write.
        path: the file without its suffix.

    Returns:
        The two files.
    """
    files = [path.with_name(f"{path.name}.{kind}") for kind in ("png", "svg")]
    # Letters stay text in an SVG file, and its identifiers are the same in every run.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "pydjl"}):
        figure.savefig(files[0], dpi=_RESOLUTION, metadata={"Software": None})
        figure.savefig(files[1], dpi=_RESOLUTION, metadata={"Date": None, "Creator": None})
    return files


def _trace_step() -> Figure:
    return step_figure(trace(ramp(), SOBEL_X.array()), 0)


def _feature_maps() -> Figure:
    # DJL's initializers draw from torch's generator, whose state is put back.
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        stem = java_stem()
    return first_layer_maps(stem, network_input(astronaut())).figure()


def _learning_jax_edition() -> Figure:
    return learning_figures.loss_curves(learn_in_every_form(JAX_EDITION))


def _kernel_path() -> Figure:
    return learning_figures.kernel_path(
        (DJL_EDITION, JAX_EDITION, Settings(steps=20, accumulate=True))
    )


FIGURES: dict[str, Callable[[], Figure]] = {
    "cross-correlation": operator_figures.cross_correlation_figure,
    "edges": operator_figures.edge_figure,
    "convolution": operator_figures.convolution_figure,
    "receptive-field": operator_figures.receptive_field_figure,
    "trace": operator_figures.trace_figure,
    "trace-step": _trace_step,
    "kernel-gallery": lambda: compare_figure(astronaut()),
    "kernel-gallery-shapes": lambda: compare_figure(shapes()),
    "astronaut-edges": operator_figures.photograph_figure,
    "feature-maps": _feature_maps,
    "toeplitz": operator_figures.toeplitz_figure,
    "learning-djl-edition": learning_figures.loss_curves,
    "learning-jax-edition": _learning_jax_edition,
    "learning-path": _kernel_path,
    "learning-rates": learning_figures.past_the_stable_rate,
    "learning-bias": learning_figures.with_a_bias,
    "learning-added-gradients": learning_figures.with_accumulated_gradients,
}
"""The figures by the names of their files."""
