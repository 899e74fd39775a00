"""The convolution calculator: a server that computes by DJL, and the page that shows it.

`pydjl lab` starts it. The page draws and computes nothing; every number comes from a request to
`server.py`, where DJL computes it and where PyTorch and NumPy check it. It needs the extra
``pydjl[web]``. The room may import every room below it; only `pydjl.cli` may import it. Start
reading at `schema.py`, which has the questions and the answers, and then at `routes.py`.
"""

from __future__ import annotations
