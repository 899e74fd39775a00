"""The notebooks: executing them, and making pages of the site of them.

A notebook is kept without outputs. MkDocs loads this module as a hook: each notebook is executed
when the site is built, so what a page shows was computed by this version of pydjl; a notebook that
fails, or writes a warning, fails the build. As a command, the module executes every notebook in the
folder and writes it anew as it is kept, without outputs::

    python docs/notebooks/pages.py
"""

from __future__ import annotations

import base64
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

HERE = Path(__file__).parent
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
PICTURES = {"image/png": "png", "image/gif": "gif"}


class _ThisPython(AsyncKernelManager):
    """Starts this Python as the kernel, whatever kernels a user has installed."""

    def __init__(self, **options: Any) -> None:
        own = KernelSpecManager(kernel_dirs=[])
        super().__init__(kernel_spec_manager=own, transport="ipc", **options)


def execute(path: Path) -> nbformat.NotebookNode:
    """Runs a notebook in a fresh kernel, which is this very Python.

    Args:
        path: the notebook.

    Returns:
        It, with its outputs; the file stays as it is.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
        ValueError: a cell wrote to the standard error stream.
    """
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    client = NotebookClient(notebook, timeout=180, kernel_manager_class=_ThisPython)
    with TemporaryDirectory() as profile:  # a user's own start-up files are left out
        client.execute(env=os.environ | {"IPYTHONDIR": profile})
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise ValueError(f"{path.name}: a cell wrote to stderr: {output['text']!r}")
    return notebook


def without_outputs(notebook: nbformat.NotebookNode) -> str:
    """The text of a notebook as it is kept: no outputs, no numbers, no traces of an editor."""
    kept = nbformat.from_dict({**notebook, "metadata": METADATA})
    for cell in kept.cells:
        cell["metadata"] = {}
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    return nbformat.writes(kept) + "\n"


def to_markdown(notebook: nbformat.NotebookNode, name: str) -> tuple[str, dict[str, bytes]]:
    """An executed notebook as a page.

    Args:
        notebook: the notebook with its outputs.
        name: what the names of its pictures begin with.

    Returns:
        Markdown, and the pictures by their names.
    """
    parts = []
    pictures: dict[str, bytes] = {}
    heading = name
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            heading = (re.findall(r"^#+ (.*)", cell.source, re.MULTILINE) or [heading])[-1]
            continue
        parts.append(f"```python\n{cell.source}\n```")
        for output in cell.outputs:
            parts += _output_parts(
                output, f"Figure: {heading}", f"{name}-{len(pictures)}", pictures
            )
    return "\n\n".join(parts), pictures


def _output_parts(
    output: nbformat.NotebookNode, caption: str, name: str, pictures: dict[str, bytes]
) -> Iterator[str]:
    if output.output_type == "stream":
        yield f"```text\n{output.text.rstrip()}\n```"
        return
    for kind, suffix in PICTURES.items():
        if kind in output.data:
            file = f"{name}.{suffix}"
            pictures[file] = base64.b64decode(output.data[kind])
            width = output.metadata.get(kind, {}).get("width")
            yield f"![{caption}]({file})" + (f"{{ width={width} }}" if width else "")
            return
    if "text/html" in output.data:
        yield output.data["text/html"].strip()
    else:
        yield f"```text\n{output.data['text/plain']}\n```"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs: replaces each notebook by its page and pictures, and keeps it to be downloaded."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - executing needs no MkDocs

    class NotebookPage(File):
        """A page under the notebook's own name, so that links lead to it everywhere."""

        def is_documentation_page(self) -> bool:
            return True

    for file in list(files):
        if file.src_uri.endswith(".ipynb"):
            place = PurePosixPath(file.src_uri)
            path = Path(str(file.abs_src_path))
            text, pictures = to_markdown(execute(path), place.stem)
            title, rest = text.split("\n", 1)
            link = f"[Download this notebook](download/{place.name}){{ download }}"
            files.remove(file)
            files.append(
                NotebookPage.generated(config, file.src_uri, content=f"{title}\n\n{link}\n{rest}")
            )
            pictures[f"download/{place.name}"] = path.read_bytes()
            for name, content in pictures.items():
                files.append(File.generated(config, str(place.parent / name), content=content))
    return files


def main() -> None:
    """Executes each notebook and writes it anew, without its outputs."""
    for path in sorted(HERE.glob("*.ipynb")):
        text = without_outputs(execute(path))
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.name}: every cell ran\n")


if __name__ == "__main__":
    main()
