"""Draw the README's picture: the chapter's closing part as `pydjl chapter` prints it.

Run from the root of a checkout: ``.venv/bin/python docs/terminal_picture.py``
"""

from __future__ import annotations

import dataclasses
import io
import re
from pathlib import Path

from rich.console import Console

from pydjl.chapter import print_run, run

TARGET = Path(__file__).parent / "chapter.svg"


def main() -> None:
    """Run the chapter and write the picture beside this file."""
    finished = run("cpu")
    shown = tuple(section for section in finished.sections if section.number in ("6.2.1", "6.2.4"))
    console = Console(record=True, width=112, highlight=False, file=io.StringIO())
    print_run(dataclasses.replace(finished, sections=shown), console)
    svg = console.export_svg(title="pydjl chapter")
    # The template asks a server for its font; a picture in a repository asks nobody.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    TARGET.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
