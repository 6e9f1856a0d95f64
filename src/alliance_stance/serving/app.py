"""The application: ``POST /v1/predict``, ``GET /ping``, ``/version`` and ``/openapi.json``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from alliance_stance.errors import ArtifactError, StanceError
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.inference.artifact import MANIFEST
from alliance_stance.inference.predictor import Predictor, prediction_row
from alliance_stance.schema import Document, Example, Prediction
from alliance_stance.serving.limits import Limits
from alliance_stance.serving.openapi import describe
from alliance_stance.serving.refused import RefusedError, json_response
from alliance_stance.serving.requests import LINES, is_lines, parse_items, read_body
from alliance_stance.serving.work import Work

PREDICT = "/v1/predict"


def build_app(predictor: Predictor, limits: Limits, *, model: str) -> Starlette:
    """Build the application.

    Parameters
    ----------
    predictor
        The saved model, opened.
    limits
        What a request may ask for.
    model
        Its address or folder, for ``/version``.
    """
    work = Work(predictor, limits)
    # the package's root would bring the registry along
    package = version("alliance-stance")
    about = {
        "alliance_stance": package,
        "model": model,
        "model_fingerprint": file_fingerprint(predictor.artifact.folder / MANIFEST),
        "knowledge_fingerprint": predictor.artifact.knowledge.fingerprint,
    }
    description = describe(limits, package)

    async def predict(request: Request) -> Response:
        body = await read_body(request, limits)
        content_type = request.headers.get("content-type", "")
        items = parse_items(body, content_type, limits)
        predictions = await work.predict(items)
        return _answer(items, predictions, as_lines=is_lines(content_type))

    async def ping(_: Request) -> Response:
        return json_response({"status": "ok"})

    async def tell_version(_: Request) -> Response:
        return json_response(about)

    async def tell_description(_: Request) -> Response:
        return json_response(description)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        work.close()

    return Starlette(
        routes=[
            Route(PREDICT, predict, methods=["POST"]),
            Route("/ping", ping),
            Route("/version", tell_version),
            Route("/openapi.json", tell_description),
        ],
        exception_handlers={
            RefusedError: _refused,
            StanceError: _bad_input,
            HTTPException: _no_such_way,
            ClientDisconnect: _gone,
            Exception: _failed,
        },
        lifespan=lifespan,
    )


def _answer(
    items: list[Document | Example], predictions: list[list[Prediction]], *, as_lines: bool
) -> Response:
    """Give the predictions of each item as JSON, or all of them as JSON lines."""
    rows = [[prediction_row(prediction) for prediction in group] for group in predictions]
    if not as_lines:
        results = [
            {"id": item.id, "predictions": group} for item, group in zip(items, rows, strict=True)
        ]
        return json_response({"results": results})
    lines = (json_response(row).body for group in rows for row in group)
    return Response(b"".join(bytes(line) + b"\n" for line in lines), media_type=LINES[0])


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return error.response()


async def _bad_input(_: Request, error: Exception) -> Response:
    assert isinstance(error, StanceError)
    if isinstance(error, ArtifactError):
        # nothing that whoever asks can mend
        raise error
    return RefusedError(400, error).response()


async def _no_such_way(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    expected = f"POST {PREDICT}, or GET /ping, /version, /openapi.json"
    way = f"{request.method} {request.url.path}"
    told = StanceError("request", f"{way:.80}", expected, "correct method and path")
    return RefusedError(error.status_code, told, error.headers).response()


async def _gone(_: Request, error: Exception) -> Response:
    return Response(status_code=400)


async def _failed(_: Request, error: Exception) -> Response:
    """Say that the fault is the server's; what it is stands in the server's log alone."""
    told = StanceError("server", "a fault of its own", "an answer", "tell whoever runs it")
    return RefusedError(500, told).response()
