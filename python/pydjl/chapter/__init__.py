"""The chapter "Convolutions for Images", in Java and in PyTorch side by side.

The room may import everything of pydjl but `pydjl.cli`. `conv_layer.py` runs the chapter and
knows no terminal; `printed.py` shows a run on one. Start reading at `conv_layer.py`.
"""

from __future__ import annotations

from pydjl.chapter.conv_layer import ChapterRun as ChapterRun
from pydjl.chapter.conv_layer import run as run
from pydjl.chapter.printed import print_run as print_run
