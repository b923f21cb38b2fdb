"""The OpenAPI document of an application, made from its routes."""

import inspect
import re
from importlib.metadata import version

from starlette.applications import Starlette
from starlette.routing import Route

from survey.serve.endpoints import ENDPOINTS

# What every address may say instead of an answer.
FAULTS = {
    "400": "a fault of the request, with what was found and what is allowed",
    "404": "nothing of this name is served",
    "413": "the answer would be larger, or take longer, than this server allows",
    "500": "the file is damaged",
}


def document(app: Starlette) -> dict:
    """All addresses that an application answers by GET, those that were added to it too, with what they take."""
    routes = [route for route in app.routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "TLS atlas: finished surveys",
            "version": version("tls-atlas"),
            "description": "Read-only. Names are those that /cubes lists; messages of faults are in `error`.",
        },
        "paths": {re.sub(r":\w+}", "}", route.path): {"get": _operation(route)} for route in reversed(routes)},
    }


def _operation(route: Route) -> dict:
    """What one address takes and gives."""
    known = {each.function: each for each in ENDPOINTS}.get(route.endpoint)
    said = inspect.getdoc(route.endpoint) or route.name
    taken = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in route.param_convertors
    ]
    content = known.answers if known else "*/*"
    faults = {
        code: {"description": words, "content": {"text/plain" if "/dap/" in route.path else "application/json": {}}}
        for code, words in FAULTS.items()
    }
    return {
        "operationId": route.name,
        "summary": said.splitlines()[0],
        "description": said,
        "parameters": taken + [dict(each) for each in (known.parameters if known else ())],
        "responses": {"200": {"description": "the answer", "content": {content: {}}}, **faults},
    }
