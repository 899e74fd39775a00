"""The application: the page's files, the questions under ``/api/``, and how errors are told."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Collection
from http import HTTPStatus
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from pydjl import __version__
from pydjl.errors import ArgumentError, ArgumentTypeError, ArrayIndexError
from pydjl.web.refusals import TooLargeError, UnreadablePictureError
from pydjl.web.routes import LEARNERS, THREADS, router
from pydjl.web.security import Guard, error

STATIC = Path(__file__).with_name("static")


def create_app(hosts: Collection[str] = ()) -> FastAPI:
    """Make the calculator's application.

    Args:
        hosts: names and addresses under which it is reached, besides those of the loopback.

    Returns:
        An ASGI application. Its questions are described at ``/api/openapi.json``.

    Example:
        >>> app = create_app()
        >>> sorted(path for path in app.openapi()["paths"])[:3]
        ['/api/catalog', '/api/code', '/api/compute']
    """
    app = FastAPI(
        title="pydjl lab",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(Guard, hosts=hosts)
    app.add_exception_handler(RequestValidationError, _tell_wrong_values)
    app.add_exception_handler(HTTPException, _tell_http)
    for kind, status in (
        (ArgumentError, HTTPStatus.UNPROCESSABLE_ENTITY),
        (ArgumentTypeError, HTTPStatus.UNPROCESSABLE_ENTITY),
        (ArrayIndexError, HTTPStatus.UNPROCESSABLE_ENTITY),
        (TooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (UnreadablePictureError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    ):
        app.add_exception_handler(kind, _teller(status))
    app.include_router(router)
    app.state.limiter = CapacityLimiter(THREADS)
    app.state.learners = CapacityLimiter(LEARNERS)
    # Some machines call modules something that a browser then refuses to run.
    mimetypes.add_type("text/javascript", ".js")
    app.mount("/", StaticFiles(directory=STATIC, html=True))
    return app


def _teller(status: HTTPStatus) -> Callable[[Request, Exception], Response]:
    def tell(request: Request, exc: Exception) -> Response:
        return error(status, str(exc))

    return tell


def _tell_http(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    path = request.url.path
    sentence = {
        HTTPStatus.NOT_FOUND: f"There is nothing at {path}.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not the way to ask {path}.",
        HTTPStatus.BAD_REQUEST: "The body cannot be read as JSON.",
    }.get(HTTPStatus(exc.status_code), str(exc.detail))
    return error(HTTPStatus(exc.status_code), sentence)


def _tell_wrong_values(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    return error(HTTPStatus.UNPROCESSABLE_ENTITY, sentence_of(exc.errors()[0]))


def sentence_of(found: dict[str, Any]) -> str:
    """What is wrong with a value, as a sentence.

    Args:
        found: an error of pydantic's.

    Example:
        >>> place, reason = ("body", "stride", 0), "Input should be greater than 0"
        >>> sentence_of({"type": "greater_than", "loc": place, "msg": reason, "input": -1})
        'stride[0] is -1, but it should be greater than 0.'
    """
    place = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"][1:]
    ).lstrip(".")
    name, given, reason = place or "the request", found.get("input"), str(found["msg"])
    if found["type"] == "json_invalid":
        return "The body cannot be read as JSON."
    if found["type"] == "missing":
        return f"{name} is missing."
    if found["type"] == "extra_forbidden":
        return f"{name} is not known here: look at its spelling."
    if found["type"] == "too_long":
        many, most = found["ctx"]["actual_length"], found["ctx"]["max_length"]
        return f"{name} has {many} entries, but at most {most} are taken."
    if isinstance(given, (str, int, float)) and reason.startswith("Input should be"):
        shown = repr(given) if len(str(given)) <= 40 else "too long"
        return f"{name} is {shown}, but it should be{reason.removeprefix('Input should be')}."
    return f"{name}: {reason.removeprefix('Value error, ')}."
