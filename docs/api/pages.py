"""Makes the pages of the API reference: one for each public module.

MkDocs loads this module as a hook. Which modules there are stands here; which names they have is
read from them, so a new name is on its page by itself. mkdocstrings then reads the docstrings.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

PACKAGE = Path(__file__).parents[2] / "python"
PUBLIC = (
    "pydjl",
    "pydjl.nn",
    "pydjl.nn.functional",
    "pydjl.training",
    "pydjl.training.losses",
    "pydjl.training.optimizers",
    "pydjl.training.evaluators",
    "pydjl.comparison",
    "pydjl.twins",
    "pydjl.testing",
    "pydjl.reference",
    "pydjl.conv_arithmetic",
    "pydjl.chapter",
    "pydjl.runtime",
    "pydjl.errors",
)
"""The public modules but for those of the laboratory, in the order of the site."""


def modules() -> list[str]:
    """The names of all modules with a page: `PUBLIC`, and every module of the laboratory."""
    folder = PACKAGE / "pydjl/lab"
    names = {path.stem for path in folder.iterdir() if _is_module(path)} - {"__init__"}
    return [*PUBLIC, *(f"pydjl.lab.{name}" for name in sorted(names))]


def names(module: str) -> list[str]:
    """The public classes and functions of a module, as its source has them.

    These are the names in ``__all__``, what it defines, and what it hands on by
    ``import name as name``, at once or, as type checkers are told, when it is asked for; not the
    modules that it hands on, which have pages of their own.
    """
    found = []
    body = ast.parse(_source(module).read_text(encoding="utf-8")).body
    told = [each for each in body if isinstance(each, ast.If) and _tells_checkers(each)]
    for node in [*body, *(inner for each in told for inner in each.body)]:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            found += ast.literal_eval(node.value)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.append(node.name)
        elif isinstance(node, ast.ImportFrom) and node.module != module:
            found += [each.name for each in node.names if each.asname == each.name]
    return [name for name in dict.fromkeys(found) if not name.startswith("_")]


def _tells_checkers(node: ast.If) -> bool:
    return ast.unparse(node.test).endswith("TYPE_CHECKING")


def page(module: str) -> str:
    """The page of a module, in the words of mkdocstrings."""
    lines = [f"# {module}", "", f"::: {module}", "    options:", "      show_root_heading: false"]
    lines.append("      show_root_toc_entry: false")
    if _hands_on(module):
        lines.append("      members:")
        lines += [f"        - {name}" for name in names(module)]
    if module == "pydjl":
        lines.append("      inherited_members: true")
    return "\n".join(lines) + "\n"


def on_config(config: MkDocsConfig) -> None:
    """MkDocs: puts the pages into the navigation, in the place of ``api/``."""
    of_lab, others = [], []
    for module in modules():
        (of_lab if module.startswith("pydjl.lab") else others).append({module: _file(module)})
    for entry in config.nav or []:
        for title, content in entry.items():
            if content == "api/":
                entry[title] = [*others, {"pydjl.lab": of_lab}]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs: adds the pages, and the colours of code."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - the names are read without MkDocs
    from pygments.formatters import HtmlFormatter  # noqa: PLC0415

    colours = HtmlFormatter(style="friendly").get_style_defs(".highlight")
    files.append(File.generated(config, "api/code.css", content=colours))

    for module in modules():
        files.append(File.generated(config, _file(module), content=page(module)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """MkDocs: colours a session with its prompts as one."""
    return markdown.replace("```python\n>>> ", "```pycon\n>>> ")


def _file(module: str) -> str:
    return f"api/{module}.md"


def _is_module(path: Path) -> bool:
    return path.suffix == ".py" if path.is_file() else (path / "__init__.py").exists()


def _source(module: str) -> Path:
    path = PACKAGE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _hands_on(module: str) -> bool:
    source = _source(module).read_text(encoding="utf-8")
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom)]
    return any(each.asname for node in imports for each in node.names) or "__all__" in source
