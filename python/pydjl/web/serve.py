"""Run the calculator on a port of this machine until Ctrl-C."""

from __future__ import annotations

import errno
import ipaddress
import socket
import sys
import threading
import webbrowser
from contextlib import suppress

import torch
import uvicorn

from pydjl.errors import ArgumentError
from pydjl.runtime import start
from pydjl.web.server import create_app

# So many ports are tried from the one that was asked for.
_TRIES = 20


def serve(host: str, port: int, *, opens_browser: bool) -> None:
    """Serve the calculator until Ctrl-C; says on the terminal where it is.

    Args:
        host: the name or address to listen at.
        port: the port to listen at; the next one that is free, if it is taken; 0 for any.
        opens_browser: whether the page is opened as soon as the server listens.

    Raises:
        ArgumentError: the host is none of this machine, or no port is free.
        StartError: Java cannot be started.
    """
    with suppress(KeyboardInterrupt), _listen(host, port) as listener:
        address, found = listener.getsockname()[:2]
        if port not in (0, found):
            print(f"Port {port} is taken, so the next free one is used.", flush=True)
        if not ipaddress.ip_address(address).is_loopback:
            print(
                f"pydjl: warning: it listens at {address}, so everyone who reaches this machine "
                "by network can use it; --host 127.0.0.1 is for this machine alone.",
                file=sys.stderr,
                flush=True,
            )
        start()
        # The arrays are small: a second thread in one operation would only wait, and busily, for
        # what the other pages compute.
        torch.set_num_threads(1)
        url = f"http://{_shown(host, address)}:{found}/"
        # Ctrl-C ends it; uvicorn raises it anew when the server has stopped.
        _Server(configure(host), url, opens_browser=opens_browser).run([listener])


def configure(host: str) -> uvicorn.Config:
    """How the application is run: silently, and with no time for what has not ended.

    Args:
        host: a name or address under which it is reached, besides those of the loopback.
    """
    return uvicorn.Config(
        create_app(hosts=(host,)),
        # What fails inside is logged by `Guard`; what uvicorn says of a client that goes, or of a
        # request that Ctrl-C cut off, is no news.
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    """A server that tells where it is as soon as it listens."""

    def __init__(self, config: uvicorn.Config, url: str, *, opens_browser: bool) -> None:
        super().__init__(config)
        self._url = url
        self._opens_browser = opens_browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"pydjl lab: {self._url} (Ctrl-C stops it)", flush=True)
        if self._opens_browser:
            # A browser in the terminal would keep the server waiting until it is closed.
            threading.Thread(target=webbrowser.open, args=(self._url,), daemon=True).start()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as exc:
        raise ArgumentError(f"--host is {host!r}, which is no name or address: {exc}.") from exc
    for number in range(port, min(port + _TRIES, 65536) if port else 1):
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            # A port that was left a moment ago may be taken again; one that is in use may not.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((where[0], number, *where[2:]))
            listener.listen(128)
        except OSError as exc:
            listener.close()
            if exc.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise ArgumentError(
                    f"--host is {host!r}, where this machine cannot listen: {exc.strerror}."
                ) from exc
        else:
            return listener
    raise ArgumentError(
        f"the ports {port} to {port + _TRIES - 1} are all taken: choose another by --port."
    )


def _shown(host: str, address: str) -> str:
    """What the browser is given: a host that means every address is this machine."""
    if ipaddress.ip_address(address).is_unspecified:
        return "127.0.0.1" if "." in address else "[::1]"
    return f"[{host}]" if ":" in host else host
