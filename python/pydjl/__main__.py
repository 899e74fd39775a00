"""``python -m pydjl`` is ``pydjl``."""

from __future__ import annotations

from pydjl.cli import main

main()
