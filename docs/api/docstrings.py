"""Reads the docstrings of pydjl as mkdocstrings expects them."""

from __future__ import annotations

import re
from typing import Any

from griffe import Alias, Extension, Module, Object


class Docstrings(Extension):
    """Mends what Griffe does not know of pydjl's sources."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Griffe: makes `Example:` a section of examples, which it knows in the plural only."""
        if obj.docstring is not None:
            text = obj.docstring.value
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", text, flags=re.MULTILINE)

    def on_package(self, *, pkg: Module, **_: Any) -> None:
        """Griffe: leads ``pydjl.array`` to the function, not to the module of that name."""
        for alias in pkg.members.values():
            if isinstance(alias, Alias) and alias.target_path.startswith(f"{pkg.path}."):
                place, _, name = alias.target_path.removeprefix(f"{pkg.path}.").rpartition(".")
                handed_on = pkg[place].imports if place else {}
                alias.target_path = handed_on.get(name, alias.target_path)
