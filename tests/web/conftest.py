from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import torch
import uvicorn

from pydjl.web.serve import configure


@pytest.fixture(scope="module")
def address():
    """Where the calculator is served: by a thread of this process, on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as `serve` does
    server = uvicorn.Server(configure("127.0.0.1"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()
    torch.set_num_threads(threads)


@dataclass
class Client:
    """Asks the server."""

    http: httpx.Client

    def ask(self, path: str, question: Any) -> Any:
        """The answer to a question; it must be answered."""
        response = self.http.post(path, json=question)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, path: str, question: Any) -> tuple[int, str]:
        """The status and the sentence with which a question is refused."""
        response = self.http.post(path, json=question)
        assert set(response.json()) == {"error"}
        return response.status_code, response.json()["error"]


@pytest.fixture(scope="module")
def client(address):
    with httpx.Client(base_url=address, timeout=60) as http:
        yield Client(http)


@pytest.fixture(scope="session")
def example() -> dict[str, Any]:
    """The chapter's first numbers."""
    return {
        "input": [[[0, 1, 2], [3, 4, 5], [6, 7, 8]]],
        "kernels": [[[[0, 1], [2, 3]]]],
        "bias": [0.5],
    }
