"""The application: an allow-list of files, the addresses of `endpoints`, and faults told as clients understand them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from physics.parameters import ParameterError
from survey.errors import Damaged, MissingTiles, SurveyError, TooLarge
from survey.serve import dap
from survey.serve.cubes import Cubes, NotThere
from survey.serve.endpoints import ENDPOINTS, as_plain_json
from survey.serve.limits import Limits
from survey.serve.openapi import document

# Answers that are worked on at a time; each thread keeps some megabytes.
THREADS = 16


def application(
    files: Iterable[str | Path], routes: Sequence[BaseRoute] = (), limits: Limits | None = None
) -> Starlette:
    """What a server of these files, or folders of results, answers.

    `routes` come before its own. What they call finds the open files as `request.app.state.cubes`, a `Cubes`, and may
    raise SurveyError, which is told as a fault of the request. SurveyError if a place has nothing to serve.
    """
    own = [Route(each.path, each.function, methods=["GET"]) for each in ENDPOINTS]
    faults = {
        NotThere: _told(404),
        TooLarge: _told(413, 403),
        Damaged: _told(500),
        MissingTiles: _told(500),
        SurveyError: _told(400),
        ParameterError: _told(400),
        HTTPException: _refused,
    }
    own.append(Route("/openapi.json", _document, methods=["GET"]))
    app = Starlette(routes=[*routes, *own], exception_handlers=faults, lifespan=_life)
    app.state.cubes, app.state.limits = Cubes(files), limits or Limits()
    return app


@asynccontextmanager
async def _life(app: Starlette) -> AsyncIterator[None]:
    """As long as the server runs: few threads, as one reads at a time; the files are closed at its end."""
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield
    app.state.cubes.close()


def _document(request: Request) -> Response:
    """This description of all addresses, OpenAPI 3.1."""
    return as_plain_json(document(request.app))


def _told(status: int, code: int | None = None):
    """What answers a request that raised an exception: the message, in JSON or, by DAP, as its Error."""

    def answer(request: Request, error: Exception) -> Response:
        return _error(request, status, request.app.state.cubes.public(str(error)), code or status)

    return answer


def _refused(request: Request, error: HTTPException) -> Response:
    """What answers an address that nothing answers, or another method than GET and HEAD."""
    what = {404: "there is nothing at this address", 405: "found a request that is neither GET nor HEAD"}
    return _error(
        request, error.status_code, what.get(error.status_code, error.detail), error.status_code, error.headers
    )


def _error(request: Request, status: int, message: str, code: int, headers=None) -> Response:
    if request.url.path.startswith("/dap/"):
        described = {"Content-Description": "dods_error", "XDODS-Server": "dods/3.2"}
        return PlainTextResponse(dap.error(code, message), status, {**described, **(headers or {})})
    answer = as_plain_json({"error": message}, status)
    answer.headers.update(headers or {})
    return answer
