"""What every request must be and every response carries: no other site talks to the calculator.

A page of another site may send requests to a server on the same machine, and a name of its own may
be made to mean this machine (DNS rebinding). So the host must be ours, and so must the origin; what
is sent must be of the announced type, which no form of another site can send, and not too large.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Collection
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger(__name__)

MOST_JSON_BYTES = 2 * 2**20
MOST_PICTURE_BYTES = 20 * 2**20
PICTURE_PATH = "/api/picture"
_PICTURES = ("image/png", "image/jpeg")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# So much of a body that is too large is thrown away before the answer: a client that is still
# sending does not listen.
_MOST_DROPPED_BYTES = 4 * MOST_PICTURE_BYTES

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Refusal(Exception):  # noqa: N818  it is an answer, not a failure of ours
    """A request that is not answered: a status and one sentence."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Guard:
    """The layer around the application that refuses requests, and catches what goes wrong inside.

    Args:
        app: what is guarded.
        hosts: names under which the server is reached, besides those of the loopback.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self.app = app
        self.hosts = frozenset(_LOOPBACK) | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":  # the server's own start and end; it speaks no WebSocket
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                is_answer = scope["path"].startswith("/api/")
                headers["Cache-Control"] = "no-store" if is_answer else "no-cache"
            await send(message)

        try:
            headers = Headers(scope=scope)
            self._check_sender(scope, headers)
            if scope["method"] == "POST":
                body = await _read_body(scope, headers, receive)
                if body is None:
                    return
                receive = _hand_on(body, receive)
            await self.app(scope, receive, send_guarded)
        except Refusal as exc:
            await error(exc.status, exc.sentence, close=True)(scope, receive, send_guarded)
        except ClientDisconnect:
            return  # nobody listens any more
        except Exception:
            LOG.exception("%s %s failed", scope["method"], scope["path"])
            if has_begun:
                raise
            sentence = "The server failed at this; its terminal tells why, and it goes on."
            failed = error(HTTPStatus.INTERNAL_SERVER_ERROR, sentence)
            await failed(scope, receive, send_guarded)

    def _check_sender(self, scope: Scope, headers: Headers) -> None:
        given = headers.getlist("host")
        host = given[0] if len(given) == 1 else ""
        own_address, own_port = scope["server"] or ("", None)
        name, port = _split(host)
        # An address as a host can be no other site's name, so that of this connection may pass.
        if port != (own_port or 80) or name not in {*self.hosts, own_address}:
            own = f"[{own_address}]" if ":" in own_address else own_address
            raise Refusal(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"The host {host!r} is not this server: open http://{own}:{own_port}/ instead.",
            )
        for origin in headers.getlist("origin"):
            if origin.lower() != f"http://{host.lower()}":
                raise Refusal(
                    HTTPStatus.FORBIDDEN,
                    f"The origin {origin!r} is another site, and only the calculator's own page "
                    "may ask.",
                )


def error(status: HTTPStatus, sentence: str, *, close: bool = False) -> JSONResponse:
    """The response that says why a request is not answered.

    Args:
        status: of the response.
        sentence: the reason.
        close: whether the connection ends with it.
    """
    headers = {"Connection": "close"} if close else None
    return JSONResponse({"error": sentence}, status, headers)


def _split(host: str) -> tuple[str, int]:
    """The name and the port of a Host header; an address of version 6 loses its brackets."""
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = host, "80"
    is_bracketed = name.startswith("[") and name.endswith("]")
    try:
        # One address of version 6 may be written in many ways, and must stand in brackets.
        name = str(ipaddress.IPv6Address(name[1:-1])) if is_bracketed else name.lower()
    except ValueError:
        name = ""
    if ":" in name and not is_bracketed:
        name = ""
    return name, int(port) if port.isascii() and port.isdigit() and len(port) < 6 else -1


async def _read_body(scope: Scope, headers: Headers, receive: Receive) -> bytes | None:
    """Read a body that is of the right type and size; None if the client has gone meanwhile."""
    is_picture = scope["path"] == PICTURE_PATH
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    wanted = _PICTURES if is_picture else ("application/json",)
    most = MOST_PICTURE_BYTES if is_picture else MOST_JSON_BYTES
    body = bytearray()
    size = 0
    # Of a body that is announced as endless nothing is asked for.
    is_endless = _announced_size(headers) > _MOST_DROPPED_BYTES
    while not is_endless:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= most:
            body += chunk
        if not message.get("more_body", False) or size > _MOST_DROPPED_BYTES:
            break
    if given not in wanted:
        raise Refusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The content type is {given or 'missing'!r}, but {' or '.join(wanted)} is needed.",
        )
    if is_endless or size > most:
        raise Refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The body has more than {most:,} bytes: send a smaller "
            f"{'picture' if is_picture else 'problem'}.",
        )
    return bytes(body)


def _announced_size(headers: Headers) -> int:
    given = headers.get("content-length", "")
    return int(given) if re.fullmatch("[0-9]{1,20}", given) else 0


def _hand_on(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read as one message, and then what comes after it."""
    is_read = False

    async def receive_whole() -> Message:
        nonlocal is_read
        if is_read:
            return await receive()
        is_read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_whole
