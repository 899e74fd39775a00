"""Every notebook runs from top to bottom, and is kept without outputs."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs/notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]


def _load_pages():
    spec = importlib.util.spec_from_file_location("notebook_pages", FOLDER / "pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pages = _load_pages()


def _written(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_the_chapter_the_exercises_and_the_laboratory_are_there() -> None:
    assert NAMES == ["chapter", "exercises", "laboratory"]


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_runs_in_a_fresh_kernel(path: Path) -> None:
    notebook = pages.execute(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    text, pictures = pages.to_markdown(notebook, path.stem)
    assert pictures
    assert all(f"]({name})" in text for name in pictures)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_is_kept_as_the_command_writes_it(path: Path) -> None:
    kept = path.read_text(encoding="utf-8")
    anew = pages.without_outputs(nbformat.read(path, nbformat.NO_CONVERT))
    assert kept == anew, "run .venv/bin/python docs/notebooks/pages.py"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_cell_that_computes_by_djl_asserts_something(path: Path) -> None:
    first, *others = (
        cell.source
        for cell in nbformat.read(path, nbformat.NO_CONVERT).cells
        if cell.cell_type == "code"
    )
    assert "import" in first
    silent = [source for source in others if "assert" not in source and len(source) > 80]
    assert [s for s in silent if "_figures." not in s and "save_gif" not in s] == []


def test_a_cell_that_fails_fails_the_notebook(tmp_path: Path) -> None:
    path = _written(tmp_path / "wrong.ipynb", "x = 1", "assert x == 2")
    with pytest.raises(Exception, match="assert x == 2") as raised:
        pages.execute(path)
    assert type(raised.value).__name__ == "CellExecutionError"


def test_a_cell_that_warns_fails_the_notebook(tmp_path: Path) -> None:
    path = _written(tmp_path / "loud.ipynb", "import warnings; warnings.warn('look')")
    with pytest.raises(ValueError, match=r"loud\.ipynb.*look"):
        pages.execute(path)


def test_the_kernel_is_this_python_and_outputs_do_not_stay(tmp_path: Path) -> None:
    path = _written(tmp_path / "plain.ipynb", "import sys; print(sys.prefix)", "1 + 1")
    notebook = pages.execute(path)
    import sys

    assert notebook.cells[0].outputs[0].text.strip() == sys.prefix
    text, pictures = pages.to_markdown(notebook, "plain")
    assert text.endswith("```python\n1 + 1\n```\n\n```text\n2\n```")
    assert pictures == {}
    assert sys.prefix not in pages.without_outputs(notebook)
