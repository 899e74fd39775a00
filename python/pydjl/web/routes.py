"""The questions under ``/api/``: each is read, computed in a thread, and answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

import torch
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter
from starlette.requests import ClientDisconnect

from pydjl.web import answers, schema
from pydjl.web.catalog import catalog
from pydjl.web.code import write_programs
from pydjl.web.compute import compute
from pydjl.web.downloads import Format, file_of
from pydjl.web.galleries import apply_gallery
from pydjl.web.learning import learn
from pydjl.web.matrices import write_as_matrix
from pydjl.web.pictures import read_input
from pydjl.web.quiz import ask, grade
from pydjl.web.steps import explain_step, reach

THREADS = 4
"""So many answers are computed at once; more would only disturb each other on a small machine."""

LEARNERS = 2
"""So many kernels are learned beside these: that takes seconds, and what is drawn must not wait."""

T = TypeVar("T")

_REFUSALS = {
    403: "another origin",
    413: "too large",
    415: "another content type",
    421: "another host",
    422: "values that cannot be used",
}
router = APIRouter(
    prefix="/api",
    responses={
        status: {"model": answers.Refused, "description": f"Refused: {why}."}
        for status, why in _REFUSALS.items()
    },
)
Channels = Annotated[Literal["1", "3"], Query(description="grey, or red, green, blue")]
Side = Annotated[int, Query(ge=1, le=schema.LARGEST_INPUT)]


@router.post("/compute", response_model=answers.Result)
async def _compute(request: Request, question: schema.ProblemQuestion) -> Response:
    return await _answer(request, answers.Result, compute, question.problem)


@router.post("/step", response_model=answers.StepAnswer)
async def _step(request: Request, question: schema.StepQuestion) -> Response:
    return await _answer(request, answers.StepAnswer, explain_step, question)


@router.post("/reach", response_model=answers.Reach)
async def _reach(request: Request, question: schema.ReachQuestion) -> Response:
    return await _answer(request, answers.Reach, reach, question)


@router.post("/matrix", response_model=answers.MatrixAnswer)
async def _matrix(request: Request, question: schema.MatrixQuestion) -> Response:
    return await _answer(request, answers.MatrixAnswer, write_as_matrix, question)


@router.post("/gallery", response_model=list[answers.GalleryItem])
async def _gallery(request: Request, question: schema.GalleryQuestion) -> Response:
    return await _answer(request, list[answers.GalleryItem], apply_gallery, question)


@router.post("/learn", response_model=answers.Learning)
async def _learn(request: Request, question: schema.LearnQuestion) -> Response:
    learners = request.app.state.learners
    return await _answer(request, answers.Learning, learn, question, limiter=learners)


@router.get("/catalog", response_model=answers.Catalog)
async def _catalog(request: Request) -> Response:
    return await _answer(request, answers.Catalog, catalog)


@router.get("/quiz", response_model=answers.Quiz)
async def _ask(request: Request, seed: Annotated[schema.Seed, Query()]) -> Response:
    return await _answer(request, answers.Quiz, ask, seed)


@router.post("/quiz", response_model=answers.Grades)
async def _grade(request: Request, given: schema.Answers) -> Response:
    return await _answer(request, answers.Grades, grade, given)


@router.post("/code", response_model=answers.Code)
async def _code(request: Request, question: schema.ProblemQuestion) -> Response:
    return await _answer(request, answers.Code, write_programs, question.problem)


@router.post(
    "/picture",
    response_model=answers.Picture,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in ("image/png", "image/jpeg")
            },
        }
    },
)
async def _picture(request: Request, height: Side, width: Side, channels: Channels) -> Response:
    body = await request.body()
    return await _answer(request, answers.Picture, read_input, body, height, width, int(channels))


@router.post("/download", response_class=Response)
async def _download(
    request: Request, question: schema.ProblemQuestion, format: Annotated[Format, Query()]
) -> Response:
    file = await _in_thread(request, file_of, question.problem, format)
    disposition = f'attachment; filename="{file.name}"'
    return Response(
        file.content, media_type=file.media_type, headers={"Content-Disposition": disposition}
    )


async def _answer(
    request: Request,
    kind: Any,
    function: Callable[..., T],
    *arguments: Any,
    limiter: CapacityLimiter | None = None,
) -> Response:
    """Compute an answer in a thread, and write it as JSON there."""

    def write() -> bytes:
        return TypeAdapter(kind).dump_json(function(*arguments))

    content = await _in_thread(request, write, limiter=limiter)
    return Response(content, media_type="application/json")


async def _in_thread(
    request: Request,
    function: Callable[..., T],
    *arguments: Any,
    limiter: CapacityLimiter | None = None,
) -> T:
    async with limiter or request.app.state.limiter:
        # The page drops a question as soon as it has a newer one; its turn may come only now.
        if await request.is_disconnected():
            raise ClientDisconnect
        return await to_thread.run_sync(partial(_without_gradients, function, *arguments))


def _without_gradients(function: Callable[..., T], *arguments: Any) -> T:
    with torch.no_grad():
        return function(*arguments)
